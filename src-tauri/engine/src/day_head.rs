//! Day heads: what a signed one proves about the journal before it, and where the newest stands.

use crate::journal::{Anchor, Checks, Journal, Verification, verify};
use crate::seal::is_signed;
use crate::storage::{Storage, StorageFault, StoredEvent};
use crate::till::Replay;
use data_encoding::HEXLOWER;
use std::path::Path;
use std::sync::OnceLock;
use till_core::journal::{self, Event, TillEvent};

/// Verifies the whole journal at `path`: the chain, every day head's signature by the key of the first event, the raw answers,
/// the file, and every row against its events. Blocks; needs neither lock nor keyring. `at_once`: on every core, where nobody sells
/// beside it.
pub fn verify_all(path: &Path, at_once: bool) -> Result<Verification, StorageFault> {
    verify_against(path, at_once, None)
}

/// The same, and whether an event stands where somebody outside the file remembers it: its position and its chain value.
pub fn verify_against(
    path: &Path,
    at_once: bool,
    known: Option<(u64, [u8; 32])>,
) -> Result<Verification, StorageFault> {
    // The chain is walked from the first event on, and that one names the key.
    let signer = OnceLock::new();
    let reader = move |stored: &StoredEvent| {
        if stored.seq == 1
            && let Some(till) = opened_by(stored)
        {
            let _once = signer.set(till);
        }
        read_head(stored, signer.get())
    };
    let until = |events: &[StoredEvent]| removed(events).map(|(until, _)| until).max();
    let checks = Checks { project: Some(&Replay), anchor: Some(&reader), removed_until: Some(&until), known, at_once };
    verify(path, checks)
}

/// What the till's own events say of raw answers that were removed: of every moment before which, and after how many days.
pub(crate) fn removed(events: &[StoredEvent]) -> impl Iterator<Item = (i64, u32)> {
    events.iter().filter_map(|stored| match journal::read(&stored.payload) {
        Ok(Event::Till { event: TillEvent::AnswersRemoved { until, days, .. } }) => Some((until, days)),
        Ok(_) | Err(_) => None,
    })
}

/// Events of the till that are looked at together for the newest day head: hardly ever more.
const LATEST: u32 = 20;

/// The event that the newest day head signs; 0 where there is none, or where it cannot be told.
pub async fn newest(journal: &Journal) -> u64 {
    let mut before = u64::MAX;
    loop {
        let events = journal.latest(journal::TILL, before, LATEST).await.unwrap_or_default();
        let Some(first) = events.last() else { return 0 };
        before = first.subject_seq;
        let mut heads = events.iter().filter_map(|stored| match journal::read(&stored.payload) {
            Ok(Event::Till { event: TillEvent::DayHead { seq, .. } }) => Some(seq),
            Ok(_) | Err(_) => None,
        });
        if let Some(newest) = heads.next() {
            return newest;
        }
    }
}

/// Who signs: the till of the first event.
struct Signer {
    till_id: String,
    public_key: String,
}

fn opened_by(first: &StoredEvent) -> Option<Signer> {
    match journal::read(&first.payload) {
        Ok(Event::Till { event: TillEvent::Opened { till_id, public_key, .. } }) => {
            Some(Signer { till_id, public_key })
        }
        Ok(_) | Err(_) => None,
    }
}

/// What an event says as a day head, if it is one.
fn read_head(stored: &StoredEvent, signer: Option<&Signer>) -> Option<Anchor> {
    if stored.subject != journal::TILL {
        return None;
    }
    let Ok(Event::Till { event: TillEvent::DayHead { day, seq, hash, signature } }) = journal::read(&stored.payload)
    else {
        return None;
    };
    let claimed = HEXLOWER.decode(hash.as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let genuine = signer.is_some_and(|signer| {
        let message = journal::day_head_message(&signer.till_id, &day, seq, &hash);
        is_signed(&message, &signature, &signer.public_key)
    });
    Some(Anchor { seq, hash: claimed.unwrap_or_default(), genuine: genuine && claimed.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Flaw, Options};
    use crate::seal::Seal;
    use crate::storage::{Append, NewEvent};
    use till_core::time::Stamp;

    const TILL_ID: &str = "T1";

    fn key(seed: u8) -> Seal {
        Seal::from_seed(&vec![seed; 32].into()).unwrap()
    }

    async fn append(journal: &Journal, seen: u64, event: TillEvent) {
        let payload = journal::write(&Event::Till { event }).unwrap();
        let at = Stamp { wall: 1_800_000_000_000_000, offset_minutes: 480, day: "2027-01-15".into() };
        let events = vec![NewEvent { at, actor: "engine".into(), payload }];
        let append = Append { subject: journal::TILL.into(), seen, events, row: None, raw: None };
        journal.append(vec![append]).await.unwrap();
    }

    /// A journal whose third event is a head of the second by the till's own key, as `forge` has changed it before it was
    /// chained: the chain itself is sound.
    async fn verified(forge: impl FnOnce(&mut TillEvent)) -> Verification {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let journal = Journal::open(&path, Options::default()).unwrap().journal;
        let public_key = key(1).public_key();
        let opened = TillEvent::Opened { till_id: TILL_ID.into(), public_key, version: "test".into(), training: false };
        append(&journal, 0, opened).await;
        append(&journal, 1, TillEvent::ClockJumped { by: 1 }).await;
        let (seq, hash) = journal.head().await.unwrap().unwrap();
        let mut head = signed("2027-01-14", seq, &HEXLOWER.encode(&hash), &key(1));
        forge(&mut head);
        append(&journal, 2, head).await;
        drop(journal);
        verify_all(&path, false).unwrap()
    }

    fn signed(day: &str, seq: u64, hash: &str, by: &Seal) -> TillEvent {
        let signature = by.sign(&journal::day_head_message(TILL_ID, day, seq, hash));
        TillEvent::DayHead { day: day.into(), seq, hash: hash.into(), signature }
    }

    fn refused(flaw: Flaw, seq: u64) -> Verification {
        Verification { ok: false, first_bad_seq: Some(seq), kind: Some(flaw), signed_to: None }
    }

    #[tokio::test]
    async fn a_day_head_by_the_tills_own_key_verifies() {
        assert_eq!(
            verified(|_| ()).await,
            Verification { ok: true, first_bad_seq: None, kind: None, signed_to: Some(2) }
        );
    }

    #[tokio::test]
    async fn a_day_head_that_another_key_signed_is_a_wrong_signature() {
        let forged = verified(|head| {
            let TillEvent::DayHead { day, seq, hash, .. } = head.clone() else { panic!() };
            *head = signed(&day, seq, &hash, &key(2));
        });
        assert_eq!(forged.await, refused(Flaw::WrongSignature, 3));
    }

    #[tokio::test]
    async fn a_day_head_whose_day_position_hash_or_signature_was_changed_is_a_wrong_signature() {
        for what in ["day", "seq", "hash", "signature", "no signature", "no hash"] {
            let forged = verified(|head| {
                let TillEvent::DayHead { day, seq, hash, signature } = head else { panic!() };
                match what {
                    "day" => "2027-01-13".clone_into(day),
                    "seq" => *seq = 1,
                    "hash" => *hash = "00".repeat(32),
                    "signature" => *signature = "00".repeat(64),
                    "no signature" => signature.clear(),
                    _ => hash.clear(),
                }
            });
            assert_eq!(forged.await, refused(Flaw::WrongSignature, 3), "{what}");
        }
    }

    /// Whoever has the key and signs something else than what stands there has written the past anew.
    #[tokio::test]
    async fn a_head_by_the_tills_own_key_of_events_that_were_others_is_a_rewritten_past() {
        let forged = verified(|head| *head = signed("2027-01-14", 2, &"ab".repeat(32), &key(1)));
        assert_eq!(forged.await, refused(Flaw::Rewritten, 2));
    }
}
