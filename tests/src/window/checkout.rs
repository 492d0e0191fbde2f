//! The checkout, as a cashier sees it.

use super::driver::{Key, Window, was_not_clicked};
use fantoccini::Locator;
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// How long a button is pressed again and again at most.
const AGAIN_WITHIN: Duration = Duration::from_secs(60);

/// Reads the panel of the order on screen.
const READ_PANEL: &str = "
    const panel = document.querySelector('[data-testid=state], [data-testid=paid], [data-testid=outcome]');
    if (panel === null) return null;
    const part = (id) => panel.querySelector(`[data-testid='${id}']`)?.innerText.replaceAll('\\n', '') ?? '';
    return {
      kind: panel.dataset.testid,
      state: panel.dataset.state,
      order_no: panel.dataset.order,
      line: part('state-line'),
      amount: part('order-amount'),
      qr: panel.querySelector('[data-testid=qr]') !== null,
      text: panel.innerText,
    };";

/// The panel of one order.
#[derive(Clone, Debug, Deserialize)]
pub struct Panel {
    /// `state` while it is open, `paid`, or `outcome` when it ended otherwise.
    pub kind: String,
    /// The order's state in the journal's words.
    pub state: String,
    /// Its whole number.
    pub order_no: String,
    /// The line that tells how it stands.
    pub line: String,
    /// The amount as written.
    pub amount: String,
    /// Whether a code is shown.
    pub qr: bool,
    /// Everything on the panel.
    pub text: String,
}

impl Panel {
    /// The order's last four characters.
    pub fn last_four(&self) -> &str {
        &self.order_no[self.order_no.len() - 4..]
    }
}

/// The checkout of a window.
pub struct Checkout<'w>(pub(super) &'w Window);

impl Checkout<'_> {
    /// Waits until an amount can be typed: the pad has the focus.
    pub async fn ready(&self) {
        let body = "return document.activeElement?.dataset.testid === 'amount-input'";
        self.0.until("an amount can be typed", body, &[]).await;
    }

    /// Goes on to the next customer with the mouse. What the panel tells may change under the pointer, which then presses beside the
    /// button: the hand presses again, until the button is gone.
    pub async fn next_customer(&self) {
        let button = "next-customer";
        self.0.see(button).await;
        let deadline = Instant::now() + AGAIN_WITHIN;
        while self.0.has(button).await {
            assert!(Instant::now() < deadline, "{button} does nothing");
            let pressed = match self.0.client.find(Locator::Css("[data-testid=next-customer]")).await {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            if let Err(error) = pressed {
                assert!(was_not_clicked(&error), "{button} cannot be pressed: {error}");
            }
        }
        self.ready().await;
    }

    /// Types an amount, chooses a way to pay by its key, and charges; all by keyboard. The panel once it is there.
    pub async fn sell(&self, amount: &str) -> Panel {
        self.ready().await;
        self.0.keys(amount).await;
        self.amount(amount).await;
        self.0.press(Key::Enter).await;
        self.until("an order", |_| true).await
    }

    /// Sells, and waits for the code.
    pub async fn sell_and_show(&self, amount: &str) -> Panel {
        self.sell(amount).await;
        self.until("a code", |panel| panel.qr).await
    }

    /// Waits until the pad reads `amount`.
    pub async fn amount(&self, amount: &str) {
        let body = "return document.querySelector('[data-testid=amount]')?.dataset.value === arguments[0]";
        self.0.until(&format!("the pad reads {amount}"), body, &[json!(amount)]).await;
    }

    /// Waits until the panel on screen is as `seen` says.
    pub async fn until(&self, what: &str, seen: impl Fn(&Panel) -> bool) -> Panel {
        let read = |value| serde_json::from_value::<Option<Panel>>(value).ok().flatten().filter(|panel| seen(panel));
        self.0.until_seen(what, READ_PANEL, &[], read).await
    }

    /// Waits until the order on screen is paid.
    pub async fn paid(&self) -> Panel {
        self.until("paid", |panel| panel.kind == "paid").await
    }

    /// Waits until the order on screen has this state.
    pub async fn state(&self, state: &str) -> Panel {
        self.until(state, |panel| panel.state == state).await
    }

    /// Chooses a way to pay by clicking.
    pub async fn choose(&self, channel: &str) {
        self.0.click(&format!("channel-{channel}")).await;
        self.chosen(channel).await;
    }

    /// Chooses a way to pay by clicking, in the list of all of them.
    pub async fn pick(&self, channel: &str) {
        self.0.click("all-channels").await;
        self.0.click(&format!("pick-{channel}")).await;
        self.0.gone("picker").await;
        self.chosen(channel).await;
    }

    /// Waits until this way to pay is chosen.
    pub async fn chosen(&self, channel: &str) {
        let body = "return document.querySelector(`[data-testid='channel-${arguments[0]}'] input`)?.checked ?? false";
        self.0.until(&format!("{channel} chosen"), body, &[json!(channel)]).await;
    }

    /// Waits until the column of open orders shows this order in this state.
    pub async fn open_order(&self, last_four: &str, state: &str) {
        let body = "return document.querySelector(`[data-testid='open-order-${arguments[0]}']`)?.dataset.state === arguments[1]";
        self.0.until(&format!("…{last_four} is {state} beside"), body, &[json!(last_four), json!(state)]).await;
    }
}
