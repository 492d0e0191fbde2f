//! Following one refund and saying each change.

use super::{Desk, Reply, bad_request, tell};
use crate::till::News;
use crate::view::refunds::{RefundRequest, RefundView};
use till_core::error::{Code, Refusal};
use till_core::order::Attention;
use till_core::order::refund::RefundState;
use till_core::rights::Actor;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::Sender;

/// How long a refund is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UntilRefund {
    /// Until its sending was answered, or its outcome is unknown.
    Answered,
    /// Until it has ended, or waits for a person to send it again.
    Ended,
}

/// Makes a refund and follows it. Nothing is sent for somebody who has gone before that is decided.
pub(super) async fn make(
    desk: &Desk,
    (actor, second): (&Actor, Option<&Actor>),
    refund: &RefundRequest,
    until: UntilRefund,
    replies: &Sender<Reply>,
) -> Result<(), Refusal> {
    if !looked(desk, desk.till().look_before_refund(actor, second, refund), replies).await? {
        return Ok(());
    }
    let news = desk.till().news();
    let order = desk.till().refund_after_look(actor, second, refund, &|| still_there(replies)).await?;
    let refund_no = order.refunds.last().map(|refund| refund.refund_no.clone()).unwrap_or_default();
    watch(desk, news, (&refund.order_no, &refund_no), until, replies).await
}

/// Sends a refund again and follows it; the same holds.
pub(super) async fn again(
    desk: &Desk,
    (actor, second): (&Actor, Option<&Actor>),
    refund: (&str, &str),
    until: UntilRefund,
    replies: &Sender<Reply>,
) -> Result<(), Refusal> {
    let (order_no, refund_no) = refund;
    if !looked(desk, desk.till().look_before_refund_again(actor, second, order_no, refund_no), replies).await? {
        return Ok(());
    }
    let news = desk.till().news();
    desk.till().refund_again_after_look(actor, second, refund, &|| still_there(replies)).await?;
    watch(desk, news, refund, until, replies).await
}

/// Waits for the look before money goes back; false: whoever wanted it has gone, or the engine goes. Nothing was done by then.
async fn looked(
    desk: &Desk,
    look: impl Future<Output = Result<(), Refusal>>,
    replies: &Sender<Reply>,
) -> Result<bool, Refusal> {
    tokio::select! {
        biased;
        () = replies.closed() => Ok(false),
        looked = look => looked.map(|()| true),
        () = desk.leaves() => {
            tell(replies, Reply::Leaving).await;
            Ok(false)
        }
    }
}

fn still_there(replies: &Sender<Reply>) -> Result<(), Refusal> {
    if replies.is_closed() { Err(bad_request("whoever wanted money to go back has gone")) } else { Ok(()) }
}

/// Sends every changed picture of a refund, and once that its outcome has been unknown for so long that a person is told. `news` was
/// subscribed to before the refund was made.
pub(super) async fn watch(
    desk: &Desk,
    mut news: Receiver<News>,
    (order_no, refund_no): (&str, &str),
    until: UntilRefund,
    replies: &Sender<Reply>,
) -> Result<(), Refusal> {
    // What a person was told of another refund, or of a sending before, is no news of this one.
    let (mut told, mut raised) = (None, None);
    loop {
        let (refund, unknown_long) = look(desk, order_no, refund_no).await?;
        let now = picture(&refund);
        let (over, under_way) = (is_over(&refund, until), !is_over(&refund, UntilRefund::Answered));
        if told.as_ref() != Some(&now) {
            told = Some(now);
            tell(replies, Reply::Refund(Box::new(refund))).await;
        }
        let before = raised.replace(unknown_long);
        if unknown_long && before == Some(false) {
            tell(replies, Reply::Raised(Attention::RefundUnknown)).await;
        }
        if over {
            return Ok(());
        }
        loop {
            tokio::select! {
                // One that is leaving is seen to its answer: only then does its fate lie with whoever asks next.
                () = desk.leaves(), if until == UntilRefund::Ended && !under_way => {
                    tell(replies, Reply::Leaving).await;
                    return Ok(());
                }
                () = replies.closed() => return Ok(()),
                said = news.recv() => match said {
                    Ok(News::Order { order_no: changed, .. }) if changed == order_no => break,
                    Ok(News::Order { .. } | News::Accounts | News::People | News::Health) => {}
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return Ok(()),
                },
            }
        }
    }
}

/// A refund, and whether it has not ended and a person is told that what becomes of it is not known.
async fn look(desk: &Desk, order_no: &str, refund_no: &str) -> Result<(RefundView, bool), Refusal> {
    let order = desk.till().order(order_no).await?;
    let raised = order.order.attentions.contains(&Attention::RefundUnknown);
    let found = order.refunds.into_iter().find(|refund| refund.refund_no == refund_no);
    let found = found.ok_or_else(|| Refusal::of(Code::UnknownRefund).with("refund_no", refund_no))?;
    let unknown_long = raised && !found.state.has_ended();
    Ok((found, unknown_long))
}

/// What counts as a change: everything but when it is asked for next, and how often it was.
fn picture(refund: &RefundView) -> RefundView {
    RefundView { next_query_at: None, unanswered: 0, ..refund.clone() }
}

fn is_over(refund: &RefundView, until: UntilRefund) -> bool {
    match until {
        UntilRefund::Answered => !matches!(refund.state, RefundState::Requested | RefundState::Sent),
        UntilRefund::Ended => refund.state.has_ended() || refund.can_send_again == Some(true),
    }
}
