//! Accounts in memory, their keys, and the calls that are built from them.

use super::words::{KEYRING_CODES, meaning};
use super::{Inner, fault_of_keyring, fault_of_storage, unreadable, unreadable_account};
use crate::keyring::{KeyringFault, secret_name};
use crate::storage::{StorageFault, StoredEvent};
use parking_lot::{Mutex, RwLock};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;
use till_core::account::{Account, Keys};
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::{Channel, Presented};
use till_core::gateway::{self, CreateIntent, Creating, Dealing, Gateway, Subject};
use till_core::journal::{self, Event};
use till_core::order::event::Draft;
use till_core::rights::Action;
use till_core::time::SECOND;

/// Every account in every version, and the keys that were read in this run.
#[derive(Default)]
pub(super) struct Registry {
    versions: RwLock<BTreeMap<String, Vec<Arc<Account>>>>,
    order: RwLock<Vec<String>>,
    keys: Mutex<Known>,
    skew: Mutex<BTreeMap<String, i64>>,
}

/// Keys that were read.
#[derive(Default)]
struct Known {
    of: BTreeMap<String, Arc<Keys>>,
    /// How often some were forgotten: what was read before that may be what is no longer so.
    forgotten: u64,
}

/// Whether the versions of an account lead to this machine, and so to no real gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnLoopback {
    Never,
    Sometimes,
    Always,
}

/// An account together with its gateway.
#[derive(Clone)]
pub(super) struct Party {
    pub(super) account: Arc<Account>,
    pub(super) gateway: &'static dyn Gateway,
}

impl Party {
    pub(super) fn channel(&self, name: &str) -> Option<&'static Channel> {
        Account::channel(self.gateway.descriptor(), name)
    }

    /// The way to pay of orders that are made elsewhere.
    pub(super) fn channel_elsewhere(&self) -> Option<&'static Channel> {
        self.gateway.descriptor().channels.iter().find(|channel| channel.presented == Presented::Elsewhere)
    }

    /// What a call needs. `seconds`: UTC by the gateway's clock.
    pub(super) fn dealing<'a>(&'a self, keys: &'a Keys, nonce: &'a str, seconds: i64) -> Dealing<'a> {
        Dealing { account: &self.account, keys, nonce, seconds }
    }

    /// Making orders, or a sentence why not.
    pub(super) fn creating(&self) -> Result<&'static dyn Creating, Refusal> {
        self.gateway.creating().ok_or_else(|| Refusal::of(Code::GatewayCannot).with("what", Action::Sell.word()))
    }
}

/// The intention of a draft, as its gateway takes it.
pub(super) fn intent<'a>(
    draft: &'a Draft,
    channel: &'static Channel,
    till_id: &'a str,
    payment_code: Option<&'a SecretString>,
) -> CreateIntent<'a> {
    CreateIntent {
        order_no: &draft.order_no,
        channel,
        amount: draft.amount,
        body: &draft.body,
        device_info: till_id,
        client_ip: &draft.client_ip,
        time_start: draft.time_start,
        time_expire: draft.time_start.saturating_add(i64::from(draft.expire_s)),
        extra: &draft.extra,
        return_to: draft.page.as_deref(),
        payment_code,
    }
}

/// Which order a question is about: our number; the gateway's own only where ours cannot be asked for.
pub(super) fn subject<'a>(draft: &'a Draft, channel: &'static Channel, gateway_no: Option<&'a str>) -> Subject<'a> {
    Subject { order_no: &draft.order_no, channel, gateway_no }
}

impl Registry {
    /// Takes in an account's newest version.
    pub(super) fn learn(&self, account: Account) {
        let id = account.id.clone();
        let mut versions = self.versions.write();
        let known = versions.entry(id.clone()).or_default();
        if known.is_empty() {
            self.order.write().push(id);
        }
        known.retain(|older| older.version != account.version);
        known.push(Arc::new(account));
    }

    /// Newest versions, in order of creation.
    pub(super) fn all(&self) -> Vec<Arc<Account>> {
        let versions = self.versions.read();
        self.order.read().iter().filter_map(|id| versions.get(id)?.last().cloned()).collect()
    }

    pub(super) fn named(&self, name: &str) -> Result<Party, Refusal> {
        let account = self
            .all()
            .into_iter()
            .find(|account| account.name == name)
            .ok_or_else(|| Refusal::of(Code::UnknownAccount).with("name", name))?;
        party(account)
    }

    /// The account in the version that an order was made with.
    pub(super) fn of_draft(&self, draft: &Draft) -> Result<Party, Refusal> {
        let versions = self.versions.read();
        let known = versions.get(&draft.account_id).map(Vec::as_slice).unwrap_or_default();
        let account = known
            .iter()
            .find(|account| account.version == draft.account_version)
            .cloned()
            .ok_or_else(|| Refusal::of(Code::UnknownAccount).with("name", &draft.account))?;
        drop(versions);
        party(account)
    }

    /// Whether the account's versions lead to this machine.
    pub(super) fn was_on_loopback(&self, account_id: &str) -> OnLoopback {
        let versions = self.versions.read();
        let known = versions.get(account_id).map(Vec::as_slice).unwrap_or_default();
        match known.iter().filter(|account| account.on_loopback()).count() {
            0 => OnLoopback::Never,
            some if some == known.len() => OnLoopback::Always,
            _ => OnLoopback::Sometimes,
        }
    }

    pub(super) fn forget_keys(&self, account_id: &str) {
        let mut known = self.keys.lock();
        known.of.remove(account_id);
        known.forgotten = known.forgotten.saturating_add(1);
    }

    /// Seconds that the gateway's clock is ahead of this machine's, as the last answer that told its time showed.
    pub(super) fn skew(&self, account_id: &str) -> Option<i64> {
        self.skew.lock().get(account_id).copied()
    }

    /// How far ahead of this machine's clock each gateway's is, as far as one has shown it.
    pub(super) fn skews(&self) -> Vec<i64> {
        self.skew.lock().values().copied().collect()
    }

    pub(super) fn forget_skews(&self) {
        self.skew.lock().clear();
    }

    pub(super) fn set_skew(&self, account_id: &str, ahead_s: i64) {
        self.skew.lock().insert(account_id.to_owned(), ahead_s);
    }
}

fn party(account: Arc<Account>) -> Result<Party, Refusal> {
    let gateway = gateway::named(&account.gateway)
        .ok_or_else(|| Refusal::of(Code::UnknownGateway).with("name", &account.gateway))?;
    Ok(Party { account, gateway })
}

impl Inner {
    /// The party as it sells now: notified at the till's own receiver, where that has a public address.
    pub(super) fn notified_here(&self, party: Party) -> Party {
        match self.public_address.read().as_deref() {
            Some(public) => Party { account: Arc::new(party.account.notified_at(public, party.gateway)), ..party },
            None => party,
        }
    }

    /// The name of a secret in the keyring.
    pub(super) fn secret_name(&self, account_id: &str, field: &str) -> String {
        secret_name(&self.till_id, account_id, field)
    }

    /// An account's keys: from memory, else from the keyring.
    pub(super) async fn keys(&self, party: &Party) -> Result<Arc<Keys>, KeyringFault> {
        let id = &party.account.id;
        let forgotten = {
            let known = self.registry.keys.lock();
            if let Some(keys) = known.of.get(id) {
                return Ok(Arc::clone(keys));
            }
            known.forgotten
        };
        let mut keys = Keys::default();
        for field in party.gateway.descriptor().fields.iter().filter(|field| field.kind.is_secret()) {
            if let Some(secret) = self.seams.keyring.get(&self.secret_name(id, field.name)).await? {
                keys.insert(field.name, secret);
            }
        }
        self.keyring_serves();
        let keys = Arc::new(keys);
        let mut known = self.registry.keys.lock();
        // Keys that were entered while these were read may not be among them: the next one reads again.
        if known.forgotten == forgotten {
            known.of.insert(id.clone(), Arc::clone(&keys));
        }
        Ok(keys)
    }

    /// The keys, or what is missing said in a sentence.
    pub(super) async fn keys_or_refusal(&self, party: &Party) -> Result<Arc<Keys>, Refusal> {
        match self.keys(party).await {
            Ok(keys) => Ok(keys),
            Err(fault) => Err(self.keyring_refused(&fault)),
        }
    }

    /// Says that the keyring refused, until it serves again. The log has each cause once, however often it is asked.
    pub(super) fn keyring_refused(&self, fault: &KeyringFault) -> Refusal {
        let before = self.health.lock().keyring.replace(fault.clone());
        let refusal = if before.as_ref() == Some(fault) { meaning(fault) } else { fault_of_keyring(fault) };
        self.notice(refusal.clone());
        refusal
    }

    fn keyring_serves(&self) {
        self.health.lock().keyring = None;
        self.withdraw(&KEYRING_CODES);
    }

    /// UTC seconds by the gateway's clock.
    pub(super) fn gateway_seconds(&self, account_id: &str) -> i64 {
        self.seams.clock.now().wall.div_euclid(SECOND).saturating_add(self.ahead_s(account_id))
    }

    /// Seconds that the gateway's clock is ahead of this machine's. Differences under two are the header's whole seconds.
    pub(super) fn ahead_s(&self, account_id: &str) -> i64 {
        self.registry.skew(account_id).filter(|skew| skew.abs() >= 2).unwrap_or(0)
    }

    /// Reads the accounts back from the journal. One that is damaged is not in use; one that the disk did not give this time fails
    /// the launch: a till without it would call it unknown and leave its orders alone until the next one.
    pub(super) async fn load_accounts(&self) -> Result<(), Refusal> {
        let rows = self.seams.storage.accounts().await.map_err(|fault| fault_of_storage(&fault))?;
        for row in rows {
            let Ok(account) = serde_json::from_str::<Account>(&row) else {
                self.notice(unreadable("account"));
                continue;
            };
            let subject = journal::account_subject(&account.id);
            match self.seams.storage.stream(&subject).await {
                Ok(events) => self.load_account(&account.name, &events),
                Err(StorageFault::Unreadable { .. }) => self.notice(unreadable_account(&account.name)),
                Err(fault @ StorageFault::Damaged(_)) => self.notice(fault_of_storage(&fault)),
                Err(fault) => return Err(fault_of_storage(&fault)),
            }
        }
        Ok(())
    }

    /// An account of which an event cannot be read is not in use: that event may have changed it, or taken it out of use. Its
    /// orders are asked about as before, each with the version that it was made with.
    fn load_account(&self, name: &str, events: &[StoredEvent]) {
        let read = |stored: &StoredEvent| match journal::read(&stored.payload) {
            Ok(Event::Account { event }) => Some(event.account().clone()),
            Ok(Event::Till { .. } | Event::Order { .. } | Event::Operators { .. } | Event::Limits { .. }) | Err(_) => {
                None
            }
        };
        let versions: Vec<Account> = events.iter().filter_map(read).collect();
        let whole = versions.len() == events.len();
        for version in versions {
            self.registry.learn(Account { retired: version.retired || !whole, ..version });
        }
        if !whole {
            self.notice(unreadable_account(name));
        }
    }
}
