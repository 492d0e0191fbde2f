//! What the cashier's screens are given: the engine's pictures, each order with its code drawn.

use crate::qr::QrPicture;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use std::collections::{BTreeMap, BTreeSet};
use till_core::catalogue::Wrong;
use till_core::error::words::{AgainWords, FoundWords, Severity, Words};
use till_core::error::{Code, Refusal};
use till_core::gateway::unheard;
use till_core::order::Attention;
use till_core::words::Label;
use till_engine::settings::{
    Backup, CustomerWindow, Keeping, Language, LogLevel, MOST_DAYS, Receiver, Theme, backup_folder, public_address,
};
use till_engine::view::people::PeopleView;
use till_engine::view::{AccountView, Came, Health, LiveOrder, Recovery, Today};

/// An order as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Shown {
    /// The order.
    pub(crate) live: LiveOrder,
    /// Its code, while it may be shown.
    pub(crate) qr: Option<QrPicture>,
}

/// An order that its gateway was to be asked about now, and what came of that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Asked {
    /// The order afterwards.
    pub(crate) shown: Shown,
    /// What came of it.
    pub(crate) came: Came,
}

/// A whole picture of the till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Snapshot {
    /// Grows in this run.
    #[specta(type = Number)]
    pub(crate) seq: u64,
    /// Orders that have not ended, newest first.
    pub(crate) open: Vec<Shown>,
    /// Accounts in use.
    pub(crate) accounts: Vec<AccountView>,
    /// How the till is.
    pub(crate) health: Health,
    /// Today's figures.
    pub(crate) today: Today,
    /// What became of orders from the run before.
    pub(crate) recovery: Option<Recovery>,
    /// Who is at the till, and what refunds are held to.
    pub(crate) people: PeopleView,
    /// Whether customers can reach pages of this till, to pay there.
    pub(crate) serves_pages: bool,
}

/// What a screen needs when it mounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Start {
    /// Whether this is training.
    pub(crate) training: bool,
    /// The program's version.
    pub(crate) version: String,
    /// The till's id, once there is a till.
    pub(crate) till_id: Option<String>,
    /// Where its data is.
    pub(crate) data_folder: String,
    /// Where its log is.
    pub(crate) log_folder: String,
    /// The machine's settings.
    pub(crate) settings: Settings,
    /// Keys of the settings' file that nobody knows.
    pub(crate) settings_notices: Vec<String>,
    /// Whether the customer's window is open.
    pub(crate) customer_shown: bool,
    /// Why there is no till.
    pub(crate) fault: Option<Refusal>,
    /// The till.
    pub(crate) snapshot: Option<Snapshot>,
}

/// Whether the customer's window is open, sent to the cashier's when it opens or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type, tauri_specta::Event)]
pub(crate) struct CustomerShown(pub(crate) bool);

/// What changed, sent to the cashier's window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type, tauri_specta::Event)]
pub(crate) struct Update {
    /// Grows in this run; an older one is dropped.
    #[specta(type = Number)]
    pub(crate) seq: u64,
    /// Orders that changed.
    pub(crate) orders: Vec<Shown>,
    /// How the till is.
    pub(crate) health: Health,
    /// Today's figures.
    pub(crate) today: Today,
    /// What became of orders from the run before.
    pub(crate) recovery: Option<Recovery>,
    /// Accounts in use, if they changed.
    pub(crate) accounts: Option<Vec<AccountView>>,
    /// People, the session or limits, if they changed.
    pub(crate) people: Option<PeopleView>,
}

/// Who stands beside whoever acts.
#[derive(Debug, Deserialize, Type)]
pub(crate) struct SecondPerson {
    /// Their name.
    pub(crate) name: String,
    /// Their PIN.
    #[specta(type = String)]
    pub(crate) pin: SecretString,
}

/// What whoever acts gives for what asks for a PIN.
#[derive(Debug, Deserialize, Type)]
pub(crate) struct Authority {
    /// The PIN of whoever is signed in; none of the owner.
    #[specta(type = Option<String>)]
    pub(crate) pin: Option<SecretString>,
    /// Who stands beside them.
    pub(crate) second: Option<SecondPerson>,
}

impl Authority {
    /// Nobody stands beside whoever acts.
    pub(crate) fn alone(pin: Option<String>) -> Self {
        Self { pin: pin.map(Into::into), second: None }
    }
}

/// Where notifications come in, as people type it; an empty text is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct ReceiverSettings {
    /// The address to listen on; empty: nothing is received.
    pub(crate) listen: String,
    /// How it is reached from outside.
    pub(crate) public_address: String,
    /// The proxy that is believed about who knocks.
    pub(crate) proxy: String,
}

impl ReceiverSettings {
    fn of(receiver: &Receiver) -> Self {
        let text = |address: Option<String>| address.unwrap_or_default();
        Self {
            listen: text(receiver.listen.map(|listen| listen.to_string())),
            public_address: text(receiver.public_address.clone()),
            proxy: text(receiver.proxy.map(|proxy| proxy.to_string())),
        }
    }

    fn machine(&self) -> Result<Receiver, Refusal> {
        Ok(Receiver {
            listen: typed(&self.listen, |text| text.parse().ok(), Code::ReceiverListenBad)?,
            public_address: typed(&self.public_address, public_address, Code::ReceiverAddressBad)?,
            proxy: typed(&self.proxy, |text| text.parse().ok(), Code::ReceiverProxyBad)?,
        })
    }
}

/// The daily backup and what the journal keeps, as the screens have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct BackupSettings {
    /// The folder of the daily backup; empty: none is made.
    pub(crate) folder: String,
    /// How many days it is kept.
    pub(crate) keep: u32,
    /// After how many days raw answers go; without it they stay.
    pub(crate) keep_raw_days: Option<u32>,
}

impl BackupSettings {
    fn of(backup: &Backup, journal: Keeping) -> Self {
        let folder = backup.folder.clone().unwrap_or_default();
        Self { folder, keep: backup.keep, keep_raw_days: journal.keep_raw_days }
    }

    fn machine(&self) -> Result<Backup, Refusal> {
        let folder = match self.folder.trim() {
            "" => None,
            text => Some(backup_folder(text).ok_or_else(|| bad_value("backup.folder"))?),
        };
        Ok(Backup { folder, keep: days(self.keep, "backup.keep")? })
    }

    fn keeping(&self) -> Result<Keeping, Refusal> {
        let keep_raw_days = self.keep_raw_days.map(|kept| days(kept, "journal.keep_raw_days")).transpose()?;
        Ok(Keeping { keep_raw_days })
    }
}

fn days(days: u32, field: &str) -> Result<u32, Refusal> {
    if (1..=MOST_DAYS).contains(&days) { Ok(days) } else { Err(bad_value(field)) }
}

fn bad_value(field: &str) -> Refusal {
    Refusal::of(Code::BadValue).with("field", field)
}

/// What a field holds, if it holds anything.
fn typed<T>(text: &str, read: impl Fn(&str) -> Option<T>, bad: Code) -> Result<Option<T>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some).ok_or_else(|| Refusal::of(bad)),
    }
}

/// The machine's settings as the screens have them: the language is always settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Settings {
    /// The language.
    pub(crate) language: Language,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// The shop's name.
    pub(crate) shop_name: String,
    /// This till's name.
    pub(crate) till_name: String,
    /// When the customer's window is shown.
    pub(crate) customer_window: CustomerWindow,
    /// The terminal's address for gateways that want one.
    pub(crate) spbill_create_ip: Option<String>,
    /// How much is logged.
    pub(crate) log_level: LogLevel,
    /// Where notifications come in.
    pub(crate) receiver: ReceiverSettings,
    /// The daily backup, and what the journal keeps.
    pub(crate) backup: BackupSettings,
}

impl Settings {
    /// The settings of a machine whose system speaks `system`.
    pub(crate) fn of(machine: &till_engine::settings::Settings, system: Language) -> Self {
        Self {
            language: machine.language.unwrap_or(system),
            theme: machine.theme,
            shop_name: machine.shop_name.clone(),
            till_name: machine.till_name.clone(),
            customer_window: machine.customer_window,
            spbill_create_ip: machine.spbill_create_ip.map(|address| address.to_string()),
            log_level: machine.log_level,
            receiver: ReceiverSettings::of(&machine.receiver),
            backup: BackupSettings::of(&machine.backup, machine.journal),
        }
    }

    /// As they go into the file. A language that only follows the system's is not written down.
    pub(crate) fn machine(
        &self,
        before: &till_engine::settings::Settings,
        system: Language,
    ) -> Result<till_engine::settings::Settings, Refusal> {
        let address = self.spbill_create_ip.as_deref().map(str::trim).filter(|address| !address.is_empty());
        let bad = |_| Refusal::of(Code::BadValue).with("field", "spbill_create_ip");
        let follows = before.language.is_none() && self.language == system;
        Ok(till_engine::settings::Settings {
            language: (!follows).then_some(self.language),
            theme: self.theme,
            shop_name: self.shop_name.trim().to_owned(),
            till_name: self.till_name.trim().to_owned(),
            customer_window: self.customer_window,
            spbill_create_ip: address.map(str::parse).transpose().map_err(bad)?,
            log_level: self.log_level,
            receiver: self.receiver.machine()?,
            backup: self.backup.machine()?,
            journal: self.backup.keeping()?,
            training: before.training,
        })
    }
}

/// A new account, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
pub(crate) struct AccountForm {
    /// The gateway's name.
    pub(crate) gateway: String,
    /// The account's name.
    pub(crate) name: String,
    /// Its address, where it is not the gateway's own.
    pub(crate) base_url: Option<String>,
    /// Fields that are not secret.
    pub(crate) fields: BTreeMap<String, String>,
}

/// What is to change about an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
pub(crate) struct AccountChange {
    /// A new address.
    pub(crate) base_url: Option<String>,
    /// Fields to set; an empty value removes one.
    pub(crate) fields: BTreeMap<String, String>,
}

impl From<AccountChange> for till_core::account::AccountChange {
    fn from(AccountChange { base_url, fields }: AccountChange) -> Self {
        Self { base_url: base_url.filter(|url| !url.trim().is_empty()), fields }
    }
}

/// What people read about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub(crate) struct ErrorWords {
    severity: Severity,
    what: Label,
    money: Label,
    next: Label,
    /// What is read instead of `money` and `next` where a check-up finds it.
    found: Option<FoundWords>,
    /// What is read instead of `money`, and of `next` where it has another, where the fact `again` is `true`.
    again: Option<AgainWords>,
    /// Whether the till can send nothing for as long as it says this.
    hinders: bool,
}

/// The words of every code, by code.
pub(crate) fn error_words() -> BTreeMap<Code, ErrorWords> {
    let words = |code: Code| {
        let Words { severity, what, money, next } = code.words();
        ErrorWords {
            severity,
            what,
            money,
            next,
            found: code.found_words(),
            again: code.again_words(),
            hinders: code.hinders_sending(),
        }
    };
    Code::ALL.into_iter().map(|code| (code, words(code))).collect()
}

/// Why a question brought nothing that can be relied on, by the word in a refusal or a finding.
pub(crate) fn reason_words() -> BTreeMap<&'static str, Label> {
    unheard::reasons().collect()
}

/// What is wrong with a list of prices, by the word in a finding, with `{line}` for its line.
pub(crate) fn catalogue_words() -> BTreeMap<&'static str, Label> {
    Wrong::ALL.into_iter().map(|wrong| (wrong.word(), wrong.label())).collect()
}

/// What core says of an attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
pub(crate) struct AttentionRule {
    /// Its place on the list: the weightiest has the smallest.
    #[specta(type = Number)]
    pub(crate) place: usize,
    /// Whether records, or payments, stand against each other.
    pub(crate) doubt: bool,
    /// Whether giving back all of the payment puts it right.
    pub(crate) ends_by_full_refund: bool,
}

/// The rules of every attention.
pub(crate) fn attention_rules() -> BTreeMap<Attention, AttentionRule> {
    let rule = |(place, attention): (usize, Attention)| {
        let rule =
            AttentionRule { place, doubt: attention.is_doubt(), ends_by_full_refund: attention.ends_by_full_refund() };
        (attention, rule)
    };
    Attention::ALL.into_iter().enumerate().map(rule).collect()
}

/// Numbers of the orders that a screen holds as open, so that none stays open there after it was missed.
#[derive(Debug, Default)]
pub(crate) struct Held(BTreeSet<String>);

impl Held {
    /// Takes note of what a screen is told.
    pub(crate) fn told(&mut self, live: &LiveOrder) {
        if live.ended {
            self.0.remove(&live.order.order_no);
        } else {
            self.0.insert(live.order.order_no.clone());
        }
    }

    /// The orders that a screen holds as open.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(listen: &str, public_address: &str, proxy: &str) -> ReceiverSettings {
        ReceiverSettings {
            listen: listen.to_owned(),
            public_address: public_address.to_owned(),
            proxy: proxy.to_owned(),
        }
    }

    #[test]
    fn what_is_typed_for_the_receiver_is_taken_or_refused_by_its_field() {
        let read = typed(" 127.0.0.1:8787 ", "https://pay.example.com/till/", "::1").machine().unwrap();
        assert_eq!(ReceiverSettings::of(&read), typed("127.0.0.1:8787", "https://pay.example.com/till", "::1"));
        assert_eq!(typed("", " ", "").machine(), Ok(Receiver::default()));
        let long = format!("https://{}", "a".repeat(200));
        for (receiver, code) in [
            (typed("localhost:8787", "", ""), Code::ReceiverListenBad),
            (typed("127.0.0.1", "", ""), Code::ReceiverListenBad),
            (typed("127.0.0.1:99999", "", ""), Code::ReceiverListenBad),
            (typed("", "pay.example.com", ""), Code::ReceiverAddressBad),
            (typed("", "https://pay.example.com/?a=1", ""), Code::ReceiverAddressBad),
            (typed("", &long, ""), Code::ReceiverAddressBad),
            (typed("", "", "127.0.0.1:80"), Code::ReceiverProxyBad),
            (typed("", "", "proxy.example.com"), Code::ReceiverProxyBad),
        ] {
            assert_eq!(receiver.machine(), Err(Refusal::of(code)), "{receiver:?}");
        }
    }
}
