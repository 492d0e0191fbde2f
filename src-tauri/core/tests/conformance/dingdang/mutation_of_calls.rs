//! What the gateway asks of its partner, as an opponent, a broken proxy or a careless gateway would make it: all three interfaces.

use super::mutation_of_headers::{HeaderChange, changed, header_changes};
use super::partner::{CALLS, TOKEN, create, order, read_by};
use super::{DATETIME, KIT, SKILL, account, exchange, header, is_right};
use crate::chance::{Seeds, cases, seed};
use crate::changes::{Change, Places, Scratch, changes, scratched, scratches};
use crate::exchange::{Asked, Awaiting, Exchange};
use crate::given::{ORDER_NO, REFUND_NO};
use crate::reading::Pairs;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use till_core::gateway::partner::{CallSays, Interface, PartnerOrder, RefundNotice, ShipNotice, fingerprint};
use till_core::money::Currency;
use till_core::order::event::Item;

/// Most cases bear a signature of their own, and RSA is slow: of the cases that an operation has each interface tries one in so many,
/// 4,000 of 20,000.
const SHARE: usize = 5;

/// What the calls state, minor units: what was paid, and what goes back of it.
const PAID_MINOR: i64 = 1250;
const BACK_MINOR: i64 = 250;

/// The dearest order, minor units.
const DEAREST_MINOR: i64 = 5_000_000;

/// The gateway's number of the order that the calls are about.
const GATEWAY_NO: &str = "1000";

/// What stands beside the body.
#[derive(Debug, Clone)]
enum Sealed {
    /// The header from before the changes.
    Before,
    /// The right one over what is sent.
    Again,
    /// That one, changed.
    Changed(Vec<HeaderChange>),
    Not,
}

fn seals() -> impl Strategy<Value = Sealed> {
    prop_oneof![
        3 => Just(Sealed::Before),
        5 => Just(Sealed::Again),
        2 => header_changes().prop_map(Sealed::Changed),
        1 => Just(Sealed::Not),
    ]
}

/// The first line of an order, or the call where there is none.
fn line(call: &mut Value) -> &mut Map<String, Value> {
    if call["details"][0].is_object() {
        call["details"][0].as_object_mut().unwrap()
    } else {
        call.as_object_mut().unwrap()
    }
}

/// A line, by the suite's own reading.
fn item(line: &Pairs) -> Item {
    Item {
        id: line.text("itemId").unwrap_or_default().to_owned(),
        quantity: line.digits("quantity").and_then(|quantity| u32::try_from(quantity).ok()).unwrap_or_default(),
        amount_minor: line.digits("amount").unwrap_or(-1),
    }
}

/// A call as it is made, and what the till knows: the order that it asks for, and one that awaits its payment.
struct Trial {
    interface: Interface,
    fields: Value,
    header: String,
    asked_for: PartnerOrder,
    awaiting: Awaiting,
}

impl Trial {
    fn of((interface, fields): (Interface, fn() -> Value)) -> Self {
        let fields = fields();
        let header = header(fields.to_string().as_bytes(), DATETIME);
        let known = Exchange { gateway_no: Some(GATEWAY_NO.to_owned()), ..exchange(Asked::Query) };
        Self { interface, fields, header, asked_for: order(&create()), awaiting: KIT.awaiting(&known) }
    }

    /// What a case sends: the header and the body.
    fn mutated(
        &self,
        of_line: &[Change],
        of_call: &[Change],
        sealed: &Sealed,
        scratch: &Scratch,
    ) -> (Option<String>, Vec<u8>) {
        let mut call = self.fields.clone();
        if self.interface == Interface::Create {
            let places = Places { content: line, names: vec!["itemId", "quantity", "amount"], unseal: None };
            for change in of_line {
                change.apply(&places, &mut call);
            }
        }
        let names = self.fields.as_object().unwrap().keys().map(String::as_str).collect();
        let places = Places { content: KIT.content, names, unseal: None };
        for change in of_call {
            change.apply(&places, &mut call);
        }
        let body = scratched(call.to_string().into_bytes(), scratch);
        let beside = match sealed {
            Sealed::Before => Some(self.header.clone()),
            Sealed::Again => Some(header(&body, DATETIME)),
            Sealed::Changed(changes) => Some(changed(&body, changes)),
            Sealed::Not => None,
        };
        (beside, body)
    }

    /// Everything that must be true before a call is taken.
    fn check(&self, header: Option<&str>, body: &[u8]) -> Result<(), TestCaseError> {
        let Ok((says, _)) = read_by(&account(), self.interface, header, body) else { return Ok(()) };
        let is_right = header.is_some_and(|header| is_right(body, header));
        prop_assert!(is_right, "taken without a right header: {says:?}");
        let call = Pairs::of(body);
        prop_assert!(call.are_unlike, "taken although a name stands twice: {says:?}");
        match (self.interface, &says) {
            (Interface::Create, CallSays::Order(order)) => self.check_order(&call, order),
            (Interface::Ship, CallSays::Ship(notice)) => self.check_ship(&call, notice),
            (Interface::Refund, CallSays::Refund(notice)) => self.check_refund(&call, notice),
            (Interface::Create | Interface::Ship | Interface::Refund, _) => {
                Err(TestCaseError::fail(format!("the answer to another question: {says:?}")))
            }
        }
    }

    /// Ruling 20: what is asked for is what the lines add up to, of our skill, and the same order only where it says the same.
    fn check_order(&self, call: &Pairs, order: &PartnerOrder) -> Result<(), TestCaseError> {
        let items: Vec<Item> = call.objects("details").iter().map(item).collect();
        let total: i64 = items.iter().map(|item| item.amount_minor).sum();
        prop_assert_eq!(call.text("skillId"), Some(SKILL));
        prop_assert_eq!(call.digits("totalAmt"), Some(order.amount.minor));
        prop_assert!(order.amount.minor == total && order.amount.currency == Currency::Cny, "{order:?}");
        prop_assert!((1..=DEAREST_MINOR).contains(&total), "{order:?}");
        prop_assert!(items.iter().all(|item| item.quantity > 0 && item.amount_minor >= 0), "{order:?}");
        prop_assert_eq!(&order.items, &items);
        let token = call.text("userToken").unwrap_or_default();
        prop_assert_eq!(&order.customer, &fingerprint(&account(), token));
        let is_same_nonce = call.text("nonceStr") == self.fields["nonceStr"].as_str();
        let is_same = is_same_nonce && token == TOKEN && items == self.asked_for.items;
        prop_assert_eq!(order.identity == self.asked_for.identity, is_same, "{:?}", order);
        Ok(())
    }

    /// Ruling 19. The order is looked for by the number that the notice names: what names another one is another order's.
    fn check_ship(&self, call: &Pairs, notice: &ShipNotice) -> Result<(), TestCaseError> {
        prop_assert_eq!(call.text("tradeNo"), Some(notice.order_no.as_str()));
        if notice.order_no != ORDER_NO {
            return Ok(());
        }
        let report = notice.report(Some(SKILL), &fingerprint(&account(), TOKEN), Some(GATEWAY_NO));
        let paid = self.awaiting.hearing(&report).paid_minor();
        if report.proves_paid(PAID_MINOR) || paid.is_some() {
            let stated = ["skillId", "userToken", "transactionId"].map(|name| call.text(name));
            prop_assert_eq!(stated, [Some(SKILL), Some(TOKEN), Some(GATEWAY_NO)]);
            prop_assert_eq!((call.digits("totalAmt"), paid), (Some(PAID_MINOR), Some(PAID_MINOR)));
        }
        Ok(())
    }

    /// A refund of ours is looked for by its number, the order of another one by the order's.
    fn check_refund(&self, call: &Pairs, notice: &RefundNotice) -> Result<(), TestCaseError> {
        let numbers = ["tradeNo", "refundTradeNo"].map(|name| call.text(name));
        prop_assert_eq!(numbers, [Some(notice.order_no.as_str()), Some(notice.refund_no.as_str())]);
        let says_so = call.text("refundStatus") == Some("SUCCESS");
        let is_our_order = call.text("skillId") == Some(SKILL) && notice.order_no == ORDER_NO;
        let is_back = notice.of_refund(Some(SKILL), ORDER_NO).proves_succeeded(BACK_MINOR);
        if is_back && notice.refund_no == REFUND_NO {
            prop_assert!(says_so && is_our_order, "{notice:?}");
            prop_assert_eq!(call.digits("refundAmt"), Some(BACK_MINOR));
        }
        let report = notice.of_order(Some(SKILL), Some(GATEWAY_NO));
        prop_assert_eq!(report.is_some(), says_so, "{:?}", notice);
        let paid = report.and_then(|report| self.awaiting.hearing(&report).paid_minor());
        if paid.is_some() && notice.order_no == ORDER_NO {
            prop_assert!(is_our_order && call.text("transactionId") == Some(GATEWAY_NO), "{notice:?}");
            prop_assert_eq!((call.digits("totalAmt"), paid), (Some(PAID_MINOR), Some(PAID_MINOR)));
        }
        Ok(())
    }
}

#[test]
fn no_mutated_call_panics_or_is_taken_for_more_than_it_proves() {
    let mut seeds = Seeds::of(seed());
    for call in CALLS {
        let trial = Trial::of(call);
        let drawn = (changes(), changes(), seals(), scratches());
        let name = format!("{:?}", trial.interface);
        seeds.cases(cases().div_ceil(SHARE)).try_all(&name, &drawn, |(of_line, of_call, sealed, scratch)| {
            let (header, body) = trial.mutated(&of_line, &of_call, &sealed, &scratch);
            trial.check(header.as_deref(), &body)
        });
    }
}

#[test]
fn the_mutations_of_calls_reach_both_sides() {
    for call in CALLS {
        let trial = Trial::of(call);
        let taken = |sealed: &Sealed, of_call: &[Change]| {
            let (header, body) = trial.mutated(&[], of_call, sealed, &Scratch::None);
            trial.check(header.as_deref(), &body).unwrap();
            read_by(&account(), trial.interface, header.as_deref(), &body).is_ok()
        };
        let (header, body) = trial.mutated(&[], &[], &Sealed::Before, &Scratch::None);
        match read_by(&account(), trial.interface, header.as_deref(), &body).unwrap().0 {
            CallSays::Order(order) => assert_eq!(order.identity, trial.asked_for.identity),
            CallSays::Ship(notice) => {
                let report = notice.report(Some(SKILL), &fingerprint(&account(), TOKEN), Some(GATEWAY_NO));
                assert_eq!(trial.awaiting.hearing(&report).paid_minor(), Some(PAID_MINOR));
            }
            CallSays::Refund(notice) => {
                assert!(notice.of_refund(Some(SKILL), ORDER_NO).proves_succeeded(BACK_MINOR));
            }
        }
        let added = [Change::Add("more".to_owned(), json!(1))];
        assert!(taken(&Sealed::Before, &[]) && taken(&Sealed::Again, &[]), "{:?}", trial.interface);
        assert!(taken(&Sealed::Again, &added) && !taken(&Sealed::Before, &added), "{:?}", trial.interface);
        let changed = Sealed::Changed(vec![HeaderChange::ByAnother]);
        assert!(!taken(&changed, &[]) && !taken(&Sealed::Not, &[]), "{:?}", trial.interface);
    }
}
