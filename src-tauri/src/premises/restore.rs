//! Putting a backup in the journal's place: by whom, and with nothing else in the folder.

use super::{Where, launch_of, open_journal, taken, unexpected};
use std::path::Path;
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::rights::{Action, Actor};
use till_engine::backup::{Candidate, Restored};
use till_engine::clock::MachineClock;
use till_engine::journal::{Journal, Options};
use till_engine::keyring::Keyring;
use till_engine::lock::{self, Lock};
use till_engine::randomness::MachineRandomness;
use till_engine::request::Claim;
use till_engine::till::{Seams, Till, fault_of_storage};
use till_engine::transport::{HttpTransport, Timeouts};

/// Puts `backup` in the place of the journal of `place`, for whoever `first` and `second` say they are.
pub(crate) async fn restore(
    place: &Where,
    backup: &Path,
    (first, second): (Option<&Claim>, Option<&Claim>),
) -> Result<Restored, Refusal> {
    let folder = place.prepare()?;
    let held = match lock::acquire(&folder) {
        Ok(Lock::Held(held)) => held,
        Ok(Lock::TakenBy { .. }) => return Err(taken(place).await),
        Err(fault) => return Err(super::place::fault_of(&folder, &fault.error)),
    };
    let keyring = super::keyring_of(place);
    let candidate = Candidate::prepare(&held, backup, place.training, keyring.as_ref()).await?;
    let actor = actor(place, &folder, &candidate, keyring, (first, second)).await?;
    candidate.put_in_place(&actor, &MachineClock::new()).await
}

/// Who acts, if they may. The old journal knows the people; where it cannot be read, the backup does. Without any journal here there
/// is nobody yet, as with a new till.
async fn actor(
    place: &Where,
    folder: &Path,
    candidate: &Candidate,
    keyring: Arc<dyn Keyring>,
    claims: (Option<&Claim>, Option<&Claim>),
) -> Result<Actor, Refusal> {
    if !candidate.has_predecessor() {
        return Ok(Actor::Owner);
    }
    let by_old = match open_journal(folder).await {
        Ok(journal) => permitted(place, journal, Arc::clone(&keyring), claims).await,
        Err(refusal) => Err(refusal),
    };
    match by_old {
        Err(refusal) if matches!(refusal.code, Code::JournalDamaged | Code::JournalUnopenable) => {
            let path = candidate.journal().to_owned();
            let options = Options { checked_from: u64::MAX };
            let opened = tokio::task::spawn_blocking(move || Journal::open(&path, options)).await;
            let journal =
                opened.map_err(|error| unexpected(&error))?.map_err(|fault| fault_of_storage(&fault))?.journal;
            permitted(place, journal, keyring, claims).await
        }
        other => other,
    }
}

/// Whoever the people of `journal` know, if they may. Nobody has the journal open afterwards.
async fn permitted(
    place: &Where,
    journal: Journal,
    keyring: Arc<dyn Keyring>,
    (first, second): (Option<&Claim>, Option<&Claim>),
) -> Result<Actor, Refusal> {
    let closed = journal.closed();
    let seams = Seams {
        clock: Arc::new(MachineClock::new()),
        transport: Arc::new(HttpTransport::new(Timeouts::default()).map_err(|fault| unexpected(&fault))?),
        storage: Arc::new(journal),
        randomness: Arc::new(MachineRandomness),
        keyring,
    };
    // What is wrong with the settings is no reason to leave a journal lost.
    let settings = place.read_settings().map(|read| read.settings).unwrap_or_default();
    let actor = match Till::at_the_door(seams, launch_of(place, &settings)).await {
        Ok(till) => acting(&till, first, second).await,
        Err(refusal) => Err(refusal),
    };
    // What measures a lock-out may hold it a moment longer.
    closed.await;
    actor
}

async fn acting(till: &Till, first: Option<&Claim>, second: Option<&Claim>) -> Result<Actor, Refusal> {
    let first = first.map(Claim::read).transpose()?;
    let second = second.map(Claim::read).transpose()?;
    let acting = till.acting(first.as_ref(), second.as_ref()).await?;
    till.permit(&acting.actor, Action::Restore)
}
