//! Signed and unsigned replies, and the clocks of the two sides.

use super::openssl::{skill, tsk};
use super::{DATETIME, KIT, account_with, answer_with, dealing, exchange, header, header_by, keys, paid, with};
use crate::exchange::{Asked, Heard};
use crate::kit::SECONDS;
use serde_json::{Value, json};
use till_core::gateway::call::HttpAnswer;
use till_core::gateway::dingdang::SKEW_LIMIT_S;
use till_core::gateway::reaction::Reaction;
use till_core::gateway::{AdoptBy, Read, Subject, Unbuildable, Unreadable};
use till_core::order::report::{Signature, TradeReport};

/// What a query of an account with these fields hears.
fn heard_by(fields: &[(&str, &str)], answer: &HttpAnswer) -> Read<TradeReport> {
    let (account, keys, order) = (account_with(fields), keys(), exchange(Asked::Query));
    let subject = Subject { order_no: &order.order_no, channel: order.channel, gateway_no: None };
    KIT.gateway().read_query(dealing(&account, &keys), &subject, answer)
}

fn signed(fields: &Value) -> HttpAnswer {
    let bare = answer_with(fields, None);
    let authorization = Some(header(&bare.body, DATETIME));
    HttpAnswer { authorization, ..bare }
}

fn is_wrong(read: &Read<TradeReport>) -> bool {
    *read == Read::Unreadable(Unreadable::WrongSignature)
}

#[test]
fn a_reply_that_openssl_signed_is_believed() {
    let bare = answer_with(&with(paid(), &json!({"retMsg": "支付成功，谢谢惠顾"})), None);
    let content = [bare.body.as_slice(), DATETIME.as_bytes()].concat();
    let signature = tsk().openssl_sign(&content);
    assert_eq!(signature, tsk().sign(&content));
    assert!(tsk().openssl_verifies(&content, &signature));
    let authorization = Some(format!("TSK-RSA2 Datetime={DATETIME}, Signature={signature}"));
    let reply = HttpAnswer { authorization, ..bare };
    for unsigned_replies in ["accept", "refuse", ""] {
        assert!(matches!(heard_by(&[("unsigned_replies", unsigned_replies)], &reply), Read::Means(_)));
    }
}

#[test]
fn a_signature_that_is_there_must_be_right_whatever_the_setting() {
    let body = paid().to_string().into_bytes();
    let right = header(&body, DATETIME);
    let (_, signature) = right.split_once("Signature=").unwrap();
    let headers = [
        String::new(),
        "TSK-RSA2".into(),
        "Bearer 0123".into(),
        format!("TSK-RSA2 Datetime={DATETIME}"),
        format!("TSK-RSA2 Signature={signature}"),
        format!("TSK-RSA2 Datetime={DATETIME}, Signature="),
        format!("TSK-RSA2 Datetime={DATETIME}, Signature={}", &signature[1..]),
        format!("TSK-RSA2 Datetime={DATETIME}, Signature={}", signature.to_lowercase()),
        format!("TSK-RSA2 Datetime={DATETIME}, Signature={signature}, Signature={signature}"),
        format!("TSK-RSA2 Datetime=20260101T000001Z, Signature={signature}"),
        right.replace("TSK-RSA2", "TSK-HMAC-SHA256-BASIC"),
        header(b"{}", DATETIME),
        header_by(skill(), &body, DATETIME),
    ];
    for unsigned_replies in ["accept", "refuse"] {
        for wrong in &headers {
            let reply = answer_with(&paid(), Some(wrong.clone()));
            assert!(is_wrong(&heard_by(&[("unsigned_replies", unsigned_replies)], &reply)), "{wrong}");
        }
        // A refusal is no exception: what bears a wrong signature says nothing at all.
        let refused = answer_with(&json!({"retCode": "FAIL", "retMsg": "订单不存在"}), Some(right.clone()));
        assert!(is_wrong(&heard_by(&[("unsigned_replies", unsigned_replies)], &refused)));
    }
}

#[test]
fn contradiction_40_an_unsigned_reply_is_believed_or_refused_as_the_account_says() {
    let bare = answer_with(&paid(), None);
    for fields in [&[][..], &[("unsigned_replies", "accept")]] {
        assert!(matches!(heard_by(fields, &bare), Read::Means(_)));
    }
    let refuse = ("unsigned_replies", "refuse");
    assert_eq!(heard_by(&[refuse], &bare), Read::Unreadable(Unreadable::Unsigned));
    // An error code informs, signed or not.
    let refused = answer_with(&json!({"retCode": "FAIL", "retMsg": "订单不存在"}), None);
    assert!(matches!(heard_by(&[refuse], &refused), Read::Says(said) if said.reaction == Reaction::Ask));
}

#[test]
fn without_the_gateway_s_key_a_reply_counts_as_unsigned() {
    let nobody_s_key = ("tsk_public_key", "");
    let reply = signed(&paid());
    let Read::Means(report) = heard_by(&[nobody_s_key], &reply) else { panic!("it is believed") };
    assert_eq!(report.signature, Some(Signature::Unchecked));
    let (account, keys) = (account_with(&[nobody_s_key]), keys());
    let reading = |answer: &HttpAnswer| KIT.gateway().signature_reading(dealing(&account, &keys), answer);
    assert_eq!((reading(&reply), reading(&answer_with(&paid(), None))), (Some("unchecked"), Some("unsigned")));
    let refused = heard_by(&[nobody_s_key, ("unsigned_replies", "refuse")], &reply);
    assert_eq!(refused, Read::Unreadable(Unreadable::Unsigned));
    // A key that cannot be read proves nothing right.
    assert!(is_wrong(&heard_by(&[("tsk_public_key", "no key")], &reply)));
}

#[test]
fn who_believes_signed_replies_only_and_has_no_key_to_check_them_lacks_it_and_asks_nothing() {
    let (descriptor, keys, order) = (KIT.gateway().descriptor(), keys(), exchange(Asked::Query));
    let (nobody_s_key, refuse) = (("tsk_public_key", ""), ("unsigned_replies", "refuse"));
    let accept = ("unsigned_replies", "accept");
    for (fields, lacks) in [
        (&[nobody_s_key, refuse][..], true),
        (&[nobody_s_key, accept], false),
        (&[nobody_s_key], false),
        (&[refuse], false),
    ] {
        let account = account_with(fields);
        let subject = Subject { order_no: &order.order_no, channel: order.channel, gateway_no: None };
        let asked = KIT.gateway().query(dealing(&account, &keys), &subject).err();
        let look = KIT.gateway().adopting().unwrap().look(dealing(&account, &keys), AdoptBy::TradeNo("V1")).err();
        let expected = lacks.then_some(Unbuildable::AccountField("tsk_public_key"));
        assert_eq!((asked, look), (expected.clone(), expected), "{fields:?}");
        assert_eq!(account.missing(descriptor).contains(&"tsk_public_key"), lacks, "{fields:?}");
    }
}

#[test]
fn the_gateway_s_key_may_be_the_bare_base64() {
    let bare: String = tsk().public.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(matches!(heard_by(&[("tsk_public_key", &bare)], &signed(&paid())), Read::Means(_)));
    let another: String = skill().public.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(is_wrong(&heard_by(&[("tsk_public_key", &another)], &signed(&paid()))));
}

#[test]
fn a_reply_of_more_than_three_minutes_ago_or_ahead_is_unreadable_and_the_skew_is_known() {
    let body = paid().to_string().into_bytes();
    for (datetime, skew, fresh) in [
        ("20260101T000300Z", SKEW_LIMIT_S, true),
        ("20251231T235700Z", -SKEW_LIMIT_S, true),
        ("20260101T000301Z", SKEW_LIMIT_S + 1, false),
        ("20251231T235659Z", -SKEW_LIMIT_S - 1, false),
        ("20270101T000000Z", 31_536_000, false),
    ] {
        let reply = answer_with(&paid(), Some(header(&body, datetime)));
        let heard = KIT.hear_answer(&exchange(Asked::Query), &reply);
        if fresh {
            assert!(heard.pays(&exchange(Asked::Query)), "{datetime}");
        } else {
            let off_s = u32::try_from(skew.abs()).unwrap();
            assert_eq!(heard, Heard::Nothing(Unreadable::Stale(off_s)), "{datetime}");
        }
        assert_eq!(KIT.gateway().time_stated(&reply), Some(SECONDS + skew), "{datetime}");
    }
    // A time that is no time is not fresh, rightly signed as it is.
    for odd in ["20261301T000000Z", "20260101T000000", "now"] {
        let reply = answer_with(&paid(), Some(header(&body, odd)));
        let heard = KIT.hear_answer(&exchange(Asked::Query), &reply);
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("Datetime".into())), "{odd}");
    }
    assert_eq!(KIT.gateway().skew_limit_s(), Some(SKEW_LIMIT_S));
    let bare = answer_with(&paid(), None);
    assert_eq!(KIT.gateway().time_stated(&bare), None);
    let dated = HttpAnswer { date: Some(SECONDS - 200), ..bare };
    assert_eq!(KIT.gateway().time_stated(&dated), Some(SECONDS - 200));
}
