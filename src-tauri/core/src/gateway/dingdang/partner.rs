//! What Dingdang asks of its partner (004:29-102, 004:226-258; rulings 19, 20 and 23), read strictly: whoever takes an order
//! has to have understood it.

use super::answer::refund_state;
use super::request::{ID_LIMIT, is_trade_number, total};
use super::signing::{authorization, must_be_sealed};
use crate::gateway::answer::id;
use crate::gateway::descriptor::LIMIT_MINOR;
use crate::gateway::json::Object;
use crate::gateway::partner::{
    Call, CallSays, Interface, NotTaken, PartnerOrder, RefundNotice, Reply, ShipNotice, SignedReply, Why, fingerprint,
    hash,
};
use crate::gateway::{Dealing, Unbuildable, Unreadable};
use crate::money::{Currency, Money};
use crate::order::event::Item;
use serde::Serialize;

/// The longest `retMsg`, in characters (004:60).
const MSG_LIMIT: usize = 32;

/// The reply to whoever is not Dingdang, or not now.
pub(super) const TURNED_AWAY: &str = r#"{"retCode":"FAIL"}"#;

/// Verifies and reads a call.
pub(super) fn read_call(
    dealing: Dealing<'_>,
    interface: Interface,
    header: Option<&str>,
    body: &[u8],
) -> Result<Call, NotTaken> {
    must_be_sealed(dealing, header, body).map_err(NotTaken::Unverified)?;
    said(dealing, interface, body).map_err(NotTaken::Unread)
}

fn said(dealing: Dealing<'_>, interface: Interface, body: &[u8]) -> Result<Call, Unreadable> {
    let data = Object::read(body)?;
    must(&data, "nonceStr")?;
    let (says, token) = match interface {
        Interface::Create => (CallSays::Order(order(dealing, &data)?), Some(long(&data, "userToken")?)),
        Interface::Ship => (CallSays::Ship(ship(dealing, &data)?), Some(long(&data, "userToken")?)),
        Interface::Refund => (CallSays::Refund(refund(&data)?), None),
    };
    let kept = token.map_or_else(|| body.to_vec(), |token| without(token, body));
    Ok(Call { says, kept })
}

/// Interface 1 (004:41-53).
fn order(dealing: Dealing<'_>, data: &Object) -> Result<PartnerOrder, Unreadable> {
    let skill_id = must(data, "skillId")?;
    if dealing.account.field("skill_id") != Some(skill_id) {
        return Err(bad("skillId"));
    }
    let token = long(data, "userToken")?;
    let items = data.objects("details")?.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    // More than any sale here may be for is no order of a shop's.
    let fits = |minor: &i64| (1..=LIMIT_MINOR).contains(minor) && total(&items) == Some(*minor);
    let minor = data.minor_units("totalAmt")?.filter(fits);
    let minor = minor.ok_or_else(|| bad("totalAmt"))?;
    let numbers: Vec<_> = items.iter().map(|item| (item.quantity.to_string(), item.amount_minor.to_string())).collect();
    let mut parts = vec![dealing.account.id.as_str(), skill_id, token, must(data, "nonceStr")?];
    for (item, (quantity, amount)) in items.iter().zip(&numbers) {
        parts.extend([item.id.as_str(), quantity, amount]);
    }
    let identity = hash(&parts);
    Ok(PartnerOrder {
        amount: Money { minor, currency: Currency::Cny },
        customer: fingerprint(dealing.account, token),
        items,
        identity,
    })
}

/// A line: one of nothing, or for less than nothing, is none (004:49-53).
fn item(data: &Object) -> Result<Item, Unreadable> {
    let quantity = data.minor_units("quantity")?.and_then(|quantity| i32::try_from(quantity).ok());
    let quantity = quantity.and_then(|quantity| u32::try_from(quantity).ok()).filter(|quantity| *quantity > 0);
    Ok(Item {
        id: must(data, "itemId")?.to_owned(),
        quantity: quantity.ok_or_else(|| bad("quantity"))?,
        amount_minor: data.minor_units("amount")?.ok_or_else(|| bad("amount"))?,
    })
}

/// Interface 2 (004:84-91).
fn ship(dealing: Dealing<'_>, data: &Object) -> Result<ShipNotice, Unreadable> {
    Ok(ShipNotice {
        order_no: number(data, "tradeNo")?,
        customer: fingerprint(dealing.account, long(data, "userToken")?),
        merchant: must(data, "skillId")?.to_owned(),
        amount_minor: data.minor_units("totalAmt")?.ok_or_else(|| bad("totalAmt"))?,
        gateway_no: id(must(data, "transactionId")?),
    })
}

/// Interface 6 (004:238-249). What the status is called besides decides nothing (contradiction 42). Nothing is no refund.
fn refund(data: &Object) -> Result<RefundNotice, Unreadable> {
    Ok(RefundNotice {
        order_no: number(data, "tradeNo")?,
        refund_no: number(data, "refundTradeNo")?,
        state: refund_state(data)?,
        merchant: must(data, "skillId")?.to_owned(),
        total_minor: data.minor_units("totalAmt")?.ok_or_else(|| bad("totalAmt"))?,
        amount_minor: data.minor_units("refundAmt")?.filter(|minor| *minor > 0).ok_or_else(|| bad("refundAmt"))?,
        gateway_no: id(must(data, "transactionId")?),
        gateway_refund_no: id(must(data, "refundTransactionId")?),
    })
}

/// A text that must be there, of at most 32 characters.
fn must<'a>(data: &'a Object, name: &str) -> Result<&'a str, Unreadable> {
    long(data, name).and_then(|text| if text.chars().count() <= ID_LIMIT { Ok(text) } else { Err(bad(name)) })
}

/// A text that must be there, without a limit of its own.
fn long<'a>(data: &'a Object, name: &str) -> Result<&'a str, Unreadable> {
    data.text(name)?.ok_or_else(|| bad(name))
}

fn number(data: &Object, name: &str) -> Result<String, Unreadable> {
    let number = must(data, name)?;
    if is_trade_number(number) { Ok(number.to_owned()) } else { Err(bad(name)) }
}

fn bad(name: &str) -> Unreadable {
    Unreadable::BadField(name.to_owned())
}

/// What stands in the place of a token.
const STARS: &str = "***";

/// The body with asterisks for the token. Where it is not printed as it is, so that it cannot be found, nothing is kept.
fn without(token: &str, body: &[u8]) -> Vec<u8> {
    let Ok(text) = str::from_utf8(body) else { return Vec::new() };
    let kept = text.replace(&format!("\"{token}\""), &format!("\"{STARS}\"")).into_bytes();
    // It may be printed as a number, or with escapes, while another field has the same text in quotes.
    let gone = Object::read(&kept).is_ok_and(|kept| kept.text("userToken").is_ok_and(|token| token == Some(STARS)));
    if gone { kept } else { Vec::new() }
}

/// What is replied (004:55-66, 004:97-102, 004:253-258).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    ret_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ret_msg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<&'a str>,
}

/// The reply to a verified call, signed like a request (004:23, ruling 23).
pub(super) fn reply(dealing: Dealing<'_>, reply: &Reply<'_>) -> Result<SignedReply, Unbuildable> {
    let said = match reply {
        Reply::Order(order_no) => Said { ret_code: "SUCCESS", ret_msg: None, trade_no: Some(order_no) },
        Reply::Taken => Said { ret_code: "SUCCESS", ret_msg: None, trade_no: None },
        Reply::Not(why) => Said { ret_code: "FAIL", ret_msg: Some(reason(*why)), trade_no: None },
    };
    let body = serde_json::to_string(&said).map_err(|_| Unbuildable::BadValue("body"))?;
    let authorization = authorization(dealing, body.as_bytes())?;
    Ok(SignedReply { body, authorization })
}

/// For whoever runs the skill on the other side.
fn reason(why: Why<'_>) -> String {
    let text = match why {
        Why::Unreadable => "请求无法解析".to_owned(),
        Why::Field(name) => format!("参数错误：{name}"),
        Why::NotForSale => "商品不存在或价格不符".to_owned(),
        Why::UnknownOrder => "订单不存在".to_owned(),
        Why::Unconfirmed => "尚未确认付款，请稍后重试".to_owned(),
        Why::NotNow => "暂时无法处理，请稍后重试".to_owned(),
    };
    text.chars().take(MSG_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_is_longer_than_documented() {
        let long = "refundTransactionId".repeat(3);
        for why in
            [Why::Unreadable, Why::Field(&long), Why::NotForSale, Why::UnknownOrder, Why::Unconfirmed, Why::NotNow]
        {
            assert!((1..=MSG_LIMIT).contains(&reason(why).chars().count()), "{why:?}");
        }
    }

    #[test]
    fn a_body_is_kept_without_the_token_or_not_at_all() {
        let kept = |token: &str, body: &str| String::from_utf8(without(token, body.as_bytes())).unwrap();
        assert_eq!(kept("u1", r#"{"userToken":"u1","a":"u12"}"#), r#"{"userToken":"***","a":"u12"}"#);
        assert_eq!(kept("u1", r#"{"userToken":"\u0075\u0031"}"#), "", "it cannot be found");
        assert_eq!(kept("11", r#"{"userToken":11}"#), "");
        assert_eq!(kept("11", r#"{"userToken":11,"a":"11"}"#), "", "what is found is another field's");
        assert_eq!(kept("u1", r#"{"userToken":"\u00751","a":"u1"}"#), "");
    }
}
