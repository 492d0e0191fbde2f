//! Having something done: by an engine of our own, or by the one that has the folder already.

use super::{Session, bad_request, stop};
use crate::premises::{self, Entry, Stay};
use std::future::Future;
use std::time::{Duration, Instant};
use till_core::error::{Code, Refusal};
use till_engine::doctor::clock_off_by;
use till_engine::request::{Errand, Reply, Request, answer, hand_over};
use till_engine::socket::SocketFault;
use till_engine::till::Till;
use till_engine::view::Trouble;
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::watch;

/// How long a folder may be held by a process that does not listen: it has just begun, or is about to end.
const PATIENCE: Duration = Duration::from_secs(6);

/// A pause before the folder is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Followed {
    /// It is whole.
    Answered,
    /// We were asked to end before it was.
    Stopped,
    /// Nothing can be sent about the order that is watched: there is no keyring. A locked one is waited for.
    WithoutKeyring,
}

/// What an answer has come to so far.
#[derive(Default)]
struct Heard {
    /// What is watched on should the engine end.
    watched: Option<Request>,
    refusal: Option<Refusal>,
    /// What a finding says of itself.
    found: Option<Code>,
    leaving: bool,
}

/// Has `request` done and gives every value of the answer to `each`. An order that is being watched is watched on, whichever
/// engine ends meanwhile.
pub(super) async fn ask(session: &Session, request: Request, mut each: impl FnMut(Reply)) -> Result<Followed, Refusal> {
    ask_minding_keyring(session, request, |reply, _| each(reply)).await
}

/// As [`ask`]. Beside each value stands whether there is no keyring that a person could unlock, as far as that is known here.
pub(super) async fn ask_minding_keyring(
    session: &Session,
    request: Request,
    mut each: impl FnMut(Reply, bool),
) -> Result<Followed, Refusal> {
    let asked = stop::asked();
    let mut errand = session.errand(request);
    let mut impatient_at = Instant::now() + PATIENCE;
    loop {
        let (replies, said) = mpsc::channel(16);
        let mut heard = Heard::default();
        let entry = premises::enter(&session.place, Stay::Short).await?;
        let handed = matches!(entry, Entry::Taken);
        let (done, followed) = match entry {
            Entry::Ours(premises) => {
                let desk = premises.desk.clone();
                let errand = &errand;
                let work = async move {
                    Box::pin(answer(&desk, errand, &replies)).await;
                    Ok(())
                };
                let done = follow(work, said, &asked, &mut heard, Some(&premises.till), &mut each).await;
                let refused = heard.refusal.as_ref().map(|refusal| refusal.code);
                let health = premises.till.health();
                let notices = health.notices.into_iter().chain(health.clock_ahead_s.map(clock_off_by));
                for notice in notices.filter(|notice| ![refused, heard.found].contains(&Some(notice.code))) {
                    session.output.tell(&notice);
                }
                session.keep(premises.leave().await);
                done
            }
            Entry::Taken => {
                let (folder, errand) = (session.place.folder(), &errand);
                let work = async move { hand_over(&folder, errand, &replies).await };
                follow(work, said, &asked, &mut heard, None, &mut each).await
            }
        };
        if followed != Followed::Answered {
            return Ok(followed);
        }
        if let Some(refusal) = heard.refusal {
            return Err(refusal);
        }
        match done {
            Ok(()) if !heard.leaving => return Ok(Followed::Answered),
            Ok(()) => {}
            Err(fault) => {
                let patient = Instant::now() < impatient_at;
                after(fault, &errand.request, heard.watched.is_some(), handed && patient)?;
            }
        }
        if let Some(request) = heard.watched {
            // Looking on needs nobody's PIN.
            errand = Errand::of(request);
            impatient_at = Instant::now() + PATIENCE;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// What a fault of an engine that had been handed `request` leads to: it is asked for once more, or a sentence why not.
/// `shown`: it had shown an order or a refund by then.
fn after(fault: SocketFault, request: &Request, shown: bool, patient: bool) -> Result<(), Refusal> {
    match fault {
        SocketFault::NobodyListens if patient => Ok(()),
        // The engine has died: the order is in the journal, and whoever opens that next asks for it.
        SocketFault::Lost if shown && watches(request) => Ok(()),
        // It had been asked to look on and no more: nothing is lost with it.
        SocketFault::Lost if looks_on(request) && patient => Ok(()),
        // It has died with what it was asked to do, and whether that was done is in the journal alone.
        SocketFault::Lost => Err(Refusal::of(Code::AnswerLost)),
        SocketFault::Refused(reason) => Err(bad_request(reason)),
        SocketFault::TooLong => Err(bad_request(fault)),
        fault => {
            tracing::warn!("{fault}");
            Err(Refusal::of(Code::TillInUse))
        }
    }
}

fn looks_on(request: &Request) -> bool {
    matches!(request, Request::Watch { .. } | Request::WatchRefund { .. })
}

fn watches(request: &Request) -> bool {
    match request {
        Request::Sell { wait, .. } | Request::Refund { wait, .. } | Request::RefundAgain { wait, .. } => *wait,
        Request::Watch { .. } | Request::Close { .. } | Request::Reverse { .. } | Request::WatchRefund { .. } => true,
        Request::Ask { .. }
        | Request::NameGatewayNo { .. }
        | Request::WithdrawRefund { .. }
        | Request::Adopt { .. }
        | Request::AddAccount { .. }
        | Request::ChangeAccount { .. }
        | Request::SetSecret { .. }
        | Request::RemoveAccount { .. }
        | Request::CheckAccount { .. }
        | Request::CheckReceiver
        | Request::AddOperator { .. }
        | Request::RemoveOperator { .. }
        | Request::SetPin { .. }
        | Request::SetLimits { .. }
        | Request::Hello
        | Request::ShowWindow => false,
    }
}

/// How what a reply shows is watched on.
fn watched(reply: &Reply) -> Option<Request> {
    match reply {
        Reply::Order(order) => Some(Request::Watch { order_no: order.order.order_no.clone() }),
        Reply::Refund(refund) => {
            Some(Request::WatchRefund { order_no: refund.order_no.clone(), refund_no: refund.refund_no.clone() })
        }
        Reply::Here
        | Reply::Asked(_)
        | Reply::Raised(_)
        | Reply::Account(_)
        | Reply::Finding(_)
        | Reply::Operator(_)
        | Reply::Limits(_)
        | Reply::Shown
        | Reply::Refused(_)
        | Reply::Leaving => None,
    }
}

/// Whether an open order is shown about which nothing could be sent for want of a key.
fn wants_a_key(reply: &Reply) -> bool {
    let Reply::Order(live) = reply else { return false };
    live.asking.trouble == Some(Trouble::Keyring) && !live.order.state.has_ended()
}

/// Whether `till` found no keyring that a person could unlock. Of another process's nothing is known here.
fn lacks_keyring(till: Option<&Till>) -> bool {
    till.is_some_and(|till| till.health().notices.iter().any(|notice| notice.code == Code::KeyringAbsent))
}

/// Does `work` while its answer is read, and how that ended. `work` is done to its end even where we stop reading: a reader who
/// has gone ends the watching, never what is being committed.
async fn follow<T>(
    work: impl Future<Output = T>,
    mut said: Receiver<Reply>,
    asked: &watch::Receiver<bool>,
    heard: &mut Heard,
    till: Option<&Till>,
    each: &mut impl FnMut(Reply, bool),
) -> (T, Followed) {
    let read = async move {
        loop {
            tokio::select! {
                biased;
                reply = said.recv() => match reply {
                    Some(Reply::Leaving) => heard.leaving = true,
                    Some(Reply::Refused(refusal)) => heard.refusal = Some(refusal),
                    Some(reply) => {
                        let (without_key, no_keyring) = (wants_a_key(&reply), lacks_keyring(till));
                        heard.watched = watched(&reply).or_else(|| heard.watched.take());
                        if let Reply::Finding(finding) = &reply {
                            heard.found = finding.fault.as_ref().map(|fault| fault.code);
                        }
                        each(reply, no_keyring);
                        if without_key && no_keyring {
                            return Followed::WithoutKeyring;
                        }
                    }
                    None => return Followed::Answered,
                },
                () = stop::wait(asked.clone()) => return Followed::Stopped,
            }
        }
    };
    tokio::join!(work, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_dies_is_replaced_where_nothing_can_be_done_twice_and_else_the_journal_knows() {
        let watch = || Request::Watch { order_no: "TK1".to_owned() };
        let close = || Request::Close { order_no: "TK1".to_owned() };
        let code = |request: &Request, shown, patient| {
            after(SocketFault::Lost, request, shown, patient).err().map(|refusal| refusal.code)
        };
        assert_eq!(code(&close(), false, true), Some(Code::AnswerLost), "it may be closed or not");
        assert_eq!(code(&close(), true, false), None, "it was taken on, and is watched");
        assert_eq!(code(&watch(), false, true), None, "one engine after another may end before it says a word");
        assert_eq!(code(&watch(), false, false), Some(Code::AnswerLost), "but not for ever");
    }
}
