//! The list of orders and one order's timeline.

use super::driver::{Key, Window};
use serde_json::{Value, json};

/// The orders screen of a window.
pub struct Orders<'w>(pub(super) &'w Window);

impl Orders<'_> {
    /// Goes there with the mouse.
    pub async fn open(&self) {
        self.0.click("rail-orders").await;
        self.0.see("search").await;
    }

    /// Searches, by keyboard, and waits until exactly these orders are listed, by their last four characters in any order.
    pub async fn find(&self, text: &str, expected: &[&str]) {
        self.0.chord(&[Key::Control], 'f').await;
        let focused = "return document.activeElement?.dataset.testid === 'search'";
        self.0.until("the search has the focus", focused, &[]).await;
        self.0.fill("search", text).await;
        self.listed(&format!("found by {text:?}"), expected).await;
    }

    /// Waits until exactly these orders are listed, by their last four characters in any order.
    pub async fn listed(&self, what: &str, expected: &[&str]) {
        let mut wanted: Vec<String> = expected.iter().map(|last| format!("order-row-{last}")).collect();
        wanted.sort();
        let body = "return [...document.querySelectorAll('[data-testid^=order-row-]')].map((row) => row.dataset.testid).sort()";
        self.0.until_seen(what, body, &[], |value| (value == json!(wanted)).then_some(())).await;
    }

    /// Opens the timeline of a listed order.
    pub async fn timeline(&self, last_four: &str) {
        self.0.click(&format!("order-row-{last_four}")).await;
        self.0.see("timeline").await;
    }

    /// Waits until the timeline tells of these events, in this order, others between them allowed.
    pub async fn tells(&self, kinds: &[&str]) {
        let body = "return [...document.querySelectorAll('[data-testid^=timeline-entry-]')].map((li) => li.dataset.testid.slice(15))";
        let seen = |value: Value| {
            let told: Vec<String> = serde_json::from_value(value).ok()?;
            let mut told = told.iter();
            kinds.iter().all(|kind| told.any(|one| one == kind)).then_some(())
        };
        self.0.until_seen(&format!("the timeline tells {kinds:?}"), body, &[], seen).await;
    }
}
