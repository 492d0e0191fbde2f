//! The commands of the cashier's window. They decide nothing: each asks the desk, which asks the engine.

use super::desk::Desk;
use super::exporting::{self, ExportProgress};
use super::shown::{AccountChange, AccountForm, Asked, Authority, Settings, Shown, Snapshot, Start};
use super::{customer, input_method, phone};
use std::sync::Arc;
use tauri::{AppHandle, State, WebviewWindow};
use till_core::error::{Code, Refusal};
use till_core::gateway::REGISTRY;
use till_core::gateway::descriptor::Descriptor;
use till_core::order::Attention;
use till_core::rights::Role;
use till_engine::export::{Choice, Exported, Format};
use till_engine::till::{Acting, Named};
use till_engine::view::people::{LimitsView, PeopleView};
use till_engine::view::receiver::ReceiverView;
use till_engine::view::refunds::{MarkRequest, RefundPage, RefundQuery, RefundRequest};
use till_engine::view::{AccountView, Finding, Item, OrderPage, OrderQuery, SaleRequest, Timeline};

type AtDesk<'a> = State<'a, Arc<Desk>>;

/// What a screen needs when it mounts. Waits until the till is open or cannot be opened.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start(app: AppHandle, desk: AtDesk<'_>) -> Result<Start, Refusal> {
    Ok(desk.start(super::raise(&app), || customer::is_open(&app)).await)
}

/// Whether the system's keyring can be used now. Nobody is asked to unlock it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keyring_is_open(desk: AtDesk<'_>) -> Result<bool, Refusal> {
    Ok(desk.keyring_is_open().await)
}

/// A whole picture of the till.
#[tauri::command]
#[specta::specta]
pub(crate) async fn snapshot(desk: AtDesk<'_>) -> Result<Snapshot, Refusal> {
    desk.snapshot().await
}

/// Makes an order. Returns with its code if the gateway answers quickly.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sell(
    desk: AtDesk<'_>,
    request: SaleRequest,
    payment_code: Option<String>,
    overrule: Option<Authority>,
) -> Result<Shown, Refusal> {
    desk.sell(&request, payment_code.map(Into::into), overrule).await
}

/// One order as it stands.
#[tauri::command]
#[specta::specta]
pub(crate) async fn order(desk: AtDesk<'_>, order_no: String) -> Result<Shown, Refusal> {
    desk.order(&order_no).await
}

/// Asks the gateway about an order now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ask(desk: AtDesk<'_>, order_no: String) -> Result<Asked, Refusal> {
    let till = desk.till().await?;
    let asked = till.ask(&desk.actor(), &order_no).await?;
    Ok(Asked { shown: desk.shown(&till, asked.live), came: asked.came })
}

/// Takes an order's code off every screen and closes it as soon as its gateway lets it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn close(desk: AtDesk<'_>, order_no: String) -> Result<Shown, Refusal> {
    let till = desk.till().await?;
    Ok(desk.shown(&till, till.close(&desk.actor(), &order_no).await?))
}

/// Takes an order's code off every screen and reverses it as soon as its gateway lets it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn reverse(desk: AtDesk<'_>, order_no: String) -> Result<Shown, Refusal> {
    let till = desk.till().await?;
    Ok(desk.shown(&till, till.reverse(&desk.actor(), &order_no).await?))
}

/// Takes the gateway's number of an order that cannot be asked for by ours.
#[tauri::command]
#[specta::specta]
pub(crate) async fn name_gateway_no(desk: AtDesk<'_>, order_no: String, gateway_no: String) -> Result<Shown, Refusal> {
    let till = desk.till().await?;
    Ok(desk.shown(&till, till.name_gateway_no(&desk.actor(), &order_no, &gateway_no).await?))
}

/// Takes in an order that was made elsewhere.
#[tauri::command]
#[specta::specta]
pub(crate) async fn adopt(desk: AtDesk<'_>, account: String, named: Named, items: Vec<Item>) -> Result<Shown, Refusal> {
    let till = desk.till().await?;
    Ok(desk.shown(&till, till.adopt(&desk.actor(), &account, &named, &items).await?))
}

/// One page of orders, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn orders(desk: AtDesk<'_>, query: OrderQuery) -> Result<OrderPage, Refusal> {
    desk.till().await?.orders(&desk.actor(), &query).await
}

/// An order's events.
#[tauri::command]
#[specta::specta]
pub(crate) async fn timeline(desk: AtDesk<'_>, order_no: String) -> Result<Timeline, Refusal> {
    desk.till().await?.timeline(&desk.actor(), &order_no).await
}

/// A raw answer of a gateway, by its SHA-256 in hex.
#[tauri::command]
#[specta::specta]
pub(crate) async fn raw_answer(desk: AtDesk<'_>, sha: String) -> Result<Option<String>, Refusal> {
    desk.till().await?.raw_answer(&desk.actor(), &sha).await
}

/// Every gateway of the program.
#[tauri::command]
#[specta::specta]
pub(crate) async fn gateways() -> Result<Vec<&'static Descriptor>, Refusal> {
    Ok(REGISTRY.into_iter().map(till_core::gateway::Gateway::descriptor).collect())
}

/// Adds an account.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_account(desk: AtDesk<'_>, form: AccountForm) -> Result<AccountView, Refusal> {
    let AccountForm { gateway, name, base_url, fields } = form;
    let change = AccountChange { base_url, fields }.into();
    desk.till().await?.add_account(&desk.actor(), &gateway, &name, &change).await
}

/// Changes an account.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_account(
    desk: AtDesk<'_>,
    name: String,
    change: AccountChange,
) -> Result<AccountView, Refusal> {
    desk.till().await?.change_account(&desk.actor(), &name, &change.into()).await
}

/// Puts a secret into the keyring. No command gives it back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_secret(
    desk: AtDesk<'_>,
    account: String,
    field: String,
    value: String,
) -> Result<AccountView, Refusal> {
    let secret = value.into_bytes().into();
    desk.till().await?.set_secret(&desk.actor(), &account, &field, &secret).await
}

/// Takes an account out of use.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_account(desk: AtDesk<'_>, name: String) -> Result<(), Refusal> {
    desk.till().await?.remove_account(&desk.actor(), &name).await
}

/// Tries an account against its gateway, without money.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_account(desk: AtDesk<'_>, name: String) -> Result<Vec<Finding>, Refusal> {
    Ok(vec![desk.till().await?.check_account(&desk.actor(), &name).await?])
}

/// The machine's settings.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(desk: AtDesk<'_>) -> Result<Settings, Refusal> {
    desk.settings()
}

/// Writes the machine's settings; they take effect at once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(app: AppHandle, desk: AtDesk<'_>, settings: Settings) -> Result<Settings, Refusal> {
    let settings = desk.save_settings(&settings).await?;
    super::look::apply(&app, settings.theme);
    customer::settings_changed(&app).await;
    Ok(settings)
}

/// Looks at everything the till depends on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn doctor(desk: AtDesk<'_>) -> Result<Vec<Finding>, Refusal> {
    desk.doctor().await
}

/// The receiver, and what came in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn receiver(desk: AtDesk<'_>) -> Result<ReceiverView, Refusal> {
    desk.till().await?.receiver(&desk.actor())
}

/// Looks whether the receiver is reached through its public address. Nothing is found where it has none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_receiver(desk: AtDesk<'_>) -> Result<Vec<Finding>, Refusal> {
    desk.till().await?.check_receiver(&desk.actor()).await
}

/// Starts training beside this till.
#[tauri::command]
#[specta::specta]
pub(crate) async fn enter_training(desk: AtDesk<'_>) -> Result<(), Refusal> {
    desk.enter_training()
}

/// Opens the customer's phone. Only in training.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_phone(app: AppHandle, desk: AtDesk<'_>) -> Result<(), Refusal> {
    phone::open(&app, &desk.phone_page().await?)
}

/// Opens or closes the customer's window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn customer_window(app: AppHandle, open: bool) -> Result<(), Refusal> {
    if open { customer::open(&app) } else { customer::close(&app) }
}

/// Binds the customer's window to one order, or blanks it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_customer(app: AppHandle, desk: AtDesk<'_>, order_no: Option<String>) -> Result<(), Refusal> {
    desk.put_on_screen(order_no).await?;
    customer::renew(&app).await;
    Ok(())
}

/// An order's code is painted in this window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn painted(desk: AtDesk<'_>, order_no: String) -> Result<(), Refusal> {
    desk.till().await?.painted(&order_no);
    Ok(())
}

/// Somebody signs in at this window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(desk: AtDesk<'_>, name: String, pin: String) -> Result<PeopleView, Refusal> {
    desk.sign_in(&name, &pin.into()).await
}

/// Whoever signed in goes, or left the window alone for too long.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(desk: AtDesk<'_>) -> Result<PeopleView, Refusal> {
    desk.sign_out().await
}

/// Adds somebody to the people at the till. `pin` is the signed-in manager's own.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_operator(
    desk: AtDesk<'_>,
    name: String,
    role: Role,
    new_pin: String,
    pin: Option<String>,
) -> Result<PeopleView, Refusal> {
    let (till, actor) = (desk.till().await?, desk.acting(Authority::alone(pin)).await?.actor);
    till.add_operator(&actor, &name, role, &new_pin.into()).await?;
    Ok(desk.people(&till))
}

/// Removes somebody.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_operator(
    desk: AtDesk<'_>,
    name: String,
    pin: Option<String>,
) -> Result<PeopleView, Refusal> {
    let (till, actor) = (desk.till().await?, desk.acting(Authority::alone(pin)).await?.actor);
    till.remove_operator(&actor, &name).await?;
    Ok(desk.people(&till))
}

/// Gives somebody another PIN: oneself, or as a manager anybody.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_pin(
    desk: AtDesk<'_>,
    name: String,
    new_pin: String,
    pin: Option<String>,
) -> Result<PeopleView, Refusal> {
    let (till, actor) = (desk.till().await?, desk.acting(Authority::alone(pin)).await?.actor);
    till.set_pin(&actor, &name, &new_pin.into()).await?;
    Ok(desk.people(&till))
}

/// Sets what refunds are held to.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_limits(
    desk: AtDesk<'_>,
    limits: LimitsView,
    pin: Option<String>,
) -> Result<PeopleView, Refusal> {
    let (till, actor) = (desk.till().await?, desk.acting(Authority::alone(pin)).await?.actor);
    till.set_limits(&actor, |before| limits.read(before)).await?;
    Ok(desk.people(&till))
}

/// Gives money back. Returns once that is durable; what becomes of it follows.
#[tauri::command]
#[specta::specta]
pub(crate) async fn refund(desk: AtDesk<'_>, request: RefundRequest, authority: Authority) -> Result<Shown, Refusal> {
    let (till, Acting { actor, second }) = (desk.till().await?, desk.acting(authority).await?);
    Ok(desk.shown(&till, till.refund(&actor, second.as_ref(), &request).await?))
}

/// Sends a refund again under its own number.
#[tauri::command]
#[specta::specta]
pub(crate) async fn refund_again(
    desk: AtDesk<'_>,
    order_no: String,
    refund_no: String,
    authority: Authority,
) -> Result<Shown, Refusal> {
    let (till, Acting { actor, second }) = (desk.till().await?, desk.acting(authority).await?);
    Ok(desk.shown(&till, till.refund_again(&actor, second.as_ref(), &order_no, &refund_no).await?))
}

/// Takes a refund back that never left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn withdraw_refund(desk: AtDesk<'_>, order_no: String, refund_no: String) -> Result<Shown, Refusal> {
    let till = desk.till().await?;
    Ok(desk.shown(&till, till.withdraw_refund(&desk.actor(), &order_no, &refund_no).await?))
}

/// One page of refunds, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn refunds(desk: AtDesk<'_>, query: RefundQuery) -> Result<RefundPage, Refusal> {
    desk.till().await?.refunds(&desk.actor(), &query).await
}

/// Puts a mark beside an order: two people saw proof that the till cannot get.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mark_by_hand(
    desk: AtDesk<'_>,
    order_no: String,
    mark: MarkRequest,
    authority: Authority,
) -> Result<Shown, Refusal> {
    let (till, Acting { actor, second }) = (desk.till().await?, desk.acting(authority).await?);
    Ok(desk.shown(&till, till.mark_by_hand(&actor, second.as_ref(), &order_no, &mark).await?))
}

/// A person has dealt with what an order needed them for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn handle_attention(
    desk: AtDesk<'_>,
    order_no: String,
    attention: Attention,
    note: String,
) -> Result<Shown, Refusal> {
    let till = desk.till().await?;
    Ok(desk.shown(&till, till.handle_attention(&desk.actor(), &order_no, attention, &note).await?))
}

/// Whether the system's input method may take keys: only while a field that takes words has the focus.
#[tauri::command]
#[specta::specta]
pub(crate) async fn allow_input_method(window: WebviewWindow, on: bool) -> Result<(), Refusal> {
    let failed =
        |error: tauri::Error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error));
    input_method::allow(&window, on).map_err(failed)
}

/// Writes some of the journal, or all of it, into a new folder among the user's documents. One that is under way ends.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_journal(desk: AtDesk<'_>, format: Format, choice: Choice) -> Result<Exported, Refusal> {
    exporting::perform(&desk, format, choice).await
}

/// How far the export under way has come.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_progress(desk: AtDesk<'_>) -> Result<Option<ExportProgress>, Refusal> {
    Ok(desk.exporting.so_far())
}

/// Gives up the export under way.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_export(desk: AtDesk<'_>) -> Result<(), Refusal> {
    desk.exporting.cancel();
    Ok(())
}

/// Shows the folder of the newest export.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_export(desk: AtDesk<'_>) -> Result<(), Refusal> {
    desk.exporting.show()
}
