//! What stands behind the cashier's window: the premises, once they are open, and what the screens were told.

use super::exporting::Exporting;
use super::language::Languages;
use super::shown::{Authority, Held, SecondPerson, Settings, Shown, Snapshot, Start};
use crate::premises::{self, Premises, Where};
use crate::qr::Pictures;
use secrecy::SecretString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_engine::doctor::receiver_at_rest;
use till_engine::till::{Acting, Credentials, Till, fault_of_file};
use till_engine::view::people::PeopleView;
use till_engine::view::{Finding, LiveOrder, SaleRequest};
use tokio::sync::watch;

/// How long a sale waits for its code before the screen is told that it is on its way.
const CODE_WITHIN: Duration = Duration::from_millis(300);

/// Name of the folder of the window's own storage, in the data folder.
const WINDOW_FOLDER: &str = "window";

/// Raises the cashier's window.
pub(crate) type Raise = Arc<dyn Fn() + Send + Sync>;

/// The premises as far as they are.
#[derive(Clone)]
enum Opening {
    UnderWay,
    Open(Arc<Premises>),
    Fault(Refusal),
}

/// One desk per process.
pub(crate) struct Desk {
    place: Where,
    languages: Languages,
    opening: watch::Sender<Opening>,
    fault_told: tokio::sync::Mutex<bool>,
    pictures: Pictures,
    newest: AtomicU64,
    held: Mutex<Held>,
    on_screen: Mutex<Option<String>>,
    /// Who signed in at the window.
    signed_in: Mutex<Option<Actor>>,
    /// The export that the window asked for.
    pub(crate) exporting: Exporting,
    /// Held from looking at the bound order until the customer's screen was told.
    pub(crate) renewing: tokio::sync::Mutex<()>,
}

impl Desk {
    /// A desk whose premises are still closed.
    pub(crate) fn new(place: Where, languages: Languages) -> Self {
        Self {
            place,
            languages,
            opening: watch::Sender::new(Opening::UnderWay),
            fault_told: tokio::sync::Mutex::new(false),
            pictures: Pictures::default(),
            newest: AtomicU64::new(0),
            held: Mutex::default(),
            on_screen: Mutex::new(None),
            signed_in: Mutex::new(None),
            exporting: Exporting::default(),
            renewing: tokio::sync::Mutex::new(()),
        }
    }

    /// Opens the premises. What comes of it is told to whoever waits.
    pub(crate) async fn open(&self, raise: Raise) {
        self.opening.send_replace(Opening::UnderWay);
        let opening = match premises::open(self.place.clone(), raise).await {
            Ok(premises) => Opening::Open(Arc::new(premises)),
            Err(fault) => Opening::Fault(fault),
        };
        self.opening.send_replace(opening);
    }

    /// Closes the premises, for the end of the process. What is under way is in the journal and is taken up at the next launch.
    pub(crate) async fn leave(&self) {
        self.exporting.leave().await;
        let fault = Refusal::of(Code::TillInUse);
        let opening = self.opening.send_replace(Opening::Fault(fault));
        if let Opening::Open(premises) = opening
            && let Some(premises) = Arc::into_inner(premises)
        {
            // The lock goes with the process: until then tasks of the till may still write.
            std::mem::forget(premises.leave().await);
        }
    }

    /// The premises once it is known whether they open.
    pub(crate) async fn premises(&self) -> Result<Arc<Premises>, Refusal> {
        let mut opening = self.opening.subscribe();
        let known = opening.wait_for(|opening| !matches!(opening, Opening::UnderWay)).await;
        match known.as_deref() {
            Ok(Opening::Open(premises)) => Ok(Arc::clone(premises)),
            Ok(Opening::Fault(fault)) => Err(fault.clone()),
            // The sender lives in `self`.
            Ok(Opening::UnderWay) | Err(_) => Err(Refusal::of(Code::Unexpected).with("incident", "desk")),
        }
    }

    /// The till, as soon as there is one, however many tries that takes.
    pub(crate) async fn till_at_last(&self) -> Option<Till> {
        let mut opening = self.opening.subscribe();
        let open = opening.wait_for(|opening| matches!(opening, Opening::Open(_))).await.ok()?;
        match &*open {
            Opening::Open(premises) => Some(premises.till.clone()),
            Opening::UnderWay | Opening::Fault(_) => None,
        }
    }

    /// The till, or why there is none.
    pub(crate) async fn till(&self) -> Result<Till, Refusal> {
        Ok(self.premises().await?.till.clone())
    }

    /// Who acts at this desk: whoever signed in, else whoever stands there. The screens never say.
    pub(crate) fn actor(&self) -> Actor {
        self.end_worthless_session();
        let signed_in = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).clone();
        signed_in.unwrap_or_else(|| match &*self.opening.borrow() {
            Opening::Open(premises) => premises.till.visitor(),
            Opening::UnderWay | Opening::Fault(_) => Actor::Nobody,
        })
    }

    /// Whoever is locked out or removed goes: when a lock-out is over, somebody else may stand there.
    fn end_worthless_session(&self) {
        let till = match &*self.opening.borrow() {
            Opening::Open(premises) => premises.till.clone(),
            Opening::UnderWay | Opening::Fault(_) => return,
        };
        let mut signed_in = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gone) = signed_in.take_if(|actor| till.worth(actor) == Actor::Nobody) {
            tauri::async_runtime::spawn(async move {
                if let Err(refusal) = till.sign_out(&gone).await {
                    tracing::warn!(?refusal, "an end of a session could not be stored");
                }
            });
        }
    }

    /// Who does what asks for a PIN, and who stands beside them: each gives their own, now.
    pub(crate) async fn acting(&self, authority: Authority) -> Result<Acting, Refusal> {
        let till = self.till().await?;
        let Authority { pin, second } = authority;
        let first = match (self.actor(), pin) {
            (Actor::Operator { name, role: _ }, Some(pin)) => Some(Credentials { name, pin }),
            (Actor::Operator { name, .. }, None) => return Err(Refusal::of(Code::PinNeeded).with("name", name)),
            (Actor::Owner | Actor::Nobody | Actor::Engine | Actor::Gateway, _) => None,
        };
        let second = second.map(|SecondPerson { name, pin }| Credentials { name, pin });
        till.acting(first.as_ref(), second.as_ref()).await
    }

    /// Who lets something pass at the counter: whoever came to it and gave a PIN, else whoever is signed in.
    async fn overruling(&self, authority: Option<Authority>) -> Result<Option<Actor>, Refusal> {
        match authority {
            None => Ok(None),
            Some(Authority { pin: _, second: Some(SecondPerson { name, pin }) }) => {
                self.till().await?.identify(&name, &pin).await.map(Some)
            }
            Some(alone) => Ok(Some(self.acting(alone).await?.actor)),
        }
    }

    /// Somebody signs in; whoever was there before goes.
    pub(crate) async fn sign_in(&self, name: &str, pin: &SecretString) -> Result<PeopleView, Refusal> {
        let till = self.till().await?;
        let actor = till.sign_in(name, pin).await?;
        let before = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).replace(actor.clone());
        if let Some(before) = before.filter(|before| *before != actor) {
            till.sign_out(&before).await?;
        }
        Ok(self.people(&till))
    }

    /// Whoever signed in goes.
    pub(crate) async fn sign_out(&self) -> Result<PeopleView, Refusal> {
        let till = self.till().await?;
        let before = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = before {
            till.sign_out(&before).await?;
        }
        Ok(self.people(&till))
    }

    /// The people as this desk shows them.
    pub(crate) fn people(&self, till: &Till) -> PeopleView {
        till.people(&self.actor())
    }

    /// What a screen needs when it mounts. A screen that was told a fault and asks again has the premises opened again.
    pub(crate) async fn start(&self, raise: Raise, customer_shown: impl FnOnce() -> bool) -> Start {
        let mut told = self.fault_told.lock().await;
        if *told {
            self.open(raise).await;
        }
        let premises = self.premises().await;
        *told = premises.is_err();
        drop(told);
        let folder = self.place.folder();
        let (settings, unknown, broken) = match self.place.read_settings() {
            Ok(read) => (read.settings, read.unknown, None),
            Err(refusal) => (till_engine::settings::Settings::default(), vec![], Some(refusal)),
        };
        Start {
            training: self.place.training,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            till_id: premises.as_ref().ok().map(|premises| premises.till.id().to_owned()),
            data_folder: folder.display().to_string(),
            log_folder: folder.join(till_engine::log::FOLDER).display().to_string(),
            settings: self.languages.shown(&settings),
            settings_notices: unknown,
            customer_shown: customer_shown(),
            snapshot: premises.as_ref().ok().map(|premises| self.picture_of(&premises.till)),
            fault: premises.err().or(broken),
        }
    }

    /// Whether the system's keyring can be used now. Nobody is asked to unlock it.
    pub(crate) async fn keyring_is_open(&self) -> bool {
        premises::keyring_is_open(&self.place).await
    }

    /// A whole picture of the till.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, Refusal> {
        Ok(self.picture_of(&self.till().await?))
    }

    fn picture_of(&self, till: &Till) -> Snapshot {
        let snapshot = till.snapshot();
        Snapshot {
            seq: self.newest(snapshot.seq),
            open: snapshot.open.into_iter().map(|live| self.shown(till, live)).collect(),
            accounts: snapshot.accounts,
            health: snapshot.health,
            today: snapshot.today,
            recovery: snapshot.recovery,
            people: self.people(till),
            serves_pages: till.serves_pages(),
        }
    }

    /// The newest sequence number that a screen was told, which is at least `seq`.
    pub(crate) fn newest(&self, seq: u64) -> u64 {
        self.newest.fetch_max(seq, Ordering::SeqCst).max(seq)
    }

    /// An order with its code drawn. A code that cannot be drawn, or does not read back, is not shown, and a notice says so.
    pub(crate) fn shown(&self, till: &Till, live: LiveOrder) -> Shown {
        self.newest(live.seq);
        self.held.lock().unwrap_or_else(PoisonError::into_inner).told(&live);
        let qr = live.order.qr.as_deref().and_then(|text| match self.pictures.of(text) {
            (Ok(picture), _) => Some(picture),
            (Err(fault), drawn_now) => {
                if drawn_now {
                    let incident = till_engine::log::incident(&fault);
                    till.notice(Refusal::of(Code::Unexpected).with("incident", incident));
                }
                None
            }
        });
        Shown { live, qr }
    }

    /// Numbers of the orders that a screen was told as open and not yet as ended.
    pub(crate) fn held(&self) -> Vec<String> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).numbers().cloned().collect()
    }

    /// One order as it stands.
    pub(crate) async fn order(&self, order_no: &str) -> Result<Shown, Refusal> {
        let till = self.till().await?;
        Ok(self.shown(&till, till.order(order_no).await?))
    }

    /// Makes an order, so that a quick gateway's code is painted after one round trip.
    pub(crate) async fn sell(
        &self,
        request: &SaleRequest,
        payment_code: Option<SecretString>,
        overrule: Option<Authority>,
    ) -> Result<Shown, Refusal> {
        let till = self.till().await?;
        let manager = self.overruling(overrule).await?;
        let order_no = till.sell(&self.actor(), request, payment_code, manager.as_ref()).await?.order.order_no;
        // A slow gateway's code follows as an update.
        let _in_time = tokio::time::timeout(CODE_WITHIN, till.created(&order_no)).await;
        Ok(self.shown(&till, till.order(&order_no).await?))
    }

    /// The machine's settings.
    pub(crate) fn settings(&self) -> Result<Settings, Refusal> {
        Ok(self.languages.shown(&self.place.read_settings()?.settings))
    }

    /// What holds while the settings cannot be read.
    pub(crate) fn settings_unread(&self) -> Settings {
        self.languages.shown(&till_engine::settings::Settings::default())
    }

    /// Writes the machine's settings and lets the till take them over.
    pub(crate) async fn save_settings(&self, settings: &Settings) -> Result<Settings, Refusal> {
        let before = self.place.read_settings()?.settings;
        let machine = self.languages.machine(settings, &before)?;
        self.premises().await?.save_settings(&self.actor(), &machine).await?;
        self.languages.saved(settings.language);
        Ok(self.languages.shown(&machine))
    }

    /// Looks at everything the till depends on.
    pub(crate) async fn doctor(&self) -> Result<Vec<Finding>, Refusal> {
        let premises = self.premises().await.ok();
        let mut findings = premises::doctor(&self.place, premises.as_deref(), &self.actor()).await;
        if premises.is_none() {
            findings.extend(receiver_at_rest(&self.place.folder()));
        }
        Ok(findings)
    }

    /// Starts training beside this till, as a process of its own.
    pub(crate) fn enter_training(&self) -> Result<(), Refusal> {
        let program = std::env::current_exe().map_err(|error| fault_of_file("tillkeeper", &error))?;
        let spawned = tokio::process::Command::new(&program)
            .arg("--data-dir")
            .arg(&self.place.data_dir)
            .arg("--training")
            .args(self.languages.asked().into_iter().flat_map(|asked| ["--lang", asked.word()]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        spawned.map(drop).map_err(|error| fault_of_file(program.display(), &error))
    }

    /// The phone's page of the order on the customer's screen, or the list of what can be paid. Only training has phones.
    pub(crate) async fn phone_page(&self) -> Result<String, Refusal> {
        let premises = self.premises().await?;
        let Some(sandbox) = &premises.sandbox else {
            return Err(Refusal::of(Code::BadRequest).with("reason", "training"));
        };
        let page = self.on_screen().and_then(|order_no| sandbox.phone_url(&order_no));
        let page = page.unwrap_or_else(|| sandbox.phone_list_url());
        Ok(format!("{page}?lang={}", self.settings()?.language.word()))
    }

    /// Binds the customer's screen to one order, which the gateway is then asked about before others.
    pub(crate) async fn put_on_screen(&self, order_no: Option<String>) -> Result<(), Refusal> {
        self.till().await?.put_on_screen(order_no.clone());
        *self.on_screen.lock().unwrap_or_else(PoisonError::into_inner) = order_no;
        Ok(())
    }

    /// The order that the customer's screen is bound to.
    pub(crate) fn on_screen(&self) -> Option<String> {
        self.on_screen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Acts only if the customer's screen is still bound to `order_no`, and lets nobody bind it meanwhile.
    pub(crate) fn while_on_screen(&self, order_no: Option<&str>, act: impl FnOnce()) {
        let bound = self.on_screen.lock().unwrap_or_else(PoisonError::into_inner);
        if bound.as_deref() == order_no {
            act();
        }
    }

    /// Which till this is.
    pub(crate) fn place(&self) -> &Where {
        &self.place
    }

    /// Whether this is training.
    pub(crate) fn training(&self) -> bool {
        self.place.training
    }

    /// Where the windows keep what they remember: nothing that matters.
    pub(crate) fn window_folder(&self) -> PathBuf {
        self.place.folder().join(WINDOW_FOLDER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_engine::settings::Language;

    #[test]
    fn the_launch_decides_its_language_then_the_settings_then_the_system() {
        let folder = tempfile::tempdir().unwrap();
        let language = |asked: Option<Language>| {
            let place = Where { data_dir: folder.path().to_owned(), training: false, language: None };
            let desk = Desk::new(place, Languages::new(asked, Language::Simplified));
            desk.settings().unwrap().language
        };
        assert_eq!(language(None), Language::Simplified);
        assert_eq!(language(Some(Language::English)), Language::English);
        std::fs::write(folder.path().join("settings.toml"), "language = \"zh-HK\"\n").unwrap();
        assert_eq!(language(None), Language::Traditional);
        assert_eq!(language(Some(Language::English)), Language::English);
    }
}
