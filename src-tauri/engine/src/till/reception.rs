//! What the till knows of its receiver: whether it listens, and what came in for each account. It is kept in memory: what was
//! accepted and meant something is in the journal, and every refusal is in the log. Only when the last notification was accepted
//! is told on from run to run: see [`crate::received`].

use self::faults::{Matter, of};
use super::commit::rfc3339;
use super::{Inner, Till};
use crate::doctor::unfit;
use crate::settings;
use crate::view::receiver::{AccountNotified, CameIn, NotTaken, ReceiverState, ReceiverView, RefusedFor};
use crate::view::{AccountView, Finding};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::NOTIFY_URL;
use till_core::gateway::{self, Gateway};
use till_core::rights::{Action, Actor};
use till_core::time::Moment;

mod faults;

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
    set: settings::Receiver,
    since: Option<Moment>,
    accounts: BTreeMap<String, Tally>,
    elsewhere: Tally,
    /// Who passed something on without being the proxy that is set, and when last.
    passed_on_by: Option<(Moment, IpAddr)>,
    /// The last request that was not read.
    unread: Option<Unread>,
}

#[derive(Debug, Clone, Copy)]
struct Unread {
    at: Moment,
    source: IpAddr,
    /// The proxy that is set says that it came from there.
    by_proxy: bool,
}

#[derive(Debug, Default)]
struct Tally {
    accepted: u32,
    /// UTC microseconds.
    accepted_at: Option<i64>,
    refused: BTreeMap<NotTaken, u32>,
    refused_at: Option<i64>,
    /// Those that were refused and are not yet made good.
    unsettled: BTreeMap<NotTaken, u32>,
}

impl Till {
    /// Takes note of what the settings say of the receiver, whether or not this process receives.
    pub fn set_receiver(&self, set: &settings::Receiver) {
        let mut reception = self.inner.reception.lock();
        if reception.set.proxy != set.proxy {
            reception.passed_on_by = None;
        }
        reception.set = set.clone();
    }

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
        tally.accepted_at = Some(now.wall);
        // A notice that is taken says nothing of the list of prices.
        tally.unsettled.retain(|why, _| of(*why) == Matter::Catalogue);
    }

    /// Counts what was refused: an account's, where there is one of that name, else a stranger's.
    pub fn count_refused(&self, account: &str, why: NotTaken) {
        let now = self.inner.seams.clock.now();
        let known = why != NotTaken::UnknownAccount && self.inner.registry.named(account).is_ok();
        let mut reception = self.inner.reception.lock();
        let tally =
            if known { reception.accounts.entry(account.to_owned()).or_default() } else { &mut reception.elsewhere };
        for counts in [&mut tally.refused, &mut tally.unsettled] {
            let count = counts.entry(why).or_default();
            *count = count.saturating_add(1);
        }
        tally.refused_at = Some(now.wall);
    }

    /// Takes note that `proxy` passed on the till's own request or what a gateway signed, and that the settings do not name it.
    pub fn note_passed_on(&self, proxy: IpAddr) {
        let now = self.inner.seams.clock.now();
        self.inner.reception.lock().passed_on_by = Some((now, proxy));
    }

    /// Takes note that a request from `source` was not read, and whether it is the proxy that names this source.
    pub fn note_unread(&self, source: IpAddr, by_proxy: bool) {
        let at = self.inner.seams.clock.now();
        self.inner.reception.lock().unread = Some(Unread { at, source, by_proxy });
    }

    /// When the last notification was accepted, UTC microseconds, by account.
    #[must_use]
    pub fn last_accepted(&self) -> BTreeMap<String, i64> {
        let reception = self.inner.reception.lock();
        let at = |(account, tally): (&String, &Tally)| Some((account.clone(), tally.accepted_at?));
        reception.accounts.iter().filter_map(at).collect()
    }

    /// Takes over when earlier runs accepted their last ones.
    pub fn recall_accepted(&self, before: BTreeMap<String, i64>) {
        let mut reception = self.inner.reception.lock();
        for (account, at) in before {
            reception.accounts.entry(account).or_default().accepted_at.get_or_insert(at);
        }
    }

    /// The receiver as the settings show it.
    pub fn receiver(&self, actor: &Actor) -> Result<ReceiverView, Refusal> {
        self.permit(actor, Action::Read)?;
        Ok(self.inner.receiver_view(&self.accounts_notified()))
    }

    /// What there is to say of the receiver: whether it listens, whether it is reached from outside, and what came in.
    pub async fn examine_receiver(&self, actor: &Actor) -> Result<Vec<Finding>, Refusal> {
        self.permit(actor, Action::Ask)?;
        let outside = self.check_receiver(actor).await?;
        // After it: how the till's own request came in is known by then.
        let view = self.receiver(actor)?;
        let mut findings = vec![listening(&view)];
        findings.extend(outside);
        let told = |one: &&AccountNotified| view.state == ReceiverState::On || one.came.accepted_at.is_some();
        findings.extend(view.accounts.iter().filter(told).map(|notified| came(notified, view.state)));
        Ok(findings)
    }

    /// Accounts in use whose gateways notify, and where.
    fn accounts_notified(&self) -> Vec<Notified> {
        let public = self.inner.public_address.read().clone();
        let notified = |view: AccountView| {
            let tells = |gateway: &&dyn Gateway| gateway.notifying().is_some() || gateway.partnering().is_some();
            let gateway = gateway::named(&view.gateway).filter(tells)?;
            let account = self.inner.registry.named(&view.name).ok()?.account;
            let there = public.as_deref().map(|public| account.notified_at(public, gateway));
            let notify_url = there.as_ref().unwrap_or(&account).field(NOTIFY_URL.name).map(str::to_owned);
            let partner_urls = public.as_deref().map(|public| account.called_at(public, gateway)).unwrap_or_default();
            let catalogue = account.field(super::catalogue::FIELD).map(str::to_owned);
            Some(Notified { account: view.name, notify_url, partner_urls, catalogue })
        };
        self.accounts().into_iter().filter_map(notified).collect()
    }
}

/// An account in use whose gateway notifies.
struct Notified {
    account: String,
    notify_url: Option<String>,
    partner_urls: Vec<String>,
    catalogue: Option<String>,
}

impl Inner {
    /// The account's list of prices can be used, or is another: that it could not be before is over.
    pub(super) fn catalogue_serves(&self, account: &str) {
        if let Some(tally) = self.reception.lock().accounts.get_mut(account) {
            tally.unsettled.retain(|why, _| of(*why) != Matter::Catalogue);
        }
    }

    fn receiver_view(&self, accounts: &[Notified]) -> ReceiverView {
        let now = self.seams.clock.now();
        let at = |wall: i64| rfc3339(wall, self.seams.clock.offset_minutes(wall));
        let reception = self.reception.lock();
        let notified = |one: &Notified| {
            let tally = reception.accounts.get(&one.account);
            AccountNotified {
                account: one.account.clone(),
                notify_url: one.notify_url.clone(),
                partner_urls: one.partner_urls.clone(),
                came: tally.map(|tally| tally.shown(at)).unwrap_or_default(),
                fault: tally.and_then(|tally| tally.fault(one)),
            }
        };
        let standing = match &reception.receiving {
            Receiving::Never | Receiving::Off => resting(&reception.set),
            Receiving::On { listen, public_address } => ReceiverView {
                state: ReceiverState::On,
                listen: Some(listen.to_string()),
                public_address: public_address.clone(),
                fault: reception.hindered(now),
                ..resting(&reception.set)
            },
            Receiving::Failed(refusal) => {
                ReceiverView { state: ReceiverState::Failed, fault: Some(refusal.clone()), ..resting(&reception.set) }
            }
        };
        ReceiverView {
            since: reception.since.map(|since| at(since.wall)),
            accounts: accounts.iter().map(notified).collect(),
            elsewhere: reception.elsewhere.shown(at),
            ..standing
        }
    }
}

/// A receiver that is not open, by what the settings say of it.
fn resting(set: &settings::Receiver) -> ReceiverView {
    let (state, fault) = match (set.listen, &set.public_address) {
        (Some(listen), _) => {
            (ReceiverState::NoTillRuns, Some(Refusal::of(Code::ReceiverNotRunning).with("listen", listen)))
        }
        (None, Some(address)) => {
            (ReceiverState::Off, Some(Refusal::of(Code::ReceiverHasNoListen).with("address", address)))
        }
        (None, None) => (ReceiverState::Off, None),
    };
    ReceiverView {
        state,
        listen: set.listen.map(|listen| listen.to_string()),
        public_address: set.public_address.clone(),
        since: None,
        fault,
        accounts: vec![],
        elsewhere: CameIn::default(),
    }
}

/// What there is to say of a receiver where no till is open.
pub(crate) fn at_rest(set: &settings::Receiver) -> Finding {
    listening(&resting(set))
}

impl Tally {
    fn shown(&self, at: impl Fn(i64) -> String) -> CameIn {
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
    finding("receiver".to_owned(), named, view.fault.clone())
}

/// What came for an account; of one that nothing is received for now, only when something last did.
fn came(notified: &AccountNotified, state: ReceiverState) -> Finding {
    let AccountNotified { account, came, fault, .. } = notified;
    let mut facts = BTreeMap::new();
    if state == ReceiverState::On {
        facts.extend(
            [("accepted", came.accepted), ("refused", came.refused)].map(|(name, n)| (name.to_owned(), n.to_string())),
        );
    }
    let times = [("accepted_at", &came.accepted_at), ("refused_at", &came.refused_at)];
    facts.extend(times.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at.clone()?))));
    facts.extend(reasons(came));
    finding(format!("notifications:{account}"), facts, fault.clone())
}

fn finding(what: String, facts: BTreeMap<String, String>, fault: Option<Refusal>) -> Finding {
    match fault {
        Some(refusal) => Finding { facts, ..unfit(what, refusal) },
        None => Finding { what, well: true, facts, fault: None },
    }
}

fn reasons(came: &CameIn) -> impl Iterator<Item = (String, String)> {
    came.reasons.iter().map(|RefusedFor { why, count }| (format!("refused.{}", why.word()), count.to_string()))
}
