//! Sales while strangers lay siege to the receiver.
//!
//! The till and the gateway are processes of their own, the strangers are this one, on the same machine: what they do takes its
//! share of the same cores, so each siege has a pace. Strangers come from 127.0.0.2 and further addresses, honest notifications,
//! one every [`HONEST`], from 127.0.0.1.
//!
//! The till may open 1,024 files, as a desktop's programs may. Its memory is that of its whole process.

mod attack;

use super::gateway::Gateway;
use super::memory;
use super::place;
use super::proxy::{Letter, Proxy};
use super::report::{Figures, Report};
use super::till::{GATEWAYS, Running};
use attack::{Attack, Seen};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::{Duration, Instant};
use till_sandbox::Notifications;
use tokio::sync::watch;

/// Sales in each siege, and the pause between two of them.
const SALES: (usize, Duration) = (60, Duration::from_millis(150));
/// A siege has begun when it has lasted so long.
const BEGUN: Duration = Duration::from_secs(1);
/// Between two honest notifications.
const HONEST: Duration = Duration::from_millis(400);
/// Honest notifications at hand for each siege.
const LETTERS: usize = 60;
/// Files and connections that this process needs.
const FILES: usize = 12_000;
/// A sale may take so many times what it takes in quiet, at the 95th percentile, ...
const SALE_LIMIT: f64 = 1.5;
/// ... or so much longer, in milliseconds, where that is more: less than a frame of the screen.
const SALE_SLACK: f64 = 10.0;
/// The gateways take a later answer for none, in milliseconds (ruling 17).
const ANSWER_LIMIT: f64 = 4_000.0;
/// What the till's process may hold more than when it is idle, in megabytes. 256 connections that send all that they may come to 25.
const MEMORY_LIMIT: f64 = 64.0;

/// What was measured meanwhile.
struct Meanwhile {
    sales: Figures,
    /// Until each honest notification was answered, milliseconds.
    answers: Figures,
    refused: usize,
    memory: f64,
}

/// Measures.
pub async fn measure(report: &mut Report) {
    report.chapter("Sales while the receiver is under siege");
    let (gateway, folder, mut proxy) = (Gateway::start().await, place::on_disk(), Proxy::open().await);
    let mut till = Running::start(&gateway, folder.path(), &proxy.url()).await;
    let may = allow(FILES);
    report.must(&format!("this process may open {may} files"), may >= FILES);
    let sieges = attack::all();
    let mut letters = letters(&mut till, &gateway, &mut proxy, LETTERS * (sieges.len() + 2)).await;
    let page = till.page().await;
    let mut next = || letters.split_off(letters.len() - LETTERS);

    till.sell(SALES.0, SALES.1).await;
    let idle = held(till.pid());
    let quiet = meanwhile(&mut till, next()).await;
    let limit = sale_limit(&quiet.sales);
    report.note(format!("quiet: ms, a sale            {}", quiet.sales));
    report.note(format!("quiet: ms, notification      {}", quiet.answers));
    let mut most = quiet.memory;
    for siege in &sieges {
        let (seen, meanwhile) = under(siege, &mut till, next(), &page).await;
        report.note(format!("{}: {seen}", siege.name));
        report.note(format!("  ms, a sale                 {}", meanwhile.sales));
        report.note(format!("  ms, notification           {}, memory {:.1} MB", meanwhile.answers, meanwhile.memory));
        report.at_most("a sale, p95", meanwhile.sales.percentile(95), limit, "ms");
        report.at_most("honest notifications, the latest answer", meanwhile.answers.largest(), ANSWER_LIMIT, "ms");
        report
            .must("every honest notification is accepted, no other one", meanwhile.refused == 0 && seen.accepted == 0);
        report.must("no connection got more than one answer", seen.several == 0);
        most = most.max(meanwhile.memory);
    }
    report.at_most("memory over idle", most - idle, MEMORY_LIMIT, "MB");
    let after = meanwhile(&mut till, next()).await;
    report.note(format!("afterwards: ms, a sale       {}", after.sales));
    report.at_most("afterwards a sale, p95", after.sales.percentile(95), limit, "ms");
    report.must("afterwards every honest notification is accepted", after.refused == 0);
    till.kill().await;
    gateway.stop().await;
}

/// What the 95th percentile of sales may come to while something else goes on, by what they take in quiet; milliseconds.
pub(super) fn sale_limit(quiet: &Figures) -> f64 {
    let quiet = quiet.percentile(95);
    let limit = (quiet * SALE_LIMIT).max(quiet + SALE_SLACK);
    (limit * 10.0).round() / 10.0
}

/// One siege, from its begin to its end.
async fn under(siege: &Attack, till: &mut Running, letters: Vec<Letter>, page: &str) -> (Seen, Meanwhile) {
    let (stop, stopped) = watch::channel(false);
    let unsent = letters.last().expect("there are enough").clone();
    let attack = tokio::spawn(siege.run(till.receiver, unsent, page.to_owned(), stopped));
    tokio::time::sleep(BEGUN).await;
    let meanwhile = meanwhile(till, letters).await;
    stop.send_replace(true);
    (attack.await.expect("the siege's end"), meanwhile)
}

/// Sells, notifies and looks at the memory, all at the same time.
async fn meanwhile(till: &mut Running, letters: Vec<Letter>) -> Meanwhile {
    let (pid, receiver) = (till.pid(), till.receiver);
    let (stop, stopped) = watch::channel(false);
    let notifying = tokio::spawn(notify(letters, receiver, stopped.clone()));
    let looking = tokio::spawn(look(pid, stopped));
    let sales = Figures::of(till.sell(SALES.0, SALES.1).await);
    stop.send_replace(true);
    let (answers, refused) = notifying.await.expect("notified");
    Meanwhile { sales, answers: Figures::of(answers), refused, memory: looking.await.expect("looked") }
}

/// Sends honest notifications until told to stop. How long each took, and how many were not accepted.
async fn notify(letters: Vec<Letter>, to: SocketAddr, stopped: watch::Receiver<bool>) -> (Vec<f64>, usize) {
    let (mut answers, mut refused) = (Vec::new(), 0);
    let mut next = tokio::time::interval(HONEST);
    for letter in letters {
        next.tick().await;
        if *stopped.borrow() {
            break;
        }
        let due = Instant::now();
        let (taken, answered) = letter.send(Ipv4Addr::LOCALHOST, to).await;
        answers.push((answered - due).as_secs_f64() * 1_000.0);
        refused += usize::from(!taken);
    }
    (answers, refused)
}

/// The most that a process held until told to stop, in megabytes.
async fn look(pid: u32, stopped: watch::Receiver<bool>) -> f64 {
    let mut most = 0.0_f64;
    while !*stopped.borrow() {
        most = most.max(held(pid));
        tokio::time::sleep(HONEST).await;
    }
    most
}

fn held(pid: u32) -> f64 {
    memory::of_tree(pid).iter().map(|held| held.total).sum()
}

/// Has orders made and paid; what the gateways send of that.
async fn letters(till: &mut Running, gateway: &Gateway, proxy: &mut Proxy, count: usize) -> Vec<Letter> {
    let control = gateway.control();
    control.notifications(Notifications { state: true, ..Notifications::default() }).await.expect("set");
    let mut letters = Vec::new();
    for order_no in till.make(GATEWAYS[0].0, count).await {
        control.pay(&order_no).await.expect("paid");
        letters.push(proxy.next().await);
    }
    letters
}

/// Lets this process open so many files. How many it may.
fn allow(files: usize) -> usize {
    let pid = std::process::id().to_string();
    let limit = |arguments: &[&str]| {
        let asked = Command::new("prlimit").args(["--pid", &pid]).args(arguments).output().expect("prlimit");
        String::from_utf8_lossy(&asked.stdout).trim().parse().unwrap_or(0)
    };
    let now = || limit(&["--nofile", "--output=SOFT", "--noheadings"]);
    if now() < files {
        limit(&[&format!("--nofile={files}:")]);
    }
    now()
}
