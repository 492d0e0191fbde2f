//! 500 notifications a second, each of another order, while sales go on.
//!
//! The till and the gateways are processes of their own; the journal lies on the disk. The gateways sign and send first: the
//! merchant's proxy in this process keeps what they sent, and then sends it on, two gateways in turns, one connection each. It
//! does not wait for answers, as gateways do not: the next one leaves when its time has come, and an answer's time counts from
//! there. Then as many as the till takes, so many at a time, to see how far the limit is away. Then the till is killed, and what
//! it had accepted must be in its journal, once each.
//!
//! These state the payment, so that it is paid when they are answered. What the documents of Pooul and BlueOcean have states
//! nothing: see [`unstated`].

mod unstated;

use super::gateway::Gateway;
use super::place;
use super::proxy::{Letter, Proxy};
use super::report::{Figures, Report};
use super::siege::sale_limit;
use super::till::Running;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use till_core::journal::{self, Event};
use till_engine::journal::{Journal, Options};
use till_engine::storage::Storage;
use till_sandbox::{Control, Notifications};

/// Whose notifications state the payment, where the second is asked to.
const STATING: [&str; 2] = ["jubao", "pooul"];
/// Notifications a second that the till must take.
const RATE_LIMIT: f64 = 500.0;
/// Notifications a second that are sent: a little more, since the last answer comes after the last one was sent.
const OFFERED: f64 = 520.0;
/// For so long.
const SENDING: Duration = Duration::from_secs(24);
/// Notifications after those, as fast as they are taken.
const MORE: usize = 4_000;
/// So many of those at a time.
const AT_ONCE: usize = 64;
/// The gateways take a later answer for none, in milliseconds (ruling 17).
const ANSWER_LIMIT: f64 = 4_000.0;
/// Sales, and the pause between two of them: a few a second.
const SALES: (usize, Duration) = (80, Duration::from_millis(275));
/// Before them a few open connections and fill caches.
const BEFORE: usize = 10;
/// Events that are read at once.
const CHUNK: u32 = 5_000;

/// One notification that was sent.
struct Sent {
    order_no: String,
    taken: bool,
    /// When it should leave.
    due: Instant,
    answered: Instant,
}

/// Measures both.
pub async fn measure(report: &mut Report) {
    stated(report).await;
    unstated::measure(report).await;
}

async fn stated(report: &mut Report) {
    report.chapter("500 notifications a second, durable, while sales go on");
    let (gateway, folder, mut proxy) = (Gateway::start().await, place::on_disk(), Proxy::open().await);
    let mut till = Running::start(&gateway, folder.path(), &proxy.url()).await;
    let sustained = (OFFERED * SENDING.as_secs_f64()) as usize;
    let control = gateway.control();
    control.notifications(Notifications { state: true, ..Notifications::default() }).await.expect("set");
    let mut letters = letters(report, &mut till, &control, (&mut proxy, STATING), sustained + MORE).await;
    let rest = letters.split_off(sustained);

    till.sell(BEFORE, SALES.1).await;
    let quiet = Figures::of(till.sell(SALES.0, SALES.1).await);
    let before = till.commits().await;
    let sending = tokio::spawn(send(letters, till.receiver));
    let meanwhile = Figures::of(till.sell(SALES.0, SALES.1).await);
    let mut sent = sending.await.expect("everything is sent");
    let commits = till.commits().await - before;

    let taken = sent.iter().filter(|sent| sent.taken).count();
    let began = sent.iter().map(|sent| sent.due).min().expect("some");
    let last = sent.iter().map(|sent| sent.answered).max().expect("some");
    let lasted = (last - began).as_secs_f64();
    let answers = Figures::of(sent.iter().map(|sent| (sent.answered - sent.due).as_secs_f64() * 1_000.0));
    report.must(&format!("{taken} of {sustained} notifications in {lasted:.1} s are accepted"), taken == sustained);
    report.at_least("accepted, each after its sync", taken as f64 / lasted, RATE_LIMIT, "a second");
    report.note(format!("ms, due to answered          {answers}, p99 {:.2}", answers.percentile(99)));
    report.at_most("the latest answer", answers.largest(), ANSWER_LIMIT, "ms");
    report.note(format!("{commits} transactions in the meantime, those of the sales among them"));
    report.note(format!("ms, a sale, quiet            {quiet}"));
    report.note(format!("ms, a sale meanwhile         {meanwhile}"));
    report.at_most("a sale meanwhile, p95", meanwhile.percentile(95), sale_limit(&quiet), "ms");

    let began = Instant::now();
    let more = as_fast_as_possible(rest, till.receiver).await;
    let rate = more.iter().filter(|sent| sent.taken).count() as f64 / began.elapsed().as_secs_f64();
    report.note(format!("as fast as they are answered, {AT_ONCE} at a time: {rate:.0} a second"));
    sent.extend(more);

    till.kill().await;
    let paid = paid(folder.path()).await;
    let lost = sent.iter().filter(|sent| sent.taken && paid.get(&sent.order_no).map(Vec::len) != Some(1)).count();
    let accepted = sent.iter().filter(|sent| sent.taken).count();
    let what = format!("after a kill {lost} of {accepted} accepted ones are not in the journal as one payment each");
    report.must(&what, lost == 0);
    let asked = gateway.stop().await.len();
    report.must(&format!("{asked} orders were asked about: their notifications told everything"), asked == 0);
}

/// Has orders made at these gateways and paid there. What they send of that, in turns.
async fn letters(
    report: &Report,
    till: &mut Running,
    control: &Control,
    (proxy, gateways): (&mut Proxy, [&str; 2]),
    count: usize,
) -> Vec<Letter> {
    let making = Instant::now();
    let mut orders = Vec::new();
    for account in gateways {
        orders.push(till.make(account, count.div_ceil(gateways.len())).await);
    }
    report.note(format!("{count} orders at {} gateways made in {:.0} s", orders.len(), making.elapsed().as_secs_f64()));
    let mut of = BTreeMap::new();
    for wave in orders.concat().chunks(AT_ONCE) {
        join_all(wave.iter().map(async |order_no| control.pay(order_no).await.expect("paid"))).await;
        for _ in wave {
            let letter = proxy.next().await;
            of.insert(letter.order_no.clone(), letter);
        }
    }
    let places = 0..orders.first().map_or(0, Vec::len);
    let in_turns = places.flat_map(|place| orders.iter().map(move |orders| &orders[place]));
    in_turns.take(count).map(|order_no| of.remove(order_no).expect("every order was notified")).collect()
}

/// Sends each when its time has come.
async fn send(letters: Vec<Letter>, to: SocketAddr) -> Vec<Sent> {
    let began = Instant::now();
    let mut under_way = Vec::with_capacity(letters.len());
    for (number, letter) in letters.into_iter().enumerate() {
        let due = began + Duration::from_secs_f64(number as f64 / OFFERED);
        tokio::time::sleep_until(due.into()).await;
        under_way.push(tokio::spawn(send_one(letter, to, due)));
    }
    join_all(under_way).await.into_iter().map(|sent| sent.expect("sent")).collect()
}

async fn as_fast_as_possible(letters: Vec<Letter>, to: SocketAddr) -> Vec<Sent> {
    let sending = letters.into_iter().map(|letter| send_one(letter, to, Instant::now()));
    stream::iter(sending).buffer_unordered(AT_ONCE).collect().await
}

async fn send_one(letter: Letter, to: SocketAddr, due: Instant) -> Sent {
    let (taken, answered) = letter.send(Ipv4Addr::LOCALHOST, to).await;
    Sent { order_no: letter.order_no, taken, due, answered }
}

/// When the journal says that an order was paid, UTC microseconds, by its number.
async fn paid(folder: &Path) -> BTreeMap<String, Vec<i64>> {
    let opened = Journal::open(&folder.join("journal.sqlite"), Options::default()).expect("it opens after a kill");
    let (mut paid, mut seen) = (BTreeMap::<_, Vec<i64>>::new(), 0);
    loop {
        let events = opened.journal.after(seen, CHUNK).await.expect("every event can be read");
        let Some(last) = events.last() else { return paid };
        seen = last.seq;
        for stored in events {
            let Ok(Event::Order { event }) = journal::read(&stored.payload) else { continue };
            if event.word() == "paid" {
                let order_no = stored.subject.trim_start_matches("order/");
                paid.entry(order_no.to_owned()).or_default().push(stored.at.wall);
            }
        }
    }
}
