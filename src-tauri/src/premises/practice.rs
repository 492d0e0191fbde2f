//! Training's stage, and the accounts that sell on it.

use secrecy::{ExposeSecret, SecretSlice};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use till_core::account::{Account, AccountChange, hint_of};
use till_core::error::{Code, Refusal};
use till_core::gateway::REGISTRY;
use till_core::gateway::descriptor::{AccountField, Descriptor};
use till_core::gateway::keys::stored_form;
use till_core::journal::{Event, TillEvent, account_subject, read};
use till_core::rights::Actor;
use till_engine::journal::Journal;
use till_engine::keyring::{Keyring, KeyringFault, secret_name};
use till_engine::request::Hidden;
use till_engine::storage::{Storage, StorageFault, StoredEvent};
use till_engine::till::{Till, fault_of_file};
use till_engine::transport::Moved;
use till_sandbox::{Dialect, Merchants, Options, Remembered, Sandbox, SandboxError};

/// The account that sells first, at the gateway that comes first in the registry.
const ACCOUNT: &str = "practice";

/// What the journal knows of training's own accounts.
#[derive(Default)]
struct Known {
    till_id: String,
    accounts: Vec<KnownAccount>,
}

struct KnownAccount {
    account: Account,
    descriptor: &'static Descriptor,
    /// Where its versions found the stage, the last one last.
    ports: Vec<u16>,
}

/// Starts the stage, which keeps its trades, credentials and port in `folder`; for phones at `phone_address` too, if there is one.
/// One that is made anew goes on as the merchants of the accounts that the journal knows: their orders may not have ended.
pub(super) async fn start(
    folder: &Path,
    phone_address: Option<IpAddr>,
    journal: &Journal,
    keyring: &dyn Keyring,
) -> Result<Sandbox, Refusal> {
    // The launch says what cannot be read.
    let known = known(journal).await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "the accounts of training");
        Known::default()
    });
    // Without a pay page of the till's own, only the gateway's link lets every channel be tried.
    let dialect = Dialect { pay_url: true, ..Dialect::default() };
    let remembered = remembered(&known.accounts);
    let alone = Options { state_folder: Some(folder.to_owned()), dialect, remembered, ..Options::default() };
    let options = match phone_address {
        // The till's own requests stay within this computer, so it listens there as well.
        Some(address) => Options {
            listen: SocketAddr::new(everywhere(address), 0),
            allow_lan: true,
            phone_host: Some(host(address)),
            ..alone
        },
        None => alone,
    };
    let sandbox = Sandbox::start(options).await.map_err(|error| fault_of(&error))?;
    if sandbox.is_new()
        && let Err(fault) = hand_over_keys(&known, &sandbox, keyring).await
    {
        // Whatever needs a key says so itself.
        tracing::warn!("{fault}");
    }
    Ok(sandbox)
}

/// Nothing of a journal that is not training's.
async fn known(journal: &Journal) -> Result<Known, StorageFault> {
    let first = journal.after(0, 1).await?;
    let Some(Ok(Event::Till { event: TillEvent::Opened { till_id, training: true, .. } })) =
        first.first().map(|stored| read(&stored.payload))
    else {
        return Ok(Known::default());
    };
    let mut accounts = Vec::new();
    for row in journal.accounts().await? {
        let Ok(account) = serde_json::from_str::<Account>(&row) else { continue };
        let own = own().find(|(name, descriptor)| *name == account.name && descriptor.name == account.gateway);
        let Some((_, descriptor)) = own else { continue };
        let events = journal.stream(&account_subject(&account.id)).await?;
        accounts.push(KnownAccount { account, descriptor, ports: events.iter().filter_map(port).collect() });
    }
    Ok(Known { till_id, accounts })
}

/// The port at which a version of an account found the stage.
fn port(stored: &StoredEvent) -> Option<u16> {
    let Ok(Event::Account { event }) = read(&stored.payload) else { return None };
    let (_, rest) = event.account().base_url.split_once("://")?;
    let found: SocketAddr = rest.split('/').next()?.parse().ok()?;
    Some(found).filter(|found| found.ip().is_loopback()).map(|found| found.port())
}

fn remembered(known: &[KnownAccount]) -> Remembered {
    let merchants = known.iter().map(|known| (known.account.gateway.clone(), known.account.fields.clone()));
    Remembered {
        merchants: Merchants(merchants.collect()),
        ports: known.iter().flat_map(|known| known.ports.iter().copied()).collect(),
    }
}

/// Has the keyring hold the keys of this stage, before the launch asks about an order: one that was made anew has others.
async fn hand_over_keys(known: &Known, sandbox: &Sandbox, keyring: &dyn Keyring) -> Result<(), KeyringFault> {
    let announcement = sandbox.announcement();
    for KnownAccount { account, descriptor, .. } in known.accounts.iter().filter(|known| !known.account.retired) {
        let Some(offered) = offer(&announcement, descriptor) else { continue };
        for field in secrets(descriptor) {
            let Some(key) = key(field, offered) else { continue };
            let name = secret_name(&known.till_id, &account.id, field.name);
            let held = keyring.get(&name).await?;
            if held.is_none_or(|held| held.expose_secret() != key.expose_secret()) {
                keyring.set(&name, &key).await?;
            }
        }
    }
    Ok(())
}

/// Where the stage of this folder was before, and where it is now: an order keeps the address that it was made at.
pub(super) fn moved(sandbox: &Sandbox) -> Moved {
    Moved { from: sandbox.former_ports(), to: sandbox.addr().port() }
}

/// Every address of this computer, of the kind that `address` is.
fn everywhere(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// An address as links write it.
fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// What the stage's faults mean to people.
pub(crate) fn fault_of(error: &SandboxError) -> Refusal {
    match error {
        SandboxError::NotLoopback(_) => Refusal::of(Code::BadAddress),
        SandboxError::State { path, source } => super::place::fault_of(path, source),
        SandboxError::Listen { addr, source } => fault_of_file(addr, source),
        SandboxError::Random(_) | SandboxError::Keys => super::unexpected(error),
    }
}

/// Training's account at each gateway, by its name.
fn own() -> impl Iterator<Item = (String, &'static Descriptor)> {
    REGISTRY.into_iter().enumerate().map(|(place, gateway)| {
        let descriptor = gateway.descriptor();
        let name = if place == 0 { ACCOUNT.to_owned() } else { format!("{ACCOUNT}-{}", descriptor.name) };
        (name, descriptor)
    })
}

/// What the stage offers at a gateway.
fn offer<'a>(announcement: &'a Value, descriptor: &Descriptor) -> Option<&'a Value> {
    announcement.get("gateways")?.get(descriptor.name)
}

fn text(offered: &Value, field: &str) -> Option<String> {
    let found = offered.pointer(&format!("/credentials/{field}")).or_else(|| offered.get(field));
    found.and_then(Value::as_str).map(str::to_owned)
}

fn secrets(descriptor: &Descriptor) -> impl Iterator<Item = &'static AccountField> {
    descriptor.fields.iter().filter(|field| field.kind.is_secret())
}

/// A key of the stage's, as a keyring keeps it.
fn key(field: &AccountField, offered: &Value) -> Option<SecretSlice<u8>> {
    let typed = Hidden::new(text(offered, field.name)?.into_bytes());
    stored_form(field.kind, typed.bytes()).ok()
}

/// Sees to it that training has an account at every gateway, and that each leads to where the stage is now, with its keys.
pub(super) async fn furnish(till: &Till, sandbox: &Sandbox) -> Result<(), Refusal> {
    let announcement = sandbox.announcement();
    for (name, descriptor) in own() {
        if let Some(offered) = offer(&announcement, descriptor) {
            furnish_account(till, &name, descriptor, offered).await?;
        }
    }
    Ok(())
}

async fn furnish_account(till: &Till, name: &str, descriptor: &Descriptor, offered: &Value) -> Result<(), Refusal> {
    let open = descriptor.fields.iter().filter(|field| !field.kind.is_secret());
    let fields = open.filter_map(|field| Some((field.name.to_owned(), text(offered, field.name)?))).collect();
    let change = AccountChange { base_url: text(offered, "base_url"), fields };
    let hints = match till.account(name) {
        Err(_) => till.add_account(&Actor::Engine, descriptor.name, name, &change).await?.secrets,
        // Whoever trained taking an account away has taken it away.
        Ok(account) if account.retired => return Ok(()),
        Ok(account) => {
            let moved = Some(&account.base_url) != change.base_url.as_ref();
            let other = change.fields.iter().any(|(name, value)| account.fields.get(name) != Some(value));
            if moved || other {
                till.change_account(&Actor::Engine, name, &change).await?;
            }
            account.secrets
        }
    };
    for field in secrets(descriptor) {
        let (Some(typed), Some(key)) = (text(offered, field.name), key(field, offered)) else { continue };
        // The journal's hints follow the keys.
        if hints.get(field.name) != Some(&hint_of(key.expose_secret())) {
            let typed = Hidden::new(typed.into_bytes());
            till.set_secret(&Actor::Engine, name, field.name, typed.bytes()).await?;
        }
    }
    Ok(())
}
