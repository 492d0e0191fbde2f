//! Finding orders by what a person types.

use crate::machine::{Machine, selling};
use till_core::rights::Actor;
use till_engine::view::OrderQuery;

#[tokio::test(start_paused = true)]
async fn an_order_is_found_by_its_time_as_it_is_shown_and_by_the_minute_of_it() {
    let machine = Machine::new();
    let (till, order) = selling(&machine).await;
    let (day, time) = order.order.created_at.split_once('T').unwrap();
    let (time, minute) = (&time[..8], &time[..5]);
    let second: u32 = time[6..].parse().unwrap();
    let another = format!("{minute}:{:02}", (second + 30) % 60);
    for (text, expected) in [
        (time.to_owned(), 1),
        (minute.to_owned(), 1),
        (format!("{day} {time}"), 1),
        (another.clone(), 0),
        (format!("{day} {another}"), 0),
    ] {
        let query = OrderQuery { text: text.clone(), ..OrderQuery::default() };
        let found = till.orders(&Actor::Owner, &query).await.unwrap().rows;
        assert_eq!(found.len(), expected, "{text}");
    }
}
