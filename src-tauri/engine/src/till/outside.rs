//! Whether the receiver is reached from outside: the till sends requests to its own public address, one below each path that it
//! uses, and looks whether they are the ones that come in.

use super::{Inner, Receiving, Till};
use crate::doctor::unfit;
use crate::view::{AccountView, Finding};
use futures_util::future::join_all;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::gateway::descriptor::Channel;
use till_core::gateway::{self, Gateway};
use till_core::number;
use till_core::rights::{Action, Actor};

/// How long is waited for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Paths below which the receiver is sent something. A proxy may pass one of them on and not another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paths {
    Notify,
    Pay,
    Dingdang,
}

impl Paths {
    const ALL: [Self; 3] = [Self::Notify, Self::Pay, Self::Dingdang];

    fn prefix(self) -> &'static str {
        match self {
            Self::Notify => "/notify/",
            Self::Pay => "/pay/",
            Self::Dingdang => "/dingdang/",
        }
    }

    /// Where the till's own request goes: a path of the form that others have there.
    fn own(self, token: &str) -> String {
        match self {
            Self::Notify | Self::Dingdang => format!("{}self-check/{token}", self.prefix()),
            Self::Pay => format!("{}{token}", self.prefix()),
        }
    }

    /// As gateways and customers ask there.
    fn method(self) -> &'static str {
        match self {
            Self::Notify | Self::Dingdang => "POST",
            Self::Pay => "GET",
        }
    }

    /// Whether an account at `gateway` has anything come in there.
    fn is_used_by(self, gateway: &dyn Gateway) -> bool {
        match self {
            Self::Notify => gateway.notifying().is_some(),
            Self::Pay => gateway.descriptor().channels.iter().any(Channel::leads_to_a_page),
            Self::Dingdang => gateway.partnering().is_some(),
        }
    }
}

/// The till's own requests that are under way, by their paths.
#[derive(Debug, Default)]
pub(super) struct OwnRequests(Mutex<BTreeMap<String, Own>>);

#[derive(Debug)]
struct Own {
    method: &'static str,
    /// What the till answers itself: nobody else can know it.
    answer: String,
    arrived: bool,
}

impl Till {
    /// The answer to the till's own request to this path; none if it is nobody's, or came before.
    #[must_use]
    pub fn answer_to_own(&self, method: &str, path: &str) -> Option<String> {
        let mut requests = self.inner.own_requests.0.lock();
        let own = requests.get_mut(path).filter(|own| own.method == method && !own.arrived)?;
        own.arrived = true;
        Some(own.answer.clone())
    }

    /// Sends a request through the public address to each path that this till uses, and looks whether it comes in here and its
    /// answer goes back. Nothing is found where there is no such address.
    pub async fn check_receiver(&self, actor: &Actor) -> Result<Vec<Finding>, Refusal> {
        self.permit(actor, Action::Ask)?;
        let Receiving::On { public_address: Some(address), .. } = self.receiving() else { return Ok(vec![]) };
        Ok(vec![self.inner.through(&address, &used_by(&self.accounts())).await?])
    }
}

/// Notifications are looked for where nothing else is: an account that comes will have them.
fn used_by(accounts: &[AccountView]) -> Vec<Paths> {
    let gateways: Vec<_> = accounts.iter().filter_map(|account| gateway::named(&account.gateway)).collect();
    let used = |paths: &Paths| gateways.iter().any(|gateway| paths.is_used_by(*gateway));
    let all: Vec<Paths> = Paths::ALL.into_iter().filter(used).collect();
    if all.is_empty() { vec![Paths::Notify] } else { all }
}

impl Inner {
    async fn through(&self, address: &str, used: &[Paths]) -> Result<Finding, Refusal> {
        let mut asking = Vec::new();
        for paths in used {
            let (token, answer) = (number::nonce(self.random()?), number::nonce(self.random()?));
            asking.push(self.passes(address, *paths, token, answer));
        }
        let asked = self.seams.clock.now();
        let met = join_all(asking).await;
        let took = self.seams.clock.now().since(asked) / 1_000;
        let what = "receiver:outside";
        let met: Vec<_> = used.iter().copied().zip(met).collect();
        let mut finding = match in_the_way(address, &met) {
            None => Finding { what: what.to_owned(), well: true, facts: BTreeMap::new(), fault: None },
            Some((refusal, otherwise)) => {
                let mut finding = unfit(what, refusal);
                finding.facts.extend(otherwise.map(|paths| ("fails_otherwise".to_owned(), paths)));
                finding
            }
        };
        finding.facts.insert("latency_ms".to_owned(), took.to_string());
        Ok(finding)
    }

    /// What stands in the way of requests to `paths`; nothing if the till's own comes in and its answer back.
    async fn passes(&self, address: &str, paths: Paths, token: String, answer: String) -> Option<Refusal> {
        let path = paths.own(&token);
        let own = Own { method: paths.method(), answer: answer.clone(), arrived: false };
        self.own_requests.0.lock().insert(path.clone(), own);
        // Taken away whatever becomes of whoever waits for the finding.
        let under_way = UnderWay { requests: &self.own_requests, path: &path };
        let url = format!("{address}{path}");
        let transport = &self.seams.transport;
        let sent = async {
            match paths {
                Paths::Pay => transport.get(&url).await,
                Paths::Notify | Paths::Dingdang => {
                    let call = HttpCall { url, content_type: "text/plain", headers: vec![], body: vec![] };
                    transport.send(call).await
                }
            }
        };
        let came = tokio::time::timeout(PATIENCE, sent).await.unwrap_or(Err(NoAnswer::TimedOut));
        met(&came, under_way.arrived(), &answer)
    }
}

/// What stands in the way of all paths, else of the first that does not come through and of those like it; and the paths that
/// fail for another reason.
fn in_the_way(address: &str, met: &[(Paths, Option<Refusal>)]) -> Option<(Refusal, Option<String>)> {
    let first = met.iter().find_map(|(_, refusal)| refusal.clone())?;
    let failing = met.iter().filter_map(|(paths, refusal)| Some((*paths, refusal.as_ref()?)));
    let (alike, others): (Vec<_>, Vec<_>) = failing.partition(|(_, refusal)| **refusal == first);
    let list = |failing: &[(Paths, &Refusal)]| {
        failing.iter().map(|(paths, _)| format!("{address}{}", paths.prefix())).collect::<Vec<_>>().join(", ")
    };
    let named = if alike.len() == met.len() { address.to_owned() } else { list(&alike) };
    Some((first.with("address", named), (!others.is_empty()).then(|| list(&others))))
}

struct UnderWay<'a> {
    requests: &'a OwnRequests,
    path: &'a str,
}

impl UnderWay<'_> {
    fn arrived(&self) -> bool {
        self.requests.0.lock().get(self.path).is_some_and(|own| own.arrived)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.requests.0.lock().remove(self.path);
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

    #[test]
    fn a_path_that_alone_does_not_come_through_is_named_and_what_all_meet_is_said_of_the_address() {
        let refused = || Some(Refusal::of(Code::OutsideRefused).with("status", 404));
        let named = |met: [Option<Refusal>; 3]| {
            let met: Vec<_> = Paths::ALL.into_iter().zip(met).collect();
            let (refusal, otherwise) = in_the_way("https://pay.example.com", &met)?;
            assert_eq!(otherwise, None);
            Some(refusal.facts["address"].clone())
        };
        assert_eq!(named([None, None, None]), None);
        assert_eq!(named([refused(), refused(), refused()]).as_deref(), Some("https://pay.example.com"));
        assert_eq!(named([None, refused(), None]).as_deref(), Some("https://pay.example.com/pay/"));
        assert_eq!(
            named([None, refused(), refused()]).as_deref(),
            Some("https://pay.example.com/pay/, https://pay.example.com/dingdang/")
        );
    }

    #[test]
    fn every_path_that_fails_is_named_also_where_one_fails_for_another_reason() {
        let refused = |status: u16| Some(Refusal::of(Code::OutsideRefused).with("status", status));
        let met: Vec<_> = Paths::ALL.into_iter().zip([refused(502), refused(404), refused(502)]).collect();
        let (refusal, otherwise) = in_the_way("https://pay.example.com", &met).unwrap();
        let named = "https://pay.example.com/notify/, https://pay.example.com/dingdang/";
        assert_eq!((refusal.facts["status"].as_str(), refusal.facts["address"].as_str()), ("502", named));
        assert_eq!(otherwise.as_deref(), Some("https://pay.example.com/pay/"));
    }
}
