//! Whether the receiver is reached from outside: the till sends a request to its own public address, and looks whether it is
//! the one that comes in.

use super::{Inner, Receiving, Till};
use crate::doctor::unfit;
use crate::view::Finding;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::number;
use till_core::rights::{Action, Actor};

/// Where the till's own requests come in: below the path that a proxy passes on anyway. No gateway has this name.
pub(crate) const PATH: &str = "/notify/self-check";

/// How long is waited for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The till's own requests that are under way, by their tokens.
#[derive(Debug, Default)]
pub(super) struct OwnRequests(Mutex<BTreeMap<String, Own>>);

#[derive(Debug)]
struct Own {
    /// What the till answers itself: nobody else can know it.
    answer: String,
    arrived: bool,
}

impl Till {
    /// The answer to the till's own request of this token; none if it is nobody's, or came before.
    #[must_use]
    pub fn answer_to_own(&self, token: &str) -> Option<String> {
        let mut requests = self.inner.own_requests.0.lock();
        let own = requests.get_mut(token).filter(|own| !own.arrived)?;
        own.arrived = true;
        Some(own.answer.clone())
    }

    /// Sends a request through the public address, and looks whether it comes in here and its answer goes back. Nothing is found
    /// where there is no such address.
    pub async fn check_receiver(&self, actor: &Actor) -> Result<Vec<Finding>, Refusal> {
        self.permit(actor, Action::Ask)?;
        let Receiving::On { public_address: Some(address), .. } = self.receiving() else { return Ok(vec![]) };
        Ok(vec![self.inner.through(&address).await?])
    }
}

impl Inner {
    async fn through(&self, address: &str) -> Result<Finding, Refusal> {
        let token = number::nonce(self.random()?);
        let answer = number::nonce(self.random()?);
        self.own_requests.0.lock().insert(token.clone(), Own { answer: answer.clone(), arrived: false });
        // Taken away whatever becomes of whoever waits for the finding.
        let under_way = UnderWay { requests: &self.own_requests, token: &token };
        let call = HttpCall {
            url: format!("{address}{PATH}/{token}"),
            content_type: "text/plain",
            headers: vec![],
            body: vec![],
        };
        let asked = self.seams.clock.now();
        let sent = tokio::time::timeout(PATIENCE, self.seams.transport.send(call)).await;
        let came = sent.unwrap_or(Err(NoAnswer::TimedOut));
        let took = self.seams.clock.now().since(asked) / 1_000;
        let refusal = met(&came, under_way.arrived(), &answer).map(|refusal| refusal.with("address", address));
        let what = "receiver:outside";
        let mut finding = match refusal {
            None => Finding { what: what.to_owned(), well: true, facts: BTreeMap::new(), fault: None },
            Some(refusal) => unfit(what, refusal),
        };
        finding.facts.insert("latency_ms".to_owned(), took.to_string());
        Ok(finding)
    }
}

struct UnderWay<'a> {
    requests: &'a OwnRequests,
    token: &'a str,
}

impl UnderWay<'_> {
    fn arrived(&self) -> bool {
        self.requests.0.lock().get(self.token).is_some_and(|own| own.arrived)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.requests.0.lock().remove(self.token);
    }
}

/// What is wrong with what came back to the till's own request; nothing if that is its own answer.
fn met(came: &Result<HttpAnswer, NoAnswer>, arrived: bool, own: &str) -> Option<Refusal> {
    let code = match came {
        Ok(answer) if answer.status == 200 && answer.body == own.as_bytes() => return None,
        Ok(_) | Err(_) if arrived => Code::OutsideAnswerChanged,
        Ok(answer) if answer.status >= 400 => {
            return Some(Refusal::of(Code::OutsideRefused).with("status", answer.status));
        }
        Ok(answer) if answer.status >= 300 => Code::OutsideRedirected,
        Ok(_) | Err(NoAnswer::TooLarge) => Code::OutsideAnotherAnswers,
        Err(NoAnswer::NotSent) => Code::OutsideNotAsked,
        Err(NoAnswer::Unreachable) => Code::OutsideUnreachable,
        Err(NoAnswer::TimedOut) => Code::OutsideTimedOut,
        Err(NoAnswer::Untrusted) => Code::OutsideUntrusted,
    };
    Some(Refusal::of(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer { status, body: body.into(), date: None, retry_after: None, authorization: None }
    }

    #[test]
    fn only_its_own_answer_is_well_and_everything_else_has_a_finding_of_its_own() {
        for (came, arrived, expected) in [
            (Ok(answered(200, "own")), true, None),
            (Ok(answered(200, "fail")), false, Some(Code::OutsideAnotherAnswers)),
            (Ok(answered(200, "<html>welcome")), true, Some(Code::OutsideAnswerChanged)),
            (Ok(answered(500, "own")), true, Some(Code::OutsideAnswerChanged)),
            (Ok(answered(301, "")), false, Some(Code::OutsideRedirected)),
            (Ok(answered(404, "")), false, Some(Code::OutsideRefused)),
            (Ok(answered(502, "")), false, Some(Code::OutsideRefused)),
            (Err(NoAnswer::Untrusted), false, Some(Code::OutsideUntrusted)),
            (Err(NoAnswer::TimedOut), false, Some(Code::OutsideTimedOut)),
            (Err(NoAnswer::TimedOut), true, Some(Code::OutsideAnswerChanged)),
            (Err(NoAnswer::Unreachable), false, Some(Code::OutsideUnreachable)),
            (Err(NoAnswer::NotSent), false, Some(Code::OutsideNotAsked)),
            (Err(NoAnswer::TooLarge), false, Some(Code::OutsideAnotherAnswers)),
        ] {
            assert_eq!(met(&came, arrived, "own").map(|refusal| refusal.code), expected, "{came:?} {arrived}");
        }
        let status = met(&Ok(answered(503, "")), false, "own").and_then(|refusal| refusal.facts.get("status").cloned());
        assert_eq!(status.as_deref(), Some("503"));
    }
}
