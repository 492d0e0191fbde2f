//! What somebody may see of an order on a screen.

use super::holds_a_secret;
use crate::simulation::world::{MS, World};
use till_engine::view::LiveOrder;

/// Somebody sees an order on a screen.
pub fn seen(world: &mut World, live: &LiveOrder) {
    let no = &live.order.order_no;
    let Some(told) = world.book.orders.get(no) else {
        return world.fail("seen before its draft", no.clone());
    };
    let state = live.order.state.word();
    if state != told.state && !told.states.contains(state) {
        return world.fail("seen before it was committed", format!("{no} {state}, the journal says {}", told.state));
    }
    if live.order.paid_minor.is_some() != told.paid && live.order.paid_minor.is_some() {
        return world.fail("paid before it was committed", no.clone());
    }
    let shown = live.refunds.iter().find(|back| !super::back::is_seen_as(told, &back.refund_no, back.state.word()));
    if let Some(back) = shown {
        let (refund_no, state) = (back.refund_no.clone(), back.state.word());
        return world.fail("seen before it was committed", format!("{refund_no} {state}"));
    }
    let words = live.said.as_ref().and_then(|said| said.text.as_ref());
    if words.is_some_and(|words| holds_a_secret(words.as_bytes())) {
        return world.fail("no secret of a customer on a screen", no.clone());
    }
    let on_its_page = told.pay_page().is_some() && live.order.qr.as_deref() == told.pay_page();
    let link = if on_its_page { &told.page } else { &told.link };
    let shown = [(&live.order.qr, link), (&live.order.parameters, &told.parameters)];
    let shown = shown.into_iter().find_map(|(shown, committed)| Some((shown.as_ref()?, committed.clone())));
    let Some((shown, committed)) = shown else { return };
    if committed.as_ref() != Some(shown) {
        return world.fail("a code before its commit", format!("{no} {shown}"));
    }
    // Stored is not yet acknowledged.
    if let Some(off) = told.off.filter(|off| world.now - off > 3 * MS) {
        let detail = format!("{no}, {} µs after it was taken off", world.now - off);
        return world.fail("a code that was taken off", detail);
    }
    if on_its_page {
        return;
    }
    let truth = world.platform.trades.get(no).and_then(|trade| trade.link.as_ref());
    if truth != Some(shown) {
        world.fail("a code that is not this order's", format!("{no} {shown}"));
    }
}
