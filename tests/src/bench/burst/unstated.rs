//! 500 notifications a second that state no state, as Pooul's and BlueOcean's documents have them: each is a reason to ask at once
//! (ruling 16), so that a payment is known when the gateway has answered.
//!
//! Nothing bounds here how often the till asks. A shop's till asks an account at most 20 times a second, and learns of so many
//! payments of it in a second that it is not told the state of.

use super::{ANSWER_LIMIT, OFFERED, RATE_LIMIT, letters, paid, send};
use crate::bench::gateway::Gateway;
use crate::bench::place;
use crate::bench::proxy::Proxy;
use crate::bench::report::{Figures, Report};
use crate::bench::till::Running;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use till_sandbox::Notifications;

/// Whose notifications these are.
const UNSTATING: [&str; 2] = ["pooul", "blueocean"];
/// For so long they are sent.
const SENDING: Duration = Duration::from_secs(8);

/// Measures.
pub(super) async fn measure(report: &mut Report) {
    report.chapter("500 notifications a second that state nothing, each a reason to ask");
    let (gateway, folder, mut proxy) = (Gateway::start().await, place::on_disk(), Proxy::open().await);
    let mut till = Running::start(&gateway, folder.path(), &proxy.url()).await;
    let control = gateway.control();
    control.notifications(Notifications::default()).await.expect("set");
    let count = (OFFERED * SENDING.as_secs_f64()) as usize;
    let letters = letters(report, &mut till, &control, (&mut proxy, UNSTATING), count).await;

    let (began, wall) = (Instant::now(), microseconds(SystemTime::now()));
    let sent = send(letters, till.receiver).await;
    till.quiet().await;
    let lasted = began.elapsed().as_secs_f64();
    till.kill().await;

    let taken = sent.iter().filter(|sent| sent.taken).count();
    let last = sent.iter().map(|sent| sent.answered).max().expect("some");
    let rate = taken as f64 / (last - began).as_secs_f64();
    let answers = Figures::of(sent.iter().map(|sent| (sent.answered - sent.due).as_secs_f64() * 1_000.0));
    report.must(&format!("{taken} of {count} notifications are accepted"), taken == count);
    report.at_least("accepted", rate, RATE_LIMIT, "a second");
    report.note(format!("ms, due to answered          {answers}"));
    report.at_most("the latest answer", answers.largest(), ANSWER_LIMIT, "ms");
    let paid = paid(folder.path()).await;
    let once = sent.iter().filter(|sent| paid.get(&sent.order_no).map(Vec::len) == Some(1)).count();
    report.must(
        &format!("{once} of {count} are paid once each, the last {lasted:.1} s after the first was sent"),
        once == count,
    );
    let until = sent.iter().filter_map(|sent| {
        let due = wall + (sent.due - began).as_secs_f64() * 1_000_000.0;
        Some((*paid.get(&sent.order_no)?.first()? as f64 - due) / 1_000.0)
    });
    report.note(format!("ms, due to paid              {}", Figures::of(until)));
    let asked = gateway.stop().await;
    let known = sent.iter().filter(|sent| asked.contains_key(&sent.order_no)).count();
    report.must(&format!("{known} of {count} orders were asked about"), known == count);
}

fn microseconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() * 1_000_000.0
}
