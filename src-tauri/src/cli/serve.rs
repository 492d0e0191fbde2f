//! A till without a window: asks for open orders, takes notifications in, and does what other processes hand over.

use super::exit::Exit;
use super::{Session, order, stop, trouble};
use crate::premises::{self, Entry, Premises, Stay};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use till_core::error::Refusal;
use till_core::words::Label;
use till_engine::doctor::clock_off_by;
use till_engine::reading::Reading;
use till_engine::till::{News, Receiving};
use till_engine::view::{LiveOrder, OrderView, Trouble};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

const SERVING: Label = Label::new(
    "正在查询未结束的订单。按 Ctrl-C 结束。",
    "正在查詢未結束的訂單。按 Ctrl-C 結束。",
    "Asking for open orders. Press Ctrl-C to end.",
);

const SILENT: Label = Label::new(
    "账户“{name}”的网关连续三次没有可用的回答，仍在查询。",
    "帳戶「{name}」的網關連續三次沒有可用的回覆，仍在查詢。",
    "Three times in a row the gateway of “{name}” gave no answer that can be used. It is still being asked.",
);

const HEARD: Label = Label::new(
    "账户“{name}”的网关又有可用的回答了。",
    "帳戶「{name}」的網關已再有可用的回覆。",
    "The gateway of “{name}” answers again.",
);

/// From how many questions in a row without a verified answer on people are told.
const IN_A_ROW: u32 = 3;

/// From how many orders on those that have ended are forgotten. One of them that is asked about late is printed again.
const REMEMBERED: usize = 4_096;

/// Serves until it is asked to end.
pub(super) async fn serve(session: &Session, listen: Option<SocketAddr>) -> Result<Exit, Refusal> {
    let asked = stop::asked();
    let before = newest_seq(session).await;
    let premises = match premises::enter(&session.place, Stay::Serving { listen }).await? {
        Entry::Ours(premises) => premises,
        Entry::Taken => return Err(premises::taken(&session.place).await),
    };
    // Whoever reads the first line may rely on being told of every change from then on.
    let (news, open) = (premises.till.news(), premises.till.snapshot().open);
    let changes = Changes::since(before, session).await?;
    announce(session, &premises);
    tokio::select! {
        () = tell_changes(session, &premises, (news, open), changes) => {}
        () = stop::wait(asked) => {}
    }
    session.keep(premises.leave().await);
    Ok(Exit::Done)
}

/// Where the journal ends before the till is opened. One that cannot be read is not opened either, or begins.
async fn newest_seq(session: &Session) -> u64 {
    match Reading::open(&session.place.folder()).await {
        Ok(reading) => reading.newest_seq().await.unwrap_or_default(),
        Err(_) => 0,
    }
}

fn announce(session: &Session, premises: &Premises) {
    session.output.announce(&json!({
        "listen": match premises.till.receiving() {
            Receiving::On { listen, .. } => Some(listen.to_string()),
            Receiving::Never | Receiving::Off | Receiving::Failed(_) => None,
        },
        "till_id": premises.till.id(),
        "training": premises.till.training(),
        "control": premises.sandbox.as_ref().map(till_sandbox::Sandbox::control_url),
        "phone": premises.sandbox.as_ref().map(till_sandbox::Sandbox::phone_list_url),
    }));
    if !session.output.json {
        session.output.note(SERVING);
    }
}

/// Tells what is new among the till's notices.
fn tell_notices(session: &Session, premises: &Premises, told: &mut Vec<Refusal>) {
    let health = premises.till.health();
    let notices: Vec<Refusal> = health.notices.into_iter().chain(health.clock_ahead_s.map(clock_off_by)).collect();
    for notice in notices.iter().filter(|notice| !told.contains(notice)) {
        session.output.tell(notice);
    }
    *told = notices;
}

/// Which gateways give no answer that can be used, and since when that is told.
#[derive(Default)]
struct Silences {
    /// By order, until its next verified answer.
    orders: BTreeMap<String, Instant>,
    /// By account, until any verified answer about one of its orders.
    accounts: BTreeMap<String, Instant>,
}

impl Silences {
    /// Whether the silence of its account, which was told, ends with `live`.
    fn ends(&mut self, live: &LiveOrder) -> bool {
        let account = &live.order.account;
        let told = self.accounts.get(account).copied();
        told.is_some_and(|told| was_answered_since(told, live)) && self.accounts.remove(account).is_some()
    }

    /// What kept the answers from counting, where with `live` the silence of its account begins. `longest`: of how many questions in
    /// a row that were sent the most silent of all gateways has answered none; an order counts those too that could not be sent.
    fn begins<'a>(&mut self, live: &'a LiveOrder, longest: impl FnOnce() -> u32) -> Option<&'a Trouble> {
        let LiveOrder { order, asking, refunds, .. } = live;
        let unanswered = refunds.iter().map(|refund| refund.unanswered).fold(asking.unanswered, u32::max);
        let told = self.orders.get(&order.order_no).copied();
        if unanswered < IN_A_ROW || told.is_some_and(|told| was_answered_since(told, live)) {
            self.orders.remove(&order.order_no);
        }
        if unanswered < IN_A_ROW {
            return None;
        }
        let met = asking.trouble.as_ref().filter(|met| was_asked(met) && longest() >= IN_A_ROW)?;
        let now = Instant::now();
        let begins =
            self.orders.insert(order.order_no.clone(), now).is_none() && !self.accounts.contains_key(&order.account);
        begins.then(|| {
            self.accounts.insert(order.account.clone(), now);
            met
        })
    }
}

/// Whether a question about the order was answered after `told`. Of what lies between two pictures only when it was answered
/// last is told.
fn was_answered_since(told: Instant, live: &LiveOrder) -> bool {
    let ago = live.asking.answered_ago_ms.and_then(|ago| u64::try_from(ago).ok()).map(Duration::from_millis);
    ago.is_some_and(|ago| told.elapsed() > ago)
}

/// Whether a gateway was asked at all: that nothing can be sent is a notice of its own.
fn was_asked(met: &Trouble) -> bool {
    match met {
        Trouble::Keyring | Trouble::NotBuilt => false,
        Trouble::Unreachable | Trouble::TimedOut | Trouble::Untrusted | Trouble::Unreadable(_) | Trouble::Said(_) => {
            true
        }
    }
}

fn tell_silence(session: &Session, account: &str, met: &Trouble) {
    let output = &session.output;
    output.aside(&output.words(SILENT).replace("{name}", account));
    output.aside(&format!("  {}", trouble::text(met, output.language)));
}

/// Which orders events were added to.
struct Changes {
    reading: Reading,
    seen: u64,
    orders: BTreeSet<String>,
}

impl Changes {
    /// Behind `seen`, which is an event's position.
    async fn since(seen: u64, session: &Session) -> Result<Self, Refusal> {
        let reading = Reading::open(&session.place.folder()).await?;
        Ok(Self { reading, seen, orders: BTreeSet::new() })
    }

    /// Whether the order has changed. What cannot be told counts as a change.
    async fn has(&mut self, order_no: &str) -> bool {
        !self.read().await || self.orders.contains(order_no)
    }

    /// Those that have changed so far, as far as can be told.
    async fn so_far(&mut self) -> Vec<String> {
        self.read().await;
        self.orders.iter().cloned().collect()
    }

    /// Reads on to the newest event; false: that cannot be told.
    async fn read(&mut self) -> bool {
        loop {
            match self.reading.events(self.seen).await {
                Ok(events) => {
                    let Some(newest) = events.last() else { return true };
                    self.seen = newest.seq;
                    let subjects = events.iter().filter_map(|event| event.subject.as_deref());
                    self.orders
                        .extend(subjects.filter_map(|subject| subject.strip_prefix("order/")).map(str::to_owned));
                }
                Err(refusal) => {
                    tracing::warn!(%refusal, "the newest events");
                    return false;
                }
            }
        }
    }
}

/// Prints every order that changes from what was `open` on, or had changed before, and tells every notice, until nobody reads any more.
async fn tell_changes(
    session: &Session,
    premises: &Premises,
    (mut news, open): (Receiver<News>, Vec<LiveOrder>),
    mut changes: Changes,
) {
    let plain = |order: OrderView| OrderView { next_query_at: None, ..order };
    let mut told: BTreeMap<String, OrderView> =
        open.into_iter().map(|live| (live.order.order_no.clone(), plain(live.order))).collect();
    let (mut noticed, mut silences) = (Vec::new(), Silences::default());
    tell_notices(session, premises, &mut noticed);
    // An order may have ended while the till was being opened: nothing else would tell of it.
    let mut numbers = changes.so_far().await;
    loop {
        for order_no in std::mem::take(&mut numbers) {
            let Ok(live) = premises.till.order(&order_no).await else { continue };
            if silences.ends(&live) {
                session.output.aside(&session.output.words(HEARD).replace("{name}", &live.order.account));
            }
            if let Some(met) = silences.begins(&live, || premises.till.health().unanswered) {
                tell_silence(session, &live.order.account, met);
            }
            let plain = plain(live.order.clone());
            let unchanged = match told.get(&order_no) {
                Some(told) => *told == plain,
                // One that ended in an earlier run is asked about again at a launch.
                None => plain.state.has_ended() && !changes.has(&order_no).await,
            };
            if unchanged {
                continue;
            }
            session.output.line(&live.order, || order::line(&live.order, session.output.language));
            told.insert(order_no, plain);
            if told.len() > REMEMBERED {
                told.retain(|_, order| !order.state.has_ended());
                silences.orders.retain(|order_no, _| told.contains_key(order_no));
            }
        }
        match news.recv().await {
            Ok(News::Order { order_no, .. }) => numbers.push(order_no),
            Ok(News::Health) => tell_notices(session, premises, &mut noticed),
            Ok(News::Accounts | News::People) => {}
            Err(RecvError::Lagged(_)) => {
                tell_notices(session, premises, &mut noticed);
                let open = premises.till.snapshot().open.into_iter().map(|live| live.order.order_no);
                numbers.extend(told.keys().cloned().chain(open).collect::<BTreeSet<_>>());
            }
            Err(RecvError::Closed) => return,
        }
    }
}
