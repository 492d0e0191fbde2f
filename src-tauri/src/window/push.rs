//! Tells the windows what changed. Nothing that a window holds is truth: what it is told are whole pictures.

use super::batch::{Batch, Parcel};
use super::desk::Desk;
use super::shown::{Shown, Update};
use super::{MAIN, customer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tauri::AppHandle;
use tauri_specta::Event;
use till_engine::till::Till;
use tokio::sync::broadcast::error::RecvError;

/// Listens to the till, as soon as there is one, for as long as the program runs.
pub(crate) async fn run(app: AppHandle, desk: Arc<Desk>) {
    let Some(till) = desk.till_at_last().await else { return };
    let (mut news, began) = (till.news(), Instant::now());
    let mut batch = Batch::default();
    // Whatever changed between the opening and now.
    batch.missed(began.elapsed());
    loop {
        let wait = batch.wait(began.elapsed());
        if wait == Some(Duration::ZERO) {
            let parcel = batch.take(began.elapsed());
            send(&app, &desk, &till, parcel).await;
            continue;
        }
        let due = tokio::time::sleep(wait.unwrap_or_default());
        tokio::select! {
            heard = news.recv() => match heard {
                Ok(heard) => batch.hear(heard, began.elapsed()),
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "the window missed news and is told everything");
                    batch.missed(began.elapsed());
                }
                Err(RecvError::Closed) => return,
            },
            () = due, if wait.is_some() => {}
        }
    }
}

async fn send(app: &AppHandle, desk: &Desk, till: &Till, parcel: Parcel) {
    let orders = orders(desk, till, &parcel).await;
    let seq = orders.iter().map(|shown| shown.live.seq).max().unwrap_or_default();
    let bound = desk.on_screen();
    let customers = parcel.everything || bound.is_some_and(|bound| parcel.orders.contains(&bound));
    let update = Update {
        seq: desk.newest(seq),
        orders,
        health: till.health(),
        today: till.today(),
        recovery: till.recovery(),
        accounts: (parcel.accounts || parcel.everything).then(|| till.accounts()),
        people: (parcel.people || parcel.everything).then(|| desk.people(till)),
    };
    if let Err(error) = update.emit_to(app, MAIN) {
        tracing::warn!("the window was not told: {error}");
    }
    if customers {
        customer::renew(app).await;
    }
}

/// The pictures of a parcel. Where news were missed: of everything open, and of what the screen still holds as open.
async fn orders(desk: &Desk, till: &Till, parcel: &Parcel) -> Vec<Shown> {
    let mut numbers: BTreeSet<String> = parcel.orders.clone();
    if parcel.everything {
        numbers.extend(desk.held());
        numbers.extend(till.snapshot().open.into_iter().map(|live| live.order.order_no));
    }
    let mut orders = Vec::with_capacity(numbers.len());
    for order_no in numbers {
        match till.order(&order_no).await {
            Ok(live) => orders.push(desk.shown(till, live)),
            Err(refusal) => tracing::warn!(order_no, code = ?refusal.code, "an order could not be shown"),
        }
    }
    orders
}
