//! A till without a window: asks for open orders, takes notifications in, and does what other processes hand over.

use super::exit::Exit;
use super::{Session, order, stop};
use crate::premises::{self, Entry, Premises, Stay};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use till_core::error::Refusal;
use till_core::words::Label;
use till_engine::doctor::clock_off_by;
use till_engine::reading::Reading;
use till_engine::till::{News, Receiving};
use till_engine::view::{LiveOrder, OrderView};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

const SERVING: Label = Label::new(
    "正在查询未结束的订单。按 Ctrl-C 结束。",
    "正在查詢未結束的訂單。按 Ctrl-C 結束。",
    "Asking for open orders. Press Ctrl-C to end.",
);

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
        loop {
            match self.reading.events(self.seen).await {
                Ok(events) => {
                    let Some(newest) = events.last() else { break };
                    self.seen = newest.seq;
                    let subjects = events.iter().filter_map(|event| event.subject.as_deref());
                    self.orders
                        .extend(subjects.filter_map(|subject| subject.strip_prefix("order/")).map(str::to_owned));
                }
                Err(refusal) => {
                    tracing::warn!(%refusal, "the newest events");
                    return true;
                }
            }
        }
        self.orders.contains(order_no)
    }
}

/// Prints every order that changes from what was `open` on and tells every notice, until nobody reads any more.
async fn tell_changes(
    session: &Session,
    premises: &Premises,
    (mut news, open): (Receiver<News>, Vec<LiveOrder>),
    mut changes: Changes,
) {
    let plain = |order: OrderView| OrderView { next_query_at: None, ..order };
    let mut told: BTreeMap<String, OrderView> =
        open.into_iter().map(|live| (live.order.order_no.clone(), plain(live.order))).collect();
    let mut noticed = Vec::new();
    tell_notices(session, premises, &mut noticed);
    loop {
        let numbers = match news.recv().await {
            Ok(News::Order { order_no, .. }) => vec![order_no],
            Ok(News::Health) => {
                tell_notices(session, premises, &mut noticed);
                continue;
            }
            Ok(News::Accounts | News::People) => continue,
            Err(RecvError::Lagged(_)) => {
                tell_notices(session, premises, &mut noticed);
                let open = premises.till.snapshot().open.into_iter().map(|live| live.order.order_no);
                told.keys().cloned().chain(open).collect::<BTreeSet<_>>().into_iter().collect()
            }
            Err(RecvError::Closed) => return,
        };
        for order_no in numbers {
            let Ok(live) = premises.till.order(&order_no).await else { continue };
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
            }
        }
    }
}
