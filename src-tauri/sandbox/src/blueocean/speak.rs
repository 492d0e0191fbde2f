//! From a trade to the text that is sent: fields as the samples print them (002:278-712), signature, envelope.

use serde_json::{Map, Value, json};

use super::channel::{Gives, channel};
use super::sign::sign;
use super::{GRANTED, ORDER, UNKNOWN_OUTCOME};
use crate::answer::Answered;
use crate::clock;
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::ids::PRETEND_APP;
use crate::stage::{Book, Stage};
use crate::trade::{Trade, TradeState};

/// Everything that is said about a trade.
pub(crate) fn describe(stage: &Stage, book: &Book, trade: &Trade) -> Answered {
    let link = stage.phone_url(&trade.token);
    let channel = channel(&trade.channel);
    let reported = trade.state_at(book.gateway_s());
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| {
        data.insert(name.to_owned(), value);
    };
    put("appid", json!(book.blueocean.appid));
    put("attach", json!(trade.attach.as_deref().unwrap_or_default()));
    put("bank_type", json!(""));
    put("body", json!(trade.body));
    put("cash_fee", json!("0"));
    put("cash_fee_type", json!(""));
    put("create_time", json!(trade.created_ms / 1000));
    put("detail", json!(""));
    let (customer, coupon) = trade.borne(book.settings.coupon_minor.unwrap_or(0));
    put("discount", json!(coupon));
    put("fee_type", json!(trade.currency));
    put("id", json!(trade.sequence.to_string()));
    put("is_subscribe", json!("N"));
    put("mch_name", json!("Practice"));
    put("nonce_str", json!(book.nonce()));
    put("out_trade_no", json!(trade.order_no));
    put("pay_amount", json!(customer));
    put("provider", json!(channel.as_ref().map_or("", |channel| channel.provider)));
    put("sn", json!(trade.gateway_no));
    put("time_end", json!(trade.paid_ms.map_or(0, |ms| (ms / 1000).saturating_add(book.settings.skew_s))));
    put("total_fee", json!(trade.amount_minor));
    put("trade_state", json!(state_word(trade, reported)));
    put("trade_type", json!(channel.as_ref().map_or("", |channel| channel.trade_type)));
    put("transaction_id", json!(trade.wallet_no.as_deref().unwrap_or_default()));
    let gives = channel.map(|channel| channel.gives);
    put("qrcode", json!(if gives == Some(Gives::Code) { link.as_str() } else { "" }));
    match gives {
        Some(Gives::Page) => put("mweb_url", json!(link)),
        Some(Gives::App) => put("app", json!(parameters(book, trade).to_string())),
        Some(Gives::Jsapi) => put("jsapi", json!(parameters(book, trade).to_string())),
        Some(Gives::Code | Gives::Payment) | None => {}
    }
    let (number, amount_minor) = (trade.order_no.clone(), trade.amount_minor);
    let key = book.blueocean.key.clone();
    Answered { data, key, code: GRANTED, number, amount_minor, names: ORDER }
}

/// The fields of a notification, as the table has them.
pub(crate) fn told(book: &Book, trade: &Trade) -> Answered {
    let paid_s = trade.paid_ms.unwrap_or(trade.created_ms) / 1000;
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    put("bank_type", json!("CFT"));
    put("cash_fee", json!(trade.amount_minor));
    put("cash_fee_type", json!("CNY"));
    put("fee_type", json!(trade.currency));
    put("out_trade_no", json!(trade.order_no));
    put("transaction_id", json!(trade.wallet_no.as_deref().unwrap_or_default()));
    put("time_end", json!(clock::beijing_digits(paid_s.saturating_add(book.settings.skew_s)).unwrap_or_default()));
    put("total_fee", json!(trade.amount_minor));
    put("trade_type", json!(channel(&trade.channel).map_or("", |channel| channel.trade_type)));
    put("appid", json!(book.blueocean.appid));
    put("nonce_str", json!(book.nonce()));
    if book.settings.notifications.state {
        put("trade_state", json!(state_word(trade, trade.state_at(book.gateway_s()))));
    }
    let (number, amount_minor) = (trade.order_no.clone(), trade.amount_minor);
    Answered { data, key: book.blueocean.key.clone(), code: GRANTED, number, amount_minor, names: ORDER }
}

/// What an integrator hands to the wallet's own software; its shape is the wallet's matter, not the till's.
fn parameters(book: &Book, trade: &Trade) -> Value {
    let prepared = book.kept.ids.short("prepay", trade.sequence);
    if trade.channel == "alipay.app" {
        json!({ "_input_charset": "UTF-8", "body": trade.body, "out_trade_no": prepared, "sign_type": "RSA" })
    } else {
        let kind = if book.dialect().hong_kong && trade.channel == "wechat.jsapi" { "SHA1" } else { "MD5" };
        json!({
            "appId": PRETEND_APP, "timeStamp": (trade.created_ms / 1000).to_string(), "nonceStr": prepared,
            "package": format!("prepay_id={prepared}"), "signType": kind,
            "paySign": book.nonce(),
        })
    }
}

/// A link is being paid from its birth (002:701); a reverse is called revoked.
fn state_word(trade: &Trade, state: TradeState) -> String {
    match state {
        TradeState::Unpaid if trade.channel == "unionpay.link" => "USERPAYING",
        TradeState::Unpaid => "NOTPAY",
        TradeState::Paying => "USERPAYING",
        TradeState::Paid => "SUCCESS",
        TradeState::Refunded => "REFUND",
        TradeState::Closed => "CLOSED",
        TradeState::Reversed | TradeState::Revoked => "REVOKED",
        TradeState::Failed => "PAYERROR",
        TradeState::Other(number) => return format!("STATE{number}"),
    }
    .to_owned()
}

/// The text of an answer to a granted request.
pub(crate) fn granted(answered: Answered, dialect: &Dialect, fault: Option<&Fault>) -> String {
    let Answered { mut data, key, code, number, names, .. } = answered;
    if code == UNKNOWN_OUTCOME {
        return json!({ "code": code, "message": "用户支付中" }).to_string();
    }
    speak(&mut data, dialect);
    let signature = match fault {
        Some(Fault::MissingSignature) => None,
        Some(Fault::WrongSignature) => Some(sign(&data, "the key of somebody else", true)),
        _ => Some(sign(&data, &key, !dialect.empties_unsigned)),
    };
    if let Some(signature) = signature {
        data.insert("sign".to_owned(), json!(signature));
    }
    let parameters = data.get("app").and_then(Value::as_str).map(|app| (json!(app).to_string(), format!("\"{app}\"")));
    let bare = dialect.bare_refunds && data.contains_key("out_refund_no");
    let said = Value::Object(data);
    let mut text =
        if bare { said.to_string() } else { json!({ "code": code, "message": "success", "data": said }).to_string() };
    if fault == Some(&Fault::DuplicatedKeys) {
        let (state, named) = (names.state, names.number);
        let twice = format!(r#""{state}":"SUCCESS","{named}":"{number}","nonce_str":"first","#);
        let (opening, place) = if bare { ("{", "{") } else { (r#""data":{"#, r#""data":{"#) };
        text = text.replacen(opening, &format!("{place}{twice}"), 1);
    }
    if let (Some(Fault::NestedJson), Some((escaped, raw))) = (fault, parameters) {
        text = text.replacen(&escaped, &raw, 1);
    }
    text
}

fn speak(data: &mut Map<String, Value>, dialect: &Dialect) {
    if dialect.no_merchant_id {
        data.remove("appid");
    } else if dialect.old_names
        && let Some(number) = data.get("appid").and_then(Value::as_str).and_then(|appid| appid.parse::<i64>().ok())
    {
        // Some samples print it as a number (002:313).
        data.insert("appid".to_owned(), json!(number));
    }
    if dialect.unknown_fields {
        data.insert("adapter".to_owned(), json!("chinaums"));
        data.insert("is_print".to_owned(), json!("0"));
        data.insert("field_of_next_year".to_owned(), json!(20_270_101));
    }
    if dialect.numbers_as_text {
        for value in data.values_mut() {
            if let Value::Number(number) = value {
                *value = json!(number.to_string());
            }
        }
    }
}
