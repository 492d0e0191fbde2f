//! Measuring lock-outs on the boot clock, and writing down what is over of them.

use super::super::Inner;
use super::Unwritten;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use till_core::rights::Actor;

impl Inner {
    /// Measures lock-outs for as long as there are any.
    pub(super) fn measure_lock_outs(self: &Arc<Self>) {
        if self.staff.people.read().serving_due().is_none() || self.staff.measuring.swap(true, Ordering::SeqCst) {
            return;
        }
        let (till, clock) = (Arc::downgrade(self), Arc::clone(&self.seams.clock));
        tokio::spawn(async move {
            while let Some(due) = till.upgrade().and_then(|inner| inner.next_serving()) {
                clock.sleep_until(due).await;
                let Some(inner) = till.upgrade() else { return };
                inner.serve_lock_outs().await;
            }
        });
    }

    /// When there is something to write down next. Without anything the measuring ends: said while nobody can change people.
    fn next_serving(&self) -> Option<i64> {
        let people = self.staff.people.read();
        let due = people.serving_due();
        if due.is_none() {
            self.staff.measuring.store(false, Ordering::SeqCst);
        }
        due
    }

    async fn serve_lock_outs(self: &Arc<Self>) {
        let mut roster = self.staff.roster.lock().await;
        let events = self.staff.people.read().serve(self.seams.clock.now());
        if let Err(refusal) = self.write_people(&mut roster, events, &Actor::Engine, Unwritten::Holds).await {
            tracing::warn!(code = ?refusal.code, "what is over of a lock-out is not written down");
        }
    }
}
