//! Where notifications come in, for as long as a till is open.

use super::Stay;
use till_core::error::Refusal;
use till_engine::receiver::{Options, Receiver};
use till_engine::settings;
use till_engine::till::{Till, fault_of_file};

/// Opens the receiver, if the till stays and somebody said where. A window opens without one and says why.
pub(super) async fn open(till: &Till, settings: settings::Receiver, stay: &Stay) -> Result<Option<Receiver>, Refusal> {
    let listen = match stay {
        Stay::Short => None,
        Stay::Serving { listen } => listen.or(settings.listen),
        Stay::Window(_) => settings.listen,
    };
    let Some(listen) = listen else { return Ok(None) };
    match Receiver::open(till.clone(), Options { listen, proxy: settings.proxy }).await {
        Ok(receiver) => {
            till.set_public_address(settings.public_address);
            Ok(Some(receiver))
        }
        Err(error) => {
            let refusal = fault_of_file(listen, &error);
            match stay {
                Stay::Window(_) => {
                    till.notice(refusal);
                    Ok(None)
                }
                Stay::Short | Stay::Serving { .. } => Err(refusal),
            }
        }
    }
}
