//! The customer's window: on the second monitor, or wherever it is put. It has no capability: its state is pushed into it.

use super::desk::Desk;
use super::screens::{Act, Screen, Screens};
use super::shown::{CustomerShown, Settings, Shown};
use super::{CUSTOMER, MAIN, look};
use crate::qr::QrPicture;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tauri::http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, PhysicalPosition, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tauri_specta::Event;
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::{Presented, Wallet};
use till_core::order::{Attention, EndReason, State};
use till_engine::settings::{CustomerWindow, Language, Theme};
use till_engine::view::{LiveOrder, Mark};

/// Takes the way to the commands out of a page's policy: the app pushes into this window, which asks for nothing.
fn asks_nobody(headers: &mut HeaderMap) {
    let policy = headers.get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()).unwrap_or_default();
    let kept = policy.split(';').map(str::trim).filter(|rule| !rule.is_empty() && !rule.starts_with("connect-src"));
    let strict = kept.chain([NOBODY]).collect::<Vec<_>>().join("; ");
    // What could be read can be written; else the page may at least ask nobody.
    let strict = HeaderValue::from_str(&strict).unwrap_or(HeaderValue::from_static(NOBODY));
    headers.insert(CONTENT_SECURITY_POLICY, strict);
}

/// Whom the customer's page may ask.
const NOBODY: &str = "connect-src 'none'";

/// How often it is looked whether a monitor came or went.
const LOOK: Duration = Duration::from_secs(2);

/// How often, and how many times, a page that was just loaded is asked whether it can show something.
const GREETING: Duration = Duration::from_millis(50);
const GREETINGS: u32 = 200;

/// What the customer sees. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Picture {
    language: Language,
    theme: Theme,
    shop_name: String,
    state: Seen,
    amount: String,
    currency: String,
    wallet: Option<Wallet>,
    qr: Option<QrPicture>,
    expires_in_ms: i64,
    lasts_ms: i64,
    training: bool,
    mark: Option<Mark>,
}

/// What a customer needs to know of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Seen {
    Blank,
    Qr,
    Confirm,
    Paying,
    Paid,
    /// The shop does not want it paid any more, and a payment that is under way may still come.
    Withdrawn,
    Ended,
}

impl Picture {
    fn blank(settings: &Settings, training: bool) -> Self {
        Self {
            language: settings.language,
            theme: settings.theme,
            shop_name: settings.shop_name.clone(),
            state: Seen::Blank,
            amount: String::new(),
            currency: String::new(),
            wallet: None,
            qr: None,
            expires_in_ms: 0,
            lasts_ms: 0,
            training,
            mark: None,
        }
    }

    fn of(shown: Shown, settings: &Settings, training: bool) -> Self {
        let blank = Self::blank(settings, training);
        let state = seen(&shown);
        if state == Seen::Blank {
            return blank;
        }
        let Shown { live, qr } = shown;
        Self {
            state,
            amount: live.order.amount,
            currency: live.order.currency,
            wallet: Some(live.wallet),
            qr: qr.filter(|_| state == Seen::Qr),
            expires_in_ms: live.expires_in_ms,
            lasts_ms: live.lasts_ms,
            mark: live.order.mark,
            ..blank
        }
    }
}

/// While there is no code to scan yet, or the cashier has to clear something up, the customer sees nothing of it; nor when the money
/// has gone back.
fn seen(Shown { live, qr }: &Shown) -> Seen {
    match live.order.state {
        State::Paid if has_gone_back(live) => Seen::Blank,
        State::Paid => Seen::Paid,
        State::Paying => Seen::Paying,
        // The gateway never said that it cannot be paid.
        State::Closed if matches!(live.end_reason, Some(EndReason::ExpiredHere | EndReason::NeverCreated)) => {
            Seen::Withdrawn
        }
        State::Closed | State::Failed | State::Reversed => Seen::Ended,
        State::AwaitingPayment | State::Expiring if live.closing.is_some() || live.expires_in_ms <= 0 => {
            Seen::Withdrawn
        }
        State::AwaitingPayment | State::Expiring if qr.is_some() => Seen::Qr,
        // The code came from the customer's own phone, and there it goes on.
        State::AwaitingPayment if live.presented == Presented::Consumer => Seen::Confirm,
        State::Drafted
        | State::Creating
        | State::CreateUnknown
        | State::AwaitingPayment
        | State::Expiring
        | State::Disputed => Seen::Blank,
    }
}

/// Whether all of a payment went back, or some of it elsewhere, and nobody knows how much.
fn has_gone_back(live: &LiveOrder) -> bool {
    live.given_back || live.order.attentions.contains(&Attention::RefundedElsewhere)
}

/// Opens the customer's window, full screen on another monitor than the cashier's if there is one.
pub(crate) fn open(app: &AppHandle) -> Result<(), Refusal> {
    let failed =
        |error: tauri::Error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error));
    let desk = app.state::<Arc<Desk>>();
    let screen = other_screen(app);
    let window = match app.get_webview_window(CUSTOMER) {
        Some(window) => window,
        None => build(app, &desk).map_err(failed)?,
    };
    app.state::<Mutex<Screens>>().lock().unwrap_or_else(PoisonError::into_inner).opened_on(screen);
    if let Some(Screen { x, y, .. }) = screen {
        let corner = PhysicalPosition::new(x, y);
        window.set_position(corner).map_err(failed)?;
        window.set_fullscreen_on_monitor(corner.cast()).map_err(failed)?;
    }
    window.show().map_err(failed)?;
    tell(app, true);
    Ok(())
}

fn build(app: &AppHandle, desk: &Desk) -> tauri::Result<WebviewWindow> {
    let theme = desk.settings().map_or(Theme::System, |settings| settings.theme);
    let (folder, forgets) = super::window_folder(desk);
    let window = WebviewWindowBuilder::new(app, CUSTOMER, WebviewUrl::App("customer.html".into()))
        .title(if desk.training() {
            "掌柜 · 顾客 Customer · 训练 Training"
        } else {
            "掌柜 · 顾客 Customer"
        })
        .inner_size(1000.0, 700.0)
        .min_inner_size(480.0, 360.0)
        .focused(false)
        .theme(look::native(theme))
        .background_color(look::ground(theme))
        .data_directory(folder)
        .incognito(forgets)
        .on_web_resource_request(|_, page| asks_nobody(page.headers_mut()))
        .on_navigation(super::is_ours)
        .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Finished {
                tauri::async_runtime::spawn(greet(window));
            }
        })
        .build()?;
    look::draw_plainly(&window);
    let cashiers = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::Destroyed = event {
            tell(&cashiers, false);
        }
    });
    Ok(window)
}

/// The cashier's window is told whether this one is open.
fn tell(app: &AppHandle, shown: bool) {
    if let Err(error) = CustomerShown(shown).emit_to(app, MAIN) {
        tracing::warn!("the cashier's window was not told of the customer's: {error}");
    }
}

pub(crate) fn is_open(app: &AppHandle) -> bool {
    app.get_webview_window(CUSTOMER).is_some()
}

/// Shows the first picture as soon as the page can take it: that it has loaded does not say that its script has run.
async fn greet(window: WebviewWindow) {
    for _ in 0..GREETINGS {
        let (said, heard) = tokio::sync::mpsc::unbounded_channel();
        let asked = window.eval_with_callback("typeof window.tillkeeper", move |kind| {
            // Nobody listens any more: the page answered too late and is asked again.
            let _late = said.send(kind);
        });
        if let Err(error) = asked {
            return tracing::warn!("the customer's window cannot be asked: {error}");
        }
        if is_ready(heard).await {
            return renew(window.app_handle()).await;
        }
    }
    tracing::warn!("the customer's page did not get ready");
}

async fn is_ready(mut heard: tokio::sync::mpsc::UnboundedReceiver<String>) -> bool {
    let soon = tokio::time::Instant::now() + GREETING;
    let kind = tokio::time::timeout_at(soon, heard.recv()).await;
    if matches!(kind, Ok(Some(kind)) if kind.contains("object")) {
        return true;
    }
    tokio::time::sleep_until(soon).await;
    false
}

/// Closes the customer's window.
pub(crate) fn close(app: &AppHandle) -> Result<(), Refusal> {
    let failed =
        |error: tauri::Error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error));
    app.get_webview_window(CUSTOMER).map_or(Ok(()), |window| window.destroy().map_err(failed))
}

/// Shows what the bound order is now. Blank where there is none.
pub(crate) async fn renew(app: &AppHandle) {
    let Some(window) = app.get_webview_window(CUSTOMER) else { return };
    let desk = app.state::<Arc<Desk>>();
    // One after another: an older picture must not come after a newer one and bring a code back.
    let _turn = desk.renewing.lock().await;
    let bound = desk.on_screen();
    let picture = picture(&desk, bound.as_deref()).await;
    let json = match serde_json::to_string(&picture) {
        Ok(json) => json,
        Err(error) => return tracing::warn!("the customer's window was not told: {error}"),
    };
    desk.while_on_screen(bound.as_deref(), || {
        // A page that is still loading is greeted when it has loaded.
        if let Err(error) = window.eval(format!("window.tillkeeper?.show({json})")) {
            tracing::warn!("the customer's window was not told: {error}");
        }
    });
}

async fn picture(desk: &Desk, bound: Option<&str>) -> Picture {
    let settings = desk.settings().unwrap_or_else(|_| desk.settings_unread());
    let blank = Picture::blank(&settings, desk.training());
    let Some(order_no) = bound else { return blank };
    match desk.order(order_no).await {
        Ok(shown) => Picture::of(shown, &settings, desk.training()),
        Err(_) => blank,
    }
}

/// Settings changed: the picture follows them.
pub(crate) async fn settings_changed(app: &AppHandle) {
    renew(app).await;
}

/// Opens the window where the settings want it, and looks from then on whether its monitor is still there.
pub(crate) async fn watch(app: AppHandle) {
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    loop {
        let wanted = desk.settings().map_or(CustomerWindow::Never, |settings| settings.customer_window);
        let open = is_open(&app);
        let (other, screens) = (other_screen(&app), app.state::<Mutex<Screens>>());
        let act = screens.lock().unwrap_or_else(PoisonError::into_inner).look(other, open, wanted);
        let done = match act {
            Act::Nothing => Ok(()),
            Act::Open => {
                if let (Some(_), Ok(till)) = (other, desk.till().await) {
                    till.withdraw(Code::CustomerScreenGone);
                }
                self::open(&app)
            }
            Act::Close => {
                tracing::warn!("the customer's monitor is gone");
                if let Ok(till) = desk.till().await {
                    till.notice(Refusal::of(Code::CustomerScreenGone));
                }
                close(&app)
            }
        };
        if let Err(refusal) = done {
            tracing::warn!(code = ?refusal.code, "the customer's window");
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A monitor that the cashier's window is not on.
fn other_screen(app: &AppHandle) -> Option<Screen> {
    let all = app.available_monitors().ok()?;
    let cashiers = app.get_webview_window(MAIN)?.current_monitor().ok()?.as_ref().map(Screen::of)?;
    all.iter().map(Screen::of).find(|screen| *screen != cashiers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_engine::view::refunds::Refundable;
    use till_engine::view::{AskingView, Closing, Further, OrderView};

    fn settings() -> Settings {
        Settings::of(&till_engine::settings::Settings::default(), Language::English)
    }

    fn order(state: State) -> Shown {
        let text = "weixin://wxpay/bizpayurl?pr=abc";
        Shown {
            qr: crate::qr::draw(text).ok(),
            live: LiveOrder {
                seq: 3,
                order: OrderView {
                    order_no: "TK1".into(),
                    sale: "TS1".into(),
                    account: "main".into(),
                    channel: "wechat.scan".into(),
                    amount: "12.50".into(),
                    amount_minor: 1_250,
                    currency: "CNY".into(),
                    state,
                    late: false,
                    attention: None,
                    attentions: vec![],
                    mark: None,
                    by_hand: None,
                    qr: Some(text.into()),
                    parameters: None,
                    gateway_no: Some("secret-looking".into()),
                    paid_minor: None,
                    refunded_minor: 0,
                    refunded_elsewhere: vec![],
                    beyond_paid_minor: 0,
                    elsewhere_marked: false,
                    created_at: String::new(),
                    expires_at: String::new(),
                    paid_at: None,
                    gateway_time: None,
                    next_query_at: None,
                    reason: None,
                    items: vec![],
                },
                wallet: Wallet::Wechat,
                presented: Presented::Merchant,
                by_parameters: false,
                can_reverse: false,
                closes: true,
                end_reason: None,
                ended: false,
                declined: false,
                link_lost: false,
                gave_no_code: false,
                create_refused: false,
                late_after: None,
                proof: None,
                drafted_ago_ms: 0,
                expires_in_ms: 200_000,
                lasts_ms: 300_000,
                end_floor_in_ms: None,
                answered_after_ms: None,
                known_after_ms: None,
                closing: None,
                asking: AskingView {
                    asked: 0,
                    unanswered: 0,
                    answered_ago_ms: None,
                    next_in_ms: None,
                    in_flight: false,
                    trouble: None,
                },
                said: None,
                refunds: vec![],
                given_back: false,
                refundable: Refundable {
                    left: "0.00".into(),
                    left_minor: 0,
                    reserved_minor: 0,
                    by_hand_minor: 0,
                    kept_minor: 0,
                    markable: "0.00".into(),
                    by_lines: false,
                    reason_limit: 0,
                    lines: vec![],
                    not: None,
                    elsewhere: None,
                    elsewhere_unmarked: None,
                },
                by_hand: vec![],
                can_be_marked: vec![],
                further: Further { allowed: false, not_yet: None },
                paid_beside: vec![],
                too_many_beside: None,
                paid_beside_fault: None,
            },
        }
    }

    fn picture_of(shown: Shown) -> Picture {
        Picture::of(shown, &settings(), false)
    }

    #[test]
    fn the_customers_page_keeps_the_policy_but_may_ask_nobody() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let policy = config["app"]["security"]["csp"].as_str().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_str(policy).unwrap());
        asks_nobody(&mut headers);
        let strict = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        let rules = |policy: &str| policy.split("; ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        let mut expected = rules(policy);
        assert!(expected.remove("connect-src ipc: http://ipc.localhost"));
        expected.insert("connect-src 'none'".to_owned());
        assert_eq!(rules(strict), expected);
    }

    #[test]
    fn a_customer_sees_amount_and_code_while_it_can_be_paid_and_nothing_else_of_the_order() {
        let picture = picture_of(order(State::AwaitingPayment));
        assert_eq!((picture.state, picture.amount.as_str()), (Seen::Qr, "12.50"));
        assert!(picture.qr.is_some());
        let json = serde_json::to_string(&picture).unwrap();
        for word in ["TK1", "TS1", "main", "wechat.scan", "weixin", "secret-looking"] {
            assert!(!json.contains(word), "{word} in {json}");
        }
    }

    #[test]
    fn an_order_of_no_real_gateway_says_so_to_the_customer() {
        let mut shown = order(State::Paid);
        assert_eq!(picture_of(shown.clone()).mark, None);
        shown.live.order.mark = Some(Mark::NotARealGateway);
        assert_eq!(picture_of(shown).mark, Some(Mark::NotARealGateway));
    }

    #[test]
    fn a_code_that_is_taken_off_the_screens_is_gone_here_too_and_nothing_is_said_of_what_can_still_be_paid() {
        let mut shown = order(State::AwaitingPayment);
        shown.live.closing = Some(Closing { refused: 0, said: None });
        let picture = picture_of(shown);
        assert_eq!((picture.state, picture.qr), (Seen::Withdrawn, None));
        let mut shown = order(State::Expiring);
        shown.live.expires_in_ms = 0;
        let picture = picture_of(shown);
        assert_eq!((picture.state, picture.qr), (Seen::Withdrawn, None));
        let mut shown = order(State::Closed);
        assert_eq!(picture_of(shown.clone()).state, Seen::Ended);
        for unsaid in [EndReason::ExpiredHere, EndReason::NeverCreated] {
            shown.live.end_reason = Some(unsaid);
            assert_eq!(picture_of(shown.clone()).state, Seen::Withdrawn, "{unsaid:?}");
        }
        for state in [State::Paid, State::Paying, State::Closed, State::Failed, State::Reversed] {
            assert_eq!(picture_of(order(state)).qr, None, "{state:?}");
        }
    }

    #[test]
    fn what_the_cashier_has_to_clear_up_leaves_the_customers_screen_blank() {
        let blank = Picture::blank(&settings(), false);
        for state in [State::Drafted, State::Creating, State::CreateUnknown, State::Disputed] {
            assert_eq!(picture_of(order(state)), blank, "{state:?}");
        }
        let without_code = Shown { qr: None, ..order(State::AwaitingPayment) };
        assert_eq!(picture_of(without_code), blank);
    }

    #[test]
    fn whoever_showed_a_payment_code_is_asked_to_confirm_on_their_phone() {
        let mut shown = order(State::AwaitingPayment);
        shown.qr = None;
        shown.live.presented = Presented::Consumer;
        assert_eq!(picture_of(shown.clone()).state, Seen::Confirm);
        shown.live.expires_in_ms = 0;
        assert_eq!(picture_of(shown).state, Seen::Withdrawn);
    }

    #[test]
    fn paid_is_paid() {
        let picture = picture_of(order(State::Paid));
        assert_eq!((picture.state, picture.amount.as_str()), (Seen::Paid, "12.50"));
    }

    #[test]
    fn nobody_is_thanked_for_what_went_back() {
        let blank = Picture::blank(&settings(), false);
        let mut shown = order(State::Paid);
        assert_eq!(picture_of(shown.clone()).state, Seen::Paid);
        shown.live.given_back = true;
        assert_eq!(picture_of(shown), blank);
        let mut shown = order(State::Paid);
        shown.live.order.attentions = vec![Attention::RefundedElsewhere];
        assert_eq!(picture_of(shown), blank);
    }
}
