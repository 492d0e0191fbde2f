//! Training's stage, and the accounts that sell on it.

use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::gateway::REGISTRY;
use till_core::gateway::descriptor::Descriptor;
use till_core::rights::Actor;
use till_engine::request::Hidden;
use till_engine::till::{Till, fault_of_file};
use till_engine::transport::Moved;
use till_sandbox::{Dialect, Options, Sandbox, SandboxError};

/// The account that sells first, at the gateway that comes first in the registry.
const ACCOUNT: &str = "practice";

/// Starts the stage, which keeps its trades, credentials and port in `folder`; for phones at `phone_address` too, if there is one.
pub(super) async fn start(folder: &Path, phone_address: Option<IpAddr>) -> Result<Sandbox, Refusal> {
    // Without a pay page of the till's own, only the gateway's link lets every channel be tried.
    let dialect = Dialect { pay_url: true, ..Dialect::default() };
    let alone = Options { state_folder: Some(folder.to_owned()), dialect, ..Options::default() };
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
    Sandbox::start(options).await.map_err(|error| fault_of(&error))
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

/// Sees to it that training has an account at every gateway, and that each leads to where the stage is now.
pub(super) async fn furnish(till: &Till, sandbox: &Sandbox) -> Result<(), Refusal> {
    let announcement = sandbox.announcement();
    for (place, gateway) in REGISTRY.into_iter().enumerate() {
        let descriptor = gateway.descriptor();
        let name = if place == 0 { ACCOUNT.to_owned() } else { format!("{ACCOUNT}-{}", descriptor.name) };
        if let Some(offered) = announcement.pointer(&format!("/gateways/{}", descriptor.name)) {
            furnish_account(till, &name, descriptor, offered).await?;
        }
    }
    Ok(())
}

async fn furnish_account(till: &Till, name: &str, descriptor: &Descriptor, offered: &Value) -> Result<(), Refusal> {
    let text = |field: &str| {
        let found = offered.pointer(&format!("/credentials/{field}")).or_else(|| offered.get(field));
        found.and_then(Value::as_str).map(str::to_owned)
    };
    let (secret, open): (Vec<_>, Vec<_>) = descriptor.fields.iter().partition(|field| field.kind.is_secret());
    let fields = open.into_iter().filter_map(|field| Some((field.name.to_owned(), text(field.name)?))).collect();
    let change = AccountChange { base_url: text("base_url"), fields };
    match till.account(name) {
        Err(_) => drop(till.add_account(&Actor::Engine, descriptor.name, name, &change).await?),
        // Whoever trained taking an account away has taken it away.
        Ok(account) if account.retired => return Ok(()),
        Ok(account) => {
            let moved = Some(&account.base_url) != change.base_url.as_ref();
            let other = change.fields.iter().any(|(name, value)| account.fields.get(name) != Some(value));
            if moved || other {
                till.change_account(&Actor::Engine, name, &change).await?;
            }
            // A stage that was made anew has another merchant, and other keys.
            if account.missing.is_empty() && !other {
                return Ok(());
            }
        }
    }
    for field in secret {
        if let Some(value) = text(field.name) {
            let value = Hidden::new(value.into_bytes());
            till.set_secret(&Actor::Engine, name, field.name, value.bytes()).await?;
        }
    }
    Ok(())
}
