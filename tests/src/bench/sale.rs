//! From Enter to a painted code, in the real window, with a gateway that answers at once.
//!
//! The app runs under WebKit's driver with its account's key in the keyring; the sandbox runs in this process. The page says
//! when: the till's own marks `till:enter` (the key's handler begins) and `till:painted` (the second frame after the code was
//! put into the page), and three moments taken around it: the `sell` call leaves, its answer comes, the code is in the page.
//! WebKit's clock for pages ticks in milliseconds.
//!
//! "Without frame and disk syncs" is measured, not subtracted from a guess: the same window on a copy of the data in memory,
//! where a sync costs nothing, from Enter until the code is in the page; what follows is waiting for the frame.

use super::launch::Program;
use super::place;
use super::report::{Figures, Report};
use crate::window::{Key, Stage, Window, built};
use serde::Deserialize;
use serde_json::json;
use std::path::Path;

/// Sales in each window.
const SALES: usize = 80;
/// Calls of a command, to see what a call costs.
const CALLS: usize = 60;
/// Milliseconds in the window.
const PAINTED_LIMIT: f64 = 60.0;
/// Milliseconds without frame and disk syncs.
const DRAWN_LIMIT: f64 = 25.0;

/// Notes the moments of the newest sale.
const WATCH: &str = "
    const seen = (window.bench = { sent: null, answered: null, drawn: null });
    const wired = window.fetch;
    window.fetch = async (...given) => {
      const sells = String(given[0]).endsWith('/sell');
      if (sells) seen.sent = performance.now();
      const answer = await wired(...given);
      if (sells) seen.answered = performance.now();
      return answer;
    };
    new MutationObserver(() => {
      if (seen.drawn === null && document.querySelector('[data-testid=qr]') !== null) seen.drawn = performance.now();
    }).observe(document.body, { childList: true, subtree: true });
    return true;";

/// Forgets them.
const FORGET: &str = "
    Object.assign(window.bench, { sent: null, answered: null, drawn: null });
    performance.clearMarks('till:painted');
    return true;";

/// Reads them, once the code is painted.
const READ: &str = "
    const at = (name) => performance.getEntriesByName(name, 'mark').at(-1)?.startTime;
    const painted = at('till:painted');
    if (painted === undefined) return null;
    return { enter: at('till:enter'), painted, ...window.bench };";

/// One command that gives the same picture as `sell`, with nothing to be done for it.
const CALL: &str = "
    const began = performance.now();
    for (let call = 0; call < 10; call += 1) await window.__TAURI_INTERNALS__.invoke('order', { orderNo: arguments[0] });
    return (performance.now() - began) / 10;";

/// Moments of one sale, milliseconds by the page's clock.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Sale {
    enter: f64,
    sent: f64,
    answered: f64,
    drawn: f64,
    painted: f64,
}

/// What one window showed.
struct Shown {
    sales: Vec<Sale>,
    calls: Figures,
}

/// Measures on `stage`, which has the account `main`.
pub async fn measure(report: &mut Report, stage: &Stage) {
    report.chapter("Enter to a painted code, in the window");
    let disk = place::on_disk();
    place::copy(&stage.data(), disk.path());
    let on_disk = sell(stage, disk.path()).await;
    parts(report, "ms, data on the disk", &on_disk);
    let memory = place::in_memory();
    place::copy(disk.path(), memory.path());
    let in_memory = sell(stage, memory.path()).await;
    parts(report, "ms, data in memory: a sync costs nothing", &in_memory);

    let painted = Figures::of(on_disk.sales.iter().map(|sale| sale.painted - sale.enter));
    report.at_most("Enter to painted, p95, on the disk", painted.percentile(95), PAINTED_LIMIT, "ms");
    let drawn = Figures::of(in_memory.sales.iter().map(|sale| sale.drawn - sale.enter));
    report.at_most("the same without frame and disk syncs, p95", drawn.percentile(95), DRAWN_LIMIT, "ms");
}

fn parts(report: &Report, title: &str, shown: &Shown) {
    report.note(title);
    let part = |name: &str, span: fn(&Sale) -> f64| {
        report.note(format!("  {name:<28} {}", Figures::of(shown.sales.iter().map(span))));
    };
    part("Enter to the call", |sale| sale.sent - sale.enter);
    part("the call: IPC and engine", |sale| sale.answered - sale.sent);
    part("answer to code in the page", |sale| sale.drawn - sale.answered);
    part("waiting for the frame", |sale| sale.painted - sale.drawn);
    part("Enter to painted", |sale| sale.painted - sale.enter);
    report.note(format!("  {:<28} {}", "of the call, IPC alone", shown.calls));
}

/// Sells in a window whose data lies in `data`; each order is paid before the next one.
async fn sell(stage: &Stage, data: &Path) -> Shown {
    let arguments = vec!["--data-dir".to_owned(), data.display().to_string()];
    let running = Program { file: built("tillkeeper"), arguments }.launch(stage).await;
    let window = &running.window;
    let checkout = window.checkout();
    checkout.ready().await;
    window.run(WATCH, vec![]).await;
    let (mut sales, mut newest) = (Vec::new(), String::new());
    for _ in 0..SALES {
        checkout.ready().await;
        window.keys("12.50").await;
        checkout.amount("12.50").await;
        window.run(FORGET, vec![]).await;
        window.press(Key::Enter).await;
        let sale = window.until("a painted code", READ, &[]).await;
        sales.push(serde_json::from_value(sale).expect("every moment of a sale"));
        newest = checkout.until("a code", |panel| panel.qr).await.order_no;
        stage.control.pay(newest.as_str()).await.expect("paid");
        window.press(Key::F5).await;
        checkout.paid().await;
        window.press(Key::Enter).await;
    }
    let calls = calls(window, &newest).await;
    running.quit().await;
    Shown { sales, calls }
}

/// Milliseconds of a call that does nothing: averages of ten.
async fn calls(window: &Window, order_no: &str) -> Figures {
    let mut calls = Vec::new();
    for _ in 0..CALLS {
        let took = window.run_async(CALL, vec![json!(order_no)]).await;
        calls.push(took["value"].as_f64().unwrap_or_else(|| panic!("a call failed: {took}")));
    }
    Figures::of(calls)
}
