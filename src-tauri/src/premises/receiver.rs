//! Where notifications come in, for as long as a till is open.

use super::Stay;
use till_core::error::{Code, Refusal};
use till_engine::receiver::{Options, Receiver};
use till_engine::settings;
use till_engine::till::{Receiving, Till, fault_of_listening};
use tokio::sync::Mutex;

/// The receiver of an open till.
pub(super) struct Reception(Mutex<Open>);

/// What is open, and what it was opened for.
#[derive(Default)]
struct Open {
    receiver: Option<Receiver>,
    settings: settings::Receiver,
}

impl Reception {
    /// Opens the receiver, if the till stays and somebody said where. A window opens without one and says why.
    pub(super) async fn open(till: &Till, settings: settings::Receiver, stay: &Stay) -> Result<Self, Refusal> {
        let settings = match stay {
            Stay::Short => {
                till.set_receiver(&settings);
                return Ok(Self(Mutex::default()));
            }
            Stay::Serving { listen } => settings::Receiver { listen: listen.or(settings.listen), ..settings },
            Stay::Window(_) => settings,
        };
        till.set_receiver(&settings);
        let receiver = match (listen(till, &settings).await, stay) {
            (Ok(receiver), _) => receiver,
            (Err(refusal), Stay::Window(_)) => {
                fail(till, refusal);
                None
            }
            (Err(refusal), Stay::Short | Stay::Serving { .. }) => return Err(refusal),
        };
        Ok(Self(Mutex::new(Open { receiver, settings })))
    }

    /// Takes over changed settings: what is received then comes in where they say.
    pub(super) async fn renew(&self, till: &Till, settings: &settings::Receiver) {
        let mut open = self.0.lock().await;
        let stays = open.settings.listen == settings.listen && open.settings.proxy == settings.proxy;
        open.settings = settings.clone();
        till.set_receiver(settings);
        if stays && let Some(receiver) = &open.receiver {
            return receives(till, receiver, settings);
        }
        // The new address may be one that the old receiver has.
        if let Some(receiver) = open.receiver.take() {
            receiver.close().await;
        }
        till.withdraw(Code::ReceiverNotListening);
        match listen(till, settings).await {
            Ok(receiver) => open.receiver = receiver,
            Err(refusal) => fail(till, refusal),
        }
    }

    /// Takes nothing more in.
    pub(super) async fn close(self) {
        if let Some(receiver) = self.0.into_inner().receiver {
            receiver.close().await;
        }
    }
}

async fn listen(till: &Till, settings: &settings::Receiver) -> Result<Option<Receiver>, Refusal> {
    let Some(listen) = settings.listen else {
        till.set_receiving(Receiving::Off);
        return Ok(None);
    };
    let opened = Receiver::open(till.clone(), Options { listen, proxy: settings.proxy }).await;
    let receiver = opened.map_err(|error| fault_of_listening(listen, &error))?;
    receives(till, &receiver, settings);
    Ok(Some(receiver))
}

fn receives(till: &Till, receiver: &Receiver, settings: &settings::Receiver) {
    till.set_receiving(Receiving::On { listen: receiver.addr(), public_address: settings.public_address.clone() });
}

fn fail(till: &Till, refusal: Refusal) {
    till.set_receiving(Receiving::Failed(refusal.clone()));
    till.notice(refusal);
}
