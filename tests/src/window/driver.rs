//! The app under WebKit's driver: reading, clicking, typing, waiting.

use super::checkout::Checkout;
use super::customer::CustomerWindow;
use super::orders::Orders;
use super::people::People;
use super::picture;
use super::process::{self, Part, Running};
use super::refunds::Refunds;
use super::settings::SettingsScreen;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub use fantoccini::key::Key;

/// How long anything in the window may take before a test fails. The till's own longest pauses are 40 s.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(15);

/// How often the window is opened at most. The port at which the app is to hear the driver is free when the driver looks for one,
/// and a stranger may have taken it before the app does.
const ATTEMPTS: usize = 3;

/// How long the driver may take to open the window: where a stranger has that port, it may wait for ever.
const OPENS_WITHIN: Duration = Duration::from_secs(60);

/// How long the hand looks for what a click should bring before it clicks again.
const CLICKS_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// Whether the element with the `data-testid` given is visible.
const VISIBLE: &str = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.checkVisibility() ?? false";

/// The app, its cashier's window in front.
pub struct Window {
    /// The driver's own client, for what the page objects do not say.
    pub client: Client,
    cashier: WindowHandle,
    driver: Part,
}

impl Window {
    pub(super) async fn open(
        folder: &Path,
        environment: &[(OsString, OsString)],
        binary: &Path,
        arguments: &[String],
    ) -> Self {
        let mut failed = Vec::new();
        for _ in 0..ATTEMPTS {
            match Self::attempt(folder, environment, binary, arguments).await {
                Ok(window) => return window,
                Err(why) => failed.push(why),
            }
        }
        let said = std::fs::read_to_string(folder.join("driver.out")).unwrap_or_default();
        panic!("the window does not open: {}\n{said}", failed.join("; "))
    }

    /// Opens it with a driver of its own. Where that fails, no app is left of it, and this is why.
    async fn attempt(
        folder: &Path,
        environment: &[(OsString, OsString)],
        binary: &Path,
        arguments: &[String],
    ) -> Result<Self, String> {
        let mut driver = Command::new("WebKitWebDriver");
        driver.env_clear().envs(environment.iter().map(|(key, value)| (key, value)));
        // It takes any free port and does not say which: the kernel is asked where it listens.
        driver.args(["--port=0", "--host=127.0.0.1"]);
        let mut driver = Part::start("driver", folder, &mut driver);
        let pid = driver.pid();
        let port = driver.until("listening", |_| process::listens_at(pid)).await;
        let mut capabilities = Capabilities::new();
        capabilities.insert("webkitgtk:browserOptions".to_owned(), json!({ "binary": binary, "args": arguments }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{port}");
        let why = match tokio::time::timeout(OPENS_WITHIN, builder.connect(&address)).await {
            Ok(Ok(client)) => {
                let cashier = client.window().await.expect("a window");
                return Ok(Self { client, cashier, driver });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no session after {OPENS_WITHIN:?}"),
        };
        // Killed with the driver alone, the app would go on and hold the till's lock. Whose child it is, is known while the driver
        // runs.
        for app in started_by(pid) {
            process::kill(app.pid);
            gone(app.pid).await;
        }
        Err(why)
    }

    /// The checkout.
    pub fn checkout(&self) -> Checkout<'_> {
        Checkout(self)
    }

    /// The list of orders and the timeline.
    pub fn orders(&self) -> Orders<'_> {
        Orders(self)
    }

    /// The refund screen.
    pub fn refunds(&self) -> Refunds<'_> {
        Refunds(self)
    }

    /// Whoever stands at the till.
    pub fn people(&self) -> People<'_> {
        People(self)
    }

    /// The settings.
    pub fn settings(&self) -> SettingsScreen<'_> {
        SettingsScreen(self)
    }

    /// Goes to the settings from the first run, where nothing was sold yet.
    pub async fn settings_from_first_run(&self) {
        self.click("rail-settings").await;
        self.see("settings-general").await;
    }

    /// The customer's window, which must be open.
    pub async fn customer(&self) -> CustomerWindow<'_> {
        CustomerWindow::find(self).await
    }

    /// The number of the app's process.
    pub fn pid(&self) -> u32 {
        let program = super::stage::binary();
        let mut running = started_by(self.driver.pid());
        running.find(|running| running.program == program).map(|running| running.pid).expect("the app runs")
    }

    /// Ends the session; the driver ends the app with it, at once.
    pub async fn end(self) {
        let pid = self.pid();
        let asked = self.client.clone().close().await;
        assert!(asked.is_ok(), "{asked:?}");
        gone(pid).await;
    }

    /// Waits until the app has ended by itself. How long that took.
    pub(super) async fn closed(self, pid: u32) -> Duration {
        let begun = Instant::now();
        gone(pid).await;
        begun.elapsed()
    }

    /// Kills the app as a power cut would, and waits until it is gone.
    pub async fn cut_power(self) {
        let pid = self.pid();
        process::kill(pid);
        drop(self);
        gone(pid).await;
    }

    /// Loads the page again, as F5 would in a browser.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("reloaded");
    }

    /// Runs the body of a function in the page in front.
    pub async fn run(&self, body: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(body, arguments).await.unwrap_or_else(|error| panic!("{error}\nin: {body}"))
    }

    /// Runs the body of an asynchronous function in the page in front.
    pub async fn run_async(&self, body: &str, arguments: Vec<Value>) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);
             (async (...arguments) => {{ {body} }})(...given).then((value) => done({{ value }}), (e) => done({{ error: String(e) }}));"
        );
        let got = self.client.execute_async(&script, arguments).await;
        got.unwrap_or_else(|error| panic!("{error}\nin: {body}"))
    }

    /// Waits until the body of a function gives something other than null or false.
    pub async fn until(&self, what: &str, body: &str, arguments: &[Value]) -> Value {
        self.until_seen(what, body, arguments, |value| match value {
            Value::Null | Value::Bool(false) => None,
            other => Some(other),
        })
        .await
    }

    /// Waits until `seen` makes something of what the body of a function gives.
    pub async fn until_seen<T>(
        &self,
        what: &str,
        body: &str,
        arguments: &[Value],
        seen: impl FnMut(Value) -> Option<T>,
    ) -> T {
        self.until_seen_within(PATIENCE, what, body, arguments, seen).await
    }

    /// The same for what may take longer than anything else.
    pub(super) async fn until_seen_within<T>(
        &self,
        patience: Duration,
        what: &str,
        body: &str,
        arguments: &[Value],
        mut seen: impl FnMut(Value) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + patience;
        loop {
            // While a page is being replaced there is nobody to ask.
            let got = self.client.execute(body, arguments.to_vec()).await;
            let last = match got {
                Ok(value) => match seen(value.clone()) {
                    Some(found) => return found,
                    None => value.to_string(),
                },
                Err(error) => error.to_string(),
            };
            if Instant::now() > deadline {
                let page = self.visible().await;
                let shot = picture::keep_failure(self, what).await;
                panic!("not within {patience:?}: {what}\nlast: {last}\npicture: {shot}\non screen: {page}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until an element with this `data-testid` is there, and clicks it. One that is drawn anew or covered in that moment
    /// was not clicked, and is tried again.
    pub async fn click(&self, test_id: &str) {
        self.see(test_id).await;
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.click_now(test_id).await {
            if Instant::now() > deadline || !was_not_clicked(&error) {
                let shot = picture::keep_failure(self, test_id).await;
                panic!("{test_id} cannot be clicked: {error}\npicture: {shot}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Clicks an element until another one, of the `data-testid` `expected`, is visible: see [`Window::click_until_so`].
    pub async fn click_until(&self, test_id: &str, expected: &str) {
        self.click_until_so(test_id, &format!("{expected} on screen"), VISIBLE, &[json!(expected)]).await;
    }

    /// Clicks an element until the body of a function gives `true`. What a panel tells may change between the driver's look for the
    /// element and its click, which then falls beside it: the hand clicks again. Only for what does no harm when it is done twice.
    pub async fn click_until_so(&self, test_id: &str, what: &str, body: &str, arguments: &[Value]) {
        let deadline = Instant::now() + PATIENCE;
        self.click(test_id).await;
        loop {
            let looks_until = Instant::now() + CLICKS_AGAIN_AFTER;
            while Instant::now() < looks_until {
                if self.client.execute(body, arguments.to_vec()).await.is_ok_and(|value| value == json!(true)) {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
            // Where the click did what it should, the element may be gone, and what is expected still on its way.
            let unclickable = self.click_now(test_id).await.err().filter(|error| !was_not_clicked(error));
            if Instant::now() > deadline || unclickable.is_some() {
                let shot = picture::keep_failure(self, test_id).await;
                panic!("{test_id} was clicked and never: {what} ({unclickable:?})\npicture: {shot}");
            }
        }
    }

    async fn click_now(&self, test_id: &str) -> Result<(), CmdError> {
        self.client.find(Locator::Css(&format!("[data-testid='{test_id}']"))).await?.click().await
    }

    /// Waits until an element with this `data-testid` is visible.
    pub async fn see(&self, test_id: &str) {
        self.until(&format!("{test_id} on screen"), VISIBLE, &[json!(test_id)]).await;
    }

    /// Waits until no element with this `data-testid` is there.
    pub async fn gone(&self, test_id: &str) {
        let body = "return document.querySelector(`[data-testid='${arguments[0]}']`) === null";
        self.until(&format!("{test_id} gone"), body, &[json!(test_id)]).await;
    }

    /// Whether an element with this `data-testid` is there now.
    pub async fn has(&self, test_id: &str) -> bool {
        let body = "return document.querySelector(`[data-testid='${arguments[0]}']`) !== null";
        self.run(body, vec![json!(test_id)]).await == json!(true)
    }

    /// The visible text of an element, once it is there.
    pub async fn text(&self, test_id: &str) -> String {
        self.see(test_id).await;
        let body = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.innerText ?? ''";
        self.run(body, vec![json!(test_id)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the text of an element contains `part`.
    pub async fn text_with(&self, test_id: &str, part: &str) -> String {
        let body = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.innerText ?? ''";
        let seen = |value: Value| value.as_str().filter(|text| text.contains(part)).map(ToOwned::to_owned);
        self.until_seen(&format!("{test_id} says {part:?}"), body, &[json!(test_id)], seen).await
    }

    /// Clicks into a field and replaces what it holds by `text`, key by key.
    pub async fn fill(&self, test_id: &str, text: &str) {
        self.see(test_id).await;
        let body = "const field = document.querySelector(`[data-testid='${arguments[0]}']`);
            field.scrollIntoView({ block: 'center' }); field.focus(); field.select?.(); return true";
        self.run(body, vec![json!(test_id)]).await;
        self.keys(text).await;
        // A word is only typed once the page has read it: a long one arrives in pieces.
        let body = "return document.querySelector(`[data-testid='${arguments[0]}']`)?.value === arguments[1]";
        self.until(&format!("{test_id} filled in"), body, &[json!(test_id), json!(text)]).await;
    }

    /// Clicks into a field and replaces what it holds by `text`, all at once as a paste does.
    pub async fn paste(&self, test_id: &str, text: &str) {
        self.see(test_id).await;
        let body = "const field = document.querySelector(`[data-testid='${arguments[0]}']`);
            field.scrollIntoView({ block: 'center' }); field.focus(); field.select();
            return document.execCommand('insertText', false, arguments[1])";
        assert_eq!(
            self.run(body, vec![json!(test_id), json!(text)]).await,
            json!(true),
            "nothing pasted into {test_id}"
        );
    }

    /// Takes one of the choices of a list that folds out.
    pub async fn select(&self, test_id: &str, value: &str) {
        self.see(test_id).await;
        let body =
            "const field = document.querySelector(`[data-testid='${arguments[0]}']`); field.value = arguments[1];
            field.dispatchEvent(new Event('change', { bubbles: true })); return field.value === arguments[1]";
        assert_eq!(self.run(body, vec![json!(test_id), json!(value)]).await, json!(true), "{test_id} has no {value}");
    }

    /// Presses and releases one key.
    pub async fn press(&self, key: Key) {
        self.keys(&char::from(key).to_string()).await;
    }

    /// Goes by Tab to the element of that `data-testid`, as somebody without a mouse does.
    pub async fn tab_to(&self, test_id: &str) {
        self.see(test_id).await;
        let mut passed = Vec::new();
        while self.focus().await != test_id {
            passed.push(self.focus().await);
            assert!(passed.len() < 60, "{test_id} is not reached by Tab: {passed:?}");
            self.press(Key::Tab).await;
        }
    }

    /// Presses a key while others are held.
    pub async fn chord(&self, held: &[Key], key: char) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for held in held {
            actions = actions.then(KeyAction::Down { value: char::from(*held) });
        }
        actions = actions.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        for held in held.iter().rev() {
            actions = actions.then(KeyAction::Up { value: char::from(*held) });
        }
        self.client.perform_actions(actions).await.expect("keys");
    }

    /// Presses and releases keys one after the other, wherever the focus is, no faster than a hand: a scanner is faster.
    pub async fn keys(&self, text: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for (at, value) in text.chars().enumerate() {
            if at > 0 {
                actions = actions.then(KeyAction::Pause { duration: Duration::from_millis(50) });
            }
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.expect("keys");
    }

    /// The `data-testid` of the element with the focus.
    pub async fn focus(&self) -> String {
        let body = "return document.activeElement?.dataset?.testid ?? document.activeElement?.tagName ?? ''";
        self.run(body, vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// All that can be read in the page in front.
    pub async fn visible(&self) -> String {
        let text = self.client.execute("return document.body?.innerText ?? ''", vec![]).await;
        text.map_or_else(|error| error.to_string(), |text| text.as_str().unwrap_or_default().replace('\n', " | "))
    }

    /// Puts the cashier's window in front again.
    pub async fn cashier(&self) {
        self.client.switch_to_window(self.cashier.clone()).await.expect("the cashier's window");
    }

    /// Waits for another window in which the body of a function gives `true`, and puts it in front.
    pub async fn other_window(&self, what: &str, body: &str) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            for handle in self.client.windows().await.expect("windows") {
                if handle == self.cashier || self.client.switch_to_window(handle).await.is_err() {
                    continue;
                }
                if self.client.execute(body, vec![]).await.is_ok_and(|value| value == json!(true)) {
                    return;
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("not within {PATIENCE:?}: {what}");
    }

    /// Waits until no window but the cashier's is open.
    pub async fn alone(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.client.windows().await.expect("windows").len() > 1 {
            assert!(Instant::now() < deadline, "another window is still open");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Gives the window in front an inner size in pixels, and waits until the page has it.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_rect(0, 0, width, height).await.expect("resized");
        let body = "return innerWidth === arguments[0] && innerHeight === arguments[1]";
        self.until("resized", body, &[json!(width), json!(height)]).await;
    }
}

/// What a driver has started, which is nothing but the app.
fn started_by(driver: u32) -> impl Iterator<Item = Running> {
    process::marked("TILLKEEPER_STAGE").into_iter().filter(move |running| running.parent == driver)
}

async fn gone(pid: u32) {
    let deadline = Instant::now() + PATIENCE;
    // One that has ended and was not yet asked for its end is gone too, once its last thread is: until then it holds its lock.
    let runs = || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let ended = !status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'));
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
        !ended || threads > 1
    };
    while runs() {
        assert!(Instant::now() < deadline, "the app still runs {PATIENCE:?} later");
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether a click certainly was none: the element was drawn anew, covered, or not there yet.
pub(super) fn was_not_clicked(error: &CmdError) -> bool {
    let none = [
        ErrorStatus::ElementClickIntercepted,
        ErrorStatus::ElementNotInteractable,
        ErrorStatus::StaleElementReference,
        ErrorStatus::NoSuchElement,
    ];
    matches!(error, CmdError::Standard(told) if none.contains(&told.error))
}
