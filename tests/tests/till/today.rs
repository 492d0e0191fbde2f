//! The sum of the day, as it stands at the counter.

use crate::machine::{Machine, Says, selling};
use std::collections::BTreeMap;
use till_core::account::AccountChange;
use till_core::rights::Actor;
use till_engine::till::Till;
use till_engine::view::SaleRequest;

/// What the till counts as paid today, and what of that at no real gateway.
fn sums(till: &Till) -> [Option<String>; 2] {
    let today = till.today();
    assert_eq!(today.counts, BTreeMap::from([("CNY".to_owned(), 2)]));
    [today.paid, today.not_real].map(|sums| sums.get("CNY").cloned())
}

#[tokio::test(start_paused = true)]
async fn what_was_paid_at_no_real_gateway_is_told_apart_in_the_sum_of_the_day_in_every_run() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    machine.gateway.says(Says::State("SUCCESS"));
    till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    assert!(till.today().not_real.is_empty());

    let mut stage = AccountChange { base_url: Some("http://127.0.0.1:9".into()), ..AccountChange::default() };
    stage.fields.insert("merchant_id".into(), "1000000000000002".into());
    stage.fields.insert("notify_url".into(), "https://shop.example/notify".into());
    till.add_account(&Actor::Owner, "pooul", "stage", &stage).await.unwrap();
    let key = b"0123456789abcdef0123456789abcdef".to_vec().into();
    till.set_secret(&Actor::Owner, "stage", "key", &key).await.unwrap();
    let request = SaleRequest {
        account: "stage".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    };
    let order = till.sell(&Actor::Owner, &request, None, None).await.unwrap();
    till.created(&order.order.order_no).await;
    till.ask(&Actor::Owner, &order.order.order_no).await.unwrap();
    let expected = [Some("25.00".to_owned()), Some("12.50".to_owned())];
    assert_eq!(sums(&till), expected);
    drop(till);
    let till = machine.launch().await;
    assert_eq!(sums(&till), expected);

    // What was paid then stays what it was, wherever the account leads now.
    let real = AccountChange { base_url: Some("https://gateway.example.com".into()), ..AccountChange::default() };
    till.change_account(&Actor::Owner, "stage", &real).await.unwrap();
    drop(till);
    assert_eq!(sums(&machine.launch().await), expected);
}
