//! Following one order and saying each change.

use super::{Desk, Reply, tell};
use crate::till::News;
use crate::view::{LiveOrder, OrderView, Trouble};
use till_core::error::Refusal;
use till_core::gateway::reaction::Said;
use till_core::order::{Attention, State};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::Sender;

/// How long an order is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// Until its create was answered, or its outcome is unknown.
    Created,
    /// Until it has ended, or needs a person before it can.
    Ended,
}

/// Sends `order` and then every changed picture of it. `news` was subscribed to before the order was looked at.
pub(super) async fn watch(
    desk: &Desk,
    mut news: Receiver<News>,
    order: LiveOrder,
    until: Until,
    replies: &Sender<Reply>,
) -> Result<(), Refusal> {
    let order_no = order.order.order_no.clone();
    let mut told = picture(&order);
    let mut state = order.order.state;
    let mut over = is_over(&order, until);
    let mut shown = show(desk, &order, false);
    tell(replies, Reply::Order(Box::new(order))).await;
    while !over {
        let under_way = matches!(state, State::Drafted | State::Creating);
        tokio::select! {
            // A create that has left is seen to its answer: only then does the order's fate lie with whoever asks next.
            () = desk.leaves(), if until == Until::Ended && !under_way => {
                tell(replies, Reply::Leaving).await;
                return Ok(());
            }
            () = replies.closed() => return Ok(()),
            said = news.recv() => match said {
                Ok(News::Order { order_no: other, .. }) if other != order_no => continue,
                Ok(News::Accounts | News::People | News::Health) => continue,
                Ok(News::Order { .. }) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            },
        }
        let order = desk.till().order(&order_no).await?;
        state = order.order.state;
        over = is_over(&order, until);
        let now = picture(&order);
        if now != told {
            told = now;
            shown = show(desk, &order, shown);
            tell(replies, Reply::Order(Box::new(order))).await;
        }
    }
    Ok(())
}

/// Whoever watches prints the code as soon as it is told. Whether that was so.
fn show(desk: &Desk, order: &LiveOrder, before: bool) -> bool {
    let now = order.order.qr.is_some();
    if now && !before {
        desk.till().painted(&order.order.order_no);
    }
    before || now
}

/// What counts as a change: everything but when it is asked for next, what was wrong with the last answer, and with which error
/// the last close or reverse was answered.
fn picture(order: &LiveOrder) -> (OrderView, Option<Trouble>, Option<Said>) {
    let end_said = order.closing.as_ref().and_then(|closing| closing.said.clone());
    (OrderView { next_query_at: None, ..order.order.clone() }, order.asking.trouble.clone(), end_said)
}

/// An order that cannot be asked for waits for a person: nothing comes of waiting for it here.
fn is_over(order: &LiveOrder, until: Until) -> bool {
    let state = order.order.state;
    match until {
        Until::Created => !matches!(state, State::Drafted | State::Creating),
        Until::Ended => {
            let stuck = order.order.attentions.contains(&Attention::CannotBeAsked);
            state.has_ended() || state == State::Disputed || stuck
        }
    }
}
