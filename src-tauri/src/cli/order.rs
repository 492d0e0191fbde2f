//! Orders: read from the journal, or asked for and closed by the engine.

use super::arguments::{OrderCommand, OrderList};
use super::engine;
use super::exit::Exit;
use super::sale::{Watcher, parameters_line};
use super::standing::{Printed, Standing};
use super::whom::whom;
use super::{Session, bad_request, by_hand, refund, trouble};
use crate::premises;
use jiff::Zoned;
use serde::Serialize;
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::gateway::descriptor::Presented;
use till_core::gateway::reaction::Said;
use till_core::money::{Currency, Money};
use till_core::order::event::NoOutcome;
use till_core::order::{Attention, DisputeReason, State};
use till_core::words::{Label, Language};
use till_engine::reading::{Background, OrdersWanted, Reading};
use till_engine::request::{Reply, Request};
use till_engine::till::Named;
use till_engine::view::refunds::RefundView;
use till_engine::view::{BackElsewhere, Came, Item, LiveOrder, Mark, NotAsked, OrderView, PaidBeside, Trouble};

const TRAINING: Label = Label::new("练习", "練習", "training");
const NOT_REAL: Label = Label::new("不是真实的网关", "不是真實的網關", "not a real gateway");
const LATE: Label = Label::new("迟到的付款", "遲到的付款", "late");
const REFUNDED: Label = Label::new("已退款", "已退款", "refunded");
const BEYOND_PAID: Label = Label::new("退回的比付的多", "退回的多於所付", "more went back than was paid");
/// The till's own books count none of it.
const ELSEWHERE: Label =
    Label::new("网关通知：在别处退过款", "網關通知：曾在別處退款", "refunded elsewhere, as the gateway told");
/// What else is paid of a sale that was paid twice.
const BESIDE: Label = Label::new("同一笔生意的另一笔付款", "同一宗交易的另一筆付款", "also paid for this sale");
const MORE_BESIDE: Label = Label::new(
    "这笔生意的订单没有全部读出来，可能还有没列出的付款。",
    "這宗交易的訂單未能全部讀出，可能尚有未列出的付款。",
    "Not every order of this sale can be read: more may be paid for it than is named.",
);
/// What becomes of an order about which nothing was learned now.
pub(super) const ASKED_LATER: Label = Label::new(
    "订单仍然开着，由正在运行的窗口或 serve 继续查询，没有的话在下次启动、取得到账户密钥时查询。",
    "訂單仍未結束，由正在執行的視窗或 serve 繼續查詢，沒有的話在下次啟動、能取得帳戶密鑰時查詢。",
    "The order stays open. A window or serve that runs now goes on asking; otherwise the next launch does, once it has the account's key.",
);
const NONE: Label = Label::new("还没有订单。", "尚未有訂單。", "There are no orders yet.");
const NONE_SUCH: Label = Label::new("没有符合的订单。", "沒有符合的訂單。", "No order is like that.");
const NONE_OPEN: Label = Label::new("没有未结束的订单。", "沒有未完結的訂單。", "No order is open.");
const NOT_ASKED: Label = Label::new(
    "现在没有查询：网关要求稍候，或这张订单还不能查询。",
    "現在沒有查詢：網關要求稍候，或這張訂單尚不能查詢。",
    "It was not asked about now: the gateway wants a pause, or the order cannot be asked about yet.",
);
const NOT_NOW: Label = Label::new("现在没有查询。", "現在沒有查詢。", "It was not asked about now.");
const NOT_STORED: Label = Label::new(
    "网关已应答，但还没能写入流水。",
    "網關已回應，但尚未能寫入流水。",
    "The gateway answered, and what it said could not be written into the journal yet.",
);
const STORES_FIRST: Label = Label::new(
    "现在没有查询：先前发生的事还没能写入流水。这以后顾客是否付了款、钱是否退了，还不知道；写入后请再查询一次。",
    "現在沒有查詢：先前發生的事尚未能寫入流水。此後顧客是否已付款、款項是否已退，尚未知道；寫入後請再查詢一次。",
    "It was not asked about now: what happened before could not be written into the journal yet. Whether the customer has paid since, or money \
     has gone back, is not known. Ask again once it is written.",
);
const ENDED_LATER: Label = Label::new(
    "网关还要 {time}（分:秒）才接受结束这张订单。按 Ctrl-C 可以不等：余下的由正在运行的窗口或 serve，或下次启动时完成。",
    "網關尚需 {time}（分:秒）才接受結束這張訂單。按 Ctrl-C 可以不等：餘下的由正在執行的視窗或 serve，或下次啟動時完成。",
    "The gateway lets it be ended in {time} (minutes:seconds). Ctrl-C leaves the rest to a running window or serve, or to the next launch.",
);

/// Beside an order in doubt that somebody wants ended: what of the money, and what next.
const NOT_ENDED_IN_DOUBT: Label = Label::new(
    "有疑问期间，不会向网关请求结束这张订单：顾客可能已经付了，也可能还会付。运行中的收银台会继续查询，只有与订单相符的回答才会消除疑问：\
     说付了就记为已付款，说没付就由收银台自动结束。",
    "有疑問期間，不會向網關請求結束這張訂單：顧客可能已經付款，也可能仍會付款。運行中的收銀台會繼續查詢，只有與訂單相符的回覆才會消除疑問：\
     表示已付的便記為已付款，表示未付的便由收銀台自動完結。",
    "While it is in doubt, the gateway is not asked to end it: the customer may have paid, or may yet pay. A running till goes on asking, \
     and only an answer that fits the order ends the doubt: one that says paid is booked as a payment, and after one that says unpaid \
     the till ends the order by itself.",
);
const UNASKED_NOT_ENDED_IN_DOUBT: Label = Label::new(
    "有疑问期间，不会向网关请求结束这张订单：顾客可能已经付了，也可能还会付。无法向网关询问：网关的通知与订单相符，或填写平台的订单号\
     （order adopt --gateway-no）之后，疑问才会消除。",
    "有疑問期間，不會向網關請求結束這張訂單：顧客可能已經付款，也可能仍會付款。無法向網關查詢：網關的通知與訂單相符，或填寫平台的訂單編號\
     （order adopt --gateway-no）後，疑問才會消除。",
    "While it is in doubt, the gateway is not asked to end it: the customer may have paid, or may yet pay. The gateway cannot be asked about \
     it: a notification that fits the order, or the platform's number (order adopt --gateway-no), ends the doubt.",
);
const CODE_NOT_ENDED_IN_DOUBT: Label = Label::new(
    "有疑问期间，不会向网关请求结束这张订单：顾客的付款码可能已经扣款，也可能还会扣款，不要再扫一次付款码。运行中的收银台会继续查询，\
     只有与订单相符的回答才会消除疑问：说付了就记为已付款，说没付就由收银台自动结束。",
    "有疑問期間，不會向網關請求結束這張訂單：顧客的付款碼可能已經扣款，也可能仍會扣款，切勿再掃一次付款碼。運行中的收銀台會繼續查詢，\
     只有與訂單相符的回覆才會消除疑問：表示已付的便記為已付款，表示未付的便由收銀台自動完結。",
    "While it is in doubt, the gateway is not asked to end it: the customer may have been charged, or may yet be. Do not scan another payment \
     code. A running till goes on asking, and only an answer that fits the order ends the doubt: one that says paid is booked as a payment, \
     and after one that says unpaid the till ends the order by itself.",
);
const PAID_NOT_ENDED_IN_DOUBT: Label = Label::new(
    "它记过付款，后来的回答与之矛盾：不会向网关请求结束这张订单。钱在不在，以网关的商户后台为准。运行中的收银台会继续查询，\
     有回答说已付款或已退款，疑问就会消除。",
    "它曾記為已付款，其後的回覆與此矛盾：不會向網關請求結束這張訂單。款項是否仍在，以網關的商戶後台為準。運行中的收銀台會繼續查詢，\
     有回覆表示已付款或已退款，疑問便會消除。",
    "It was booked as paid, and a later answer contradicts that: the gateway is not asked to end it. Whether the money is there stands in the \
     gateway's back office. A running till goes on asking, and an answer that says paid or refunded ends the doubt.",
);

/// An order and what of it went back.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    order: &'a OrderView,
    refunds: &'a [RefundView],
    /// What else is paid of its sale, where it is the payment too many.
    paid_beside: &'a [PaidBeside],
    /// Why more may be paid of it than that: the journal does not give all of the sale's orders.
    paid_beside_fault: Option<&'a Refusal>,
    /// Why nobody knows what became of its create, where that is how it stands.
    create_trouble: Option<&'a NoOutcome>,
    /// What the gateway said when it failed or declined the last try, to its last close or reverse, or instead of an outcome.
    said: Option<&'a Said>,
}

pub(super) async fn perform(session: &Session, command: OrderCommand) -> Result<Exit, Refusal> {
    match command {
        OrderCommand::List(asked) => list(session, asked).await,
        OrderCommand::Show { order_no } => show(session, &full(&order_no)).await,
        OrderCommand::Query { order_no } => query(session, full(&order_no)).await,
        OrderCommand::Close { order_no } => close(session, full(&order_no)).await,
        OrderCommand::Reverse { order_no } => reverse(session, full(&order_no)).await,
        OrderCommand::Adopt { which, gateway_no: Some(gateway_no), .. } => {
            adopt(session, Request::NameGatewayNo { order_no: full(&which), gateway_no }).await
        }
        OrderCommand::Adopt { which, trade_no, transaction_id, items, gateway_no: None } => {
            let named = match (trade_no, transaction_id) {
                (Some(no), _) => Named::TradeNo(no),
                (None, Some(no)) => Named::TransactionId(no),
                (None, None) => return Err(bad_request("--gateway-no | --trade-no | --transaction-id")),
            };
            adopt(session, Request::Adopt { account: which, named, items }).await
        }
    }
}

async fn show(session: &Session, order_no: &str) -> Result<Exit, Refusal> {
    let reading = session.reading().await?;
    let (order, background) = (reading.order(order_no).await?, reading.background(order_no).await?);
    let refunds = refunds(session, &reading, order_no).await?;
    let (beside, fault) = reading.paid_beside(order_no).await?;
    let asked = !order.state.has_ended() && premises::is_running(&session.place).await;
    let language = session.output.language;
    let lines = || {
        let refunds = refunds.iter().map(|given| refund::line(given, language));
        let why = background.create_trouble.iter().map(|why| trouble::of_create(why, language));
        let standing = Standing::of_journal(&order, &background, asked).lines(language);
        let parameters = order.parameters.iter().map(|given| parameters_line(&session.output, given));
        let items = order.items.iter().filter_map(|item| self::item(item, &order.currency));
        let marks = background.by_hand.iter().map(|mark| by_hand::line(mark, &order.currency, language));
        let gone = order.refunded_elsewhere.iter().map(|back| elsewhere(back, &order.currency, language));
        let beside = all_beside(&beside, fault.is_some(), language);
        let above = beside.into_iter().chain(why).chain(standing).chain(items).chain(parameters);
        let below: Vec<String> = above.chain(gone).chain(marks).chain(refunds).collect();
        with_below(made_line(&order, None, (&today(), 0), language), &below)
    };
    let Background { create_trouble, said, end_said, .. } = &background;
    let (create_trouble, said) = (create_trouble.as_ref(), said.as_ref().or(end_said.as_ref()));
    let (paid_beside, paid_beside_fault) = (beside.as_slice(), fault.as_ref());
    let shown = Shown { order: &order, refunds: &refunds, paid_beside, paid_beside_fault, create_trouble, said };
    session.output.line(&shown, lines);
    // An order of the sale that cannot be read hides nothing of this one, nor of the others.
    Ok(fault.as_ref().map_or(Exit::Done, |refusal| session.output.refuse(refusal)))
}

/// An order's refunds. While the gateway is still asked about one of them, as a till that runs knows them: what came of its questions
/// is in its memory alone.
pub(super) async fn refunds(session: &Session, reading: &Reading, order_no: &str) -> Result<Vec<RefundView>, Refusal> {
    let (refunds, open) = reading.refunds_and_open(order_no).await?;
    if !open {
        return Ok(refunds);
    }
    let running = premises::known_to_running(&session.place, order_no).await;
    Ok(as_known(running.map(|order| order.refunds).unwrap_or_default(), refunds))
}

/// Refunds as a running till shows them, and those of the journal that it does not show yet: they are in there first.
fn as_known(mut shown: Vec<RefundView>, stored: Vec<RefundView>) -> Vec<RefundView> {
    for refund in stored {
        if !shown.iter().any(|known| known.refund_no == refund.refund_no) {
            shown.push(refund);
        }
    }
    shown
}

/// What else is paid of the sale, a line each. `more`: there may be others.
fn all_beside(others: &[PaidBeside], more: bool, language: Language) -> Vec<String> {
    let today = today();
    let more = more.then(|| MORE_BESIDE.in_language(language).to_owned());
    others.iter().map(|other| paid_beside(other, &today, language)).chain(more).collect()
}

/// Another payment of the sale: its order's number, how much, by which way, and when.
fn paid_beside(other: &PaidBeside, today: &str, language: Language) -> String {
    let PaidBeside { order_no, account, channel, amount, currency, paid_at } = other;
    let (order_no, at) = (one_line(order_no), made_at(paid_at, today));
    format!("[{}]  {order_no}  {amount} {currency}  {account} {channel}  {at}", BESIDE.in_language(language))
}

/// Our numbers are upper case, however they are typed; one that was made elsewhere stays as it is.
pub(super) fn full(order_no: &str) -> String {
    let typed = order_no.trim();
    let upper = typed.to_uppercase();
    if upper.starts_with("TK") { upper } else { typed.to_owned() }
}

/// A refund that is none of the till's: how much, and the number that the gateway's notice gave it.
fn elsewhere(back: &BackElsewhere, currency: &str, language: Language) -> String {
    format!("[{}]  {} {currency}  {}", ELSEWHERE.in_language(language), back.amount, one_line(&back.refund_no))
}

/// A line of a sale, as `--item` takes it.
fn item(item: &Item, currency: &str) -> Option<String> {
    let amount = Money { minor: item.amount_minor, currency: Currency::from_code(currency)? };
    Some(format!("{}:{}:{amount}", one_line(&item.id), item.quantity))
}

/// A text with lines below it. What stands below one of them is set deeper.
pub(super) fn with_below(text: String, below: &[String]) -> String {
    below.iter().fold(text, |text, line| format!("{text}\n  {}", line.replace('\n', "\n    ")))
}

/// An order of the list. `by_hand`: something of it was marked by hand that the gateway has not spoken on. `room`: of its number.
fn print(session: &Session, order: &OrderView, by_hand: bool, (today, room): (&str, usize)) -> bool {
    let language = session.output.language;
    session.output.line(order, || made_line(order, by_hand.then_some(by_hand::OPEN), (today, room), language))
}

/// How many letters the longest of `numbers` has, so that what stands behind them stands in a column.
pub(super) fn longest<'a>(numbers: impl Iterator<Item = &'a str>) -> usize {
    numbers.map(|number| one_line(number).chars().count()).max().unwrap_or_default()
}

/// An order on one line, and below it what a person must look at.
pub(super) fn line(order: &OrderView, language: Language) -> String {
    tagged(order, (0, ""), None, language)
}

/// The same with the time at which it was made, in a column of its own behind the `room` of the number.
fn made_line(order: &OrderView, tag: Option<Label>, (today, room): (&str, usize), language: Language) -> String {
    tagged(order, (room, &format!("{:>16}  ", made_at(&order.created_at, today))), tag, language)
}

/// The local time of a moment; with its day where that is not `today`.
pub(super) fn made_at(moment: &str, today: &str) -> String {
    let Some((day, time)) = moment.split_once('T') else { return moment.to_owned() };
    let time = time.get(..5).unwrap_or(time);
    if day == today { time.to_owned() } else { format!("{day} {time}") }
}

/// The local day.
pub(super) fn today() -> String {
    Zoned::now().date().to_string()
}

/// What is said of an order or a refund without real money.
pub(super) fn tag_of(mark: Mark) -> Label {
    match mark {
        Mark::Training => TRAINING,
        Mark::NotARealGateway => NOT_REAL,
    }
}

fn tagged(order: &OrderView, (room, made): (usize, &str), tag: Option<Label>, language: Language) -> String {
    let words = |label: Label| label.in_language(language);
    let mut line = format!(
        "{:<room$}  {made}{:>10} {}  {}  {} {}",
        one_line(&order.order_no),
        order.amount,
        order.currency,
        words(order.state.label()),
        order.account,
        order.channel
    );
    for label in order.mark.map(tag_of).into_iter().chain(order.late.then_some(LATE)).chain(tag) {
        line.extend([format!("  [{}]", words(label))]);
    }
    if let Some(currency) = Currency::from_code(&order.currency).filter(|_| order.refunded_minor > 0) {
        let back = Money { minor: order.refunded_minor, currency };
        line.extend([format!("  [{} {back} {}]", words(REFUNDED), order.currency)]);
    }
    for attention in &order.attentions {
        let reason = order.reason.as_deref().filter(|_| *attention == Attention::Disputed);
        let beyond = *attention == Attention::RefundDisputed && order.beyond_paid_minor > 0;
        let contradicts = reason.and_then(DisputeReason::from_word).map(DisputeReason::label);
        let contradicts = contradicts.or(beyond.then_some(BEYOND_PAID));
        let contradicts = contradicts.map(|label| format!(" ({})", words(label))).unwrap_or_default();
        line.extend([format!("\n  {}{contradicts}", words(attention.label()))]);
        // Of a late payment that went back elsewhere the money is not there any more: what to do is said of the other.
        let gone = *attention == Attention::LatePayment && went_back_elsewhere(order);
        let next = attention.next_among(&order.attentions, order.elsewhere_marked).filter(|_| !gone);
        line.extend(next.into_iter().flat_map(|next| [" ", words(next)]));
    }
    line
}

/// Whether all of an order's money may have gone back elsewhere: no notice says how much, or they say enough.
fn went_back_elsewhere(order: &OrderView) -> bool {
    let each = order.refunded_elsewhere.iter().map(|back| back.amount_minor);
    let told = each.fold(order.refunded_minor, i64::saturating_add);
    order.attentions.contains(&Attention::RefundedElsewhere)
        && (order.refunded_elsewhere.is_empty() || order.paid_minor.is_none_or(|paid| told >= paid))
}

impl From<OrderList> for OrdersWanted {
    fn from(asked: OrderList) -> Self {
        let OrderList { open, states, sold_by, from, to, number, amount } = asked;
        Self { open, states, sold_by, from, to, number, amount_minor: amount }
    }
}

async fn list(session: &Session, asked: OrderList) -> Result<Exit, Refusal> {
    let mut wanted = OrdersWanted::from(asked);
    let none = if wanted == OrdersWanted::default() {
        NONE
    } else if wanted == OrdersWanted::open() {
        NONE_OPEN
    } else {
        NONE_SUCH
    };
    let reading = session.reading().await?;
    if let Some(name) = &mut wanted.sold_by
        && reading.is_there()
    {
        *name = whom(session, &reading, name).await?;
    }
    let (mut last, mut exit, today) = (None, Exit::Done, today());
    loop {
        let page = reading.order_rows(&wanted, last.as_ref()).await?;
        if page.is_empty() && last.is_none() && reading.is_there() {
            session.output.none(none);
        }
        let room = longest(page.iter().map(|row| row.order_no.as_str()));
        for row in &page {
            match reading.order(&row.order_no).await {
                Ok(order) => {
                    if !print(session, &order, row.by_hand.is_some(), (&today, room)) {
                        return Ok(exit);
                    }
                }
                // One order that cannot be read stops nothing else.
                Err(refusal) => exit = session.output.refuse(&refusal),
            }
        }
        let Some(end) = page.into_iter().next_back() else { return Ok(exit) };
        last = Some(end);
    }
}

async fn query(session: &Session, order_no: String) -> Result<Exit, Refusal> {
    let (mut came, mut open, mut in_doubt) = (None, false, false);
    // This process goes; another one that runs stays.
    let asked_on = premises::is_running(&session.place).await;
    engine::ask(session, Request::Ask { order_no }, |reply| {
        if let Reply::Asked(asked) = reply {
            let order = &asked.live;
            let stuck = order.order.attentions.contains(&Attention::CannotBeAsked);
            open = !stuck && !order.order.state.has_ended();
            in_doubt = order.order.state == State::Disputed;
            let language = session.output.language;
            let marks = order.by_hand.iter().map(|mark| by_hand::line(mark, &order.order.currency, language));
            let standing = Standing::of_live(order, Printed::Nothing, asked_on).lines(language);
            let fault = order.paid_beside_fault.as_ref();
            let why = fault.map(|fault| fault.sentence(language).what);
            let beside = all_beside(&order.paid_beside, fault.is_some(), language).into_iter().chain(why);
            let open = order.refunds.iter().filter(|refund| !refund.state.has_ended());
            let refunds = open.map(|given| refund::line(given, language));
            let below: Vec<String> = beside.chain(standing).chain(marks).chain(refunds).collect();
            session.output.line(&order.order, || with_below(line(&order.order, language), &below));
            came = Some(asked.came);
        }
    })
    .await?;
    // Nothing came where this process was told to end before.
    let exit = came.as_ref().map_or(Exit::NotYet, |came| say_what_came(session, came));
    if exit != Exit::Done && open {
        session.output.note(ASKED_LATER);
    }
    Ok(if exit == Exit::Done && in_doubt { Exit::NotYet } else { exit })
}

/// Says what of a question is not seen on its order, and what the process ends with.
fn say_what_came(session: &Session, came: &Came) -> Exit {
    if let Some(said) = what_came(came, session.output.language) {
        session.output.aside(&said);
    }
    match came {
        Came::Answered => Exit::Done,
        Came::NotAsked(NotAsked::Keyring) => Exit::Machine,
        Came::NotStored | Came::Unanswered(_) | Came::NotAsked(_) => Exit::NotYet,
    }
}

fn what_came(came: &Came, language: Language) -> Option<String> {
    let words = |label: Label| label.in_language(language).to_owned();
    let met = |met: &Trouble| format!("  {}", trouble::text(met, language));
    match came {
        Came::Answered => None,
        Came::NotStored => Some(words(NOT_STORED)),
        Came::Unanswered(trouble) => Some(met(trouble)),
        Came::NotAsked(NotAsked::Keyring) => Some(met(&Trouble::Keyring)),
        Came::NotAsked(NotAsked::NotBuilt) => Some(met(&Trouble::NotBuilt)),
        Came::NotAsked(NotAsked::StoresFirst) => Some(words(STORES_FIRST)),
        Came::NotAsked(NotAsked::Patience | NotAsked::NoNumber) => Some(words(NOT_ASKED)),
        Came::NotAsked(NotAsked::Over) => Some(words(NOT_NOW)),
    }
}

async fn close(session: &Session, order_no: String) -> Result<Exit, Refusal> {
    match watched(session, Request::Close { order_no: order_no.clone() }, closed).await {
        Err(ended) if ended.code == Code::OrderEnded => closed_before(session, &order_no, ended).await,
        done => done,
    }
}

/// What the process ends with that was to close the order.
fn closed(order: &OrderView) -> Exit {
    // Its gateway closes no order: it ended here, and a payment may still come.
    let may_be_paid = order.attentions.contains(&Attention::ExpiredHere);
    match Exit::closed(order.state) {
        Exit::Done if may_be_paid => Exit::NotYet,
        exit => exit,
    }
}

/// There is nothing to close: the order is closed, as it was to be, or ended otherwise and is refused.
async fn closed_before(session: &Session, order_no: &str, ended: Refusal) -> Result<Exit, Refusal> {
    let order = session.reading().await?.order(order_no).await?;
    if Exit::closed(order.state) != Exit::Done {
        return Err(ended);
    }
    let language = session.output.language;
    session.output.line(&order, || line(&order, language));
    session.output.aside(&ended.sentence(language).what);
    Ok(closed(&order))
}

async fn reverse(session: &Session, order_no: String) -> Result<Exit, Refusal> {
    watched(session, Request::Reverse { order_no }, |order| Exit::reversed(order.state)).await
}

async fn adopt(session: &Session, request: Request) -> Result<Exit, Refusal> {
    watched(session, request, |_| Exit::Done).await
}

/// Prints an order at each change. `of` says what the process ends with that saw it last so.
async fn watched(session: &Session, request: Request, of: fn(&OrderView) -> Exit) -> Result<Exit, Refusal> {
    let (output, mut watcher, mut told) = (&session.output, Watcher::new(&session.output), false);
    let ends = matches!(request, Request::Close { .. } | Request::Reverse { .. });
    let followed = engine::ask_minding_keyring(session, request, |reply, no_keyring| {
        if let Reply::Order(order) = reply {
            watcher.see(&order, !no_keyring);
            if order.order.state == State::Disputed {
                // Nothing ends it now, whenever the gateway would let it be ended.
                if ends {
                    output.aside(&format!("  {}", output.words(not_ended(&order))));
                }
                return;
            }
            let floor_ms = order.end_floor_in_ms.filter(|_| order.closing.is_some()).unwrap_or(0);
            // Without a keyring nothing ends it from here, however long one waits.
            if floor_ms > 0 && !told && !no_keyring {
                let seconds = floor_ms.saturating_add(999) / 1_000;
                let time = format!("{}:{:02}", seconds / 60, seconds % 60);
                output.aside(&format!("  {}", output.words(ENDED_LATER).replace("{time}", &time)));
                told = true;
            }
        }
    })
    .await?;
    Ok(watcher.end(followed, of))
}

/// What an order in doubt means to whoever wants it ended.
fn not_ended(order: &LiveOrder) -> Label {
    if order.order.paid_minor.is_some() {
        return PAID_NOT_ENDED_IN_DOUBT;
    }
    if order.order.attentions.contains(&Attention::CannotBeAsked) {
        return UNASKED_NOT_ENDED_IN_DOUBT;
    }
    match order.presented {
        Presented::Consumer => CODE_NOT_ENDED_IN_DOUBT,
        Presented::Merchant | Presented::Elsewhere => NOT_ENDED_IN_DOUBT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use till_core::order::refund::RefundState;

    fn order() -> OrderView {
        let order = json!({
            "order_no": "TK1", "sale": "TS1", "account": "main", "channel": "wechat.scan", "amount": "12.50",
            "amount_minor": 1_250, "currency": "CNY", "state": "expiring", "late": false, "refunded_minor": 0,
            "created_at": "2026-01-05T10:42:00+08:00", "expires_at": "2026-01-05T10:47:00+08:00", "items": [],
            "attentions": [], "refunded_elsewhere": [], "beyond_paid_minor": 0, "elsewhere_marked": false,
        });
        serde_json::from_value(order).unwrap()
    }

    fn refund(refund_no: &str, state: RefundState) -> RefundView {
        let refund = json!({
            "refund_no": refund_no, "order_no": "TK1", "account": "main", "channel": "wechat.scan", "amount": "2.50",
            "amount_minor": 250, "currency": "CNY", "state": state, "reason": "", "by": "owner", "items": [],
            "requested_at": "2026-01-05T10:42:00+08:00", "unanswered": 0, "can_be_made_anew": false,
            "can_withdraw": false, "can_be_marked": false,
        });
        serde_json::from_value(refund).unwrap()
    }

    #[test]
    fn a_refund_of_the_journal_that_a_running_till_does_not_show_yet_is_not_left_out() {
        let (stored, newer) = (refund("TR1", RefundState::Unknown), refund("TR2", RefundState::Requested));
        let asked = RefundView { trouble: Some(Trouble::TimedOut), ..stored.clone() };
        let (journal, both) = (vec![stored.clone(), newer.clone()], vec![asked.clone(), newer]);
        assert_eq!(as_known(vec![asked], journal.clone()), both);
        assert_eq!(as_known(both.clone(), vec![stored]), both, "the journal was read before");
        assert_eq!(as_known(vec![], journal.clone()), journal, "no till runs");
    }

    #[test]
    fn what_stands_below_a_refund_of_an_order_is_set_deeper_than_the_refund() {
        let asked = RefundView { trouble: Some(Trouble::TimedOut), ..refund("TR1", RefundState::Unknown) };
        let told = with_below("TK1".to_owned(), &[refund::line(&asked, Language::En)]);
        let starts: Vec<_> =
            told.lines().map(|line| line.chars().take_while(|letter| *letter == ' ').count()).collect();
        assert_eq!(starts, [0, 2, 4], "{told}");
    }

    #[test]
    fn numbers_of_different_lengths_leave_the_columns_behind_them_in_line() {
        let numbers = ["SHOP77", "TK06B7HNYEW7E4X8ZVKAMFN00RX1"];
        let room = longest(numbers.into_iter());
        assert_eq!(room, 28);
        let at = numbers.map(|order_no| {
            let order = OrderView { order_no: order_no.to_owned(), ..order() };
            made_line(&order, None, ("2026-01-05", room), Language::En).find("10:42")
        });
        assert!(at[0].is_some() && at[0] == at[1], "{at:?}");
    }

    #[test]
    fn a_row_of_the_list_bears_when_the_order_was_made_with_the_day_unless_that_is_today() {
        for (today, made) in [("2026-01-05", "           10:42"), ("2026-01-06", "2026-01-05 10:42")] {
            let expected = format!("TK1  {made}       12.50 CNY  ");
            let row = made_line(&order(), None, (today, 0), Language::En);
            assert!(row.starts_with(&expected), "{row}");
        }
        assert!(line(&order(), Language::En).starts_with("TK1       12.50 CNY  "), "a sale is made now");
    }

    #[test]
    fn closing_is_not_done_while_a_payment_may_still_come_of_an_order_that_its_gateway_does_not_close() {
        for (state, attentions, exit) in [
            (State::Closed, vec![], Exit::Done),
            (State::Closed, vec![Attention::ExpiredHere], Exit::NotYet),
            (State::Expiring, vec![], Exit::NotYet),
            (State::Paid, vec![], Exit::EndedOtherwise),
        ] {
            assert_eq!(closed(&OrderView { state, attentions, ..order() }), exit, "{state:?}");
        }
    }

    #[test]
    fn a_gateway_that_was_not_asked_is_not_said_to_have_answered() {
        let first = Came::NotAsked(NotAsked::StoresFirst);
        for (language, answered, not_asked) in [
            (Language::ZhCn, "网关已应答", "现在没有查询"),
            (Language::ZhHk, "網關已回應", "現在沒有查詢"),
            (Language::En, "The gateway answered", "It was not asked about now"),
        ] {
            assert!(what_came(&Came::NotStored, language).unwrap().starts_with(answered));
            assert!(what_came(&first, language).unwrap().starts_with(not_asked));
        }
        assert_eq!(what_came(&Came::Answered, Language::En), None);
    }

    #[test]
    fn a_refund_that_is_none_of_the_tills_is_said_with_its_amount_and_its_number() {
        let back = BackElsewhere { refund_no: "EX1".to_owned(), amount: "3.00".to_owned(), amount_minor: 300 };
        for (language, expected) in [
            (Language::En, "[refunded elsewhere, as the gateway told]  3.00 CNY  EX1"),
            (Language::ZhCn, "[网关通知：在别处退过款]  3.00 CNY  EX1"),
            (Language::ZhHk, "[網關通知：曾在別處退款]  3.00 CNY  EX1"),
        ] {
            assert_eq!(elsewhere(&back, "CNY", language), expected);
        }
    }

    #[test]
    fn a_number_that_is_not_ours_makes_no_line_of_its_own() {
        let forged = || "1\nTK9  9.00 CNY  Paid".to_owned();
        let back = BackElsewhere { refund_no: forged(), amount: "3.00".to_owned(), amount_minor: 300 };
        let bought = Item { id: forged(), quantity: 1, amount_minor: 100 };
        let order = OrderView { order_no: forged(), ..order() };
        let told = [
            line(&order, Language::En),
            elsewhere(&back, "CNY", Language::En),
            item(&bought, "CNY").expect("a line that was bought"),
        ];
        for told in told {
            assert!(told.contains("1\u{fffd}TK9") && !told.contains('\n'), "{told:?}");
        }
    }

    #[test]
    fn the_other_payment_of_a_sale_that_was_paid_twice_is_named_with_its_order_and_its_time() {
        let other = json!({
            "order_no": "TK2", "account": "main", "channel": "alipay.scan", "amount": "12.50", "currency": "CNY",
            "paid_at": "2026-01-05T18:12:44+08:00",
        });
        let other: PaidBeside = serde_json::from_value(other).unwrap();
        for (language, tag) in [
            (Language::En, "[also paid for this sale]"),
            (Language::ZhCn, "[同一笔生意的另一笔付款]"),
            (Language::ZhHk, "[同一宗交易的另一筆付款]"),
        ] {
            for (today, at) in [("2026-01-05", "18:12"), ("2026-01-06", "2026-01-05 18:12")] {
                let expected = format!("{tag}  TK2  12.50 CNY  main alipay.scan  {at}");
                assert_eq!(paid_beside(&other, today, language), expected);
            }
        }
    }

    #[test]
    fn that_more_may_be_paid_for_a_sale_is_said_below_what_is_known() {
        let other = json!({
            "order_no": "TK2", "account": "main", "channel": "alipay.scan", "amount": "12.50", "currency": "CNY",
            "paid_at": "2026-01-05T18:12:44+08:00",
        });
        let known: Vec<PaidBeside> = vec![serde_json::from_value(other).unwrap()];
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            let named = paid_beside(&known[0], &today(), language);
            let more = MORE_BESIDE.in_language(language).to_owned();
            assert_eq!(all_beside(&known, false, language), std::slice::from_ref(&named));
            assert_eq!(all_beside(&known, true, language), [named, more.clone()]);
            assert_eq!(all_beside(&[], true, language), [more]);
        }
    }

    #[test]
    fn everything_that_a_person_must_look_at_stands_below_the_order_and_what_contradicts_beside_the_doubt() {
        let attentions = vec![Attention::Disputed, Attention::RefundFailed];
        let order = OrderView { attentions, reason: Some("amount".to_owned()), ..order() };
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            let words = |label: Label| label.in_language(language);
            let (doubt, failed) = (Attention::Disputed, Attention::RefundFailed);
            let contradicts = words(DisputeReason::Amount.label());
            let below = [
                format!("  {} ({contradicts}) {}", words(doubt.label()), words(doubt.next())),
                format!("  {} {}", words(failed.label()), words(failed.next())),
            ];
            let told = line(&order, language);
            assert_eq!(told.lines().skip(1).collect::<Vec<_>>(), below, "{told}");
        }
    }

    #[test]
    fn refunds_that_are_more_than_was_paid_are_said_as_that_beside_the_doubt() {
        for (beyond_paid_minor, beyond) in [(0, false), (1, true)] {
            let attentions = vec![Attention::RefundDisputed, Attention::RefundedElsewhere];
            let order = OrderView { attentions, beyond_paid_minor, ..order() };
            for language in [Language::En, Language::ZhCn, Language::ZhHk] {
                let said = format!("({})", BEYOND_PAID.in_language(language));
                assert_eq!(line(&order, language).matches(&said).count(), usize::from(beyond), "{beyond_paid_minor}");
            }
        }
    }

    #[test]
    fn what_to_do_about_one_matter_does_not_contradict_another() {
        let (disputed, unasked) = (Attention::Disputed, Attention::CannotBeAsked);
        let (contradicted, failed) = (Attention::MarkContradicted, Attention::RefundFailed);
        let (late, back) = (Attention::LatePayment, Attention::RefundedElsewhere);
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            let words = |label: Label| label.in_language(language);
            let disputed_unasked = words(disputed.next_among(&[disputed, unasked], false).unwrap());
            assert_ne!(disputed_unasked, words(disputed.next()));
            let whole = |attention: Attention| format!("  {} {}", words(attention.label()), words(attention.next()));
            for (attentions, below) in [
                (vec![late], vec![whole(late)]),
                (vec![late, back], vec![format!("  {}", words(late.label())), whole(back)]),
                (vec![unasked], vec![whole(unasked)]),
                (vec![contradicted, failed], vec![whole(contradicted), format!("  {}", words(failed.label()))]),
                (
                    vec![disputed, unasked],
                    vec![
                        format!("  {} {}", words(disputed.label()), disputed_unasked),
                        format!("  {}", words(unasked.label())),
                    ],
                ),
            ] {
                let told = line(&OrderView { attentions, ..order() }, language);
                assert_eq!(told.lines().skip(1).collect::<Vec<_>>(), below, "{told}");
            }
            // Of what notices say went back, a part leaves the rest here; all of it leaves nothing.
            for (amount_minor, first) in [(300, whole(late)), (1_250, format!("  {}", words(late.label())))] {
                let gone = json!([{ "refund_no": "EX1", "amount": "0.00", "amount_minor": amount_minor }]);
                let refunded_elsewhere = serde_json::from_value(gone).unwrap();
                let (attentions, paid_minor) = (vec![late, back], Some(1_250));
                let told = line(&OrderView { attentions, paid_minor, refunded_elsewhere, ..order() }, language);
                assert_eq!(told.lines().nth(1), Some(first.as_str()), "{told}");
            }
        }
    }

    #[test]
    fn what_went_back_elsewhere_is_to_be_marked_until_it_is_and_then_only_to_be_handled() {
        let elsewhere = Attention::RefundedElsewhere;
        for language in [Language::En, Language::ZhCn, Language::ZhHk] {
            for elsewhere_marked in [false, true] {
                let told = line(&OrderView { attentions: vec![elsewhere], elsewhere_marked, ..order() }, language);
                for marked in [false, true] {
                    let next = elsewhere.next_among(&[], marked).unwrap().in_language(language);
                    assert_eq!(told.contains(next), marked == elsewhere_marked, "{told}");
                }
            }
        }
    }

    #[test]
    fn a_row_of_the_list_says_that_something_was_marked_by_hand_and_is_not_confirmed() {
        let order = order();
        for (language, tag) in [
            (Language::En, "  [marked by hand, not confirmed]"),
            (Language::ZhCn, "  [人工标记，未经平台确认]"),
            (Language::ZhHk, "  [人手標記，未經平台確認]"),
        ] {
            let row = made_line(&order, Some(by_hand::OPEN), ("2026-01-05", 0), language);
            assert_eq!(row, made_line(&order, None, ("2026-01-05", 0), language) + tag);
        }
    }
}
