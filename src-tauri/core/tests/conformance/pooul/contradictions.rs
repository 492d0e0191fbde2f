//! Gateways.md section 4, 1 to 20, each by its number.

use super::{answer, asked, exchange, paid, pays, report, seal, with};
use crate::exchange::{Asked, Heard};
use crate::pooul::KIT;
use serde_json::{Value, json};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{CloseOutcome, Unreadable};
use till_core::order::parts::Parts;
use till_core::order::report::{Stated, TradeState};

fn heard_with_code(code: &Value, msg: &Value) -> Heard {
    let mut whole = answer(&paid());
    whole["code"] = code.clone();
    whole["msg"] = msg.clone();
    KIT.hear_value(&exchange(Asked::Query, "wechat.scan"), &whole)
}

#[test]
fn contradiction_1_code_is_a_string_or_a_number() {
    let order = exchange(Asked::Query, "wechat.scan");
    assert!(heard_with_code(&json!(0), &Value::Null).pays(&order));
    assert!(heard_with_code(&json!("0"), &Value::Null).pays(&order));
    for (code, reaction) in
        [(json!(301), Reaction::NoSuchOrder), (json!("301"), Reaction::NoSuchOrder), (json!("FAIL"), Reaction::Ask)]
    {
        // Signed or not, an error code says no more than itself, even beside the fields of a payment.
        let Heard::Says(said) = heard_with_code(&code, &json!("订单号不存在")) else { panic!("{code}") };
        assert_eq!((said.reaction, said.text.as_deref()), (reaction, Some("订单号不存在")));
    }
    for code in [Value::Null, json!(""), json!([0]), json!({"code": 0})] {
        assert_eq!(heard_with_code(&code, &Value::Null), Heard::Nothing(Unreadable::BadField("code".into())));
    }
}

#[test]
fn contradiction_2_msg_is_never_a_test_of_success() {
    let order = exchange(Asked::Query, "wechat.scan");
    for msg in
        [json!(null), json!(""), json!("OK"), json!("SUCCESS"), json!(",,"), json!("签名失败"), json!({"E1": "x"})]
    {
        assert!(heard_with_code(&json!(0), &msg).pays(&order), "{msg}");
    }
    // 600 passes the upstream's {err_code: err_msg} through; any shape of it is quoted, cut to what a screen shows.
    let upstream = heard_with_code(&json!(600), &json!({"ACQ.TRADE": "x".repeat(500)}));
    let Heard::Says(Said { reaction: Reaction::Upstream, text: Some(text), .. }) = upstream else { panic!() };
    assert!(text.starts_with("{\"ACQ.TRADE\"") && text.chars().count() == 200);
}

#[test]
fn contradiction_3_old_names_of_the_numbers_are_read() {
    for (name, old) in [("trade_id", "transaction_id"), ("trade_id", "Trade_id")] {
        let old = report(&with(paid(), &json!({old: "59390"})));
        let new = report(&with(paid(), &json!({name: "59390"})));
        assert_eq!(old.gateway_no.as_deref(), Some("59390"));
        assert_eq!(old, new);
    }
    let old = report(&with(paid(), &json!({"out_transaction_id": "4200"})));
    assert_eq!(old.wallet_no.as_deref(), Some("4200"));
    assert_eq!(old, report(&with(paid(), &json!({"out_trade_id": 4200}))));
    // The new name wins, but an empty one says nothing.
    let both = report(&with(paid(), &json!({"Trade_id": "c", "transaction_id": "b", "trade_id": "a"})));
    assert_eq!(both.gateway_no.as_deref(), Some("a"));
    let both = report(&with(paid(), &json!({"trade_id": "", "transaction_id": "b", "Trade_id": "c"})));
    assert_eq!(both.gateway_no.as_deref(), Some("b"));
    // Aliases are for reading: the signature covers the names that were sent.
    let mut renamed = answer(&with(paid(), &json!({"transaction_id": "59390"})));
    let data = renamed["data"].as_object_mut().unwrap();
    let number = data.remove("transaction_id").unwrap();
    data.insert("trade_id".into(), number);
    let heard = KIT.hear_value(&exchange(Asked::Query, "wechat.scan"), &renamed);
    assert_eq!(heard, Heard::Nothing(Unreadable::WrongSignature));
}

#[test]
fn contradiction_4_states_are_words_or_numbers() {
    for (words, state) in [
        ([json!(0), json!("0"), json!("SUCCESS")], TradeState::Paid),
        ([json!(1), json!("1"), json!("REFUND")], TradeState::Refunded),
        ([json!(2), json!("2"), json!("NOTPAY")], TradeState::Unpaid),
        ([json!(3), json!("3"), json!("CLOSED")], TradeState::Closed),
        ([json!(4), json!("4"), json!("REVERSE")], TradeState::Reversed),
        ([json!(6), json!("6"), json!("USERPAYING")], TradeState::Paying),
    ] {
        for word in words {
            let report = report(&with(paid(), &json!({"trade_state": word})));
            assert_eq!((report.state, report.declined), (state, false), "{word}");
        }
    }
}

#[test]
fn section_1_5_state_4_beside_a_wallets_number_may_mean_paid() {
    for (word, wallet, doubt) in [
        (json!(4), json!("4200"), Some("4")),
        (json!("4"), json!("4200"), Some("4")),
        (json!(4), json!(""), None),
        (json!("REVERSE"), json!("4200"), None),
        (json!(3), json!("4200"), None),
    ] {
        let report = report(&with(paid(), &json!({"trade_state": word, "out_trade_id": wallet})));
        assert_eq!(report.contradicts_itself.as_deref(), doubt, "{word} {wallet}");
        assert_eq!(report.may_mean_paid(), doubt.is_some());
    }
}

#[test]
fn a_failed_attempt_at_a_code_on_our_screen_leaves_the_order_payable() {
    for word in [json!(7), json!("7"), json!("PAYERROR")] {
        let report = report(&with(paid(), &json!({"trade_state": word})));
        assert_eq!((report.state, report.declined), (TradeState::Unpaid, true), "{word}");
    }
}

#[test]
fn contradiction_5_amounts_are_strings_or_numbers() {
    assert!(pays(&with(paid(), &json!({"total_fee": "1250"}))));
    assert!(pays(&with(paid(), &json!({"total_fee": 1250}))));
    assert!(!pays(&with(paid(), &json!({"total_fee": "12.50"}))));
    assert!(!pays(&with(paid(), &json!({"total_fee": 12.5}))));
}

#[test]
fn contradiction_6_and_ruling_1_the_currency_has_two_names_and_three_words() {
    for name in ["fee_type", "currency_type"] {
        for word in [json!("1"), json!(1), json!("RMB"), json!("CNY")] {
            let fields = with(paid(), &json!({name: word}));
            assert_eq!(report(&fields).currency, Stated::Ours, "{name} {word}");
            assert!(pays(&fields));
        }
        for nothing in [Value::Null, json!("")] {
            let fields = with(paid(), &json!({name: nothing}));
            assert_eq!(report(&fields).currency, Stated::Not);
            assert!(pays(&fields));
        }
        for word in ["HKD", "USD", "156", "cny", "0", "人民币"] {
            let fields = with(paid(), &json!({name: word}));
            assert_eq!(report(&fields).currency, Stated::Other(word.into()), "{name}");
            assert!(!pays(&fields));
        }
        let odd = asked(&with(paid(), &json!({name: {"a": 1}})));
        assert_eq!(odd, Heard::Nothing(Unreadable::BadField(name.into())));
    }
    assert_eq!(report(&paid()).currency, Stated::Not);
    for pair in [json!({"fee_type": "CNY", "currency_type": "HKD"}), json!({"fee_type": "HKD", "currency_type": "CNY"})]
    {
        assert_eq!(report(&with(paid(), &pair)).currency, Stated::Other("HKD".into()));
    }
    assert!(pays(&with(paid(), &json!({"fee_type": "1", "currency_type": "CNY"}))));
}

#[test]
fn contradiction_7_result_code_and_err_msg_stand_beside_success() {
    assert!(pays(&with(paid(), &json!({"result_code": 0, "err_msg": "success"}))));
    assert!(pays(&with(paid(), &json!({"result_code": "0"}))));
}

// Contradiction 8: `requests::contradiction_8_callback_url_goes_out_without_the_space_and_with_its_two_channels`.

#[test]
fn contradiction_9_token_id_has_two_spellings_and_pay_url_may_be_missing() {
    for channel in ["alipay.jsapi", "qq.jsapi", "wechat.jsurl"] {
        for name in ["token_id", "Token_Id"] {
            let order = exchange(Asked::Create, channel);
            let heard = KIT.hear_value(&order, &answer(&json!({"mch_trade_id": order.order_no, name: "1376"})));
            let Heard::Created(created) = heard else { panic!("{heard:?}") };
            assert_eq!((created.link, created.pay_info.as_deref()), (None, Some("1376")));
        }
    }
}

#[test]
fn contradiction_10_fields_marked_required_may_be_missing() {
    let bare = json!({"trade_state": 0, "mch_trade_id": "TK01JB2W3Y4Z5A6B7C8D9E", "total_fee": 1250});
    let report = report(&bare);
    assert!(pays(&bare));
    assert_eq!((report.merchant, report.gateway_no, report.paid_at), (Stated::Not, None, None));
}

#[test]
fn contradiction_11_samples_as_printed_are_not_json() {
    let order = exchange(Asked::Query, "wechat.scan");
    for printed in [
        "{\"sign\": \"72ED16F9AD20A7EB5\"\n \"merchant_id\":\"59382e3cffe\"}",
        "{\"code\":0,\"data\":{\"time_start\":14969 09734}}",
        "{\"code\": 0,\n\"msg\": null,\n\"data\": {\"result_code\": 0,\"trade_state\": 0}\n",
        "{\"appid\"=>\"2016070101572274\",\"code\"=>\"0\"}",
    ] {
        assert_eq!(KIT.hear(&order, printed.as_bytes()), Heard::Nothing(Unreadable::NotJson), "{printed}");
    }
}

#[test]
fn contradiction_12_the_pay_type_of_an_answer_decides_nothing() {
    for pay_type in ["qq.jsapi", "alipay.api", "alipay.jsapi", "", "wechat.scan"] {
        assert!(pays(&with(paid(), &json!({"pay_type": pay_type}))), "{pay_type}");
    }
}

#[test]
fn contradiction_13_versions_and_the_case_of_sign_type_do_not_matter() {
    let order = exchange(Asked::Query, "wechat.scan");
    for (version, sign_type) in [("1.0", "md5"), ("1.0", "MD5"), ("2.0", "MD5"), ("", "")] {
        let mut whole = answer(&paid());
        whole["version"] = json!(version);
        whole["sign_type"] = json!(sign_type);
        assert!(KIT.hear_value(&order, &whole).pays(&order));
        whole["sign"] = json!(whole["sign"].as_str().unwrap().to_lowercase());
        assert!(KIT.hear_value(&order, &whole).pays(&order));
    }
    // Where they stand among the signed fields they are signed as sent.
    assert!(pays(&with(paid(), &json!({"version": 1.0, "sign_type": "md5"}))));
}

#[test]
fn contradiction_14_time_elapsed_is_a_float_a_string_or_missing() {
    let order = exchange(Asked::Query, "wechat.scan");
    for elapsed in [json!(0.4684), json!("0.4684"), Value::Null] {
        let mut whole = answer(&paid());
        whole["time_elapsed"] = elapsed;
        assert!(KIT.hear_value(&order, &whole).pays(&order));
    }
}

#[test]
fn contradiction_15_yuan_in_other_fields_is_never_an_amount() {
    let yuan = json!({"buyer_pay_amount": "12.50", "invoice_amount": "12.50", "point_amount": "0.00",
        "receipt_amount": 12.5, "fund_bill_list": "[{\"amount\":\"12.50\",\"fundChannel\":\"BANKCARD\"}]"});
    assert!(pays(&with(paid(), &yuan)));
    let mut without = with(paid(), &yuan);
    without.as_object_mut().unwrap().remove("total_fee");
    assert_eq!(report(&without).amount_minor, None);
    assert!(!pays(&without));
}

/// Parts of a payment that decide nothing: whatever stands there, it is booked.
#[test]
fn who_bore_what_is_read_in_fen_from_a_coupon_and_in_yuan_from_alipay_and_never_stops_a_payment() {
    let parts = |customer, received, discount| Parts {
        customer_paid_minor: customer,
        received_minor: received,
        discount_minor: discount,
    };
    let none = Parts::default();
    for (fields, expected) in [
        (json!({}), none),
        (json!({"coupon_fee": 250}), parts(Some(1000), None, Some(250))),
        (json!({"coupon_fee": "0"}), parts(Some(1250), None, Some(0))),
        (json!({"coupon_fee": null}), none),
        (json!({"coupon_fee": "2.50"}), none),
        (json!({"coupon_fee": 1251}), none),
        (json!({"coupon_fee": -1}), none),
        (json!({"coupon_fee": [250]}), none),
        (json!({"buyer_pay_amount": "10.00", "receipt_amount": "12.50"}), parts(Some(1000), Some(1250), None)),
        (json!({"buyer_pay_amount": 12.5}), parts(Some(1250), None, None)),
        // Fen or yuan? The table says whole numbers, the samples print yuan.
        (json!({"buyer_pay_amount": 1000, "receipt_amount": "1250"}), none),
        (json!({"receipt_amount": "12.51"}), none),
        (json!({"buyer_pay_amount": "10.00", "coupon_fee": 250}), parts(Some(1000), None, Some(250))),
        (json!({"buyer_pay_amount": "11.00", "coupon_fee": 250, "receipt_amount": "12.50"}), none),
    ] {
        let data = with(paid(), &fields);
        assert_eq!(report(&data).parts, expected, "{fields}");
        assert!(pays(&data), "{fields}");
        let unpaid = with(data, &json!({"trade_state": 2}));
        assert_eq!(report(&unpaid).parts, none, "nothing is borne before the payment: {fields}");
    }
}

#[test]
fn contradiction_16_the_number_is_mch_trade_id_and_not_out_trade_no() {
    let mut other = with(paid(), &json!({"out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E"}));
    other.as_object_mut().unwrap().remove("mch_trade_id");
    assert_eq!(report(&other).order_no, Stated::Not);
    assert!(!pays(&other));
    assert!(pays(&with(paid(), &json!({"out_trade_no": "another"}))));
}

// Contradiction 17 as far as it is sent: `requests::contradiction_17_alipay_jsapi_names_its_buyer_and_never_by_the_misspelling`.
// The bridge's misspelling belongs to the pay page.

#[test]
fn contradiction_17_fields_of_slipped_columns_decide_nothing() {
    let slipped = json!({"id": "buyer_user_id", "buyer_user_id": "2088", "buger_id": "2088", "String(32)": "no"});
    assert_eq!(report(&with(paid(), &slipped)), report(&paid()));
    assert!(pays(&with(paid(), &slipped)));
}

#[test]
fn contradiction_18_state_5_ends_nothing() {
    for word in [json!(5), json!("5"), json!("REVOK"), json!("REVOKED"), json!(-1), json!("-1")] {
        let heard = asked(&with(paid(), &json!({"trade_state": word})));
        assert!(matches!(heard, Heard::Nothing(Unreadable::UnknownWord(_))), "{word}: {heard:?}");
    }
}

#[test]
fn contradiction_19_pay_info_is_a_string_or_an_object_and_kept_as_sent() {
    let order = exchange(Asked::Create, "qq.jsapi");
    let bridge = json!({"tokenId": "0V41", "pubAccHint": "", "pubAcc": ""});
    for pay_info in [json!(bridge.to_string()), bridge.clone()] {
        let heard = KIT.hear_value(&order, &answer(&json!({"pay_info": pay_info, "token_id": "0V41"})));
        let Heard::Created(created) = heard else { panic!("{heard:?}") };
        assert_eq!(serde_json::from_str::<Value>(&created.pay_info.unwrap()).unwrap(), bridge);
    }
}

#[test]
fn contradiction_20_links_may_lead_to_any_host_but_only_by_known_schemes() {
    let order = exchange(Asked::Create, "wechat.jsurl");
    let heard = |data: Value| KIT.hear_value(&order, &answer(&data));
    for link in [
        "https://pay.swiftpass.cn/pay/jspay?token_id=1",
        "http://url.cn/pay/prepay?token_id=4&pay_type=alipay.jsapi",
        "weixin://wxpay/bizpayurl?pr=AbODdI",
        "alipays://platformapi/startapp?x=1",
        "HTTPS://another.example/x",
    ] {
        for name in ["code_url", "pay_url"] {
            let Heard::Created(created) = heard(json!({name: link})) else { panic!("{link}") };
            assert_eq!(created.link.as_deref(), Some(link));
        }
    }
    for link in [
        "javascript:alert(1)",
        "javascript://x",
        "file:///etc/passwd",
        "alipay://x",
        "data:text/html,x",
        "https://",
        "pay.swiftpass.cn/pay",
        "https://x/ y",
        "https://x/\n",
        "https://支付.cn/",
        &format!("https://x/{}", "y".repeat(2_000)),
    ] {
        for name in ["code_url", "pay_url"] {
            let Heard::Created(created) = heard(json!({name: link})) else { panic!("the order is there: {link}") };
            assert_eq!(created.link, None, "{link}");
        }
    }
    let both = json!({"code_url": "", "pay_url": "https://b/", "code_img_url": "https://c/"});
    let Heard::Created(created) = heard(both) else { panic!() };
    assert_eq!(created.link.as_deref(), Some("https://b/"));
    let Heard::Created(created) = heard(json!({"code_img_url": "https://c/"})) else { panic!() };
    assert_eq!(created.link, None);
}

#[test]
fn a_create_that_names_an_upstream_error_shows_no_code() {
    let order = exchange(Asked::Create, "wechat.scan");
    let data = json!({"result_code": 1, "err_code": "SYSTEMERROR", "err_msg": "系统繁忙", "code_url": "weixin://x"});
    let said = Said::new(Reaction::Upstream, "SYSTEMERROR", Some("系统繁忙"));
    assert_eq!(KIT.hear_value(&order, &answer(&data)), Heard::Says(said));
}

#[test]
fn a_close_answers_under_two_spellings_and_never_for_another_order() {
    let order = exchange(Asked::Close, "wechat.scan");
    for name in ["close_status", "close_staus"] {
        for (status, outcome) in [
            (json!(0), CloseOutcome::Closed),
            (json!("0"), CloseOutcome::Closed),
            (json!(1), CloseOutcome::AlreadyClosed),
            (json!("-1"), CloseOutcome::Refused),
            (json!(-1), CloseOutcome::Refused),
        ] {
            assert_eq!(KIT.hear_value(&order, &answer(&json!({name: status}))), Heard::Close(outcome), "{status}");
        }
        let strange = KIT.hear_value(&order, &answer(&json!({name: 2})));
        assert_eq!(strange, Heard::Nothing(Unreadable::UnknownWord("2".into())));
    }
    assert_eq!(KIT.hear_value(&order, &answer(&json!({"x": 1}))), Heard::Nothing(Unreadable::NoState));
    for (name, value) in [("mch_trade_id", "another"), ("merchant_id", "another")] {
        let heard = KIT.hear_value(&order, &answer(&json!({"close_status": 0, name: value})));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField(name.into())));
    }
    let mut refused = json!({"code": 301, "msg": "订单号不存在"});
    let said = Said::new(Reaction::NoSuchOrder, "301", Some("订单号不存在"));
    assert_eq!(KIT.hear_value(&order, &refused), Heard::Says(said.clone()));
    seal(&mut refused);
    assert_eq!(KIT.hear_value(&order, &refused), Heard::Says(said));
}
