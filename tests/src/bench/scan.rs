//! From a scanner's last key to the gateway, in the real window.
//!
//! The keys come from the X server as a scanner's do, 8 ms each. A span begins where this process presses the last key (Enter)
//! and ends where the sandbox, in this process too, notes the create that bears the code: by the machine's clock, the end in
//! whole milliseconds. In between lie the screen, the web view with whatever keys it has not yet handled, the page, IPC, the
//! journal's sync on the disk and HTTP.

use super::launch::Program;
use super::place;
use super::report::{Figures, Report};
use crate::window::{Key, Pace, Stage, built};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use till_sandbox::{Manner, Operation, Purse};

/// Payment codes that are scanned.
const SCANS: usize = 60;
/// Milliseconds.
const ASKED_LIMIT: f64 = 100.0;

/// Notes when the page heard the newest Enter, by the machine's clock.
const WATCH: &str = "
    window.addEventListener('keydown', ({ key }) => { if (key === 'Enter') window.heard = Date.now(); }, { capture: true });
    return true;";

/// Measures on `stage`, which has the account `main`.
pub async fn measure(report: &mut Report, stage: &Stage) {
    report.chapter("A scan to the gateway, in the window");
    let disk = place::on_disk();
    place::copy(&stage.data(), disk.path());
    let arguments = vec!["--data-dir".to_owned(), disk.path().display().to_string()];
    let running = Program { file: built("tillkeeper"), arguments }.launch(stage).await;
    let (window, checkout) = (&running.window, running.window.checkout());
    checkout.ready().await;
    window.run(WATCH, vec![]).await;
    let (mut heard, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..SCANS {
        checkout.ready().await;
        window.keys("12.50").await;
        checkout.amount("12.50").await;
        let code = stage.control.mint_code(Manner::AtOnce, Purse::Wechat).await.expect("a code").code;
        let pressed = milliseconds(stage.scan_at(window, &code, Pace::Usb).await);
        let order_no = checkout.paid().await.order_no;
        let page = window.run("return window.heard", vec![]).await.as_f64().expect("a moment");
        let received = stage.control.received(0).await.expect("what was received");
        let mut creates = received.iter().filter(|request| request.operation == Operation::Create);
        let create = creates.find(|request| request.order_no.as_deref() == Some(order_no.as_str())).expect("a create");
        let arrived = Duration::from_millis(create.at_ms.try_into().expect("after 1970"));
        heard.push(page - pressed);
        asked.push(milliseconds(UNIX_EPOCH + arrived) - pressed);
        window.press(Key::Enter).await;
    }
    running.quit().await;
    report.note(format!("ms, last key to the page     {}", Figures::of(heard)));
    let asked = Figures::of(asked);
    report.note(format!("ms, last key to the gateway  {asked}"));
    report.at_most("last key of a scan to the gateway, p95", asked.percentile(95), ASKED_LIMIT, "ms");
    report.at_most("last key of a scan to the gateway, the slowest", asked.largest(), ASKED_LIMIT, "ms");
}

/// Since 1970.
fn milliseconds(moment: SystemTime) -> f64 {
    moment.duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs_f64() * 1_000.0
}
