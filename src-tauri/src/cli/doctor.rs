//! What stands between this machine and selling.

use super::exit::Exit;
use super::{Session, findings, next};
use crate::premises::{self, Entry, Stay, Where};
use std::collections::BTreeMap;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_core::words::Label;
use till_engine::doctor::{clock, is_unknown, receiver_at_rest, unfit, with_clock};
use till_engine::reading::{FILE, Reading};
use till_engine::request::{Reply, Request, hand_over};
use till_engine::view::Finding;
use tokio::sync::mpsc;

const WELL: Label = Label::new("正常", "正常", "well");
const NOT_WELL: Label = Label::new("有问题", "有問題", "not well");
const UNKNOWN: Label = Label::new("未知", "未知", "unknown");

/// Prints every finding.
pub(super) async fn examine(session: &Session) -> Result<Exit, Refusal> {
    let mut exit = Exit::Done;
    let (found, notices) = look(session).await;
    let known: Vec<Refusal> = found.iter().filter_map(|finding| finding.fault.clone()).collect();
    let widest = found.iter().map(|finding| finding.what.chars().count()).max().unwrap_or_default();
    for finding in found {
        exit = exit.max(print(session, &finding, widest));
    }
    // What was found already is not said twice.
    for notice in notices.iter().filter(|notice| !known.contains(notice)) {
        session.output.tell(notice);
    }
    Ok(exit)
}

/// The findings, and what a till that is opened here says at every start. A till that is open elsewhere says it there.
async fn look(session: &Session) -> (Vec<Finding>, Vec<Refusal>) {
    let place = &session.place;
    // Looking must not make a till where there is none.
    if !place.folder().join(FILE).is_file() && !place.training {
        session.tell_of_nothing();
        return (without_till(place).await, Vec::new());
    }
    match premises::enter(place, Stay::Short).await {
        Ok(Entry::Ours(premises)) => {
            let findings = premises::doctor(place, Some(&premises), &premises.till.visitor()).await;
            let notices = premises.till.health().notices;
            session.keep(premises.leave().await);
            (findings, notices)
        }
        Ok(Entry::Taken) => {
            let findings = premises::doctor(place, None, &Actor::Nobody).await;
            let gateways = by_running_engine(session).await;
            let mut findings: Vec<Finding> =
                findings.into_iter().map(|finding| beside_open_till(finding, &gateways)).collect();
            findings.extend(with_clock(gateways));
            findings.extend(receiver_of_running_engine(session).await);
            (findings, Vec::new())
        }
        Err(refusal) => {
            let mut findings = without_till(place).await;
            findings.push(unfit("till", refusal));
            (findings, Vec::new())
        }
    }
}

/// That this terminal finds no keyring says nothing of the till that is open in another session: whether its keys can be had, the
/// checks of its accounts tell. What one of them sent was signed with a key. A keyring that is locked is then in nobody's way before
/// the next start of that till.
fn beside_open_till(finding: Finding, gateways: &[Finding]) -> Finding {
    let found = |code: Code| finding.fault.as_ref().is_some_and(|fault| fault.code == code);
    let well = !gateways.is_empty() && gateways.iter().all(|gateway| gateway.facts.contains_key("latency_ms"));
    let (name, value) = if found(Code::KeyringAbsent) {
        if well { ("keys", "of_open_till") } else { ("not_known", "keyring_of_open_till") }
    } else if found(Code::KeyringLocked) && well {
        ("keys", "of_open_till_locked")
    } else {
        return finding;
    };
    let facts = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    Finding { well, facts, fault: None, ..finding }
}

async fn without_till(place: &Where) -> Vec<Finding> {
    let mut findings = premises::doctor(place, None, &Actor::Nobody).await;
    findings.push(clock(&[]));
    findings.extend(receiver_at_rest(&place.folder()));
    findings
}

/// What there is to say of the receiver of the engine that has the folder.
async fn receiver_of_running_engine(session: &Session) -> Vec<Finding> {
    let (replies, mut said) = mpsc::channel(4);
    let (folder, errand) = (session.place.folder(), session.errand(Request::CheckReceiver));
    let ask = async move { hand_over(&folder, &errand, &replies).await };
    let hear = async {
        let mut findings = Vec::new();
        while let Some(reply) = said.recv().await {
            match reply {
                Reply::Finding(finding) => findings.push(finding),
                Reply::Refused(refusal) => findings.push(unfit("receiver", refusal)),
                Reply::Order(_)
                | Reply::Asked(_)
                | Reply::Refund(_)
                | Reply::Raised(_)
                | Reply::Account(_)
                | Reply::Operator(_)
                | Reply::Limits(_)
                | Reply::Here
                | Reply::Shown
                | Reply::Leaving => {}
            }
        }
        findings
    };
    let (asked, findings) = tokio::join!(ask, hear);
    if asked.is_err() || findings.is_empty() {
        return vec![unfit("receiver", Refusal::of(Code::TillInUse))];
    }
    findings
}

/// The gateways' checks, by the engine that has the folder.
async fn by_running_engine(session: &Session) -> Vec<Finding> {
    let folder = session.place.folder();
    let accounts = match Reading::open(&folder).await {
        Ok(reading) => reading.accounts().await,
        Err(refusal) => Err(refusal),
    };
    let accounts = match accounts {
        Ok(accounts) => accounts,
        Err(refusal) => return vec![unfit("till", refusal)],
    };
    let mut findings = Vec::new();
    for name in accounts.into_iter().map(|account| account.name) {
        let (replies, mut said) = mpsc::channel(4);
        let errand = session.errand(Request::CheckAccount { name: name.clone() });
        let handed = hand_over(&folder, &errand, &replies).await;
        drop(replies);
        findings.push(match (handed, said.recv().await) {
            (Ok(()), Some(Reply::Finding(finding))) => finding,
            (Ok(()), Some(Reply::Refused(refusal))) => unfit(format!("gateway:{name}"), refusal),
            (
                Ok(()),
                Some(
                    Reply::Order(_)
                    | Reply::Asked(_)
                    | Reply::Refund(_)
                    | Reply::Raised(_)
                    | Reply::Account(_)
                    | Reply::Operator(_)
                    | Reply::Limits(_)
                    | Reply::Here
                    | Reply::Shown
                    | Reply::Leaving,
                )
                | None,
            )
            | (Err(_), _) => unfit(format!("gateway:{name}"), Refusal::of(Code::TillInUse)),
        });
    }
    findings
}

/// Prints one finding, and gives what a process ends with that found nothing worse. `widest`: the longest name beside it.
pub(super) fn print(session: &Session, finding: &Finding, widest: usize) -> Exit {
    let output = &session.output;
    output.line(finding, || {
        let well = output.words(match (finding.well, is_unknown(finding)) {
            (true, _) => WELL,
            (false, false) => NOT_WELL,
            (false, true) => UNKNOWN,
        });
        let room = " ".repeat(columns(output.words(NOT_WELL)).saturating_sub(columns(well)));
        let mut text = format!("{:<widest$}  {well}", finding.what);
        if !finding.facts.is_empty() {
            text.push_str(&room);
        }
        text.extend(["  ".to_owned(), findings::facts(finding, output.language)]);
        if let Some(fault) = &finding.fault {
            text.extend(findings::of_fault(fault, output.language).iter().map(|line| format!("\n  {line}")));
            text.extend(next::lines(fault, &output.called, output.language).iter().map(|line| format!("\n    {line}")));
        }
        text.extend(findings::meaning(finding, output.language).iter().map(|line| format!("\n  {line}")));
        text.trim_end().to_owned()
    });
    match &finding.fault {
        _ if finding.well => Exit::Done,
        Some(fault) => Exit::of(fault),
        // Nothing is wrong with it, and a gateway that does not answer is a finding of its own.
        None if is_unknown(finding) => Exit::Done,
        None => Exit::NotYet,
    }
}

/// How much room a word of ours takes on a terminal: a Chinese character as much as two letters.
fn columns(text: &str) -> usize {
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::words::Language;

    #[test]
    fn the_keyring_of_an_open_till_is_well_where_every_account_of_it_was_asked_and_else_unknown() {
        let keyring = || unfit("keyring", Refusal::of(Code::KeyringAbsent));
        let asked = |facts: &[(&str, &str)]| Finding {
            what: "gateway:main".to_owned(),
            well: false,
            facts: facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            fault: None,
        };
        let both = [asked(&[("latency_ms", "9")]), asked(&[("latency_ms", "20"), ("answer", "timed_out")])];
        let well = beside_open_till(keyring(), &both);
        assert!(well.well && well.fault.is_none() && !is_unknown(&well), "{well:?}");
        let unasked = unfit("gateway:main", Refusal::of(Code::KeyringAbsent));
        for gateways in [vec![], vec![unasked], vec![asked(&[("latency_ms", "9")]), asked(&[])]] {
            let found = beside_open_till(keyring(), &gateways);
            assert!(is_unknown(&found) && found.fault.is_none(), "{found:?}");
        }
        let locked = || unfit("keyring", Refusal::of(Code::KeyringLocked));
        let found = beside_open_till(locked(), &[asked(&[("latency_ms", "20")])]);
        assert!(found.well && found.fault.is_none(), "the open till has its keys: {found:?}");
        assert_eq!(
            findings::facts(&found, Language::En),
            "it is locked: the till that is open has its keys already, and needs it unlocked at its next start"
        );
        let found = beside_open_till(locked(), &[asked(&[])]);
        assert_eq!(found.fault.map(|fault| fault.code), Some(Code::KeyringLocked), "no account was asked");
    }
}
