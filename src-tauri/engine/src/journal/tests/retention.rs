//! Raw answers that are gone: said before, or missing.

use super::super::{Checks, Flaw, verify};
use super::*;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

const BODIES: [&str; 3] = ["first", "second", "third"];

fn sha256(body: &str) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// An event for each body that rests on it, a day apart from 1 on.
async fn kept(journal: &Journal) {
    for (day, body) in (1..).zip(BODIES) {
        let payload = format!(r#"{{"text":"\"raw\":\"x","raw":"{}"}}"#, HEXLOWER.encode(&sha256(body)));
        let mut append = append(&format!("order/{day}"), 0, &[&payload]);
        append.events[0].at.wall = day;
        append.raw = Some(body.as_bytes().to_vec());
        journal.append(vec![append]).await.unwrap();
    }
}

fn found(path: &Path, until: Option<i64>) -> (Option<Flaw>, Option<u64>) {
    let removed = move |_: &[StoredEvent]| until;
    let verification = verify(path, Checks { removed_until: Some(&removed), ..Checks::default() }).unwrap();
    (verification.kind, verification.first_bad_seq)
}

#[tokio::test]
async fn an_answer_that_is_gone_is_a_finding_unless_its_removal_was_said() {
    let place = Place::new();
    let journal = place.open();
    kept(&journal).await;
    assert_eq!(journal.old_answers(3).await.unwrap(), [sha256("first"), sha256("second")]);
    assert_eq!(found(&place.path, None), (None, None));
    journal.forget(vec![sha256("first"), sha256("third")], 3).await.unwrap();
    let there = async |body| journal.raw(&sha256(body)).await.unwrap().is_some();
    assert_eq!((there("first").await, there("second").await, there("third").await), (false, true, true));
    drop(journal);
    assert_eq!(found(&place.path, None), (Some(Flaw::AnswerMissing), Some(1)));
    assert_eq!(found(&place.path, Some(1)), (Some(Flaw::AnswerMissing), Some(1)), "of a moment that is not before it");
    assert_eq!(found(&place.path, Some(2)), (None, None));
    tamper(&place.path, |raw| {
        raw.execute("DELETE FROM answers WHERE sha256 = ?1", [sha256("third")]).unwrap();
    });
    assert_eq!(found(&place.path, Some(3)), (Some(Flaw::AnswerMissing), Some(3)));
    assert_eq!(verify(&place.path, Checks::default()).unwrap().kind, None, "who does not ask is not told");
}

#[tokio::test]
async fn an_answer_that_was_changed_is_named_by_the_event_that_rests_on_it() {
    for change in [
        "UPDATE answers SET at = 1 WHERE rowid = 2",
        "UPDATE answers SET body = x'00' WHERE rowid = 2",
        "UPDATE answers SET sha256 = zeroblob(32) WHERE rowid = 2",
    ] {
        let place = Place::new();
        let journal = place.open();
        kept(&journal).await;
        drop(journal);
        tamper(&place.path, |raw| raw.execute_batch(change).unwrap());
        assert_eq!(found(&place.path, None), (Some(Flaw::AnswerDiffers), Some(2)), "{change}");
    }
}

#[tokio::test]
async fn an_answer_that_came_again_is_as_old_as_its_newest_event() {
    let place = Place::new();
    let journal = place.open();
    kept(&journal).await;
    let payload = format!(r#"{{"raw":"{}"}}"#, HEXLOWER.encode(&sha256("first")));
    let mut again = append("order/9", 0, &[&payload]);
    again.events[0].at.wall = 9;
    again.raw = Some(b"first".to_vec());
    journal.append(vec![again]).await.unwrap();
    assert_eq!(journal.old_answers(4).await.unwrap(), [sha256("second"), sha256("third")]);
    journal.forget(BODIES.map(sha256).to_vec(), 4).await.unwrap();
    assert!(journal.raw(&sha256("first")).await.unwrap().is_some());
    drop(journal);
    assert_eq!(found(&place.path, Some(4)), (None, None));
    // Programs before this one left it as old as its first event.
    tamper(&place.path, |raw| raw.execute_batch("UPDATE answers SET at = 1").unwrap());
    assert_eq!(found(&place.path, Some(4)), (None, None));
}
