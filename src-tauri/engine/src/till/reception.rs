//! What the till knows of its receiver: whether it listens, and what came in for each account. It is kept in memory: what was
//! accepted and meant something is in the journal, and every refusal is in the log.

use super::commit::rfc3339;
use super::{Inner, Till};
use crate::doctor::unfit;
use crate::view::receiver::{AccountNotified, CameIn, NotTaken, ReceiverState, ReceiverView, RefusedFor};
use crate::view::{AccountView, Finding};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use till_core::error::Refusal;
use till_core::gateway::descriptor::NOTIFY_URL;
use till_core::gateway::{self, Gateway};
use till_core::rights::{Action, Actor};
use till_core::time::Moment;

/// Whether this process receives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Receiving {
    /// It does not stay long enough.
    #[default]
    Never,
    /// It would, if somebody said where.
    Off,
    /// It does.
    On {
        /// Where it listens.
        listen: SocketAddr,
        /// How that is reached from outside, without a slash at its end.
        public_address: Option<String>,
    },
    /// The address could not be had.
    Failed(Refusal),
}

/// What came in since the till began to receive.
#[derive(Debug, Default)]
pub(super) struct Reception {
    receiving: Receiving,
    since: Option<Moment>,
    accounts: BTreeMap<String, Tally>,
    elsewhere: Tally,
}

#[derive(Debug, Default)]
struct Tally {
    accepted: u32,
    accepted_at: Option<Moment>,
    refused: BTreeMap<NotTaken, u32>,
    refused_at: Option<Moment>,
}

impl Till {
    /// Takes note of whether this process receives. Orders made from now on are notified at the public address, if there is one.
    pub fn set_receiving(&self, receiving: Receiving) {
        let public = match &receiving {
            Receiving::On { public_address, .. } => public_address.clone(),
            Receiving::Never | Receiving::Off | Receiving::Failed(_) => None,
        };
        self.set_public_address(public);
        let now = self.inner.seams.clock.now();
        let mut reception = self.inner.reception.lock();
        if matches!(receiving, Receiving::On { .. }) {
            reception.since.get_or_insert(now);
        }
        reception.receiving = receiving;
    }

    /// Whether this process receives.
    #[must_use]
    pub fn receiving(&self) -> Receiving {
        self.inner.reception.lock().receiving.clone()
    }

    /// Counts what was accepted for an account.
    pub fn count_accepted(&self, account: &str) {
        let now = self.inner.seams.clock.now();
        let mut reception = self.inner.reception.lock();
        let tally = reception.accounts.entry(account.to_owned()).or_default();
        tally.accepted = tally.accepted.saturating_add(1);
        tally.accepted_at = Some(now);
    }

    /// Counts what was refused: an account's, where there is one of that name, else a stranger's.
    pub fn count_refused(&self, account: &str, why: NotTaken) {
        let now = self.inner.seams.clock.now();
        let known = why != NotTaken::UnknownAccount && self.inner.registry.named(account).is_ok();
        let mut reception = self.inner.reception.lock();
        let tally =
            if known { reception.accounts.entry(account.to_owned()).or_default() } else { &mut reception.elsewhere };
        let count = tally.refused.entry(why).or_default();
        *count = count.saturating_add(1);
        tally.refused_at = Some(now);
    }

    /// The receiver as the settings show it.
    pub fn receiver(&self, actor: &Actor) -> Result<ReceiverView, Refusal> {
        self.permit(actor, Action::Read)?;
        Ok(self.inner.receiver_view(&self.accounts_notified()))
    }

    /// What there is to say of the receiver: whether it listens, whether it is reached from outside, and what came in.
    pub async fn examine_receiver(&self, actor: &Actor) -> Result<Vec<Finding>, Refusal> {
        self.permit(actor, Action::Ask)?;
        let view = self.receiver(actor)?;
        let mut findings = vec![listening(&view)];
        findings.extend(self.check_receiver(actor).await?);
        if view.state == ReceiverState::On {
            findings.extend(view.accounts.iter().map(|notified| came(&notified.account, &notified.came)));
        }
        Ok(findings)
    }

    /// Accounts in use whose gateways notify, and where.
    fn accounts_notified(&self) -> Vec<(String, Option<String>)> {
        let public = self.inner.public_address.read().clone();
        let notified = |view: AccountView| {
            let tells = |gateway: &&dyn Gateway| gateway.notifying().is_some() || gateway.partnering().is_some();
            let gateway = gateway::named(&view.gateway).filter(tells)?;
            let account = self.inner.registry.named(&view.name).ok()?.account;
            let there = public.as_deref().map(|public| account.notified_at(public, gateway));
            let notify_url = there.as_ref().unwrap_or(&account).field(NOTIFY_URL.name).map(str::to_owned);
            Some((view.name, notify_url))
        };
        self.accounts().into_iter().filter_map(notified).collect()
    }
}

impl Inner {
    fn receiver_view(&self, accounts: &[(String, Option<String>)]) -> ReceiverView {
        let at = |moment: Moment| rfc3339(moment.wall, self.seams.clock.offset_minutes(moment.wall));
        let reception = self.reception.lock();
        let (state, listen, public_address, fault) = match &reception.receiving {
            Receiving::Never => (ReceiverState::NoTillRuns, None, None, None),
            Receiving::Off => (ReceiverState::Off, None, None, None),
            Receiving::On { listen, public_address } => {
                (ReceiverState::On, Some(listen.to_string()), public_address.clone(), None)
            }
            Receiving::Failed(refusal) => (ReceiverState::Failed, None, None, Some(refusal.clone())),
        };
        let notified = |(account, notify_url): &(String, Option<String>)| AccountNotified {
            account: account.clone(),
            notify_url: notify_url.clone(),
            came: reception.accounts.get(account).map(|tally| tally.shown(at)).unwrap_or_default(),
        };
        ReceiverView {
            state,
            listen,
            public_address,
            since: reception.since.map(at),
            fault,
            accounts: accounts.iter().map(notified).collect(),
            elsewhere: reception.elsewhere.shown(at),
        }
    }
}

impl Tally {
    fn shown(&self, at: impl Fn(Moment) -> String) -> CameIn {
        let mut reasons: Vec<RefusedFor> =
            self.refused.iter().map(|(&why, &count)| RefusedFor { why, count }).collect();
        reasons.sort_by_key(|reason| Reverse(reason.count));
        CameIn {
            accepted: self.accepted,
            accepted_at: self.accepted_at.map(&at),
            refused: self.refused.values().fold(0, |sum: u32, count| sum.saturating_add(*count)),
            refused_at: self.refused_at.map(&at),
            reasons,
        }
    }
}

fn listening(view: &ReceiverView) -> Finding {
    let facts = [
        ("state", Some(view.state.word().to_owned())),
        ("listen", view.listen.clone()),
        ("public_address", view.public_address.clone()),
        ("since", view.since.clone().filter(|_| view.state == ReceiverState::On)),
        ("refused_elsewhere", (view.elsewhere.refused > 0).then(|| view.elsewhere.refused.to_string())),
    ];
    let mut named: BTreeMap<_, _> =
        facts.into_iter().filter_map(|(name, fact)| Some((name.to_owned(), fact?))).collect();
    named.extend(reasons(&view.elsewhere));
    match &view.fault {
        Some(refusal) => Finding { facts: named, ..unfit("receiver", refusal.clone()) },
        None => Finding { what: "receiver".to_owned(), well: true, facts: named, fault: None },
    }
}

/// What came for an account. Anybody can send what is refused, so it is not well only where nothing else came.
fn came(account: &str, came: &CameIn) -> Finding {
    let mut facts = BTreeMap::from([
        ("accepted".to_owned(), came.accepted.to_string()),
        ("refused".to_owned(), came.refused.to_string()),
    ]);
    let times = [("accepted_at", &came.accepted_at), ("refused_at", &came.refused_at)];
    facts.extend(times.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at.clone()?))));
    facts.extend(reasons(came));
    let well = came.accepted > 0 || came.refused == 0;
    Finding { what: format!("notifications:{account}"), well, facts, fault: None }
}

fn reasons(came: &CameIn) -> impl Iterator<Item = (String, String)> {
    came.reasons.iter().map(|RefusedFor { why, count }| (format!("refused.{}", why.word()), count.to_string()))
}
