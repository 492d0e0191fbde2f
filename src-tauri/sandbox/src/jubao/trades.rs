//! `apply_pay` and `query` (gateways.md 2.3).

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value, json};

use super::{NAME, ORDER, authenticate};
use crate::answer::Answered;
use crate::clock;
use crate::fields::{Fields, Refusal, check_address};
use crate::stage::{Book, Stage};
use crate::trade::{Trade, TradeState};

const CREATE: &[&str] = &[
    "mch_id",
    "pay_channel_id",
    "total_fee",
    "out_trade_no",
    "notify_url",
    "body",
    "attach",
    "return_url",
    "version",
    "sign",
];

/// Books the trade and gives the page that the customer opens.
pub(crate) fn apply_pay(stage: &Stage, book: &mut Book, fields: &Fields) -> Result<Answered, Refusal> {
    authenticate(fields, &book.jubao)?;
    fields.only(&[CREATE], "apply_pay")?;
    let channel = number(fields, "pay_channel_id")?.ok_or_else(|| Refusal::missing("pay_channel_id"))?.to_string();
    if !book.settings.channels.contains(&channel) {
        return Err(Refusal::new(492_003, format!("pay_channel_id {channel} is not open to this merchant")));
    }
    let amount_minor = fields.spoken_amount("total_fee")?.ok_or_else(|| Refusal::missing("total_fee"))?;
    for name in ["notify_url", "return_url"] {
        if let Some(address) = fields.optional_text(name)? {
            check_address(name, address)?;
        }
    }
    let sequence = book.kept.next_sequence;
    // The platform makes a number if the merchant has none.
    let made: String = book.kept.ids.digits("jubao order", sequence).chars().take(24).collect();
    let order_no = fields.short_text("out_trade_no", 32)?.unwrap_or(&made).to_owned();
    if book.kept.trades.contains_key(&order_no) {
        return Err(Refusal::new(40106, "订单号重复"));
    }
    let trade = Trade {
        gateway: NAME.to_owned(),
        order_no: order_no.clone(),
        gateway_no: book.kept.ids.digits("jubao order_sn", sequence).chars().take(20).collect(),
        wallet_no: None,
        channel,
        amount_minor,
        currency: "CNY".to_owned(),
        items: Vec::new(),
        by_code: false,
        body: fields.optional_text("body")?.unwrap_or_default().to_owned(),
        attach: fields.short_text("attach", 128)?.map(ToOwned::to_owned),
        device_info: None,
        notify_url: fields.optional_text("notify_url")?.unwrap_or_default().to_owned(),
        user_token: None,
        expires_at: None,
        created_ms: clock::now_ms(),
        paid_ms: None,
        state: TradeState::Unpaid,
        token: book.kept.ids.draw("phone", sequence),
        sequence,
    };
    let mut data = Map::new();
    data.insert("out_trade_no".to_owned(), json!(order_no));
    data.insert("order_sn".to_owned(), json!(trade.gateway_no));
    data.insert("code_url".to_owned(), json!(stage.phone_url(&trade.token)));
    let answered = answered(book, &trade, data);
    book.kept.next_sequence += 1;
    book.kept.trades.insert(order_no, trade);
    book.touch();
    Ok(answered)
}

/// By the platform's own number and by no other.
pub(crate) fn query(book: &Book, fields: &Fields) -> Result<Answered, Refusal> {
    authenticate(fields, &book.jubao)?;
    fields.only(&[&["mch_id", "order_sn", "version", "sign"]], "query")?;
    let order_sn = fields.required_text("order_sn")?;
    let trade = by_order_sn(book, order_sn).ok_or_else(|| Refusal::new(40102, "订单不存在"))?;
    Ok(answered(book, trade, described(book, trade)))
}

/// What is sent once a trade is paid (gateways.md 2.5).
pub(super) fn told(book: &Book, trade: &Trade) -> Answered {
    let mut data = described(book, trade);
    data.remove("created_at");
    data.insert("nonce_str".to_owned(), json!(book.nonce()));
    answered(book, trade, data)
}

fn described(book: &Book, trade: &Trade) -> Map<String, Value> {
    let state = trade.state_at(book.gateway_s());
    let paid_s = trade.paid_ms.map(|ms| (ms / 1000).saturating_add(book.settings.skew_s));
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("mch_id", json!(book.jubao.mch_id));
    put("out_trade_no", json!(trade.order_no));
    put("order_sn", json!(trade.gateway_no));
    put("pay_channel_id", json!(trade.channel));
    put("total_fee", json!(trade.amount_minor));
    put("status", json!(status(state)));
    let (customer, _) = trade.borne(book.settings.coupon_minor.unwrap_or(0));
    put("cash_fee", json!(if trade.paid_ms.is_some() { customer } else { 0 }));
    put("created_at", json!(calendar(trade.created_ms / 1000)));
    put("finish_time", json!(paid_s.map(calendar).unwrap_or_default()));
    put("body", json!(trade.body));
    put("attach", json!(trade.attach.as_deref().unwrap_or_default()));
    data
}

pub(crate) fn by_order_sn<'s>(book: &'s Book, order_sn: &str) -> Option<&'s Trade> {
    book.kept.trades.values().find(|trade| trade.gateway == NAME && trade.gateway_no == order_sn)
}

fn answered(book: &Book, trade: &Trade, data: Map<String, Value>) -> Answered {
    let (number, amount_minor) = (trade.order_no.clone(), trade.amount_minor);
    Answered { data, key: book.jubao.key.clone(), code: 0, number, amount_minor, names: ORDER }
}

/// 1 unpaid, 2 paid, 3 refunded, 4 closed (002:237-242); tests may set another number.
fn status(state: TradeState) -> i64 {
    match state {
        TradeState::Unpaid | TradeState::Paying | TradeState::Failed => 1,
        TradeState::Paid => 2,
        TradeState::Refunded | TradeState::Reversed => 3,
        TradeState::Closed | TradeState::Revoked => 4,
        TradeState::Other(number) => number,
    }
}

/// `2021-02-17 20:03:40` in Beijing time.
fn calendar(seconds: i64) -> String {
    let beijing = TimeZone::fixed(Offset::constant(8));
    let at = Timestamp::from_second(seconds).map(|at| at.to_zoned(beijing));
    at.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// An Int, also where it comes as a text of digits, as the document's own example does (002:25).
fn number(fields: &Fields, name: &str) -> Result<Option<i64>, Refusal> {
    match fields.0.get(name) {
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| Refusal::field(name, "must be an Int")),
        _ => fields.optional_int(name),
    }
}
