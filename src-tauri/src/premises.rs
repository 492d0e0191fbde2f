//! A till's folder and everything that a running till needs around it: lock, log, settings, journal, keyring, stage.

mod daily;
mod place;
pub(crate) mod practice;
mod received;
mod receiver;
mod restore;
mod watching;

pub(crate) use place::Where;
pub(crate) use restore::restore;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use till_core::error::{Code, Refusal};
use till_core::operator::pin::Cost;
use till_core::rights::{Action, Actor};
use till_engine::backup::{Remade, client_of, is_damaged, remake};
use till_engine::clock::MachineClock;
use till_engine::day_head;
use till_engine::doctor;
use till_engine::journal::{Journal, Options, Rebuilt, is_there};
use till_engine::keyring::{Keyring, OsKeyring, ThrowAwayKeyring};
use till_engine::lock::{self, Lock, LockGuard};
use till_engine::log::{self, LogGuard};
use till_engine::randomness::MachineRandomness;
use till_engine::reading::{FILE, Reading};
use till_engine::request::{Desk, Errand, OpenDesk, Raise, Reply, Request, hand_over};
use till_engine::seal::{NoSeal, Seal};
use till_engine::settings::{self, Settings};
use till_engine::storage::StorageFault;
use till_engine::till::{
    Caps, Launch, Profile, Replay, Seams, Till, fault_of_reader, fault_of_settings, fault_of_storage,
};
use till_engine::transport::{HttpTransport, Timeouts};
use till_engine::view::{Finding, LiveOrder};
use till_sandbox::Sandbox;
use tokio::sync::mpsc;

/// The log of this process: kept across openings that failed, until the end.
static LOG: Mutex<Option<LogGuard>> = Mutex::new(None);

/// Writes what the log still holds. For the end of the process.
pub(crate) fn end_log() {
    drop(LOG.lock().unwrap_or_else(PoisonError::into_inner).take());
}

/// An open till.
pub(crate) struct Premises {
    /// The engine.
    pub(crate) till: Till,
    /// Training's stage.
    pub(crate) sandbox: Option<Sandbox>,
    /// Where requests come in.
    pub(crate) desk: Desk,
    receiver: receiver::Reception,
    received: received::Received,
    place: Where,
    keyring: Arc<dyn Keyring>,
    open_desk: OpenDesk,
    watching: watching::Watching,
    // Given back last: whoever takes the folder next must find nobody writing in it.
    held: LockGuard,
}

/// What trying to open a till came to.
pub(crate) enum Entry {
    /// It is open, and this process is its engine.
    Ours(Box<Premises>),
    /// Another process is.
    Taken,
}

/// How long a process means to stay.
#[derive(Clone)]
pub(crate) enum Stay {
    /// For one command.
    Short,
    /// Until somebody ends it: time enough to verify the whole journal in the background, and to receive notifications.
    Serving {
        /// Where they come in, whatever the settings say.
        listen: Option<SocketAddr>,
    },
    /// The same with a window, which the function brings to the front when another process asks for it.
    Window(Raise),
}

/// Opens the till for the window. `raise` brings the window to the front when another process asks for it.
pub(crate) async fn open(place: Where, raise: Raise) -> Result<Premises, Refusal> {
    match enter(&place, Stay::Window(raise)).await? {
        Entry::Ours(premises) => Ok(*premises),
        Entry::Taken => Err(taken(&place).await),
    }
}

/// Why the till cannot be had while another process has it: that one is well, or it does not answer.
pub(crate) async fn taken(place: &Where) -> Refusal {
    Refusal::of(if is_running(place).await { Code::TillElsewhere } else { Code::TillInUse })
}

/// Whether a process has the till, and answers.
pub(crate) async fn is_running(place: &Where) -> bool {
    matches!(said_to(place, Request::Hello).await, Some(Reply::Here))
}

/// Asks the process that has the till to bring its window to the front. False if none has one.
pub(crate) async fn raise_running(place: &Where) -> bool {
    matches!(said_to(place, Request::ShowWindow).await, Some(Reply::Shown))
}

/// An order as the process that has the till knows it; none where there is no such process, or it does not answer. Only for one whose
/// payment is booked: of that one picture is told, and the answer is over.
pub(crate) async fn known_to_running(place: &Where, order_no: &str) -> Option<LiveOrder> {
    let watch = Request::Watch { order_no: order_no.to_owned() };
    if let Some(Reply::Order(order)) = said_to(place, watch).await { Some(*order) } else { None }
}

/// What the process that has the till answers.
async fn said_to(place: &Where, request: Request) -> Option<Reply> {
    let (replies, mut said) = mpsc::channel(4);
    let asked = hand_over(&place.folder(), &Errand::of(request), &replies).await;
    drop(replies);
    asked.ok()?;
    said.recv().await
}

/// Opens the till of a folder, or makes it.
pub(crate) async fn enter(place: &Where, stay: Stay) -> Result<Entry, Refusal> {
    let folder = place.prepare()?;
    let held = match lock::acquire(&folder) {
        Ok(Lock::Held(held)) => held,
        Ok(Lock::TakenBy { .. }) => return Ok(Entry::Taken),
        Err(fault) => return Err(place::fault_of(&folder, &fault.error)),
    };
    let read = place.read_settings()?;
    match log::start(&folder, read.settings.log_level) {
        Ok(guard) => *LOG.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard),
        // An opening before this one has begun the log, or there is none; the till works without.
        Err(fault) => tracing::debug!("{fault}"),
    }
    let journal = Arc::new(open_journal(&folder).await?);
    let keyring = keyring_of(place);
    let phone_address = read.settings.training.phone_address;
    let sandbox = if place.training {
        Some(practice::start(&folder, phone_address, &journal, keyring.as_ref()).await?)
    } else {
        None
    };
    let transport = HttpTransport::new(Timeouts::default()).map_err(|fault| unexpected(&fault))?;
    let transport = match &sandbox {
        Some(sandbox) => transport.within_this_computer(practice::moved(sandbox)),
        None => transport,
    };
    let seams = Seams {
        clock: Arc::new(MachineClock::new()),
        transport: Arc::new(transport),
        storage: journal,
        randomness: Arc::new(MachineRandomness),
        keyring: Arc::clone(&keyring),
    };
    let till = Till::launch(seams, launch_of(place, &read.settings)).await?;
    if let Some(sandbox) = &sandbox {
        practice::furnish(&till, sandbox).await?;
    }
    for key in &read.unknown {
        tracing::warn!(setting = key, "unknown in settings.toml, kept");
    }
    let accepted = received::Received::recalled(&till, &folder);
    let receiver = receiver::Reception::open(&till, read.settings.receiver, &stay).await?;
    let watching = watching::begin(&till, &folder, &stay, &accepted);
    let window = match stay {
        Stay::Window(raise) => Some(raise),
        Stay::Short | Stay::Serving { .. } => None,
    };
    let (desk, open_desk) = OpenDesk::open(&held, till.clone(), window);
    let place = place.clone();
    Ok(Entry::Ours(Box::new(Premises {
        till,
        sandbox,
        desk,
        receiver,
        received: accepted,
        place,
        keyring,
        open_desk,
        watching,
        held,
    })))
}

impl Premises {
    /// Writes the machine's settings and takes them over. A receiver that cannot listen where they say is a notice, as at a start.
    pub(crate) async fn save_settings(&self, actor: &Actor, settings: &Settings) -> Result<(), Refusal> {
        self.till.permit(actor, Action::ManageSettings)?;
        let before = self.place.read_settings()?.settings.backup.folder;
        if let Some(folder) = settings.backup.folder.as_ref().filter(|folder| before.as_ref() != Some(folder))
            && let Some(client) = client_of(Path::new(folder))
        {
            return Err(Refusal::of(Code::BackupFolderSynced).with("folder", folder).with("client", client));
        }
        settings::write(self.held.folder(), settings).map_err(|fault| fault_of_settings(&fault))?;
        if let Some(log) = LOG.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            log.set_level(settings.log_level);
        }
        self.till.set_profile(profile(settings));
        self.receiver.renew(&self.till, &settings.receiver).await;
        Ok(())
    }

    /// Lets requests of other processes come to a point where nothing is lost, and ends. The lock is given back by whoever drops
    /// it, after the last task has ended.
    pub(crate) async fn leave(self) -> LockGuard {
        self.receiver.close().await;
        self.received.keep(&self.till).await;
        self.open_desk.close().await;
        self.till.finish_bookings().await;
        drop(self.watching);
        if let Some(sandbox) = self.sandbox
            && let Err(error) = sandbox.stop().await
        {
            tracing::warn!(%error, "the stage");
        }
        self.held
    }
}

fn keyring_of(place: &Where) -> Arc<dyn Keyring> {
    if place.training {
        Arc::new(ThrowAwayKeyring::in_training_folder(&place.folder()))
    } else {
        Arc::new(OsKeyring::new())
    }
}

fn launch_of(place: &Where, settings: &Settings) -> Launch {
    Launch {
        training: place.training,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        profile: profile(settings),
        caps: Caps::default(),
        pins: Cost::default(),
    }
}

/// Looks at everything the till of `place` depends on, for `actor`; without its gateways where it could not be opened.
pub(crate) async fn doctor(place: &Where, premises: Option<&Premises>, actor: &Actor) -> Vec<Finding> {
    let (folder, till) = (place.folder(), premises.map(|premises| &premises.till));
    let mut findings = match premises {
        Some(premises) => doctor::examine(&premises.place.folder(), premises.keyring.as_ref(), till, actor).await,
        None if place.training => {
            doctor::examine(&folder, &ThrowAwayKeyring::in_training_folder(&folder), None, actor).await
        }
        None => doctor::examine(&folder, &OsKeyring::new(), None, actor).await,
    };
    findings.extend(doctor::journal(&folder).await);
    let notices = till.map(|till| till.health().notices).unwrap_or_default();
    findings.extend(doctor::backup(&folder, &notices).await);
    findings
}

/// Whether the keyring of the till of `place` can be used now. Nobody is asked to unlock it.
pub(crate) async fn keyring_is_open(place: &Where) -> bool {
    place.training || OsKeyring::new().is_open().await
}

/// The key of the till whose journal `reading` reads.
pub(crate) async fn seal(place: &Where, reading: &Reading) -> Result<Seal, NoSeal> {
    let named = Some(reading.public_key());
    if place.training {
        return Seal::of_till(&ThrowAwayKeyring::in_training_folder(&place.folder()), reading.till_id(), named).await;
    }
    Seal::of_till(&OsKeyring::new(), reading.till_id(), named).await
}

/// Makes everything anew that can be made from the events, in a new file where this one is damaged. Needs the folder for itself.
pub(crate) async fn rebuild(place: &Where) -> Result<Remade, Refusal> {
    let folder = place.prepare()?;
    let held = match lock::acquire(&folder) {
        Ok(Lock::Held(held)) => held,
        Ok(Lock::TakenBy { .. }) => return Err(taken(place).await),
        Err(fault) => return Err(place::fault_of(&folder, &fault.error)),
    };
    match rebuilt_in_place(&folder).await {
        Ok(Some(rebuilt)) => Ok(Remade { rebuilt, kept: None }),
        Ok(None) => remake(&held, &MachineClock::new()).await,
        Err(refusal) if matches!(refusal.code, Code::JournalDamaged | Code::JournalUnopenable) => {
            let remade = remake(&held, &MachineClock::new()).await;
            // Where its events cannot be had either, why it could not be opened says more.
            remade.map_err(|again| if again.code == Code::JournalDamaged { refusal } else { again })
        }
        Err(refusal) => Err(refusal),
    }
}

/// `None` where the rows could be made, and the file is damaged all the same.
async fn rebuilt_in_place(folder: &Path) -> Result<Option<Rebuilt>, Refusal> {
    let journal = open_journal(folder).await?;
    let rebuilt = journal.rebuild(Arc::new(Replay)).await.map_err(|fault| fault_of_storage(&fault))?;
    drop(journal);
    let path = folder.join(FILE);
    let damaged =
        tokio::task::spawn_blocking(move || is_damaged(&path)).await.map_err(|error| unexpected(&error))??;
    Ok((!damaged).then_some(rebuilt))
}

/// Opening blocks, and so has a thread of its own.
async fn open_journal(folder: &Path) -> Result<Journal, Refusal> {
    let path = folder.join(FILE);
    let before = opened_read_only(path.clone()).await;
    // Without a reader the whole chain is checked, and the fault is found again.
    let checked_from = match &before {
        Some(Ok(journal)) => day_head::newest(journal).await,
        Some(Err(_)) | None => 0,
    };
    let readable = !matches!(before, Some(Err(StorageFault::Damaged(_))));
    drop(before);
    let opened = tokio::task::spawn_blocking(move || Journal::open(&path, Options { checked_from })).await;
    match opened.map_err(|error| unexpected(&error))? {
        Ok(opened) => Ok(opened.journal),
        Err(StorageFault::ReadOnly(reason)) => {
            tracing::warn!(reason, "the journal cannot be written");
            Err(Refusal::of(Code::FolderReadOnly).with("folder", folder.display()))
        }
        Err(fault) if readable => Err(fault_of_storage(&fault)),
        Err(fault) => Err(fault_of_reader(&fault)),
    }
}

/// `None` where there is no file yet.
async fn opened_read_only(path: PathBuf) -> Option<Result<Journal, StorageFault>> {
    if !is_there(&path) {
        return None;
    }
    tokio::task::spawn_blocking(move || Journal::open_read_only(&path)).await.ok()
}

fn profile(settings: &Settings) -> Profile {
    let shop = [&settings.shop_name, &settings.till_name].into_iter().find(|name| !name.trim().is_empty());
    Profile {
        // A gateway refuses an order without a text.
        shop_name: shop.map_or_else(|| "Tillkeeper 掌柜".to_owned(), Clone::clone),
        client_ip: settings.spbill_create_ip.map_or_else(place::outbound_address, |address| address.to_string()),
    }
}

/// An error that nobody foresaw: its number finds it in the log.
fn unexpected(error: &(dyn std::error::Error + 'static)) -> Refusal {
    Refusal::of(Code::Unexpected).with("incident", log::incident(error))
}
