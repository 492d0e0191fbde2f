//! Day heads: what a signed one proves about the journal before it, and where the newest stands.

use crate::journal::{Anchor, Checks, Journal, Verification, verify};
use crate::storage::{Storage, StorageFault, StoredEvent};
use crate::till::Replay;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::HEXLOWER;
use std::path::Path;
use std::sync::OnceLock;
use till_core::journal::{self, Event, TillEvent};

/// Verifies the whole journal at `path`: the chain, every day head's signature by the key of the first event, the raw answers,
/// the file, and every row against its events. Blocks; needs neither lock nor keyring.
pub fn verify_all(path: &Path) -> Result<Verification, StorageFault> {
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
    verify(path, Checks { project: Some(&Replay), anchor: Some(&reader), known: None })
}

/// The event that the newest day head signs; 0 where there is none, or where it cannot be told.
pub async fn newest(journal: &Journal) -> u64 {
    let stream = journal.stream(journal::TILL).await.unwrap_or_default();
    let heads = stream.iter().rev().filter_map(|stored| match journal::read(&stored.payload) {
        Ok(Event::Till { event: TillEvent::DayHead { seq, .. } }) => Some(seq),
        Ok(_) | Err(_) => None,
    });
    heads.max().unwrap_or(0)
}

/// Who signs: the till of the first event.
struct Signer {
    till_id: String,
    key: Vec<u8>,
}

fn opened_by(first: &StoredEvent) -> Option<Signer> {
    match journal::read(&first.payload) {
        Ok(Event::Till { event: TillEvent::Opened { till_id, public_key, .. } }) => {
            Some(Signer { till_id, key: HEXLOWER.decode(public_key.as_bytes()).ok()? })
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
        let signature = HEXLOWER.decode(signature.as_bytes()).unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, &signer.key).verify(&message, &signature).is_ok()
    });
    Some(Anchor { seq, hash: claimed.unwrap_or_default(), genuine: genuine && claimed.is_some() })
}
