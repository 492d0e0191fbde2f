//! Gateways.md section 4, 21 to 39, each by its number.

use super::{GATEWAY_NO, KIT, MERCHANT, answer, asked, created, exchange, made, paid, pays, report, with};
use crate::exchange::{Asked, Heard};
use serde_json::{Value, json};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{Created, Unreadable};
use till_core::order::parts::Parts;
use till_core::order::report::{Stated, TradeState};

// Contradictions 21 to 23, about signing: unit tests of `gateway/jubao/signing.rs`, and
// `requests::contradiction_28_a_create_sends_the_documented_fields_as_text_signed_with_version_2`.

/// What a query hears in `data` inside this envelope.
fn enclosed(mut envelope: Value, data: &Value) -> Heard {
    envelope["data"] = data.clone();
    KIT.hear_value(&exchange(Asked::Query, "201"), &envelope)
}

#[test]
fn contradiction_24_success_is_ret_0_or_code_200() {
    let order = exchange(Asked::Query, "201");
    for envelope in [
        json!({"ret": 0, "msg": "success"}),
        json!({"ret": "0", "msg": "签名错误"}),
        json!({"code": 200, "message": "Success"}),
        json!({"code": "200"}),
        json!({"ret": 0, "code": 200}),
        json!({"ret": 0, "code": null, "message": ""}),
    ] {
        assert!(enclosed(envelope.clone(), &paid()).pays(&order), "{envelope}");
    }
    for envelope in [json!({}), json!({"ret": null, "code": ""}), json!({"msg": "success"})] {
        assert_eq!(enclosed(envelope, &paid()), Heard::Nothing(Unreadable::BadField("ret".into())));
    }
    for (envelope, name) in [(json!({"ret": [0]}), "ret"), (json!({"code": {"a": 200}}), "code")] {
        assert_eq!(enclosed(envelope, &paid()), Heard::Nothing(Unreadable::BadField(name.into())));
    }
}

#[test]
fn contradiction_24_two_different_errors_lead_to_a_question() {
    let heard = enclosed(json!({"ret": 40106, "code": 40102}), &paid());
    assert_eq!(heard, Heard::Says(Said::new(Reaction::Ask, "40102", None)));
    let heard = enclosed(json!({"ret": 40106, "code": "40106"}), &paid());
    assert_eq!(heard, Heard::Says(Said::new(Reaction::DuplicateNumber, "40106", None)));
}

#[test]
fn contradiction_25_the_two_zeros_are_opposites_and_names_that_disagree_count_for_nothing() {
    let said = |code: &str| Heard::Says(Said::new(Reaction::Ask, code, None));
    assert_eq!(enclosed(json!({"code": 0}), &paid()), said("0"));
    assert_eq!(enclosed(json!({"ret": 200}), &paid()), said("200"));
    assert_eq!(enclosed(json!({"code": 201}), &paid()), said("201"));
    for envelope in [
        json!({"code": 0, "ret": 0}),
        json!({"code": 200, "ret": 200}),
        json!({"code": 200, "ret": 40102}),
        json!({"code": 40102, "ret": 0}),
    ] {
        let heard = enclosed(envelope.clone(), &paid());
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("ret".into())), "{envelope}");
    }
}

/// 002:123-163: every row but 200, under both names and as number and text, to a create and to a query.
#[test]
fn contradiction_26_every_code_has_its_reaction_and_its_text_is_only_quoted() {
    let table = [
        (Reaction::Ask, &["201", "4005", "40100", "40500", "40600", "499999"][..]),
        (Reaction::OurFault, &["404", "4001", "4003", "4007", "40109", "40110", "490001"]),
        (Reaction::OurFault, &["491001", "491002", "491003", "492001"]),
        (Reaction::CheckKeys, &["4002", "4004"]),
        (Reaction::Busy, &["4006", "40400", "492004", "492005"]),
        (Reaction::NoSuchOrder, &["40102", "492002"]),
        (Reaction::DuplicateNumber, &["40106"]),
        (Reaction::BalanceShort, &["40107"]),
        (Reaction::RefundTooLate, &["40108"]),
        (Reaction::FreshCode, &["40111"]),
        (Reaction::Unsupported, &["492003"]),
        (Reaction::ExchangeRate, &["492006", "492007"]),
        (Reaction::DuplicateRefund, &["493001"]),
    ];
    // Each names a state of the order, which only a query proves; to a create it says that there is one.
    let states = ["40101", "40103", "40104", "40105"];
    let rows = table.iter().map(|(_, codes)| codes.len()).sum::<usize>();
    assert_eq!(rows + states.len(), 37, "39 rows but 0 and 200");
    let says = |call, reaction, code: &str| {
        for (name, text) in [("ret", "msg"), ("code", "message")] {
            for value in [json!(code), json!(code.parse::<u32>().unwrap())] {
                let whole = json!({name: value, text: "余额不足", "data": paid()});
                let heard = KIT.hear_value(&exchange(call, "101"), &whole);
                assert_eq!(heard, Heard::Says(Said::new(reaction, code, Some("余额不足"))), "{whole}");
            }
        }
    };
    for (reaction, codes) in table {
        for code in codes {
            says(Asked::Create, reaction, code);
            says(Asked::Query, reaction, code);
        }
    }
    for code in states {
        says(Asked::Create, Reaction::DuplicateNumber, code);
        says(Asked::Query, Reaction::Ask, code);
    }
}

// Contradictions 27 and 28, fields of another gateway and ids that no list has:
// `requests::contradictions_27_and_28_a_further_channel_is_one_that_the_account_lists`.

#[test]
fn contradiction_29_status_decides_and_the_other_gateways_word_does_not() {
    for (word, state) in
        [("1", TradeState::Unpaid), ("2", TradeState::Paid), ("3", TradeState::Refunded), ("4", TradeState::Closed)]
    {
        for value in [json!(word), json!(word.parse::<u8>().unwrap())] {
            assert_eq!(report(&with(paid(), &json!({"status": value}))).state, state, "{value}");
        }
    }
    for word in ["NOTPAY", "USERPAYING", "SUCCESS"] {
        let without = with(paid(), &json!({"status": null, "trade_state": word}));
        assert_eq!(asked(&without), Heard::Nothing(Unreadable::NoState), "{word}");
    }
    assert!(pays(&with(paid(), &json!({"trade_state": "SUCCESS"}))));
    for word in ["NOTPAY", "USERPAYING", "REFUND"] {
        let fields = with(paid(), &json!({"trade_state": word}));
        assert_eq!(report(&fields).contradicts_itself.as_deref(), Some(word));
        assert!(!pays(&fields));
        let unpaid = with(fields, &json!({"status": 1}));
        assert_eq!(report(&unpaid).contradicts_itself, None);
    }
}

// Contradiction 30, `/order/query` without a section of its own:
// `requests::contradiction_30_an_order_is_asked_for_at_the_one_documented_address_by_the_gateways_number_alone`.

#[test]
fn contradiction_31_scalars_are_numbers_or_strings() {
    let texts = json!({
        "status": "2", "out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E", "order_sn": GATEWAY_NO, "total_fee": "1250",
        "mch_id": MERCHANT, "cash_fee": "0", "create_time": "1518155270", "id": "13152"
    });
    assert!(pays(&texts));
    let numbers = with(paid(), &json!({"mch_id": 10_502_105_689_001_u64, "cash_fee": 0, "id": 13152}));
    assert_eq!(report(&numbers), report(&texts));
    // The other gateway's merchant number says nothing here.
    assert!(pays(&with(paid(), &json!({"appid": 1_000_343}))));
}

#[test]
fn what_the_customer_paid_is_cash_fee_in_our_currency_and_zero_says_nothing() {
    let paid_by_customer = |customer_paid_minor| Parts { customer_paid_minor, ..Parts::default() };
    for (fields, expected) in [
        (json!({"cash_fee": "1000"}), Some(1000)),
        (json!({"cash_fee": 1250, "cash_fee_type": "CNY"}), Some(1250)),
        (json!({"cash_fee": 1250, "cash_fee_type": "HKD"}), None),
        (json!({"cash_fee": 0}), None),
        (json!({"cash_fee": "12.50"}), None),
        (json!({"cash_fee": 1251}), None),
        (json!({"cash_fee": null, "pay_amount": 1000, "discount": 250}), None),
    ] {
        let data = with(paid(), &fields);
        assert_eq!(report(&data).parts, paid_by_customer(expected), "{fields}");
        assert!(pays(&data), "{fields}");
        assert_eq!(report(&with(data, &json!({"status": 1}))).parts, Parts::default(), "{fields}");
    }
}

#[test]
fn contradiction_32_the_amount_is_total_fee_and_nothing_else() {
    for other in [json!({"pay_amount": "2", "discount": 2, "cash_fee": 3}), json!({"pay_amount": 9, "cash_fee": "0"})] {
        assert!(pays(&with(paid(), &other)), "{other}");
    }
    let without = with(paid(), &json!({"total_fee": null, "pay_amount": 1250, "cash_fee": 1250}));
    assert_eq!(report(&without).amount_minor, None);
    assert!(!pays(&without));
    for yuan in [json!("12.50"), json!(12.5)] {
        let heard = asked(&with(paid(), &json!({"total_fee": yuan})));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("total_fee".into())));
    }
}

#[test]
fn contradiction_33_a_time_is_seconds_or_one_of_two_calendars_of_china_and_0_is_none() {
    for (name, time, expected) in [
        ("finish_time", json!("2021-02-17 20:03:40"), Some(1_613_563_420)),
        ("finish_time", json!(1_518_155_297), Some(1_518_155_297)),
        ("time_end", json!("20190402162714"), Some(1_554_193_634)),
        ("time_end", json!("1518155297"), Some(1_518_155_297)),
        ("finish_time", json!(0), None),
        ("finish_time", json!(""), None),
        ("finish_time", json!(null), None),
        ("finish_time", json!("0000-00-00 00:00:00"), None),
        ("finish_time", json!({"a": 1}), None),
    ] {
        let fields = with(paid(), &json!({name: time}));
        assert_eq!(report(&fields).paid_at, expected, "{time}");
        assert!(pays(&fields));
    }
}

#[test]
fn contradictions_34_and_35_samples_that_are_not_json_are_unreadable_and_never_a_refusal() {
    let order = exchange(Asked::Create, "201");
    for printed in [
        r#"{"code":200,"message":"OK","data":{"app":"{"appid":"wx"}","out_trade_no":"TK01JB2W3Y4Z5A6B7C8D9E"}}"#,
        r#"{"payment": alipay.wappay, "ret": 0}"#,
    ] {
        assert_eq!(KIT.hear(&order, printed.as_bytes()), Heard::Nothing(Unreadable::NotJson), "{printed}");
    }
    // Text that holds JSON is text.
    let heard = made(&with(created(), &json!({"app": "{\"appid\":\"wx\"}", "payment": "聚宝.qrcode"})));
    assert!(heard.shows_a_code());
}

#[test]
fn contradiction_36_number_and_link_have_two_names_and_the_currency_is_ours() {
    let both = |data: &Value| match made(data) {
        Heard::Created(Created { link, gateway_no, pay_info: None, parameters: None, bridge: None, report: None }) => {
            (link, gateway_no)
        }
        other => panic!("{other:?}"),
    };
    let (link, number) = both(&created());
    assert_eq!((link.as_deref(), number.as_deref()), (Some("https://boxpay.cn/x"), Some(GATEWAY_NO)));
    let table =
        json!({"sn": "1120180209", "qrcode": "https://qr.alipay.com/bax", "out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E"});
    assert_eq!(both(&table), (Some("https://qr.alipay.com/bax".into()), Some("1120180209".into())));
    // The protocol's own names win, but empty ones say nothing.
    assert_eq!(both(&with(created(), &table)), (link, number));
    let empty = with(table, &json!({"order_sn": "", "code_url": null}));
    assert_eq!(both(&empty).1.as_deref(), Some("1120180209"));
    // An empty code is none (002:465): the order is known and asked for.
    let codeless = with(created(), &json!({"code_url": "", "qrcode": ""}));
    assert_eq!(both(&codeless), (None, Some(GATEWAY_NO.into())));

    for word in ["CNY", "RMB"] {
        assert_eq!(report(&with(paid(), &json!({"fee_type": word}))).currency, Stated::Ours);
        assert!(made(&with(created(), &json!({"fee_type": word}))).shows_a_code());
    }
    for word in ["HKD", "AUD", "1", "cny"] {
        let fields = with(paid(), &json!({"fee_type": word}));
        assert_eq!(report(&fields).currency, Stated::Other(word.into()));
        assert!(!pays(&fields));
        let heard = made(&with(created(), &json!({"fee_type": word})));
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("fee_type".into())));
    }
    assert!(pays(&with(paid(), &json!({"cash_fee_type": "HKD"}))));
}

#[test]
fn contradiction_37_a_successful_envelope_pays_nothing() {
    for status in [json!(1), json!(3), json!(4), json!(5), json!(0), Value::Null] {
        assert!(!pays(&with(paid(), &json!({"status": status}))), "{status}");
    }
    // What the answer to a create says of a payment is left to the query.
    let Heard::Created(created) = made(&with(created(), &json!({"status": 2, "trade_state": "SUCCESS"}))) else {
        panic!()
    };
    assert_eq!(created.report, None);
}

// Contradiction 38, the state and the reply of a notification: in `notifications.rs`.

#[test]
fn contradiction_39_a_number_of_the_wallet_is_no_evidence_of_a_payment() {
    for number in ["", "P5631VZG299QZN94JD"] {
        let unpaid = with(paid(), &json!({"status": 1, "transaction_id": number}));
        assert_eq!(report(&unpaid).state, TradeState::Unpaid);
        assert_eq!(report(&unpaid).wallet_no.as_deref(), Some(number).filter(|number| !number.is_empty()));
    }
}

#[test]
fn links_may_lead_to_any_host_but_only_by_known_schemes() {
    let given = |name: &str, link: &str| {
        made(&json!({"out_trade_no": "TK01JB2W3Y4Z5A6B7C8D9E", "order_sn": GATEWAY_NO, name: link}))
    };
    for link in ["http://boxpay.cn/index.php?_m=pay&parameter=2", "https://x/", "weixin://wxpay/x", "alipays://x"] {
        for name in ["code_url", "qrcode"] {
            let Heard::Created(created) = given(name, link) else { panic!("{link}") };
            assert_eq!(created.link.as_deref(), Some(link));
        }
    }
    for link in ["javascript:alert(1)", "boxpay.cn/x", "https://", "https://x/ y", "http://boxpay.cn/?_m=pay¶meter=2"]
    {
        for name in ["code_url", "qrcode"] {
            let Heard::Created(created) = given(name, link) else { panic!("the order is there: {link}") };
            assert_eq!((created.link, created.gateway_no.as_deref()), (None, Some(GATEWAY_NO)), "{link}");
        }
    }
}

#[test]
fn an_answer_without_data_says_nothing() {
    let order = exchange(Asked::Query, "201");
    for whole in [
        json!({"ret": 0, "msg": "success"}),
        with(paid(), &json!({"ret": 0})),
        answer(&Value::Null),
        answer(&json!("")),
        answer(&json!("text")),
        answer(&json!([paid()])),
    ] {
        let heard = KIT.hear_value(&order, &whole);
        assert_eq!(heard, Heard::Nothing(Unreadable::BadField("data".into())), "{whole}");
    }
}
