//! Chromium as a customer's phone, under its own driver: 360 pixels wide, named as the app that it stands for, and with no
//! way to any address but this machine's.

use crate::window::Part;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long anything on a page may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(40);

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// What an app's browser calls itself.
pub const QQ: &str =
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/107.0 Mobile V1_AND_SQ_8.9.28 QQ/8.9.28.10155";
/// The same of Alipay.
pub const ALIPAY: &str = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/107.0 Mobile AlipayClient/10.3.80";
/// The same of WeChat.
pub const WECHAT: &str = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/107.0 Mobile MicroMessenger/8.0.33";
/// The same of a plain browser.
pub const PLAIN: &str = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/107.0 Mobile Safari/537.36";

/// A customer's phone.
pub struct Phone {
    client: Client,
    _driver: Part,
    _folder: tempfile::TempDir,
}

/// How often the driver is started.
const STARTS: usize = 3;

/// A driver and its port. It takes any free port of one family of addresses and wants the same of the other, where another process may
/// have it: then it ends, and another one is started.
async fn driver(folder: &Path) -> (Part, u16) {
    let named = |said: &str| {
        let (_, behind) = said.split_once("started successfully on port ")?;
        behind.split_once('.')?.0.parse::<u16>().ok()
    };
    let mut ended = Vec::new();
    while ended.len() < STARTS {
        let mut driver = Command::new("chromedriver");
        driver.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        driver.env("HOME", folder).env("TMPDIR", folder);
        driver.arg("--port=0");
        let mut driver = Part::start("chromedriver", folder, &mut driver);
        match driver.unless_it_ends("listening", named).await {
            Ok(port) => return (driver, port),
            Err(why) => ended.push(why),
        }
    }
    panic!("no driver for a phone: {}", ended.join("; "))
}

impl Phone {
    /// Takes a phone out whose browser calls itself `agent` and wants pages in `language`.
    pub async fn open(agent: &str, language: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (driver, port) = driver(folder.path()).await;
        let mut capabilities = Capabilities::new();
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-proxy-server",
            "--disable-background-networking",
            "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        ];
        let options = json!({
            "args": arguments,
            "prefs": { "intl.accept_languages": language },
            "mobileEmulation": {
                "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 2.0 },
                "userAgent": agent,
            },
        });
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        let client = client.unwrap_or_else(|error| {
            let said = std::fs::read_to_string(folder.path().join("chromedriver.out")).unwrap_or_default();
            panic!("the phone does not open: {error}\n{said}")
        });
        Self { client, _driver: driver, _folder: folder }
    }

    /// Opens an address.
    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.expect("a page");
    }

    /// What a script on the page comes to. It begins with `return` where it comes to something.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text of the first element that a selector finds, as it is seen; none where there is none, or it is not seen.
    pub async fn text(&self, selector: &str) -> Option<String> {
        let script = format!(
            "const found = document.querySelector({selector:?}); \
             return found?.checkVisibility() ? found.innerText : null"
        );
        self.run(&script).await.as_str().map(str::to_owned)
    }

    /// Clicks the first element that a selector finds, as a finger would.
    pub async fn tap(&self, selector: &str) {
        let element = self.client.find(fantoccini::Locator::Css(selector)).await.expect("an element");
        element.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Waits until an expression holds on the page.
    pub async fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        let deadline = Instant::now() + PATIENCE;
        while self.run(&script).await != json!(true) {
            if Instant::now() > deadline {
                panic!("not within {PATIENCE:?}: {expression}\n{}", self.run("return document.body.innerHTML").await);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Puts the phone away.
    pub async fn close(self) {
        self.client.close().await.expect("closed");
    }
}
