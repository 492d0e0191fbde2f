//! A process that is really killed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;
use crate::storage::OrderSearch;

const CHILD: &str = "TILL_TEST_JOURNAL";
const NAME: &str = "journal::tests::crash::what_was_acknowledged_before_a_kill_is_there_after_it";

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    if let Some(path) = std::env::var_os(CHILD) {
        return append_for_ever(Path::new(&path)).await;
    }
    let place = Place::new();
    let mut acknowledged = 0;
    let everything = OrderSearch { limit: 100_000, ..OrderSearch::default() };
    for round in 1..=5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(CHILD, &place.path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        // What it had printed before it died counts too.
        while let Some(Ok(line)) = lines.next() {
            let Some((_, seq)) = line.split_once("stored ") else { continue };
            acknowledged = seq.parse::<usize>().unwrap();
            seen += 1;
            if seen == 20 + 13 * round {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success());
        assert!(seen >= 20 + 13 * round, "the child ended by itself after {seen} events");

        let journal = place.open();
        let events = journal.after(0, 100_000).await.unwrap();
        assert!(events.len() >= acknowledged, "{} of {acknowledged} events", events.len());
        for event in &events {
            assert_eq!(event.payload, format!("event {}", event.seq).into_bytes());
        }
        let orders = journal.orders(&everything).await.unwrap();
        assert_eq!(orders.len(), events.len(), "each event has its row, and no row is without one");
        drop(journal);
        assert!(super::super::verify(&place.path, super::super::Checks::default()).unwrap().ok);
    }
}

async fn append_for_ever(path: &Path) {
    let opened = open(path).unwrap();
    let mut seq = opened.head.map_or(0, |(seq, _)| seq);
    loop {
        seq += 1;
        let mut next = drafted(&order_row(&format!("TK{seq}"), 5));
        next.events = vec![event(&format!("event {seq}"))];
        opened.journal.append(vec![next]).await.unwrap();
        println!("stored {seq}");
    }
}
