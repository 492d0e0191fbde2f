//! A year's journal: opening it, finding in it, handing it out, verifying it; and how fast it grows.

mod beside;
mod growth;
mod year;

use super::place;
use super::report::{Figures, Report};
use crate::window::built;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_core::operator::pin::Cost;
use till_core::order::State;
use till_core::rights::Actor;
use till_engine::clock::MachineClock;
use till_engine::day_head;
use till_engine::journal::{Journal, Options};
use till_engine::keyring::{Keyring, MemoryKeyring};
use till_engine::randomness::MachineRandomness;
use till_engine::till::{Caps, Launch, Profile, Seams, Till};
use till_engine::transport::{HttpTransport, Timeouts};
use till_engine::view::OrderQuery;
use year::Year;

/// Orders, unless [`ORDERS`] says otherwise.
const MANY: usize = 1_000_000;
/// The variable that says how many orders.
const ORDERS: &str = "TILL_BENCH_ORDERS";

/// Times that an opening is measured.
const OPENINGS: usize = 9;

/// Opening a year's journal may take so many times what opening an empty one does.
const OPEN_LIMIT: f64 = 1.2;
/// Milliseconds in which 99 of 100 orders are found by a number.
const FIND_LIMIT: f64 = 10.0;
/// Milliseconds for the first page of a filter.
const PAGE_LIMIT: f64 = 50.0;
/// Milliseconds for the story of an order that is a year old.
const OLD_LIMIT: f64 = 100.0;
/// An export to CSV may take so many times what the sqlite3 command line takes for the same rows.
const CSV_LIMIT: f64 = 1.5;
/// A verification may take so many times what hashing the same bytes does.
const VERIFY_LIMIT: f64 = 3.0;
/// Megabytes over idle.
const MEMORY_LIMIT: f64 = 64.0;

/// Measures.
pub async fn measure(report: &mut Report) {
    report.chapter("How fast the journal grows");
    growth::measure(report).await;
    let orders = std::env::var(ORDERS).ok().and_then(|text| text.parse().ok()).unwrap_or(MANY);
    report.chapter("A journal of a year");
    let place = place::on_disk();
    let year = Year::make(place.path(), orders).await;
    let size = std::fs::metadata(place.path().join("journal.sqlite")).expect("a file").len();
    report.note(format!(
        "{} orders, {} events, {} MB, made in {:.0} s",
        year.orders,
        year.events,
        size / 1_000_000,
        year.took.as_secs_f64()
    ));
    open(report, &year).await;
    let till = launch(&year).await;
    find(report, &till, &year).await;
    filter(report, &till).await;
    old(report, &till, &year).await;
    drop(till);
    let idle = memory_of(&["--version"]).1;
    verify(report, &year, idle);
    export(report, &year, idle);
    report.chapter("Sales while the records of a year are read");
    beside::measure(report, &year).await;
}

/// What happens between the lock and the first request: a look at the newest day head, the checks of an opening, the launch.
async fn open(report: &mut Report, year: &Year) {
    let empty = place::on_disk();
    let small = Year::make(empty.path(), 0).await;
    let mut samples = [Vec::new(), Vec::new()];
    for _ in 0..OPENINGS {
        for (samples, year) in samples.iter_mut().zip([year, &small]) {
            samples.push(opened(year.clone()).await);
        }
    }
    let [many, none] = samples.map(Figures::of);
    report.note(format!("ms, opening and launching    {many}"));
    report.note(format!("ms, of an empty journal      {none}"));
    report.at_most("opening, a year's to an empty one's (medians)", many.median() / none.median(), OPEN_LIMIT, "times");
}

/// Milliseconds of one opening, in a runtime of its own: what a till looks at beside everything else ends with it and slows no
/// other one down.
async fn opened(year: Year) -> f64 {
    let opening = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let began = Instant::now();
        let till = runtime.block_on(launch(&year));
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        drop(till);
        runtime.shutdown_timeout(Duration::from_secs(10));
        took
    };
    tokio::task::spawn_blocking(opening).await.expect("opened")
}

async fn launch(year: &Year) -> Till {
    let path = year.folder.join("journal.sqlite");
    let before = Journal::open_read_only(&path).expect("a journal");
    let checked_from = day_head::newest(&before).await;
    drop(before);
    let journal = Journal::open(&path, Options { checked_from }).expect("a journal").journal;
    let keyring = MemoryKeyring::default();
    let name = format!("{}/till/signing_key", year.till_id);
    keyring.set(&name, &year.seed.to_vec().into()).await.expect("kept");
    let seams = Seams {
        clock: Arc::new(MachineClock::new()),
        transport: Arc::new(HttpTransport::new(Timeouts::default()).expect("a client")),
        storage: Arc::new(journal),
        randomness: Arc::new(MachineRandomness),
        keyring: Arc::new(keyring),
    };
    let profile = Profile { shop_name: "示例便利店".into(), client_ip: "127.0.0.1".into() };
    let caps = Caps::default();
    let launch = Launch { training: false, version: "bench".into(), profile, caps, pins: Cost::default() };
    Till::launch(seams, launch).await.expect("launched")
}

async fn page(till: &Till, query: &OrderQuery) -> (f64, usize) {
    let began = Instant::now();
    let page = till.orders(&Actor::Owner, query).await.expect("found");
    (began.elapsed().as_secs_f64() * 1_000.0, page.rows.len())
}

fn text(text: &str) -> OrderQuery {
    OrderQuery { text: text.to_owned(), ..OrderQuery::default() }
}

async fn find(report: &mut Report, till: &Till, year: &Year) {
    let mut samples = Vec::new();
    let mut within = Vec::new();
    let mut all_found = true;
    for numbers in &year.samples {
        for (name, number) in numbers.all.iter().filter(|(name, _)| *name != "sale") {
            let end = &number[number.len() - 4..];
            let mut ways = vec![number.clone(), number[..number.len() - 3].to_owned()];
            if matches!(*name, "order_no" | "refund_no") {
                ways.push(end.to_owned());
            }
            for way in ways {
                let (took, found) = page(till, &text(&way)).await;
                samples.push(took);
                all_found &= found > 0;
            }
        }
        if within.len() < 20 {
            let middle = &numbers.order_no[numbers.order_no.len() - 9..numbers.order_no.len() - 1];
            within.push(page(till, &text(middle)).await.0);
        }
    }
    let samples = Figures::of(samples);
    report.must("every number leads to an order", all_found);
    report.note(format!("ms, found by a number        {samples}, p99 {:.2}", samples.percentile(99)));
    report.note(format!("ms, by a part within one     {}", Figures::of(within)));
    report.at_most("found by any number, its end or its beginning, p99", samples.percentile(99), FIND_LIMIT, "ms");
}

async fn filter(report: &mut Report, till: &Till) {
    use State::{AwaitingPayment, Closed, Disputed, Failed, Paid};
    let today = jiff::Zoned::now();
    let day = |ago: i64| Some(today.date().saturating_sub(jiff::Span::new().days(ago)).to_string());
    let states: [&[State]; 7] = [
        &[Paid],
        &[Closed],
        &[Disputed],
        &[AwaitingPayment],
        &[Closed, Failed],
        &[Paid, Closed],
        &[Paid, Closed, Failed, Disputed, AwaitingPayment],
    ];
    let mut queries = vec![("everything".to_owned(), OrderQuery::default())];
    for states in states {
        let name = states.iter().map(|state| state.word()).collect::<Vec<_>>().join(", ");
        queries.push((name.clone(), OrderQuery { states: states.to_vec(), ..OrderQuery::default() }));
        let of_day = OrderQuery { states: states.to_vec(), day: day(180), ..OrderQuery::default() };
        queries.push((format!("{name}, of a day"), of_day));
        queries.push((
            format!("{name}, of an amount"),
            OrderQuery { text: "15.80".into(), states: states.to_vec(), ..OrderQuery::default() },
        ));
    }
    queries.push(("attention".into(), OrderQuery { attention_only: true, ..OrderQuery::default() }));
    let paid = OrderQuery { attention_only: true, states: vec![Paid], ..OrderQuery::default() };
    queries.push(("attention, paid".into(), paid));
    let hers = |name: &str, states: &[State]| OrderQuery {
        sold_by: Some(name.into()),
        states: states.to_vec(),
        ..OrderQuery::default()
    };
    queries.push(("of a person".into(), hers("owner", &[])));
    queries.push(("of a person, paid".into(), hers("owner", &[Paid])));
    queries.push(("of a person, of an amount".into(), OrderQuery { text: "15.80".into(), ..hers("owner", &[]) }));
    queries.push(("of a person who made none".into(), hers("Lin", &[])));
    queries.push(("of a person who made none, paid".into(), hers("Lin", &[Paid])));
    queries.push(("of a day".into(), OrderQuery { day: day(300), ..OrderQuery::default() }));
    queries.push(("an amount".into(), text("99.00")));
    queries.push(("an amount that nobody paid".into(), text("123456.00")));
    queries.push(("a minute".into(), OrderQuery { text: "15:40".into(), day: day(200), ..OrderQuery::default() }));
    let mut all = Vec::new();
    for (name, query) in queries {
        let mut samples = Vec::new();
        for _ in 0..10 {
            samples.push(page(till, &query).await.0);
        }
        let samples = Figures::of(samples);
        if samples.largest() > PAGE_LIMIT {
            report.note(format!("ms, {name}: {samples}"));
        }
        all.push(samples.largest());
    }
    let all = Figures::of(all);
    report.note(format!("ms, first page, the slowest of ten of each filter {all}"));
    report.at_most("first page of the slowest filter", all.largest(), PAGE_LIMIT, "ms");
}

async fn old(report: &mut Report, till: &Till, year: &Year) {
    let mut samples = Vec::new();
    for numbers in year.samples.iter().take(100) {
        let began = Instant::now();
        let found = till.timeline(&Actor::Owner, &numbers.order_no).await.expect("known");
        assert!(!found.entries.is_empty());
        samples.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    let samples = Figures::of(samples);
    report.note(format!("ms, story of an old order    {samples}"));
    report.at_most("story of an order that is a year old, p99, engine", samples.percentile(99), OLD_LIMIT, "ms");
}

fn verify(report: &mut Report, year: &Year, idle: f64) {
    let folder = year.folder.display().to_string();
    let (bare, bytes) = bare_chain(year);
    let (took, peak) = memory_of(&["--data-dir", &folder, "journal", "verify"]);
    report.note(format!("SHA-256 alone over the same {} MB: {:.2} s", bytes / 1_000_000, bare.as_secs_f64()));
    report.note(format!("journal verify: {:.2} s", took.as_secs_f64()));
    report.at_most("verify to hashing alone", took.as_secs_f64() / bare.as_secs_f64(), VERIFY_LIMIT, "times");
    report.at_most("verify, memory over idle", peak - idle, MEMORY_LIMIT, "MB");
}

/// A chain of SHA-256 over every byte of the file, in pieces of an event's size.
fn bare_chain(year: &Year) -> (Duration, u64) {
    let file = std::fs::File::open(year.folder.join("journal.sqlite")).expect("a file");
    let bytes = file.metadata().expect("its size").len();
    let piece = usize::try_from(bytes / year.events.max(1)).expect("fits");
    let mut reader = std::io::BufReader::with_capacity(1 << 20, file);
    let (mut buffer, mut link) = (vec![0; piece], [0; 32]);
    let began = Instant::now();
    while std::io::Read::read_exact(&mut reader, &mut buffer).is_ok() {
        link = Sha256::new().chain_update(link).chain_update(&buffer).finalize().into();
    }
    std::hint::black_box(link);
    (began.elapsed(), bytes)
}

fn export(report: &mut Report, year: &Year, idle: f64) {
    let output = year.folder.join("export");
    let folder = year.folder.display().to_string();
    let target = output.display().to_string();
    let (took, peak) = memory_of(&["--data-dir", &folder, "journal", "export", "--format", "csv", "--output", &target]);
    let plain = plain_csv(&year.folder);
    report.note(format!("sqlite3 -csv: {:.2} s; journal export: {:.2} s", plain.as_secs_f64(), took.as_secs_f64()));
    report.at_most("CSV to the sqlite3 command line's", took.as_secs_f64() / plain.as_secs_f64(), CSV_LIMIT, "times");
    report.at_most("export, memory over idle", peak - idle, MEMORY_LIMIT, "MB");
}

fn plain_csv(folder: &Path) -> Duration {
    let began = Instant::now();
    for table in ["orders", "refunds", "journal"] {
        let output = std::fs::File::create(folder.join(format!("{table}.csv"))).expect("a file");
        let done = Command::new("sqlite3")
            .args(["-readonly", "-csv", "-header"])
            .arg(folder.join("journal.sqlite"))
            .arg(format!("SELECT * FROM {table}"))
            .stdout(output)
            .status()
            .expect("the sqlite3 command line (Debian: sqlite3)");
        assert!(done.success());
    }
    began.elapsed()
}

/// How long the program took for a command, and the most memory that it held, in megabytes.
fn memory_of(arguments: &[&str]) -> (Duration, f64) {
    let began = Instant::now();
    let mut child = Command::new(built("tillkeeper"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the program");
    let file = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    loop {
        if let Ok(text) = std::fs::read_to_string(&file)
            && let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))
        {
            let kilobytes: f64 = line.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number");
            peak = peak.max(kilobytes * 1_024.0 / 1e6);
        }
        if let Some(status) = child.try_wait().expect("its end") {
            assert!(status.success(), "{arguments:?}: {status}");
            return (began.elapsed(), peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
