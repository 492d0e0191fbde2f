//! Orders that Dingdang has its partner make: one number for one order, and none for what does not add up.

use super::{LINES, NEVER, Shop, is_refused, order_no};
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::receiver::{Options, Receiver};
use till_engine::view::Item;
use till_sandbox::{Fault, Item as Spoken, Scope, Speech};
use till_tests::counter::Counter;

#[tokio::test]
async fn ruling_20_an_order_by_voice_is_at_the_counter_before_it_has_its_number_and_is_followed() {
    let shop = Shop::open(&[]).await;
    let order_no = order_no(&shop.speak(shop.speech()).await);
    let open = shop.counter.till.snapshot().open;
    assert_eq!(open.iter().map(|order| order.order.order_no.as_str()).collect::<Vec<_>>(), [order_no.as_str()]);
    let order = shop.looked(&order_no).await;
    assert_eq!((order.order.state, order.order.channel.as_str()), (State::AwaitingPayment, "voice"));
    assert_eq!((order.order.amount.as_str(), order.order.currency.as_str()), ("12.50", "CNY"));
    let lines = LINES.map(|(id, quantity, amount_minor)| Item { id: id.into(), quantity, amount_minor });
    assert_eq!((order.order.items.clone(), order.order.qr.clone()), (lines.to_vec(), None));
    assert!(order_no.len() <= 32 && order_no.bytes().all(|byte| byte.is_ascii_alphanumeric()), "004:66");

    let timeline = shop.counter.till.timeline(&Actor::Owner, &order_no).await.unwrap();
    let first = &timeline.entries[0];
    assert_eq!((first.kind.as_str(), first.actor.as_str()), ("adopted", "gateway"));
    let kept = shop.counter.till.raw_answer(&Actor::Owner, first.raw.as_deref().unwrap()).await.unwrap().unwrap();
    assert!(kept.contains("\"details\"") && !kept.contains("user 42"), "{kept}");

    // The poll alone finds the payment.
    shop.pays_in_silence(&order_no).await;
    let order = shop.counter.until(&order_no, "paid", |order| order.order.state == State::Paid).await;
    assert_eq!((order.order.paid_minor, order.order.late), (Some(1250), false));
    assert!(order.order.gateway_no.is_some());
}

#[tokio::test]
async fn ruling_20_the_same_order_a_hundred_times_at_once_later_and_after_a_restart_has_one_number() {
    let shop = Shop::open(&[NEVER]).await;
    let control = &shop.counter.control;
    let speech = Speech { nonce: Some("one".into()), ..shop.speech() };
    let (taken, late) = shop.copies(100, async || control.speak(speech.clone()).await.unwrap()).await;
    let mut numbers: Vec<String> = taken.iter().map(order_no).collect();
    for _ in 0..late {
        numbers.push(order_no(&shop.speak(speech.clone()).await));
    }
    let first = numbers[0].clone();
    assert!(numbers.iter().all(|number| *number == first), "{numbers:?}");
    // Signed anew, and after the order has ended.
    assert_eq!(order_no(&shop.speak(speech.clone()).await), first);
    control.decline(first.as_str()).await.unwrap();
    assert_eq!(shop.ask(&first).await.order.state, State::Failed);
    assert_eq!(order_no(&shop.speak(speech.clone()).await), first);
    assert_eq!(shop.numbers().await, [first.as_str()]);
    for other in [
        Speech { nonce: Some("two".into()), ..speech.clone() },
        Speech { user_token: "user 43".into(), ..speech.clone() },
        Speech { items: speech.items[..1].to_vec(), ..speech.clone() },
    ] {
        assert_ne!(order_no(&shop.speak(other).await), first);
    }
    assert_eq!(shop.numbers().await.len(), 4);

    let Shop { counter, receiver } = shop;
    receiver.close().await;
    let Counter { till, sandbox, control, folder } = counter;
    let keyring = till_engine::keyring::MemoryKeyring::default();
    let pem =
        sandbox.announcement()["gateways"]["dingdang"]["credentials"]["skill_private_key"].as_str().unwrap().to_owned();
    drop(till);
    let till = till_tests::counter::launch(folder.path(), std::sync::Arc::new(keyring)).await;
    till.set_secret(&Actor::Owner, "main", "skill_private_key", &pem.into_bytes().into()).await.unwrap();
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), proxy: None };
    let receiver = Receiver::open(till.clone(), options).await.unwrap();
    let shop = Shop { counter: Counter { till, sandbox, control, folder }, receiver };
    let again = Speech { partner: shop.partner(), ..speech };
    assert_eq!(order_no(&shop.speak(again).await), first, "found in the journal");
    assert_eq!(shop.numbers().await.len(), 4);
}

#[tokio::test]
async fn ruling_20_a_sum_that_is_not_the_lines_makes_no_order() {
    let shop = Shop::open(&[NEVER]).await;
    for total in [1251, 1249, 0, -1] {
        is_refused(&shop.speak(Speech { total: Some(total), ..shop.speech() }).await, "totalAmt");
    }
    is_refused(&shop.speak(Speech { items: vec![], total: Some(1250), ..shop.speech() }).await, "totalAmt");
    let odd = vec![Spoken { item_id: "tea".into(), quantity: 0, amount: 1250 }];
    is_refused(&shop.speak(Speech { items: odd, ..shop.speech() }).await, "quantity");
    shop.counter.control.fault(Scope::Notification, Fault::WrongMerchant).await.unwrap();
    is_refused(&shop.speak(shop.speech()).await, "skillId");
    assert_eq!(shop.numbers().await, Vec::<String>::new());
}
