//! A sale inside the engine, part by part: from the `sell` command's first line to the picture of the code.
//!
//! The engine is the real one in this process, over real HTTP to a gateway's process. Its storage and transport are the real
//! ones in a wrapper that notes when each call begins and ends: what lies between those moments is the engine's own work. The
//! QR code is drawn and read back by the window's own source file. In a folder in memory a sync costs nothing.

use super::gateway::Gateway;
use super::place;
use super::report::{Figures, Report};
use async_trait::async_trait;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::rights::Actor;
use till_engine::journal::{Journal, Options};
use till_engine::storage::{
    Append, OrderRow, OrderSearch, RefundRow, RefundSearch, Storage, StorageFault, StoredEvent, Taken,
};
use till_engine::till::{Caps, Till};
use till_engine::transport::{HttpTransport, Timeouts, Transport};
use till_engine::view::SaleRequest;

#[path = "../../../src-tauri/src/qr.rs"]
#[cfg_attr(not(test), expect(dead_code, reason = "the window keeps pictures, a measurement draws each"))]
mod qr;

/// Sales that count; a few before them open connections and fill caches.
const SALES: usize = 150;
/// Sales before those.
const BEFORE: usize = 5;

/// The parts of a sale, in order.
const PARTS: [&str; 9] = [
    "check, number, build, sign",
    "commit 1 (drafted, sent)",
    "to the transport",
    "HTTP",
    "read and verify",
    "commit 2 (answered)",
    "tell whoever waits",
    "draw the code, read it back",
    "all of it",
];

/// Measures.
pub async fn measure(report: &Report) {
    report.chapter("A sale inside the engine, without window and IPC");
    let disk = place::on_disk();
    table(report, "ms, journal on the disk", &sales(disk.path()).await);
    let memory = place::in_memory();
    table(report, "ms, journal in memory: a sync costs nothing", &sales(memory.path()).await);
}

fn table(report: &Report, title: &str, sales: &[[f64; PARTS.len()]]) {
    report.note(title);
    for (part, name) in PARTS.iter().enumerate() {
        report.note(format!("  {name:<28} {}", Figures::of(sales.iter().map(|sale| sale[part]))));
    }
}

/// Milliseconds of each part of each sale.
async fn sales(folder: &Path) -> Vec<[f64; PARTS.len()]> {
    let gateway = Gateway::start().await;
    let marks = Arc::new(Marks::default());
    let opened = Journal::open(&folder.join("journal.sqlite"), Options::default()).expect("a journal");
    let storage = Noted { inner: opened.journal, marks: Arc::clone(&marks) };
    let transport = HttpTransport::new(Timeouts::default()).expect("a client");
    let transport = Noted { inner: transport, marks: Arc::clone(&marks) };
    // No order is asked for while the next one is sold, and nobody sells 20 times a second.
    let (slowly, no_caps) = ([("plan.poll_ms", "60000")], Caps { per_second: 0, in_flight: 0 });
    let till = gateway.till(Arc::new(storage), Arc::new(transport), no_caps, &slowly).await;
    let mut measured = Vec::new();
    for sale in 0..BEFORE + SALES {
        let parts = sell(&till, &marks).await;
        if sale >= BEFORE {
            measured.push(parts);
        }
    }
    measured
}

async fn sell(till: &Till, marks: &Marks) -> [f64; PARTS.len()] {
    let request = SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        ..SaleRequest::default()
    };
    marks.take();
    let mut moments = vec![Instant::now()];
    let order = till.sell(&Actor::Owner, &request, None, None).await.expect("sold");
    till.created(&order.order.order_no).await;
    let order = till.order(&order.order.order_no).await.expect("known");
    let told = Instant::now();
    let text = order.order.qr.expect("a code's text");
    qr::draw(&text).expect("a code");
    let drawn = Instant::now();
    // Commit 1, HTTP, commit 2: each has a begin and an end.
    let noted = marks.take();
    assert_eq!(noted.len(), 6, "a sale is two commits and one request");
    moments.extend(noted);
    moments.extend([told, drawn]);
    let ms = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1_000.0;
    let mut parts = [0.0; PARTS.len()];
    for (part, pair) in parts.iter_mut().zip(moments.windows(2)) {
        *part = ms(pair[0], pair[1]);
    }
    parts[PARTS.len() - 1] = ms(moments[0], drawn);
    parts
}

/// Moments in the order in which they came.
#[derive(Default)]
struct Marks(Mutex<Vec<Instant>>);

impl Marks {
    fn note(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
    }

    fn take(&self) -> Vec<Instant> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A seam that notes when its calls begin and end.
struct Noted<S> {
    inner: S,
    marks: Arc<Marks>,
}

#[async_trait]
impl Transport for Noted<HttpTransport> {
    async fn send(&self, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        self.marks.note();
        let answer = self.inner.send(call).await;
        self.marks.note();
        answer
    }

    async fn get(&self, url: &str) -> Result<HttpAnswer, NoAnswer> {
        self.inner.get(url).await
    }

    fn may_reach(&self, url: &str) -> bool {
        self.inner.may_reach(url)
    }
}

#[async_trait]
impl Storage for Noted<Journal> {
    async fn append(&self, appends: Vec<Append>) -> Result<Vec<u64>, StorageFault> {
        self.marks.note();
        let appended = self.inner.append(appends).await;
        self.marks.note();
        appended
    }

    async fn stream(&self, subject: &str) -> Result<Vec<StoredEvent>, StorageFault> {
        self.inner.stream(subject).await
    }

    async fn latest(&self, subject: &str, before: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        self.inner.latest(subject, before, limit).await
    }

    async fn after(&self, seq: u64, limit: u32) -> Result<Vec<StoredEvent>, StorageFault> {
        self.inner.after(seq, limit).await
    }

    async fn head(&self) -> Result<Option<(u64, [u8; 32])>, StorageFault> {
        self.inner.head().await
    }

    async fn orders(&self, search: &OrderSearch) -> Result<Vec<OrderRow>, StorageFault> {
        self.inner.orders(search).await
    }

    async fn takings(&self, known: (i64, i64)) -> Result<Vec<Taken>, StorageFault> {
        self.inner.takings(known).await
    }

    async fn refunds(&self, search: &RefundSearch) -> Result<Vec<RefundRow>, StorageFault> {
        self.inner.refunds(search).await
    }

    async fn accounts(&self) -> Result<Vec<String>, StorageFault> {
        self.inner.accounts().await
    }

    async fn raw(&self, sha256: &[u8; 32]) -> Result<Option<Vec<u8>>, StorageFault> {
        self.inner.raw(sha256).await
    }

    async fn old_answers(&self, until: i64) -> Result<Vec<[u8; 32]>, StorageFault> {
        self.inner.old_answers(until).await
    }

    async fn forget(&self, answers: Vec<[u8; 32]>, until: i64) -> Result<(), StorageFault> {
        self.inner.forget(answers, until).await
    }
}
