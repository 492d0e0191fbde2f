//! From a notification to "paid" on the screen, in the real window, for the order that is open on its checkout.
//!
//! The sandbox in this process signs and sends; the merchant's proxy, in this process too, keeps what it sent and sends it on
//! while the clock runs. The span begins when the proxy opens its connection to the till's receiver. Its end is the page's own:
//! the second frame after the panel that says "paid" was put into it. On the way the page hears of it as the till's own pages do,
//! and the proxy has its answer, which the till gives after the commit. Both clocks are the machine's; WebKit's ticks in whole
//! milliseconds.
//!
//! Jubao's notification states the payment (gateways.md 2.5): the journal must say that the gateway told it unasked. Pooul's
//! states nothing that can be relied on (ruling 16): the till asks at once, the gateway answers at once, and it must have been
//! asked once for each order, after the notification. No poll comes within an hour.

use super::launch::Program;
use super::place;
use super::proxy::Proxy;
use super::report::{Figures, Report};
use crate::window::{Key, Stage, Window, built};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use till_sandbox::Operation;

/// Payments of each gateway.
const PAYMENTS: usize = 60;
/// Milliseconds at the median.
const PAINTED_LIMIT: f64 = 50.0;

/// Hears what the till's own pages hear, and notes the moments of the newest payment.
const WATCH: &str = "
    const seen = (window.bench = { told: null, drawn: null, painted: null });
    const now = () => performance.timeOrigin + performance.now();
    const is_paid = (shown) => JSON.stringify(shown).includes('\"state\":\"paid\"');
    const heard = window.__TAURI_INTERNALS__.transformCallback(({ payload }) => {
      if (seen.told === null && payload.orders.some(is_paid)) seen.told = now();
    });
    new MutationObserver(() => {
      if (seen.drawn !== null || document.querySelector('[data-testid=paid]') === null) return;
      seen.drawn = now();
      requestAnimationFrame(() => requestAnimationFrame(() => (seen.painted = now())));
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
    await window.__TAURI_INTERNALS__.invoke('plugin:event|listen',
      { event: 'update', target: { kind: 'Any' }, handler: heard });
    return true;";

/// Forgets them.
const FORGET: &str = "Object.assign(window.bench, { told: null, drawn: null, painted: null }); return true;";

/// Reads them, once it is painted.
const READ: &str = "return window.bench.painted === null ? null : window.bench;";

/// Moments of one payment, milliseconds since 1970.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Page {
    told: f64,
    drawn: f64,
    painted: f64,
}

/// One payment: milliseconds from the notification on.
struct Payment {
    answered: f64,
    told: f64,
    drawn: f64,
    painted: f64,
}

/// Measures.
pub async fn measure(report: &mut Report) {
    report.chapter("A notification to \"paid\" on the screen, in the window");
    let stated = pay(report, "jubao").await;
    parts(report, "ms, Jubao's, which states the payment", &stated);
    let asked = pay(report, "pooul").await;
    parts(report, "ms, Pooul's, after which the gateway is asked", &asked);
    for (gateway, payments) in [("Jubao", stated), ("Pooul", asked)] {
        let painted = Figures::of(payments.iter().map(|payment| payment.painted));
        report.at_most(&format!("{gateway}'s to painted, median"), painted.median(), PAINTED_LIMIT, "ms");
    }
}

fn parts(report: &Report, title: &str, payments: &[Payment]) {
    report.note(title);
    let part = |name: &str, span: fn(&Payment) -> f64| {
        report.note(format!("  {name:<36} {}", Figures::of(payments.iter().map(span))));
    };
    part("to the answer: received and committed", |payment| payment.answered);
    part("to the page, told", |payment| payment.told);
    part("from there into the page", |payment| payment.drawn - payment.told);
    part("waiting for the frame", |payment| payment.painted - payment.drawn);
    part("to painted", |payment| payment.painted);
}

/// Sells in a window with an account at `gateway`; each order is paid, and its notification sent, before the next one.
async fn pay(report: &mut Report, gateway: &str) -> Vec<Payment> {
    let (stage, mut proxy, disk) = (Stage::open().await, Proxy::open().await, place::on_disk());
    let notified = format!("{}/notify/{gateway}/{gateway}", proxy.url());
    stage.connect(gateway, gateway, &[("plan.poll_ms", "3600000"), ("notify_url", &notified)]).await;
    place::copy(&stage.data(), disk.path());
    let receiver = receive(disk.path());
    let data = disk.path().display().to_string();
    let program = Program { file: built("tillkeeper"), arguments: vec!["--data-dir".into(), data.clone()] };
    let running = program.launch(&stage).await;
    let (window, checkout) = (&running.window, running.window.checkout());
    checkout.ready().await;
    let watching = window.run_async(WATCH, vec![]).await;
    assert_eq!(watching["value"], true, "{watching}");

    let (mut payments, mut orders) = (Vec::new(), Vec::new());
    for _ in 0..PAYMENTS {
        let order_no = checkout.sell_and_show("12.50").await.order_no;
        stage.control.pay(&order_no).await.expect("paid");
        let letter = proxy.next().await;
        assert_eq!(letter.order_no, order_no, "the notification of another order");
        window.run(FORGET, vec![]).await;
        let (sent, began) = (milliseconds(SystemTime::now()), Instant::now());
        let (taken, answered) = letter.send(Ipv4Addr::LOCALHOST, receiver).await;
        assert!(taken, "not accepted");
        let page = window.until("paid, painted", READ, &[]).await;
        let page: Page = serde_json::from_value(page).expect("every moment of a payment");
        payments.push(Payment {
            answered: (answered - began).as_secs_f64() * 1_000.0,
            told: page.told - sent,
            drawn: page.drawn - sent,
            painted: page.painted - sent,
        });
        let panel = checkout.paid().await;
        assert_eq!(panel.order_no, order_no, "another order is shown");
        orders.push(order_no);
        window.press(Key::Enter).await;
    }
    proven(report, &stage, window, gateway, &orders).await;
    running.quit().await;
    payments
}

/// That nothing but its notification told the till of each payment.
async fn proven(report: &mut Report, stage: &Stage, window: &Window, gateway: &str, orders: &[String]) {
    let received = stage.control.received(0).await.expect("what was received");
    let questions = |order_no: &str| {
        let of = received.iter().filter(|request| request.order_no.as_deref() == Some(order_no));
        of.filter(|request| request.operation == Operation::Query).count()
    };
    let mut unasked = 0;
    for order_no in orders {
        let body = "return await window.__TAURI_INTERNALS__.invoke('timeline', { orderNo: arguments[0] })";
        let timeline = window.run_async(body, vec![json!(order_no)]).await;
        let told: Vec<&Value> = events(&timeline).filter(|entry| entry["kind"] == "paid").collect();
        let [paid] = told[..] else { panic!("not paid once: {timeline}") };
        unasked += usize::from(paid["actor"] == "gateway" && paid["facts"]["took"].is_null());
    }
    let asked = orders.iter().filter(|order_no| questions(order_no) == 1).count();
    let count = orders.len();
    if gateway == "jubao" {
        let none = orders.iter().all(|order_no| questions(order_no) == 0);
        report.must(
            &format!("the journal has {unasked} of {count} payments from notifications, and nobody asked"),
            unasked == count && none,
        );
    } else {
        report.must(
            &format!("{asked} of {count} orders were asked about once, after their notification"),
            asked == count,
        );
    }
}

fn events(timeline: &Value) -> impl Iterator<Item = &Value> {
    timeline["value"]["entries"].as_array().into_iter().flatten()
}

/// Has the till of this folder receive at a free port.
fn receive(data: &Path) -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let file = data.join("settings.toml");
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    std::fs::write(&file, format!("{before}\n[receiver]\nlisten = \"{free}\"\n")).expect("settings");
    free
}

/// Since 1970.
fn milliseconds(moment: SystemTime) -> f64 {
    moment.duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64() * 1_000.0
}
