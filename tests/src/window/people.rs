//! Who stands at the till: signing in, taking turns, and the people in the settings.

use super::driver::{Key, Window};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The people of a window.
pub struct People<'w>(pub(super) &'w Window);

impl People<'_> {
    /// Waits until this person stands here.
    pub async fn here(&self, name: &str) {
        let body = "const who = document.querySelector('[data-testid=who]');
            return who?.dataset.kind === 'operator' && who.querySelector('b')?.innerText === arguments[0]";
        self.0.until(&format!("{name} at the till"), body, &[json!(name)]).await;
    }

    /// Waits until `owner` or `nobody` stands here.
    pub async fn is(&self, kind: &str) {
        let body = "return document.querySelector('[data-testid=who]')?.dataset.kind === arguments[0]";
        self.0.until(&format!("{kind} at the till"), body, &[json!(kind)]).await;
    }

    /// Asks who is there, by keyboard, and chooses this person by name.
    pub async fn choose(&self, name: &str) {
        self.0.press(Key::F10).await;
        self.0.see("sign-in").await;
        self.ready().await;
        // Where there is only one, nobody has to choose.
        if self.0.focus().await == "sign-in-find" {
            self.0.keys(name).await;
            self.0.press(Key::Enter).await;
        }
        self.focused("sign-in-pin").await;
    }

    /// Says who is there, by name and PIN.
    pub async fn sign_in(&self, name: &str, pin: &str) {
        self.choose(name).await;
        self.try_pin(pin).await;
        self.here(name).await;
        self.0.gone("sign-in").await;
    }

    /// Types a PIN for whoever is chosen, and Enter.
    pub async fn try_pin(&self, pin: &str) {
        self.0.keys(pin).await;
        self.0.press(Key::Enter).await;
    }

    /// Tries a PIN that is refused: the code that it is refused with, and the words.
    pub async fn refused_pin(&self, pin: &str) -> (String, String) {
        let before = "window.saidByTest = document.querySelector('[data-testid=sign-in] [data-code]'); return true";
        self.0.run(before, vec![]).await;
        self.try_pin(pin).await;
        let body = "const said = document.querySelector('[data-testid=sign-in] [data-code]');
            if (said === null || said === window.saidByTest) return null;
            return [said.dataset.code, said.innerText]";
        let said = self.0.until_seen("the PIN is refused", body, &[], |value| serde_json::from_value(value).ok()).await;
        self.focused("sign-in-pin").await;
        said
    }

    /// Says who is there by the key beside the name; how long it took from F10 to the name on the screen.
    pub async fn switch(&self, key: char, name: &str, pin: &str) -> Duration {
        let begun = Instant::now();
        self.0.press(Key::F10).await;
        self.ready().await;
        self.0.keys(&key.to_string()).await;
        self.focused("sign-in-pin").await;
        self.try_pin(pin).await;
        self.here(name).await;
        let took = begun.elapsed();
        // The name may be told before the dialog is: until it is gone, keys are the dialog's.
        self.0.gone("sign-in").await;
        took
    }

    /// Adds somebody in the settings; `own`: the PIN of whoever is signed in, where somebody is.
    pub async fn add(&self, name: &str, role: &str, pin: &str, own: Option<&str>) {
        let window = self.0;
        window.settings().open("people").await;
        window.click("operator-add").await;
        window.fill("operator-name", name).await;
        window.select("operator-role", role).await;
        window.fill("operator-pin", pin).await;
        window.fill("operator-pin-again", pin).await;
        if let Some(own) = own {
            window.fill("operator-own-pin", own).await;
        }
        window.press(Key::Enter).await;
        window.gone("operator-dialog").await;
        window.see(&format!("operator-row-{name}")).await;
    }

    /// Whether the settings call this person locked out.
    pub async fn locked(&self, name: &str) -> bool {
        let row = format!("operator-row-{name}");
        self.0.see(&row).await;
        let body = "return document.querySelector(`[data-testid='${arguments[0]}']`).dataset.locked === 'true'";
        self.0.run(body, vec![json!(row)]).await == Value::Bool(true)
    }

    /// Changes one limit in the settings, for instance `idle` or `second-above-CNY`.
    pub async fn limit(&self, what: &str, value: &str, own: &str) {
        let window = self.0;
        window.settings().open("limits").await;
        window.fill(&format!("limits-{what}"), value).await;
        window.fill("limits-pin", own).await;
        window.press(Key::Enter).await;
        let body = "return document.querySelector('form .saved')?.innerText !== ''";
        window.until("the limits are kept", body, &[]).await;
    }

    /// Where only one can be meant, the PIN has the focus, else the names.
    async fn ready(&self) {
        let body = "return ['sign-in-find', 'sign-in-pin'].includes(document.activeElement?.dataset.testid)";
        self.0.until("somebody can say who they are", body, &[]).await;
    }

    async fn focused(&self, test_id: &str) {
        let body = "return document.activeElement?.dataset.testid === arguments[0]";
        self.0.until(&format!("{test_id} has the focus"), body, &[json!(test_id)]).await;
    }
}
