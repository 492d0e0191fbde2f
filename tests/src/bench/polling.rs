//! A thousand open orders, asked for by the plan, with the account's caps lifted.
//!
//! The till runs in this process, the gateway in another. CPU is this whole process: the engine, HTTP, and a listener that
//! asks for the picture of every order at every change, as a window would (a window asks once in 50 ms).
//!
//! Lateness is not computed from two queries' distance: the pause between them has a drawn part of 20 % (a second, after
//! the first half minute), which nobody outside knows. The listener keeps the instant at which the engine itself says that
//! an order is due, before it is asked; the gateway says when the question arrived. Both read the same machine's clock, and
//! what HTTP takes on the way counts as lateness. A due question that never came counts until the end of the measurement.

use super::gateway::{Asked, Gateway};
use super::place;
use super::report::{Figures, Report};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_core::rights::Actor;
use till_engine::journal::{Journal, Options};
use till_engine::till::{Caps, News, Till};
use till_engine::transport::{HttpTransport, Timeouts};
use till_engine::view::SaleRequest;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::oneshot;

/// Open orders.
const ORDERS: usize = 1_000;
/// Sales at a time while the orders are made.
const AT_ONCE: usize = 25;
/// How long every order is asked for once in 2 s after the last one was made.
const YOUNG: Duration = Duration::from_secs(24);
/// How long is measured in all.
const MEASURED: Duration = Duration::from_secs(70);
/// Of one core.
const CPU_LIMIT: f64 = 10.0;
/// A second, in milliseconds.
const LATENESS_LIMIT: f64 = 1_000.0;
/// Ticks of `/proc/PID/stat` in a second: part of the Linux ABI.
const TICKS: f64 = 100.0;

/// Instants of one order that lie closer together are one: they are read from two clocks, and no pause is this short.
const SAME: i64 = 50_000;

/// Instants at which an order was said to be due, UTC microseconds, by order number.
type Dues = BTreeMap<String, BTreeSet<i64>>;

/// Measures.
pub async fn measure(report: &mut Report) {
    report.chapter("1,000 open orders, asked for by the plan, no caps");
    let gateway = Gateway::start().await;
    let folder = place::on_disk();
    let opened = Journal::open(&folder.path().join("journal.sqlite"), Options::default()).expect("a journal");
    let transport = HttpTransport::new(Timeouts::default()).expect("a client");
    let no_caps = Caps { per_second: 0, in_flight: 0 };
    let till = gateway.till(Arc::new(opened.journal), Arc::new(transport), no_caps, &[]).await;
    let selling = Instant::now();
    sell(&till).await;
    report.note(format!("{ORDERS} orders made in {:.1} s", selling.elapsed().as_secs_f64()));

    let (stop, stopped) = oneshot::channel();
    let listening = tokio::spawn(listen(till.clone(), stopped));
    let (began, before) = (Instant::now(), cpu_seconds());
    tokio::time::sleep(YOUNG).await;
    let young = (began.elapsed(), cpu_seconds() - before);
    tokio::time::sleep(MEASURED.saturating_sub(young.0)).await;
    let whole = (began.elapsed(), cpu_seconds() - before);
    let end = Timestamp::now();
    let open = till.snapshot().open.len();
    // Whoever listens lives in this function.
    let _listening = stop.send(());
    let dues = listening.await.expect("the listener");
    let asked = gateway.stop().await;

    let rest = (whole.0.saturating_sub(young.0), whole.1 - young.1);
    report.must(&format!("{open} of {ORDERS} orders are open at the end"), open == ORDERS);
    let percent = |(time, cpu): (Duration, f64)| 100.0 * cpu / time.as_secs_f64();
    let what = format!("CPU of the till's process over {:.0} s", whole.0.as_secs_f64());
    report.at_most(&what, percent(whole), CPU_LIMIT, "% of one core");
    report.at_most("CPU while every order is asked for once in 2 s", percent(young), CPU_LIMIT, "% of one core");
    report.note(format!("CPU while every order is asked for once in 5 s: {:.2} % of one core", percent(rest)));

    let questions: usize = asked.values().map(Vec::len).sum();
    let lateness = lateness(&dues, &asked, end.as_microsecond());
    report
        .note(format!("{questions} questions; lateness in ms of {} that were seen due: {lateness}", lateness.count()));
    report
        .must("the engine's due instants were seen for nearly every question", lateness.count() * 10 >= questions * 8);
    report.at_most("the latest question", lateness.largest(), LATENESS_LIMIT, "ms after it was due");
}

/// Makes the orders, so many at a time, and waits for every create's answer. None expires while it is measured.
async fn sell(till: &Till) {
    let request = SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "12.50".into(),
        expire_s: Some(7_200),
        ..SaleRequest::default()
    };
    for _ in 0..ORDERS / AT_ONCE {
        join_all((0..AT_ONCE).map(async |_| {
            let order = till.sell(&Actor::Owner, &request, None, None).await.expect("sold");
            till.created(&order.order.order_no).await;
        }))
        .await;
    }
}

/// Notes when the engine says that an order is due, until told to stop.
async fn listen(till: Till, mut stopped: oneshot::Receiver<()>) -> Dues {
    let mut news = till.news();
    let mut dues = Dues::new();
    loop {
        let heard = tokio::select! {
            heard = news.recv() => heard,
            _ = &mut stopped => return dues,
        };
        match heard {
            Ok(News::Order { order_no, .. }) => {
                let order = till.order(&order_no).await.expect("an order that is open");
                if let Some(due) = order.order.next_query_at {
                    let due: Timestamp = due.parse().expect("RFC 3339");
                    dues.entry(order_no).or_default().insert(due.as_microsecond());
                }
            }
            Ok(News::Accounts | News::People | News::Health) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return dues,
        }
    }
}

/// Milliseconds from each due instant to the first question after it, or to the end.
fn lateness(dues: &Dues, asked: &Asked, end: i64) -> Figures {
    let mut late = Vec::new();
    for (order_no, dues) in dues {
        let asked = asked.get(order_no).map_or(&[][..], Vec::as_slice);
        let mut before = i64::MIN;
        for due in dues.range(..end) {
            if due.saturating_sub(std::mem::replace(&mut before, *due)) < SAME {
                continue;
            }
            // The gateway's list has whole milliseconds, cut off.
            let first = asked.partition_point(|at| (at + 1) * 1_000 <= *due);
            let at = asked.get(first).map_or(end, |at| at * 1_000);
            late.push((at - due).max(0) as f64 / 1_000.0);
        }
    }
    Figures::of(late)
}

/// CPU seconds of this process so far, in the kernel and outside.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux system");
    // The second field is the program's name in brackets, which may hold anything.
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let ticks =
        |field: usize| -> f64 { after_name.split(' ').nth(field).and_then(|word| word.parse().ok()).expect("ticks") };
    (ticks(12) + ticks(13)) / TICKS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_late_from_its_due_instant_on_and_one_that_never_came_until_the_end() {
        let dues = Dues::from([
            ("a".into(), [1_000_500, 3_000_000, 3_000_002, 9_000_000].into()),
            ("b".into(), [2_000_000].into()),
        ]);
        let asked = Asked::from([("a".into(), vec![500, 1_000, 3_250])]);
        let late = lateness(&dues, &asked, 5_000_000);
        assert_eq!(
            [late.count() as f64, late.percentile(33), late.median(), late.largest()],
            [3.0, 0.0, 250.0, 3_000.0]
        );
    }
}
