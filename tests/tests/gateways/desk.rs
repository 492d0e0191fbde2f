//! A counter at any gateway, with the credentials that the stage gave out.

use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::gateway::named;
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::keyring::MemoryKeyring;
use till_engine::till::News;
use till_engine::view::receiver::NotTaken;
use till_engine::view::{LiveOrder, SaleRequest};
use till_sandbox::{Operation, Options, Received, Sandbox};
use till_tests::counter::{Counter, launch};

/// How long anything may take that a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A fresh till with the account `main` at `gateway`, asked ten times a second. Neither side makes it wait before an order
/// is closed or reversed. `fields` go before what is set here; an empty value takes a field out.
pub async fn open(gateway: &str, fields: &[(&str, &str)]) -> Counter {
    let sandbox = Sandbox::start(Options { close_floor_s: 0, ..Options::default() }).await.unwrap();
    let control = sandbox.control();
    control.reverse_floor(0).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let till = launch(folder.path(), Arc::new(MemoryKeyring::default())).await;
    let announced = sandbox.announcement();
    let of_gateway = &announced["gateways"][gateway];
    let mut change = AccountChange {
        base_url: Some(of_gateway["base_url"].as_str().unwrap().to_owned()),
        ..AccountChange::default()
    };
    for field in ["plan.close_floor_s", "plan.reverse_floor_s"] {
        change.fields.insert(field.to_owned(), "0".to_owned());
    }
    change.fields.insert("plan.poll_ms".to_owned(), "100".to_owned());
    if gateway == "pooul" {
        change.fields.insert("notify_url".to_owned(), "https://shop.example/notify".to_owned());
    }
    let described = named(gateway).unwrap().descriptor().fields;
    let mut secrets = Vec::new();
    for (name, value) in of_gateway["credentials"].as_object().unwrap() {
        let value = value.as_str().unwrap().to_owned();
        if described.iter().any(|field| field.name == name && field.kind.is_secret()) {
            secrets.push((name.clone(), value));
        } else {
            change.fields.insert(name.clone(), value);
        }
    }
    for (name, value) in fields {
        change.fields.insert((*name).to_owned(), (*value).to_owned());
    }
    till.add_account(&Actor::Owner, gateway, "main", &change).await.unwrap();
    for (name, value) in secrets {
        till.set_secret(&Actor::Owner, "main", &name, &value.into_bytes().into()).await.unwrap();
    }
    assert_eq!(till.account("main").unwrap().missing, Vec::<String>::new());
    Counter { till, sandbox, control, folder }
}

/// Sells 12.50 by the code that a customer's phone shows, and waits for the create's answer.
pub async fn scan(counter: &Counter, channel: &str, code: &str) -> LiveOrder {
    let request = SaleRequest {
        account: "main".into(),
        channel: channel.into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    };
    let order = counter.till.sell(&Actor::Owner, &request, Some(SecretString::from(code)), None).await.unwrap();
    counter.till.created(&order.order.order_no).await;
    counter.till.order(&order.order.order_no).await.unwrap()
}

/// The customer pays; the till comes to know of it.
pub async fn pay(counter: &Counter, order_no: &str) -> LiveOrder {
    counter.control.pay(order_no).await.unwrap();
    let order = counter.until(order_no, "paid", |order| order.order.state == State::Paid).await;
    assert_eq!(order.order.paid_minor, Some(order.order.amount_minor));
    order
}

/// Waits until `seen` holds for an order, for as long as `patience`.
pub async fn within(
    patience: Duration,
    counter: &Counter,
    order_no: &str,
    what: &str,
    seen: impl Fn(&LiveOrder) -> bool,
) -> LiveOrder {
    let mut news = counter.till.news();
    let wait = async {
        loop {
            let order = counter.till.order(order_no).await.unwrap();
            if seen(&order) {
                return order;
            }
            // Lagging behind only means that there is something new.
            while let Ok(News::Order { order_no: changed, .. }) = news.recv().await {
                if changed == order_no {
                    break;
                }
            }
        }
    };
    match tokio::time::timeout(patience, wait).await {
        Ok(order) => order,
        Err(_) => panic!("not {what} after {patience:?}: {:#?}", counter.till.order(order_no).await),
    }
}

/// What the gateway was asked of this sort.
pub async fn received(counter: &Counter, operation: Operation) -> Vec<Received> {
    let all = counter.control.received(0).await.unwrap();
    all.into_iter().filter(|request| request.operation == operation).collect()
}

/// One create arrived for this order, and none before or after it.
pub async fn created_once(counter: &Counter, order_no: &str) {
    assert_eq!(counter.control.creates().await.unwrap().get(order_no), Some(&1));
}

/// How much of what came in for the account was refused: in all, and for being too late.
pub fn refusals(counter: &Counter) -> (usize, usize) {
    let notified = counter.till.receiver(&Actor::Owner).unwrap().accounts;
    let came = &notified.iter().find(|one| one.account == "main").unwrap().came;
    let too_late = came.reasons.iter().find(|one| one.why == NotTaken::TooLate).map_or(0, |one| one.count);
    (came.refused as usize, too_late as usize)
}
