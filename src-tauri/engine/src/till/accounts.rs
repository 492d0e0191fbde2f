//! Accounts: adding, changing, their secrets, and taking them out of use.

use super::dealing::Party;
use super::people::missing;
use super::{Till, catalogue, fault_of_keyring, fault_of_storage};
use crate::doctor::{clocks_apart, known_ahead_s};
use crate::storage::{OrderRow, OrderSearch};
use crate::view::{AccountView, Finding, Mark};
use secrecy::{ExposeSecret, SecretSlice};
use std::collections::BTreeMap;
use till_core::account::{self, Account, AccountChange, AccountRefusal, hint_of, is_account_name, is_another_merchant};
use till_core::error::{Code, Refusal};
use till_core::gateway::keys::{BadKey, stored_form};
use till_core::gateway::reaction::{Reaction, Said};
use till_core::gateway::{self, Gateway, Read, STALE, Subject, Unreadable, VERIFIED, WRONG};
use till_core::journal::AccountEvent;
use till_core::money::Currency;
use till_core::number::{self, Kind};
use till_core::order::State;
use till_core::order::report::Stated;
use till_core::rights::{Action, Actor, may_keep_accounts};

/// Whether the gateway has spoken of the order. A state that nobody knows is taken for the gateway's word.
fn is_known_there(row: &OrderRow) -> bool {
    State::from_word(&row.state).is_none_or(|state| state.is_known_there(row.gateway_no.as_deref()))
}

/// Whether an open order is asked about until it ends. For one that cannot be, what ends it may come to an account that is out of
/// use as well: to wait for that would be to wait for ever.
fn is_asked_about(row: &OrderRow, party: &Party) -> bool {
    let by_our_number = party.gateway.descriptor().asked_by_our_number;
    let can_be = |state: State| state.can_be_asked_about(by_our_number, row.gateway_no.as_deref());
    State::from_word(&row.state).is_none_or(can_be)
}

impl Till {
    /// Accounts that are in use, in order of creation.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountView> {
        let all = self.inner.registry.all();
        all.iter().filter(|account| !account.retired).map(|account| self.account_view(account)).collect()
    }

    /// One account by its name.
    pub fn account(&self, name: &str) -> Result<AccountView, Refusal> {
        Ok(self.account_view(&self.inner.registry.named(name)?.account))
    }

    /// Adds an account. Its secrets go in afterwards.
    pub async fn add_account(
        &self,
        actor: &Actor,
        gateway: &str,
        name: &str,
        change: &AccountChange,
    ) -> Result<AccountView, Refusal> {
        let actor = &self.keeper(actor)?;
        let descriptor = gateway::named(gateway)
            .ok_or_else(|| Refusal::from(AccountRefusal::UnknownGateway).with("name", gateway))?
            .descriptor();
        if !is_account_name(name) {
            return Err(Refusal::from(AccountRefusal::BadName).with("name", name));
        }
        let _turn = self.inner.keeping.lock().await;
        if let Some(namesake) = self.inner.registry.all().iter().find(|account| account.name == name) {
            let why = if namesake.retired { AccountRefusal::NameKept } else { AccountRefusal::NameTaken };
            return Err(Refusal::from(why).with("name", name));
        }
        let now = self.inner.seams.clock.now();
        let empty = Account {
            id: number::number(Kind::Account, now, &self.inner.till_id, self.inner.random()?),
            name: name.to_owned(),
            gateway: gateway.to_owned(),
            version: 1,
            base_url: descriptor.base_url.to_owned(),
            fields: BTreeMap::new(),
            secrets: BTreeMap::new(),
            retired: false,
        };
        let account = change.apply(&empty, descriptor)?;
        self.inner.commit_account(0, AccountEvent::Added { account: account.clone() }, actor).await?;
        Ok(self.account_view(&account))
    }

    /// Changes an account's fields or address. Orders keep the version they were made with.
    pub async fn change_account(
        &self,
        actor: &Actor,
        name: &str,
        change: &AccountChange,
    ) -> Result<AccountView, Refusal> {
        let actor = &self.keeper(actor)?;
        let _turn = self.inner.keeping.lock().await;
        let party = self.in_use(name)?;
        let changed = change.apply(&party.account, party.gateway.descriptor())?;
        if is_another_merchant(&party.account, &changed, party.gateway.descriptor()) {
            self.no_order_waits_for(&party, name).await?;
        }
        if changed == *party.account {
            return Ok(self.account_view(&changed));
        }
        self.next_version(actor, &party, changed, None).await
    }

    /// Puts a secret into the keyring. It never comes out again.
    pub async fn set_secret(
        &self,
        actor: &Actor,
        name: &str,
        field: &str,
        secret: &SecretSlice<u8>,
    ) -> Result<AccountView, Refusal> {
        let actor = &self.keeper(actor)?;
        let _turn = self.inner.keeping.lock().await;
        let party = self.in_use(name)?;
        let described = party.gateway.descriptor().fields.iter().find(|known| known.name == field);
        let Some(described) = described.filter(|known| known.kind.is_secret()) else {
            let known = account::names(party.gateway.descriptor(), true);
            return Err(AccountRefusal::UnknownField(field.to_owned(), known).into());
        };
        let refused = |code| Refusal::of(code).with("field", field);
        let letters = secret.expose_secret().len();
        if letters == 0 || letters > described.max_chars.saturating_mul(4) {
            return Err(refused(Code::BadValue));
        }
        let unusable = |bad: BadKey| refused(Code::SecretUnusable).with("reason", bad.word());
        let secret = &stored_form(described.kind, secret).map_err(unusable)?;
        let id = &party.account.id;
        let stored = self.inner.seams.keyring.set(&self.inner.secret_name(id, field), secret).await;
        self.inner.registry.forget_keys(id);
        stored.map_err(|fault| fault_of_keyring(&fault))?;
        let mut changed = (*party.account).clone();
        changed.secrets.insert(field.to_owned(), hint_of(secret.expose_secret()));
        self.next_version(actor, &party, changed, Some(field.to_owned())).await
    }

    /// Takes an account out of use. Refused while the gateway's final answer on an order or a refund of it is awaited. Its keys stay.
    pub async fn remove_account(&self, actor: &Actor, name: &str) -> Result<(), Refusal> {
        let actor = &self.keeper(actor)?;
        let _turn = self.inner.keeping.lock().await;
        let party = self.in_use(name)?;
        let open = self.open_orders_of(&party).await?;
        let count = open.iter().filter(|row| is_asked_about(row, &party)).count();
        let refunds = self.inner.open_refunds_of(&party.account.id).await?;
        if count > 0 || refunds > 0 {
            let kept = Refusal::of(Code::AccountHasOpenOrders).with("name", name);
            return Err(kept.with("count", count).with("refunds", refunds));
        }
        let seen = u64::from(party.account.version);
        let mut account = (*party.account).clone();
        account.version = account.version.saturating_add(1);
        account.retired = true;
        self.inner.commit_account(seen, AccountEvent::Retired { account }, actor).await
    }

    /// Refuses while the final answer of the account's gateway is awaited on an order that it knows, or on a refund. An order that it
    /// may never have heard of stands in nobody's way: a number that was mistyped must be put right.
    async fn no_order_waits_for(&self, party: &Party, name: &str) -> Result<(), Refusal> {
        let count = self.open_orders_of(party).await?.iter().filter(|row| is_known_there(row)).count();
        let refunds = self.inner.open_refunds_of(&party.account.id).await?;
        if count == 0 && refunds == 0 {
            return Ok(());
        }
        let kept = Refusal::of(Code::MerchantHasOpenOrders).with("name", name);
        Err(kept.with("count", count).with("refunds", refunds))
    }

    async fn open_orders_of(&self, party: &Party) -> Result<Vec<OrderRow>, Refusal> {
        let account_id = Some(party.account.id.clone());
        self.inner.every(&OrderSearch { account_id, open: Some(true), ..OrderSearch::default() }).await
    }

    /// Tries an account against its gateway without money: signature, clock and latency; and whether what it needs beside the
    /// gateway can be had.
    pub async fn check_account(&self, actor: &Actor, name: &str) -> Result<Finding, Refusal> {
        self.permit(actor, Action::Ask)?;
        let party = self.inner.registry.named(name)?;
        let what = format!("gateway:{name}");
        let keys = self.inner.keys_or_refusal(&party).await?;
        let nonce = number::nonce(self.inner.random()?);
        let now = self.inner.seams.clock.now();
        let descriptor = party.gateway.descriptor();
        let Some(first) = descriptor.channels.first() else {
            return Err(Refusal::of(Code::GatewayCannot).with("what", Action::Ask.word()));
        };
        let unused = number::number(Kind::Order, now, &self.inner.till_id, self.inner.random()?);
        let known = self.newest_known(&party).await?;
        let about = match &known {
            // Only an answer about an order shows how this gateway signs: errors come unsigned.
            Some(row) => Subject {
                order_no: &row.order_no,
                channel: party.channel(&row.channel).unwrap_or(first),
                gateway_no: row.gateway_no.as_deref(),
            },
            // A number that was never used: a gateway that knows the key answers "no such order".
            None => Subject {
                order_no: &unused,
                channel: first,
                gateway_no: (!descriptor.asked_by_our_number).then_some(unused.as_str()),
            },
        };
        let dealing = party.dealing(&keys, &nonce, self.inner.gateway_seconds(&party.account.id));
        let allowed_s = self.inner.ahead_s(&party.account.id);
        let call = party
            .gateway
            .query(dealing, &about)
            .map_err(|unbuildable| Refusal::from(unbuildable).with("name", name))?;
        let (asked, answer) = self.inner.put_to_gateway(&party.account.id, call).await;
        let now = self.inner.seams.clock.now();
        let mut facts = BTreeMap::from([("latency_ms".to_owned(), (now.since(asked) / 1_000).to_string())]);
        let mut fault = self.catalogue_of(&party.account, &mut facts).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(no_answer) => {
                facts.insert("answer".to_owned(), no_answer.word().to_owned());
                return Ok(Finding { what, well: false, facts, fault });
            }
        };
        let reading = party.gateway.signature_reading(dealing, &answer);
        if let Some(reading) = reading {
            facts.insert("signature".to_owned(), reading.to_owned());
        }
        let read = party.gateway.read_query(dealing, &about, &answer);
        // What is signed wrongly is nobody's word, and its time nobody's clock.
        let forged = reading == Some(WRONG);
        if !forged {
            self.inner.learn_skew(&party, &read, &answer, asked, now);
        }
        let skew = self.inner.registry.skew(&party.account.id).filter(|_| read.is_the_gateways() && !forged);
        let ahead_s = skew.map(|skew| known_ahead_s(skew, now.since(asked)));
        facts.extend(ahead_s.map(|ahead_s| ("gateway_ahead_s".to_owned(), ahead_s.to_string())));
        // By how much a signature is out of time says more than the header beside it.
        let stated = party.gateway.time_stated(&answer).filter(|_| reading == Some(STALE));
        let off = stated.map(|then| then.saturating_sub(dealing.seconds).abs().to_string());
        facts.extend(off.map(|off| ("signed_off_s".to_owned(), off)));
        let answered_well = match read {
            // The key may be why.
            Read::Says(_) if forged => does_not_count(&mut facts, &Unreadable::WrongSignature),
            // There is no such order: what knows it answers something else than was asked.
            Read::Means(_) if known.is_none() => {
                does_not_count(&mut facts, &Unreadable::BadField("order_no".to_owned()))
            }
            // What was asked about belongs to the account as it was then.
            Read::Means(_) if !self.is_of_these_fields(known.as_ref(), &party).await => true,
            Read::Means(report) => {
                // Each payment would contradict its order: better known before the first.
                let others = [("other_merchant", &report.merchant), ("other_currency", &report.currency)];
                let other = |(name, stated): (&str, &Stated)| match stated {
                    Stated::Other(said) => Some((name.to_owned(), said.clone())),
                    Stated::Ours | Stated::Not => None,
                };
                let before = facts.len();
                facts.extend(others.into_iter().filter_map(other));
                facts.len() == before
            }
            Read::Says(said) => {
                tell_of_error(&said, &mut facts);
                // One word for every error is the right answer about a number that was never used. Where it is signed, the
                // gateway's key and both clocks are proven by it; whether the gateway takes our signature it does not say.
                let one_word = descriptor.refunds.is_some_and(|refunds| refunds.one_word_for_errors);
                let proven = known.is_none() && one_word && reading == Some(VERIFIED);
                if proven {
                    facts.insert("not_proven".to_owned(), "own_signature".to_owned());
                }
                said.reaction == Reaction::NoSuchOrder || proven
            }
            Read::Unreadable(why) => does_not_count(&mut facts, &why),
        };
        self.inner.checked(&party.account.id, answered_well, asked, now);
        if let Some(url) = party.account.field("ticket_url") {
            self.inner.forget_ticket(url);
            let had = self.inner.ticket(name, url).await;
            facts.insert("ticket".to_owned(), had.as_ref().map_or_else(|why| *why, |_| "had").to_owned());
            fault = fault.or_else(|| had.is_err().then(|| Refusal::of(Code::TicketNotHad).with("name", name)));
        }
        let mut finding = Finding { what, well: answered_well && fault.is_none(), facts, fault };
        // A signature that is out of time says it by itself.
        if let Some(ahead_s) = ahead_s.filter(|_| reading != Some(STALE)) {
            judge_clock(&mut finding, party.gateway.skew_limit_s(), ahead_s, allowed_s);
        }
        Ok(finding)
    }

    /// Refuses where the account has a list of prices that cannot be used: why is a fact of its own.
    async fn catalogue_of(&self, account: &Account, facts: &mut BTreeMap<String, String>) -> Option<Refusal> {
        let Err(why) = catalogue::of(account, &self.inner.catalogues).await else {
            self.inner.catalogue_serves(&account.name);
            return None;
        };
        tracing::warn!(account = account.name, %why, "the catalogue cannot be used");
        let file = account.field(catalogue::FIELD).unwrap_or_default();
        facts.extend(why.facts(file));
        Some(Refusal::of(Code::CatalogueUnusable).with("name", &account.name).with("file", file))
    }

    /// Whether the order was made by the account as it is now; so is one that there is not.
    async fn is_of_these_fields(&self, known: Option<&OrderRow>, party: &Party) -> bool {
        let Some(row) = known else { return true };
        let Ok((order, _)) = self.inner.read_order(&row.order_no).await else { return false };
        self.inner.registry.of_draft(&order.draft).is_ok_and(|then| then.account.fields == party.account.fields)
    }

    /// The account's newest order that its gateway knows, among the latest ones.
    async fn newest_known(&self, party: &Party) -> Result<Option<OrderRow>, Refusal> {
        let search = OrderSearch { account_id: Some(party.account.id.clone()), limit: 20, ..OrderSearch::default() };
        let latest = self.inner.seams.storage.orders(&search).await.map_err(|fault| fault_of_storage(&fault))?;
        Ok(latest.into_iter().find(|row| row.gateway_no.is_some()))
    }

    fn keeper(&self, actor: &Actor) -> Result<Actor, Refusal> {
        let worth = self.worth(actor);
        if may_keep_accounts(&worth, self.inner.training) {
            return Ok(worth);
        }
        Err(missing(Action::ManageAccounts))
    }

    fn in_use(&self, name: &str) -> Result<Party, Refusal> {
        let party = self.inner.registry.named(name)?;
        if party.account.retired {
            return Err(Refusal::of(Code::AccountRetired).with("name", name));
        }
        Ok(party)
    }

    async fn next_version(
        &self,
        actor: &Actor,
        party: &Party,
        mut account: Account,
        secret: Option<String>,
    ) -> Result<AccountView, Refusal> {
        // An account's version counts its events.
        let seen = u64::from(party.account.version);
        account.version = account.version.saturating_add(1);
        let event = AccountEvent::Changed { account: account.clone(), secret };
        self.inner.commit_account(seen, event, actor).await?;
        if account.field(catalogue::FIELD) != party.account.field(catalogue::FIELD) {
            // What is known is known of the file before.
            self.inner.catalogue_serves(&account.name);
        }
        Ok(self.account_view(&account))
    }

    /// What the receiver's public address stands in for is not missing.
    fn account_view(&self, account: &Account) -> AccountView {
        let mut view = account_view(account, self.inner.training);
        if let (Some(public), Some(gateway)) =
            (self.inner.public_address.read().as_deref(), gateway::named(&account.gateway))
        {
            let missing = account.notified_at(public, gateway).missing(gateway.descriptor());
            view.missing = missing.into_iter().map(str::to_owned).collect();
        }
        view
    }
}

/// What the gateway says of an account by an error.
fn tell_of_error(said: &Said, facts: &mut BTreeMap<String, String>) {
    facts.insert("code".to_owned(), said.code.clone());
    facts.extend(said.text.clone().map(|text| ("text".to_owned(), text)));
    // What is wrong with the account itself is said in words of ours, too.
    if matches!(said.reaction, Reaction::CheckKeys | Reaction::CheckAccount)
        && let Ok(serde_json::Value::String(word)) = serde_json::to_value(said.reaction)
    {
        facts.insert("reaction".to_owned(), word);
    }
}

/// The answer of a check that nothing can rest on, and why: it is not well.
fn does_not_count(facts: &mut BTreeMap<String, String>, why: &Unreadable) -> bool {
    facts.insert("answer".to_owned(), why.word().to_owned());
    facts.extend(why.particular().map(|particular| ("particular".to_owned(), particular)));
    false
}

/// What the gateway's clock, `ahead_s` ahead of ours, does to a check whose question allowed for `allowed_s` of that. Beyond the
/// `limit` of signatures that bear their time it is not well, however it was answered: only a till that has measured the difference
/// is believed, and only while it runs. A fault that was found before stays. Elsewhere a difference is a remark where all else is
/// well.
fn judge_clock(finding: &mut Finding, limit: Option<i64>, ahead_s: i64, allowed_s: i64) {
    let Some(apart) = clocks_apart(ahead_s) else { return };
    let Some(limit) = limit.filter(|limit| ahead_s.saturating_abs() > *limit) else {
        if finding.well {
            finding.fault = Some(apart);
        }
        return;
    };
    finding.well = false;
    finding.fault.get_or_insert(apart);
    finding.facts.insert("skew_limit_s".to_owned(), limit.to_string());
    // Then the clocks are no reason for an error.
    if ahead_s.saturating_sub(allowed_s).saturating_abs() <= limit {
        finding.facts.insert("signed_by".to_owned(), "gateways_clock".to_owned());
    }
}

/// An account as screens and the command line show it.
pub(crate) fn account_view(account: &Account, training: bool) -> AccountView {
    let gateway = gateway::named(&account.gateway);
    let descriptor = gateway.map(Gateway::descriptor);
    let usual = |own: &String| descriptor.is_some_and(|descriptor| own == descriptor.base_url);
    let missing = descriptor.map(|descriptor| account.missing(descriptor));
    let mark = if training { Some(Mark::Training) } else { account.on_loopback().then_some(Mark::NotARealGateway) };
    AccountView {
        id: account.id.clone(),
        name: account.name.clone(),
        gateway: account.gateway.clone(),
        base_url: gateway.map_or_else(|| account.base_url.clone(), |gateway| gateway.base_url(account)),
        own_base_url: Some(account.base_url.clone()).filter(|own| !usual(own)),
        currency: descriptor.map_or(Currency::Cny, |descriptor| account.currency(descriptor)),
        fields: account.fields.clone(),
        secrets: account.secrets.clone(),
        missing: missing.unwrap_or_default().into_iter().map(str::to_owned).collect(),
        version: account.version,
        retired: account.retired,
        mark,
    }
}
