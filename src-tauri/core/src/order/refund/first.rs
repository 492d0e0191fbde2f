//! What a journal that was put back from a backup may not know when money is to go back: an earlier refund.

use crate::gateway::descriptor::Descriptor;
use crate::order::event::OrderEvent;

/// Whether the gateway is asked about an order before a refund of it is made under a new number: a backup was put in the journal's place after the
/// payment was booked, and what went back in between is known at the gateway only. One without a word for what went back has nothing
/// to say of that, and "refunded" names no amount: where the journal knows of a refund already, it is explained by that. `events`: the order's, by their numbers in the journal, which no clock changes; `restored`: the newest restore's.
#[must_use]
pub fn is_asked_about_first(
    events: impl IntoIterator<Item = (u64, OrderEvent)>,
    restored: Option<u64>,
    descriptor: &Descriptor,
) -> bool {
    let bookings = events.into_iter().filter(|(_, event)| matches!(event, OrderEvent::Paid { .. }));
    let booked = bookings.map(|(seq, _)| seq).max();
    descriptor.tells_refunded && booked.zip(restored).is_some_and(|(booked, restored)| booked < restored)
}
