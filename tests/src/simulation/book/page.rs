//! What the page of an order may say.

use super::Told;
use crate::simulation::pages::LINGERS;
use crate::simulation::world::{MS, S, World};

impl Told {
    /// The page on which its customer can pay, committed.
    #[must_use]
    pub fn pay_page(&self) -> Option<&str> {
        self.page.as_deref().filter(|_| self.given.is_some())
    }

    /// Its page shows how it ended for an hour.
    #[must_use]
    pub fn page_is_gone(&self, world: &World) -> bool {
        let over = self.over.filter(|(_, settings)| *settings == world.settings);
        !self.is_open() && over.is_some_and(|(at, _)| world.now - at > LINGERS.0)
    }

    /// The same, where somebody set the clock since.
    #[must_use]
    pub fn page_may_be_gone(&self, world: &World) -> bool {
        let set = |settings: u32| settings != world.settings;
        !self.is_open() && self.over.is_none_or(|(at, settings)| set(settings) || world.now - at > LINGERS.1)
    }

    /// Whether a page may say so of it. What was committed this moment may not have been acknowledged yet.
    #[must_use]
    pub fn may_be_said_to_be(&self, standing: &str, now: i64) -> bool {
        let fresh = now - self.moved < 5 * MS;
        let off = self.off.is_some();
        let says = |state: &str| match standing {
            "open" | "declined" => state == "awaiting_payment" && (!off || fresh),
            "paying" => state == "paying" && (!off || fresh),
            "ending" => state == "expiring" || (off && matches!(state, "awaiting_payment" | "paying")),
            "paid" => state == "paid",
            "given_back" => state == "paid" && self.is_given_back(),
            "ended" => matches!(state, "closed" | "reversed" | "failed"),
            "unclear" => matches!(state, "drafted" | "creating" | "create_unknown" | "disputed"),
            _ => false,
        };
        says(self.state) || (fresh && self.states.iter().any(|state| says(state)))
    }

    /// Whether its page may offer a way to pay.
    #[must_use]
    pub fn may_be_paid_on_its_page(&self) -> bool {
        self.given.is_some() && self.off.is_none() && matches!(self.state, "awaiting_payment" | "paying")
    }
}

/// A customer wants to know how an order stands: one question may come for all who want to.
pub fn wants_to_know(world: &mut World, order_no: &str) {
    if let Some(told) = world.book.orders.get_mut(order_no).filter(|told| told.state != "paid") {
        told.run.customer_waits = true;
    }
}

/// The shortest pause before a question that customers alone want.
pub(super) const CUSTOMERS: i64 = 2 * S - 20 * MS;
