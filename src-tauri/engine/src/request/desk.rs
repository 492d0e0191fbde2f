//! Where requests come in: beside the till, and through the socket of its folder.

use super::{Errand, Reply, Request, answer, bad_request, tell};
use crate::lock::LockGuard;
use crate::socket::{self, SocketFault, SocketServer};
use crate::till::Till;
use futures_util::StreamExt;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::watch;

/// How long the last requests may take when the engine ends; the transport gives every exchange up before.
const LAST_REQUESTS: Duration = Duration::from_secs(25);

/// Brings the window to the front.
pub type Raise = Arc<dyn Fn() + Send + Sync>;

/// A till that takes requests.
#[derive(Clone)]
pub struct Desk {
    till: Till,
    leaving: watch::Receiver<bool>,
    window: Option<Raise>,
}

impl Desk {
    /// A desk without a socket. `leaving` turns true once the engine ends.
    #[must_use]
    pub fn new(till: Till, leaving: watch::Receiver<bool>, window: Option<Raise>) -> Self {
        Self { till, leaving, window }
    }

    /// The till.
    #[must_use]
    pub fn till(&self) -> &Till {
        &self.till
    }

    pub(super) fn is_leaving(&self) -> bool {
        *self.leaving.borrow()
    }

    /// Returns once the engine ends.
    pub(super) async fn leaves(&self) {
        let mut leaving = self.leaving.clone();
        // A sender that is gone has said all that it will say.
        let _gone = leaving.wait_for(|leaving| *leaving).await;
    }

    pub(super) fn show_window(&self) -> Result<(), Refusal> {
        let window = self.window.as_ref().ok_or_else(|| Refusal::of(Code::TillInUse))?;
        window();
        Ok(())
    }
}

/// A desk with its socket. Close it before the till goes, so that whoever handed a command over is told.
#[derive(Debug)]
pub struct OpenDesk {
    socket: Option<SocketServer>,
    leaving: watch::Sender<bool>,
}

impl OpenDesk {
    /// Takes requests for `till` over the socket of the folder that `held` holds. `window` is called when somebody asks for the window.
    ///
    /// A till whose socket cannot be made works without one: commands of other processes then find it silent.
    #[must_use]
    pub fn open(held: &LockGuard, till: Till, window: Option<Raise>) -> (Desk, Self) {
        let (leaving, left) = watch::channel(false);
        let desk = Desk::new(till, left, window);
        let serving = desk.clone();
        let served = socket::serve(held, move |value, sender| {
            let desk = serving.clone();
            async move { serve(&desk, value, &sender).await }
        });
        let socket = match served {
            Ok(socket) => Some(socket),
            Err(fault) => {
                tracing::error!("no other process can hand its commands over: {fault}");
                None
            }
        };
        (desk, Self { socket, leaving })
    }

    /// Lets the requests under way come to a point where nothing is lost, and takes no more. Returns once whoever waits for one has
    /// been told.
    pub async fn close(self) {
        self.leaving.send_replace(true);
        let Some(socket) = self.socket else { return };
        if tokio::time::timeout(LAST_REQUESTS, socket.close()).await.is_err() {
            tracing::warn!("requests of other processes were under way at the end");
        }
    }
}

/// Answers one request of the socket.
async fn serve(desk: &Desk, value: Value, sender: &Sender<Value>) {
    let (replies, mut said) = mpsc::channel(1);
    let work = async {
        match serde_json::from_value::<Errand>(value) {
            Ok(errand) => answer(desk, &errand, &replies).await,
            Err(error) => tell(&replies, Reply::Refused(bad_request(error))).await,
        }
        drop(replies);
    };
    let pass_on = async move {
        while let Some(reply) = said.recv().await {
            let Ok(value) = serde_json::to_value(&reply) else { continue };
            if sender.send(value).await.is_err() {
                return;
            }
        }
    };
    // Dropping the receiver tells the work that nobody listens.
    let pass_on_or_hang_up = async move {
        tokio::select! {
            () = pass_on => {}
            () = sender.closed() => {}
        }
    };
    tokio::join!(work, pass_on_or_hang_up);
}

/// Hands `errand` to the engine that holds `folder` and passes its answer on.
///
/// The engine is greeted first: one that does not answer must not find a sale in its socket when it comes to itself, long
/// after whoever wanted it was told that nothing was done.
pub async fn hand_over(folder: &Path, errand: &Errand, replies: &Sender<Reply>) -> Result<(), SocketFault> {
    let (greeted, mut heard) = mpsc::channel(1);
    hand(folder, &Errand::of(Request::Hello), &greeted).await?;
    drop(greeted);
    if matches!(heard.recv().await, Some(Reply::Leaving)) {
        tell(replies, Reply::Leaving).await;
        return Ok(());
    }
    hand(folder, errand, replies).await
}

async fn hand(folder: &Path, errand: &Errand, replies: &Sender<Reply>) -> Result<(), SocketFault> {
    let client = socket::connect(folder).await?;
    let value = serde_json::to_value(errand).map_err(|error| SocketFault::Refused(error.to_string()))?;
    let mut answer = Box::pin(client.call(&value));
    drop(value);
    loop {
        // Whoever stopped watching hangs up; the engine carries on.
        let said = tokio::select! {
            said = answer.next() => said,
            () = replies.closed() => return Ok(()),
        };
        let Some(said) = said else { return Ok(()) };
        match serde_json::from_value::<Reply>(said?) {
            Ok(reply) => tell(replies, reply).await,
            Err(error) => return Err(SocketFault::Refused(error.to_string())),
        }
    }
}
