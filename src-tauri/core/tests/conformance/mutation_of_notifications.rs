//! Notifications as an opponent, a broken proxy or a careless gateway would make them: of every sender, as a form and as JSON where
//! it is read as both.
//!
//! Seven of ten are signed again: what a gateway sends that errs. The others are what somebody makes of one on its way.

use crate::chance::{Seeds, cases, seed};
use crate::changes::{Change, Places, Scratch, changes, scratched, scratches};
use crate::exchange::{Asked, Awaiting, Exchange};
use crate::given::{ORDER_NO, data_or_all};
use crate::kit::Kit;
use crate::mutation::{check_decided, check_proof};
use crate::notifications::senders::{BLUEOCEAN, POOUL, SENDERS, Sender, Written, form};
use crate::reading::Pairs;
use proptest::prelude::*;
use serde_json::{Value, json};
use till_core::gateway::notification::Told;

/// Fields that decide how a notification is read, beside those of a payment.
const BESIDE: [&str; 7] = ["result_code", "pay_info", "trade_id", "order_sn", "sn", "transaction_id", "key"];

/// Fields of the envelope, which a signature of flat fields may leave out (ruling 7).
const ENVELOPE: [&str; 8] = ["code", "msg", "data", "version", "sign_type", "sign", "time_elapsed", "debug"];

/// A sender, what it sends of an order of ours that is paid, and that order, which awaits it.
struct Trial {
    sender: Sender,
    kit: &'static Kit,
    paid: Value,
    exchange: Exchange,
    awaiting: Awaiting,
}

impl Trial {
    fn of(sender: Sender) -> Self {
        let kit = sender.kit();
        let paid = sender.signed(&sender.with(kit.trade.state(), kit.trade.proving_words[0].into()));
        let exchange = Exchange::about(kit, Asked::Query, sender.channel().name);
        let awaiting = kit.awaiting(&exchange);
        Self { sender, kit, paid, exchange, awaiting }
    }

    /// The body that a case makes of what is sent.
    fn mutated(&self, changes: &[Change], signed_again: bool, as_form: bool, scratch: &Scratch) -> Vec<u8> {
        let names = self.kit.names(Asked::Query).into_iter().chain(BESIDE).collect();
        let places = Places { content: data_or_all, names, unseal: Some(unseal) };
        let mut notification = self.paid.clone();
        for change in changes {
            change.apply(&places, &mut notification);
        }
        if signed_again {
            self.sender.sign(&mut notification);
        }
        let is_form = as_form && self.sender.written == Written::Bare;
        let printed = if is_form { form(&notification) } else { notification.to_string().into_bytes() };
        scratched(printed, scratch)
    }

    /// Everything that must be true before a notification is believed, and before money counts as received by it.
    fn check(&self, body: &[u8]) -> Result<(), TestCaseError> {
        let (number, told) = self.sender.read(body);
        if number.is_err() && told.is_err() {
            return Ok(());
        }
        let fields = match signed_fields(&self.sender, body) {
            Ok(fields) => fields,
            Err(why) => return Err(TestCaseError::fail(format!("{why}, and still: {number:?} {told:?}"))),
        };
        let stated = fields.text(self.kit.trade.number);
        if let Ok(number) = number {
            prop_assert_eq!(Some(number.as_str()), stated);
        }
        let Ok(Told::Report(report)) = told else { return Ok(()) };
        // Ruling 6.
        prop_assert!(report.gateway_no.is_none() || stated == Some(ORDER_NO), "adopted: {report:?}");
        let content = fields.content();
        if report.proves_paid(self.exchange.amount_minor) {
            check_proof(self.kit, &self.kit.trade, &content, ORDER_NO, self.exchange.amount_minor, false)?;
        }
        check_decided(self.kit, &self.exchange, &self.awaiting, &report, &content)
    }
}

fn unseal(notification: &mut Value) {
    data_or_all(notification).remove("sign");
    notification.as_object_mut().unwrap().remove("sign");
}

/// The fields that a signature covers, by the suite's own reading, or why nothing of the body may be believed.
fn signed_fields(sender: &Sender, body: &[u8]) -> Result<Pairs, &'static str> {
    let whole = Pairs::of(body);
    if !whole.are_unlike {
        return Err("a name stands twice");
    }
    let is_flat = sender.written == Written::Enveloped && whole.below("data").is_none();
    let (fields, outside) = match sender.written {
        Written::Bare if !whole.nested.is_empty() => return Err("no signature covers what lies below the fields"),
        Written::Bare => (whole, None),
        Written::Enveloped if whole.text("code") != Some("0") => return Err("the envelope names an error"),
        Written::Enveloped => match whole.below("data") {
            Some(data) => (Pairs::of(data.as_bytes()), whole.text("sign").map(str::to_owned)),
            None => (whole, None),
        },
    };
    let Some(claimed) = fields.text("sign").map(str::to_owned).or(outside) else { return Err("there is no signature") };
    let mut signed = fields.texts.clone();
    signed.sort();
    let mut right = (sender.signatures)(&signed);
    if is_flat {
        signed.retain(|(name, _)| !ENVELOPE.contains(&name.as_str()));
        right.extend((sender.signatures)(&signed));
    }
    if right.contains(&claimed.to_ascii_uppercase()) { Ok(fields) } else { Err("the signature is wrong") }
}

#[test]
fn no_mutated_notification_panics_or_is_believed_beyond_what_it_proves() {
    let mut seeds = Seeds::of(seed());
    for sender in SENDERS {
        let trial = Trial::of(sender);
        let drawn = (changes(), prop::bool::weighted(0.7), any::<bool>(), scratches());
        seeds.cases(cases()).try_all(trial.sender.gateway, &drawn, |(changes, signed_again, as_form, scratch)| {
            trial.check(&trial.mutated(&changes, signed_again, as_form, &scratch))
        });
    }
}

#[test]
fn the_mutations_of_notifications_reach_both_sides() {
    for sender in SENDERS {
        let trial = Trial::of(sender);
        let name = trial.sender.gateway;
        for as_form in [false, true] {
            let body = trial.mutated(&[], true, as_form, &Scratch::None);
            let (number, told) = trial.sender.read(&body);
            assert_eq!(number.as_deref(), Ok(ORDER_NO), "{name}");
            let Ok(Told::Report(report)) = told else { panic!("{name}: {told:?}") };
            assert!(report.proves_paid(1250), "{name}: {report:?}");
            assert_eq!(trial.awaiting.hearing(&report).paid_minor(), Some(1250), "{name}");
            trial.check(&body).unwrap();
            let cut = &body[..body.len() - 1];
            assert!(trial.sender.read(cut).0.is_err(), "{name}");
        }
    }
}

#[test]
fn the_suite_s_own_reading_of_a_notification_finds_what_is_wrong() {
    for sender in SENDERS {
        let paid = sender.signed(&(sender.fields)());
        let why = |notification: &Value| signed_fields(&sender, notification.to_string().as_bytes()).err();
        assert_eq!(why(&paid), None, "{}", sender.gateway);
        let mut other = paid.clone();
        data_or_all(&mut other)["total_fee"] = json!(1251);
        assert_eq!(why(&other), Some("the signature is wrong"), "{}", sender.gateway);
        let mut bare = paid.clone();
        unseal(&mut bare);
        assert_eq!(why(&bare), Some("there is no signature"), "{}", sender.gateway);
        let twice = paid.to_string().replacen("\"total_fee\":", "\"total_fee\":1250,\"total_fee\":", 1);
        assert_eq!(signed_fields(&sender, twice.as_bytes()).err(), Some("a name stands twice"), "{}", sender.gateway);
    }
    let mut nested = BLUEOCEAN.signed(&(BLUEOCEAN.fields)());
    nested["more"] = json!({ "total_fee": 1 });
    let below = signed_fields(&BLUEOCEAN, nested.to_string().as_bytes()).err();
    assert_eq!(below, Some("no signature covers what lies below the fields"));
    let mut failed = POOUL.signed(&(POOUL.fields)());
    failed["code"] = json!(1);
    let error = signed_fields(&POOUL, failed.to_string().as_bytes()).err();
    assert_eq!(error, Some("the envelope names an error"));
}
