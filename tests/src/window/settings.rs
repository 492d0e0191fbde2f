//! The settings.

use super::driver::Window;
use serde_json::json;

/// The settings of a window.
pub struct SettingsScreen<'w>(pub(super) &'w Window);

impl SettingsScreen<'_> {
    /// Goes to one part: `general`, `accounts`, `receiver` or `doctor`.
    pub async fn open(&self, part: &str) {
        self.0.click("rail-settings").await;
        self.0.click(&format!("settings-{part}")).await;
        let body = "return document.querySelector(`[data-testid='settings-${arguments[0]}']`)?.getAttribute('aria-current') === 'page'";
        self.0.until(&format!("settings, {part}"), body, &[json!(part)]).await;
    }

    /// Chooses a language and waits until the page speaks it.
    pub async fn language(&self, language: &str) {
        self.open("general").await;
        self.0.click(&format!("language-{language}")).await;
        let body = "return document.documentElement.lang === arguments[0]";
        self.0.until(&format!("{language} spoken"), body, &[json!(language)]).await;
    }

    /// Chooses an appearance and waits until the page has it.
    pub async fn theme(&self, theme: &str) {
        self.open("general").await;
        self.0.click(&format!("theme-{theme}")).await;
        let body = "return document.documentElement.dataset.theme === arguments[0]";
        self.0.until(&format!("{theme} worn"), body, &[json!(theme)]).await;
    }

    /// The names of the fields that the account form asks for, in its order.
    pub async fn form_fields(&self) -> Vec<String> {
        let body = "return [...document.querySelectorAll('form [data-testid]')].map((field) => field.dataset.testid)
            .filter((id) => /^(field|secret)-/.test(id))";
        let fields = self.0.run(body, vec![]).await;
        serde_json::from_value(fields).expect("names")
    }
}
