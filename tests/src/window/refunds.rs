//! The refund screen: finding a payment, giving it back, what needs a person, and the history.

use super::driver::{Key, PATIENCE, Window};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Reads the order on the refund screen.
const READ_ORDER: &str = "
    const pane = document.querySelector('[data-testid=refund-order]');
    if (pane === null) return null;
    const refunds = [...pane.querySelectorAll('[data-testid^=refund-state-]')].map((card) => ({
      refund_no: card.dataset.testid.slice('refund-state-'.length), state: card.dataset.state, text: card.innerText }));
    return {
      order_no: pane.dataset.order,
      not: pane.querySelector('[data-testid=refund-not]')?.dataset.why ?? null,
      form: pane.querySelector('[data-testid=refund-send]') !== null,
      matters: [...pane.querySelectorAll('.matter[data-attention]')].map((one) => one.dataset.attention),
      refunds,
      text: pane.innerText,
    };";

/// One refund as the screen shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct RefundCard {
    /// Its number.
    pub refund_no: String,
    /// Its state in the journal's words.
    pub state: String,
    /// Everything on it.
    pub text: String,
}

/// The order on the refund screen.
#[derive(Clone, Debug, Deserialize)]
pub struct RefundedOrder {
    /// Its whole number.
    pub order_no: String,
    /// Why nothing can go back now.
    pub not: Option<String>,
    /// Whether there is a form for giving back.
    pub form: bool,
    /// What about it needs a person.
    pub matters: Vec<String>,
    /// Its refunds, newest first.
    pub refunds: Vec<RefundCard>,
    /// Everything about it.
    pub text: String,
}

/// The refund screen of a window.
pub struct Refunds<'w>(pub(super) &'w Window);

impl Refunds<'_> {
    /// Goes there by keyboard; a payment can be looked for at once.
    pub async fn open(&self) {
        self.0.chord(&[Key::Alt], '3').await;
        self.0.see("refund-tab-find").await;
        self.0.press(Key::F1).await;
        let body = "return document.activeElement?.dataset.testid === 'refund-find'";
        self.0.until("a payment can be looked for", body, &[]).await;
    }

    /// Types what is known of a payment, and Enter; the order once it is there.
    pub async fn find(&self, text: &str, order_no: &str) -> RefundedOrder {
        self.open().await;
        self.0.fill("refund-find", text).await;
        self.0.press(Key::Enter).await;
        self.of(order_no).await
    }

    /// Waits until this order is on the screen.
    pub async fn of(&self, order_no: &str) -> RefundedOrder {
        self.until(order_no, |order| order.order_no == order_no).await
    }

    /// Waits until the order on the screen is as `seen` says.
    pub async fn until(&self, what: &str, seen: impl Fn(&RefundedOrder) -> bool) -> RefundedOrder {
        self.until_within(PATIENCE, what, seen).await
    }

    async fn until_within(
        &self,
        patience: Duration,
        what: &str,
        seen: impl Fn(&RefundedOrder) -> bool,
    ) -> RefundedOrder {
        let read =
            |value| serde_json::from_value::<Option<RefundedOrder>>(value).ok().flatten().filter(|order| seen(order));
        self.0.until_seen_within(patience, what, READ_ORDER, &[], read).await
    }

    /// Waits until the newest refund of the order on the screen has this state.
    pub async fn state(&self, state: &str) -> RefundCard {
        self.state_within(PATIENCE, state).await
    }

    /// The same for so long. After a refund has been under way for some time it is asked for only when that time has passed again.
    pub async fn state_within(&self, patience: Duration, state: &str) -> RefundCard {
        let newest = |order: &RefundedOrder| order.refunds.first().is_some_and(|refund| refund.state == state);
        self.until_within(patience, state, newest).await.refunds.swap_remove(0)
    }

    /// Fills the form in by keyboard: an amount, or all of it, and that the customer brought it back.
    pub async fn fill_in(&self, amount: Option<&str>) {
        match amount {
            Some(amount) => self.0.fill("refund-amount", amount).await,
            None => self.0.press(Key::F4).await,
        }
        self.0.press(Key::F5).await;
    }

    /// Enter, which is refused with this code.
    pub async fn refused(&self, code: &str) {
        self.0.press(Key::Enter).await;
        let body =
            "return document.querySelector('[data-testid=refund-refused] [data-code]')?.dataset.code === arguments[0]";
        self.0.until(&format!("refused: {code}"), body, &[json!(code)]).await;
    }

    /// Goes to what needs a person, by keyboard, and waits until it is this order with this matter.
    pub async fn matter(&self, order_no: &str, attention: &str) {
        self.0.chord(&[Key::Alt], '3').await;
        self.0.see("refund-tab-attention").await;
        self.0.press(Key::F2).await;
        let body = "return document.querySelector(`[data-testid='attention-row-${arguments[0]}']`)?.dataset.attention === arguments[1]";
        self.0.until(&format!("{attention} in the list"), body, &[json!(order_no), json!(attention)]).await;
    }

    /// Waits until the rail counts this many matters.
    pub async fn matters(&self, count: &str) {
        let body = "return (document.querySelector('[data-testid=rail-refunds] .badge [aria-hidden]')?.innerText ?? '') === arguments[0]";
        self.0.until(&format!("{count:?} matters counted"), body, &[json!(count)]).await;
    }
}
