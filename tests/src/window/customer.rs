//! The customer's window.

use super::driver::Window;
use serde_json::json;

/// The customer's window; while it is looked at it is the one in front.
pub struct CustomerWindow<'w>(&'w Window);

impl<'w> CustomerWindow<'w> {
    pub(super) async fn find(window: &'w Window) -> Self {
        let body = "return document.querySelector('[data-testid=customer]') !== null";
        window.other_window("the customer's window", body).await;
        Self(window)
    }

    /// Waits until it shows `blank`, `qr`, `paying`, `paid` or `ended`.
    pub async fn shows(&self, state: &str) {
        let body = "return document.querySelector('[data-testid=customer]')?.dataset.state === arguments[0]";
        self.0.until(&format!("the customer sees {state}"), body, &[json!(state)]).await;
    }

    /// The amount on it, without the currency's sign; empty if there is none.
    pub async fn amount(&self) -> String {
        let body = "return document.querySelector('[data-testid=customer-amount] .digits')?.innerText ?? ''";
        self.0.run(body, vec![]).await.as_str().unwrap_or_default().to_owned()
    }
}
