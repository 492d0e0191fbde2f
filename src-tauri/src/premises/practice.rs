//! Training's stage, and the account that sells on it.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_engine::request::Hidden;
use till_engine::till::Till;
use till_sandbox::{Options, Sandbox, SandboxError};

/// The account's name.
const ACCOUNT: &str = "practice";

/// The gateway that is played.
const GATEWAY: &str = "pooul";

/// Starts the stage, which keeps its trades, credentials and port in `folder`.
pub(super) async fn start(folder: &Path) -> Result<Sandbox, Refusal> {
    let options = Options { state_folder: Some(folder.to_owned()), ..Options::default() };
    Sandbox::start(options).await.map_err(|error| fault_of(&error))
}

/// What the stage's faults mean to people.
pub(crate) fn fault_of(error: &SandboxError) -> Refusal {
    match error {
        SandboxError::NotLoopback(_) => Refusal::of(Code::BadAddress),
        SandboxError::State { path, source } => super::place::fault_of(path, source),
        SandboxError::Listen { .. } => Refusal::of(Code::FileFailed).with("reason", error),
        SandboxError::Random(_) | SandboxError::Keys => super::unexpected(error),
    }
}

/// Sees to it that training has an account that sells, and that it leads to where the stage is now.
pub(super) async fn furnish(till: &Till, sandbox: &Sandbox) -> Result<(), Refusal> {
    let announcement = sandbox.announcement();
    let offered = announcement.pointer(&format!("/gateways/{GATEWAY}")).unwrap_or(&Value::Null);
    let text = |pointer: &str| offered.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let change = AccountChange {
        base_url: Some(text("/base_url")),
        fields: BTreeMap::from([
            ("merchant_id".to_owned(), text("/credentials/merchant_id")),
            ("notify_url".to_owned(), text("/notify_url")),
        ]),
    };
    match till.account(ACCOUNT) {
        Err(_) => drop(till.add_account(&Actor::Owner, GATEWAY, ACCOUNT, &change).await?),
        // Whoever trained taking an account away has taken it away.
        Ok(account) if account.retired => return Ok(()),
        Ok(account) => {
            let moved = Some(&account.base_url) != change.base_url.as_ref();
            let other = change.fields.iter().any(|(name, value)| account.fields.get(name) != Some(value));
            if moved || other {
                till.change_account(&Actor::Owner, ACCOUNT, &change).await?;
            }
            // A stage that was made anew has another merchant, and another key.
            if account.secrets.contains_key("key") && !other {
                return Ok(());
            }
        }
    }
    let key = Hidden::new(text("/credentials/key").into_bytes());
    till.set_secret(&Actor::Owner, ACCOUNT, "key", key.bytes()).await?;
    Ok(())
}
