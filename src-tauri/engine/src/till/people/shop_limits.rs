//! The shop's limits.

use super::super::{News, Till, fault_of_storage, unreadable};
use super::count;
use till_core::error::{Code, Refusal};
use till_core::journal::{self, Event};
use till_core::limits::{Limits, LimitsEvent};
use till_core::rights::{Action, Actor};

impl Till {
    /// What refunds are held to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.staff.limits.read().clone()
    }

    /// Sets what refunds are held to: what `change` makes of what holds now.
    pub async fn set_limits(
        &self,
        actor: &Actor,
        change: impl FnOnce(&Limits) -> Result<Limits, Refusal>,
    ) -> Result<(), Refusal> {
        let mut roster = self.inner.staff.roster.lock().await;
        let actor = self.permit(actor, Action::ManageLimits)?;
        if roster.limits_unreadable {
            return Err(unreadable(journal::LIMITS));
        }
        let before = self.limits();
        let bad = |field| Refusal::of(Code::LimitsBad).with("field", field).with("values", Limits::values(field));
        let after = change(&before)?.validated().map_err(bad)?;
        if before == after {
            return Ok(());
        }
        let event = Event::Limits { event: LimitsEvent::Changed { before, after: after.clone() } };
        let now = self.inner.seams.clock.now();
        let written = self.inner.commit_shop(journal::LIMITS, roster.limits_seen, vec![event], &actor, now).await;
        written.map_err(|fault| fault_of_storage(&fault))?;
        roster.limits_seen = roster.limits_seen.saturating_add(count(1));
        *self.inner.staff.limits.write() = after;
        self.inner.tell(News::People);
        Ok(())
    }
}
