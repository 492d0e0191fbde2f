//! What keeps the till from asking, and what people are told of it.

use crate::machine::{Machine, Says, pass, selling};
use std::sync::atomic::Ordering;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::money::Currency;
use till_core::order::State;
use till_core::order::mark::Marked;
use till_core::rights::Actor;
use till_core::words::Language;
use till_engine::keyring::{Keyring, KeyringFault};
use till_engine::till::Till;
use till_engine::view::{Came, NotAsked, SaleRequest, Trouble};
use till_tests::log::Log;

const MINUTES: Duration = Duration::from_secs(5 * 60);

fn notices(till: &Till) -> Vec<Code> {
    till.health().notices.into_iter().map(|notice| notice.code).collect()
}

#[tokio::test(start_paused = true)]
async fn a_keyring_that_refuses_is_logged_once_for_each_cause_however_often_it_is_asked() {
    let log = Log::listen();
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    drop(till);
    machine.keyring.fail_with(Some(KeyringFault::Failed("no bus".to_owned())));
    let till = machine.launch().await;
    pass(MINUTES).await;
    let order = till.order(&order.order.order_no).await.unwrap();
    assert!(order.asking.unanswered > 3, "{order:?}");
    assert_eq!((order.asking.trouble, notices(&till)), (Some(Trouble::Keyring), vec![Code::KeyringFailed]));
    assert_eq!(log.lines_with("no bus"), 1);
    let asked = till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!(asked.came, Came::NotAsked(NotAsked::Keyring));

    machine.keyring.fail_with(Some(KeyringFault::Failed("no answer".to_owned())));
    pass(MINUTES).await;
    assert_eq!((log.lines_with("no bus"), log.lines_with("no answer")), (1, 1));

    machine.keyring.fail_with(None);
    pass(MINUTES).await;
    assert_eq!(notices(&till), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sold_through_an_address_to_which_nothing_is_sent_and_there_is_no_order() {
    let machine = Machine::new();
    let (till, before) = selling(&machine).await;
    machine.gateway.out_of_reach.store(true, Ordering::SeqCst);
    let request = SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    };
    let refused = till.sell(&Actor::Owner, &request, None, None).await.unwrap_err();
    assert_eq!((refused.code, refused.facts["name"].as_str()), (Code::AddressNotReached, "main"));
    let open: Vec<String> = till.snapshot().open.into_iter().map(|live| live.order.order_no).collect();
    assert_eq!(open, [before.order.order_no]);
}

#[tokio::test(start_paused = true)]
async fn an_amount_that_was_seen_in_another_currency_is_not_sold_and_there_is_no_order() {
    let machine = Machine::new();
    let (till, before) = selling(&machine).await;
    let seen_in = |currency| SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        currency,
        ..SaleRequest::default()
    };
    let refused = till.sell(&Actor::Owner, &seen_in(Some(Currency::Hkd)), None, None).await.unwrap_err();
    let facts = ["name", "shown", "taken"].map(|fact| refused.facts[fact].as_str());
    assert_eq!((refused.code, facts), (Code::OtherCurrency, ["main", "HKD", "CNY"]));
    let open: Vec<String> = till.snapshot().open.into_iter().map(|live| live.order.order_no).collect();
    assert_eq!(open, [before.order.order_no]);
    for currency in [Some(Currency::Cny), None] {
        assert_eq!(till.sell(&Actor::Owner, &seen_in(currency), None, None).await.unwrap().order.currency, "CNY");
    }
}

#[tokio::test(start_paused = true)]
async fn a_further_order_of_another_amount_is_refused_by_what_the_sale_is_for() {
    let machine = Machine::new();
    let (till, first) = selling(&machine).await;
    let further = SaleRequest {
        account: "main".into(),
        channel: "alipay.scan".into(),
        amount: "12.51".into(),
        sale: Some(first.order.sale.clone()),
        ..SaleRequest::default()
    };
    // Its currency is the sale's: nobody is told to type the amount anew where there is nothing to type.
    let currency = Some(Currency::Hkd);
    let in_another = SaleRequest { amount: "12.51".into(), currency, ..further.clone() };
    for further in [&further, &in_another] {
        let refused = till.sell(&Actor::Owner, further, None, Some(&Actor::Owner)).await.unwrap_err();
        let facts = ["amount", "currency"].map(|fact| refused.facts[fact].as_str());
        assert_eq!((refused.code, facts), (Code::OtherAmount, ["12.50", "CNY"]));
    }
    // And nothing is overruled for what is refused anyway.
    till.close(&Actor::Owner, &first.order.order_no).await.unwrap();
    let seen_wrongly = SaleRequest { amount: "12.50".into(), currency, ..further.clone() };
    let refused = till.sell(&Actor::Owner, &seen_wrongly, None, Some(&Actor::Owner)).await.unwrap_err();
    assert_eq!(refused.code, Code::OtherCurrency);
    let events = till.timeline(&Actor::Owner, &first.order.order_no).await.unwrap();
    assert!(!format!("{events:?}").contains("overruled"), "{events:?}");
    let refused = till.sell(&Actor::Owner, &further, None, Some(&Actor::Owner)).await.unwrap_err();
    let said = refused.sentence(Language::En);
    assert!(said.money.starts_with("Nothing was sent") && !said.next.contains("about"), "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn a_question_that_cannot_be_put_together_is_not_laid_to_the_keyring() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let key = format!("{}/{}/key", till.id(), till.accounts()[0].id);
    drop(till);
    let kept = machine.keyring.get(&key).await.unwrap().expect("the account has a key");
    machine.keyring.delete(&key).await.unwrap();
    let till = machine.launch().await;
    pass(MINUTES).await;
    let order = till.order(&order.order.order_no).await.unwrap();
    assert_eq!((order.asking.trouble, notices(&till)), (Some(Trouble::NotBuilt), vec![Code::AccountIncomplete]));
    let asked = till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert_eq!(asked.came, Came::NotAsked(NotAsked::NotBuilt));

    till.set_secret(&Actor::Owner, "main", "key", &kept).await.unwrap();
    pass(MINUTES).await;
    let order = till.order(&order.order.order_no).await.unwrap();
    assert_eq!((order.asking.trouble, notices(&till)), (None, vec![]), "what it lacks no longer is told no longer");
}

#[tokio::test(start_paused = true)]
async fn only_what_a_mark_can_say_of_an_order_is_offered() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    assert_eq!(order.can_be_marked, [Marked::Paid]);
    machine.gateway.says(Says::State("SUCCESS"));
    let order = till.ask(&Actor::Owner, &order.order.order_no).await.unwrap().live;
    assert_eq!((order.order.state, order.can_be_marked), (State::Paid, vec![Marked::Refunded]));
}

#[tokio::test(start_paused = true)]
async fn an_account_becomes_no_other_merchants_while_its_gateway_knows_open_orders() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let mut change = AccountChange::default();
    change.fields.insert("merchant_id".into(), "2000000000000002".into());
    let refused = till.change_account(&Actor::Owner, "main", &change).await.unwrap_err();
    let counted = |fact: &str| refused.facts[fact].as_str();
    assert_eq!((refused.code, counted("count"), counted("refunds")), (Code::MerchantHasOpenOrders, "1", "0"));
    let mut other = AccountChange::default();
    other.fields.insert("notify_url".into(), "https://shop.example/elsewhere".into());
    till.change_account(&Actor::Owner, "main", &other).await.expect("that is the same merchant");
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    till.change_account(&Actor::Owner, "main", &change).await.expect("nothing waits for the merchant before");
}
