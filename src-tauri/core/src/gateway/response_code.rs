//! The codes of document 002 and the envelope that carries them. Both dialects of that document, Jubao and BlueOcean, use
//! this file: they share the table (002:123-163) and the two shapes of an answer (002:165-199; gateways.md 2.4).

use super::Unreadable;
use super::json::Object;
use super::reaction::{Reaction, Said};

/// The longest code that is kept of an answer, in characters.
const CODE_LIMIT: usize = 64;

/// What an envelope says of the call. It says nothing of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// `code` 200 or `ret` 0.
    Success,
    /// An error code, or 201: the outcome of a payment code is not known yet (002:127).
    Says(Said),
    /// Neither name stands there: BlueOcean prints its refund answers so.
    Bare,
}

/// What a call is about, as far as a code's meaning depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The create of an order that is paid by a code of ours or by parameters.
    Create,
    /// The create of an order that is paid by a customer's payment code.
    CreateByPaymentCode,
    /// A question about the payment by a customer's payment code.
    PaymentCode,
    /// Anything else.
    Other,
}

/// Reads `code` and `message` (002:171-173) or `ret` and `msg` (002:184-197). The names are never merged: `code` 0 is an
/// error (002:125) where `ret` 0 is success. Where one says success and the other an error, nothing can be relied on; two
/// different errors lead to a question, whatever either would lead to alone.
pub fn verdict(envelope: &Object, about: About) -> Result<Verdict, Unreadable> {
    let (code, ret) = (envelope.text("code")?, envelope.text("ret")?);
    match (code, ret) {
        (None, None) => Ok(Verdict::Bare),
        (Some("200"), Some("0") | None) | (None, Some("0")) => Ok(Verdict::Success),
        (Some("200"), Some(_)) | (Some(_), Some("0")) => Err(Unreadable::BadField("ret".to_owned())),
        (Some(code), _) | (None, Some(code)) => {
            let agreed = ret.is_none_or(|ret| ret == code);
            let reaction = if agreed { reaction(code, about) } else { Reaction::Ask };
            let kept: String = code.chars().take(CODE_LIMIT).collect();
            let text = envelope.as_sent("message").or_else(|| envelope.as_sent("msg"));
            Ok(Verdict::Says(Said::new(reaction, kept, text)))
        }
    }
}

/// Gateways.md 2.4. The texts are free-form (40500 comes with other codes' words), so the code alone decides.
#[must_use]
pub fn reaction(code: &str, about: About) -> Reaction {
    let (by_code, creates) = match about {
        About::Create => (false, true),
        About::CreateByPaymentCode => (true, true),
        About::PaymentCode => (true, false),
        About::Other => (false, false),
    };
    match code {
        // The customer is paying or types a password, or the system is busy: nobody can tell which (002:127).
        "201" if by_code => Reaction::AwaitsCustomer,
        // Paid, closed, revoked, refunded (002:137, 002:139-141): to a create, that its number belongs to an order that is there.
        "40101" | "40103" | "40104" | "40105" if creates => Reaction::DuplicateNumber,
        "404" | "4001" | "4003" | "4007" | "40109" | "40110" | "490001" | "491001" | "491002" | "491003" | "492001" => {
            Reaction::OurFault
        }
        "4002" | "4004" => Reaction::CheckKeys,
        "4006" | "40400" | "492004" | "492005" => Reaction::Busy,
        "40102" | "492002" => Reaction::NoSuchOrder,
        "40106" => Reaction::DuplicateNumber,
        "40107" => Reaction::BalanceShort,
        "40108" => Reaction::RefundTooLate,
        "40111" => Reaction::FreshCode,
        "492003" => Reaction::Unsupported,
        "492006" | "492007" => Reaction::ExchangeRate,
        "493001" => Reaction::DuplicateRefund,
        // Among them 201 of anything else, the unsorted errors 0, 40500, 40600 and 499999, 4005 and 40100, whose text is
        // shown, and to anything but a create 40101 and 40103 to 40105, which name a state that only a query proves.
        _ => Reaction::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Verdict, Unreadable> {
        verdict(&Object::read(text.as_bytes()).unwrap(), About::Other)
    }

    fn says(reaction: Reaction, code: &str, text: Option<&str>) -> Verdict {
        Verdict::Says(Said::new(reaction, code, text))
    }

    #[test]
    fn every_code_of_the_table_has_its_reaction() {
        let table = [
            (Reaction::Ask, &["0", "201", "4005", "40100", "40101", "40103", "40104", "40105"][..]),
            (Reaction::Ask, &["40500", "40600", "499999"]),
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
        let codes: usize = table.iter().map(|(_, codes)| codes.len()).sum();
        assert_eq!(codes, 38, "the table has 39 rows, one of them the success 200");
        for (expected, codes) in table {
            for code in codes {
                assert_eq!(reaction(code, About::Other), expected, "{code}");
                let (number, string) = (format!("{{\"code\":{code}}}"), format!("{{\"code\":\"{code}\"}}"));
                assert_eq!(read(&number), Ok(says(expected, code, None)), "{code}");
                assert_eq!(read(&string), Ok(says(expected, code, None)), "{code}");
            }
        }
        for unknown in ["-1", "0200", "1", "FAIL", "40102 "] {
            assert_eq!(reaction(unknown, About::PaymentCode), Reaction::Ask, "{unknown}");
        }
    }

    #[test]
    fn of_a_payment_code_201_says_that_the_customer_has_to_confirm_and_nothing_else_changes() {
        for (by_code, by_ours) in [(About::PaymentCode, About::Other), (About::CreateByPaymentCode, About::Create)] {
            assert_eq!((reaction("201", by_code), reaction("201", by_ours)), (Reaction::AwaitsCustomer, Reaction::Ask));
            for code in (0..100_000).map(|code| code.to_string()).filter(|code| code != "201") {
                assert_eq!(reaction(&code, by_code), reaction(&code, by_ours), "{code}");
            }
        }
        let disagreeing = Object::read(br#"{"code":201,"ret":40111}"#).unwrap();
        assert_eq!(verdict(&disagreeing, About::PaymentCode), Ok(says(Reaction::Ask, "201", None)));
    }

    #[test]
    fn to_a_create_a_state_of_its_order_says_that_the_create_arrived_and_nothing_else_changes() {
        let states = ["40101", "40103", "40104", "40105"];
        for (creates, asks) in [(About::Create, About::Other), (About::CreateByPaymentCode, About::PaymentCode)] {
            for code in states {
                assert!(reaction(code, creates).tells_that_a_create_arrived(), "{code}");
                assert_eq!(reaction(code, asks), Reaction::Ask, "{code}");
            }
            for code in (0..100_000).map(|code| code.to_string()).filter(|code| !states.contains(&code.as_str())) {
                assert_eq!(reaction(&code, creates), reaction(&code, asks), "{code}");
            }
        }
        let disagreeing = Object::read(br#"{"code":40101,"ret":40103}"#).unwrap();
        assert_eq!(verdict(&disagreeing, About::Create), Ok(says(Reaction::Ask, "40101", None)));
    }

    #[test]
    fn contradiction_24_success_is_code_200_or_ret_0() {
        for text in [r#"{"code":200}"#, r#"{"code":"200","message":"签名错误"}"#, r#"{"ret":0,"msg":"success"}"#] {
            assert_eq!(read(text), Ok(Verdict::Success), "{text}");
        }
        assert_eq!(read(r#"{"code":200,"ret":"0"}"#), Ok(Verdict::Success));
        assert_eq!(read(r#"{"code":null,"ret":""}"#), Ok(Verdict::Bare));
        assert_eq!(read(r#"{"ret":40500,"msg":"订单号重复"}"#), Ok(says(Reaction::Ask, "40500", Some("订单号重复"))));
    }

    #[test]
    fn contradiction_24_two_different_errors_lead_to_a_question() {
        for (text, expected) in [
            (r#"{"code":40106,"ret":40106}"#, says(Reaction::DuplicateNumber, "40106", None)),
            (r#"{"code":40106,"ret":"40106"}"#, says(Reaction::DuplicateNumber, "40106", None)),
            (r#"{"code":40106,"ret":40102}"#, says(Reaction::Ask, "40106", None)),
            (r#"{"code":40102,"ret":40106,"msg":"x"}"#, says(Reaction::Ask, "40102", Some("x"))),
            (r#"{"code":201,"ret":40111}"#, says(Reaction::Ask, "201", None)),
            (r#"{"code":0,"ret":4002}"#, says(Reaction::Ask, "0", None)),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn contradiction_25_the_two_zeros_are_opposites() {
        assert_eq!(read(r#"{"code":0,"message":"x"}"#), Ok(says(Reaction::Ask, "0", Some("x"))));
        assert_eq!(read(r#"{"ret":0}"#), Ok(Verdict::Success));
        assert_eq!(read(r#"{"ret":200}"#), Ok(says(Reaction::Ask, "200", None)));
        for text in [r#"{"code":0,"ret":0}"#, r#"{"code":200,"ret":200}"#, r#"{"code":40102,"ret":0}"#] {
            assert_eq!(read(text), Err(Unreadable::BadField("ret".into())), "{text}");
        }
    }

    #[test]
    fn contradiction_26_texts_are_quoted_and_decide_nothing() {
        let said = says(Reaction::Ask, "40500", Some("订单号重复"));
        assert_eq!(read(r#"{"code":40500,"message":"订单号重复","msg":"y"}"#), Ok(said));
        assert_eq!(read(r#"{"code":40500,"msg":"余额不足"}"#), Ok(says(Reaction::Ask, "40500", Some("余额不足"))));
        assert_eq!(reaction("4003", About::Other), reaction("40109", About::Other));
        let Ok(Verdict::Says(said)) = read(&format!("{{\"code\":\"{}\"}}", "9".repeat(500))) else { panic!() };
        assert_eq!(said.code.len(), CODE_LIMIT);
    }

    #[test]
    fn a_code_that_is_no_text_is_refused() {
        for name in ["code", "ret"] {
            assert_eq!(read(&format!("{{\"{name}\":[200]}}")), Err(Unreadable::BadField(name.into())));
        }
    }
}
