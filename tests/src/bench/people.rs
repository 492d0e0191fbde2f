//! How long a PIN takes: somebody switches to their own name at the till while a customer waits.
//!
//! The engine is the real one in this process, with a real journal on the disk. The keyring is one in memory: the engine reads
//! the pepper from it once in a run.

use super::gateway::Gateway;
use super::place;
use super::report::{Figures, Report};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Instant;
use till_core::rights::{Actor, Role};
use till_engine::journal::{Journal, Options};
use till_engine::till::Caps;
use till_engine::transport::{HttpTransport, Timeouts};

/// Switches that count.
const SWITCHES: usize = 60;

/// A fast switch is two seconds with the typing; the till's part of it must not be felt.
const LIMIT_MS: f64 = 500.0;

/// Measures.
pub async fn measure(report: &mut Report) {
    report.chapter("A PIN");
    let (folder, gateway) = (place::on_disk(), Gateway::start().await);
    let opened = Journal::open(&folder.path().join("journal.sqlite"), Options::default()).expect("a journal");
    let transport = HttpTransport::new(Timeouts::default()).expect("a client");
    let till = gateway.till(Arc::new(opened.journal), Arc::new(transport), Caps::default(), &[]).await;
    let (right, wrong) = (SecretString::from("2580"), SecretString::from("2581"));
    till.add_operator(&Actor::Owner, "Lin", Role::Manager, &right).await.expect("added");
    let (mut identified, mut signed_in, mut refused) = (vec![], vec![], vec![]);
    for _ in 0..SWITCHES {
        let begun = Instant::now();
        till.identify("Lin", &right).await.expect("right");
        identified.push(ms(begun));
        let begun = Instant::now();
        till.identify("Lin", &wrong).await.expect_err("wrong");
        refused.push(ms(begun));
        let begun = Instant::now();
        till.sign_in("Lin", &right).await.expect("right");
        signed_in.push(ms(begun));
    }
    report.note(format!("a right PIN, for one command   {}", Figures::of(identified)));
    report.note(format!("a wrong PIN, and its commit    {}", Figures::of(refused)));
    let signed_in = Figures::of(signed_in);
    report.note(format!("signing in, and its commit     {signed_in}"));
    report.at_most("signing in, 95 of 100", signed_in.percentile(95), LIMIT_MS, "ms");
    gateway.stop().await;
}

fn ms(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}
