//! A marked key is entered through the window and through the command line, and must be found nowhere afterwards.
//!
//! What the window hears is recorded in the page itself: every answer of a command and every event goes through the one
//! function `__TAURI_INTERNALS__.runCallback`, which looks its callback up in the map `__TAURI_INTERNALS__.callbacks`. The
//! look-up of that map is replaced by one that writes down what the callback is called with.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use till_sandbox::{Down, Fault, Scope};
use till_tests::window::{Key, Stage, Window};

pub(super) const RECORD: &str = "
    const { callbacks } = window.__TAURI_INTERNALS__;
    window.heardByTest ??= [];
    if (!Object.hasOwn(callbacks, 'get')) {
      callbacks.get = (id) => {
        const callback = Map.prototype.get.call(callbacks, id);
        return callback && ((data) => {
          window.heardByTest.push(JSON.stringify(data) ?? 'undefined');
          return callback(data);
        });
      };
    }
    return true";

/// What the page holds and what it heard.
const PAGE: &str = "
    const values = [...document.querySelectorAll('input, textarea')].map((it) => it.value);
    const stored = [localStorage, sessionStorage].flatMap((store) => Object.entries({ ...store }));
    return JSON.stringify({ html: document.documentElement.outerHTML, values, stored, cookies: document.cookie,
      heard: window.heardByTest })";

/// The words that must not be found: the key itself, and forms that a careless program would write it in.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let listed: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
    let mut forms = vec![secret.into(), utf16, listed.join(",").into_bytes(), listed.join(", ").into_bytes()];
    forms.extend([&HEXLOWER, &HEXUPPER].map(|hex| hex.encode(secret.as_bytes()).into_bytes()));
    forms.extend([&BASE64_NOPAD, &BASE64URL_NOPAD].into_iter().flat_map(|base64| within(base64, secret)));
    for as_it_is in ["-_.~", "-_.~!*'()", "-_.~/+"] {
        forms.extend([false, true].map(|small| in_url(secret, as_it_is, small).into_bytes()));
    }
    forms.push(secret.replace('/', "\\/").into_bytes());
    forms.push(secret.replace('&', "&amp;").into_bytes());
    forms.sort();
    forms.dedup();
    forms
}

/// `secret` as a part of an address, where these characters may stand `as_it_is`.
fn in_url(secret: &str, as_it_is: &str, small: bool) -> String {
    let byte = |byte: u8| match byte {
        _ if byte.is_ascii_alphanumeric() || as_it_is.as_bytes().contains(&byte) => char::from(byte).to_string(),
        _ if small => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    secret.bytes().map(byte).collect()
}

/// What stands for `secret` wherever it begins in a longer text of base64: a third of the places each.
fn within(base64: &Encoding, secret: &str) -> Vec<Vec<u8>> {
    let place = |before: usize| {
        let text = base64.encode(&[&vec![0; before][..], secret.as_bytes()].concat());
        // The first and the last letters hold bits of what stands beside it.
        let whole = (before + secret.len()) * 8 / 6;
        text.as_bytes()[(before * 8).div_ceil(6)..whole].to_vec()
    };
    (0..3).map(place).collect()
}

/// The forms of some secrets, by their first two bytes: everything that is searched is read once.
pub(super) struct Marked {
    names: Vec<String>,
    beginning: Vec<Vec<(usize, Vec<u8>)>>,
}

impl Marked {
    pub(super) fn of(secrets: &[&str]) -> Self {
        let mut beginning = vec![Vec::new(); 1 << 16];
        for (secret, text) in secrets.iter().enumerate() {
            for form in forms(text) {
                beginning[pair(form[0], form[1])].push((secret, form));
            }
        }
        Self { names: secrets.iter().map(|secret| secret[..6].to_owned()).collect(), beginning }
    }

    /// Which of the secrets stand in `text`.
    fn find(&self, place: &str, text: &[u8], found: &mut Vec<String>) {
        let mut met = vec![false; self.names.len()];
        for (at, two) in text.windows(2).enumerate() {
            for (secret, form) in &self.beginning[pair(two[0], two[1])] {
                met[*secret] |= text[at..].starts_with(form);
            }
        }
        let met = self.names.iter().zip(met).filter(|(_, met)| *met);
        found.extend(met.map(|(name, _)| format!("{name}… in {place}")));
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(u16::from_be_bytes([first, second]))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            all.extend(files(&entry.path()));
        } else if kind.is_file() {
            all.push(entry.path());
        }
    }
    all
}

/// Every place of the machine but the keyring's own file, which is encrypted with the login password.
pub(super) fn search(stage: &Stage, heard: &[String], marked: &Marked) -> Vec<String> {
    let mut found = Vec::new();
    let keyring = stage.folder().join("home/share/keyrings");
    for file in files(stage.folder()).into_iter().filter(|file| !file.starts_with(&keyring)) {
        // A file of the web view may go while it is looked for.
        let text = std::fs::read(&file).unwrap_or_default();
        marked.find(&file.display().to_string(), &text, &mut found);
    }
    for running in stage.running() {
        let name = format!("process {} {}", running.pid, running.program.display());
        marked.find(&format!("arguments of {name}"), running.arguments.join("\0").as_bytes(), &mut found);
        marked.find(&format!("environment of {name}"), &running.environment, &mut found);
    }
    for (at, text) in heard.iter().enumerate() {
        marked.find(&format!("what the window heard or held ({at})"), text.as_bytes(), &mut found);
    }
    found
}

fn log_of(stage: &Stage) -> String {
    let read = |file: PathBuf| std::fs::read_to_string(file).expect("the log is text");
    files(&stage.data().join("logs")).into_iter().map(read).collect()
}

pub(super) async fn listen(window: &Window, heard: &mut Vec<String>) {
    let page = window.run(PAGE, vec![]).await;
    heard.push(page.as_str().expect("text").to_owned());
}

fn random(bytes: usize) -> String {
    use std::io::Read;
    let mut drawn = vec![0; bytes];
    std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut drawn)).expect("random bytes");
    drawn.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_found_in_no_file_process_answer_event_or_page() {
    let stage = Stage::open().await;
    // The sandbox's key works, so that sales can be made; the others are marks of this test.
    let working = stage.key();
    let [agent, wrong, typed] = ["AGENT", "WRONG", "TYPED"].map(|name| format!("{name}+/=&{}", random(16)));
    let secrets = Marked::of(&[&working, &agent, &wrong, &typed]);
    let mut heard: Vec<String> = Vec::new();

    // A log that says little, until the settings screen makes it as talkative as it gets, at once.
    std::fs::create_dir_all(stage.data()).expect("a folder");
    std::fs::write(stage.data().join("settings.toml"), "log_level = \"error\"\n").expect("settings");
    let window = stage.launch().await;
    window.settings_from_first_run().await;
    window.run(RECORD, vec![]).await;
    window.settings().open("general").await;
    assert_eq!(log_of(&stage), "");
    let log = "const field = document.querySelector('[data-testid=log-level]'); field.value = 'trace';
        field.dispatchEvent(new Event('change', { bubbles: true })); return true";
    window.run(log, vec![]).await;
    let taken_over = "const { invoke } = window.__TAURI_INTERNALS__;
        while ((await invoke('settings')).log_level !== 'trace') await new Promise((again) => setTimeout(again, 10));
        return true";
    assert_eq!(window.run_async(taken_over, vec![]).await["value"], true);

    // Through the window: a new account's form with both secrets, then another value, then the working one.
    window.settings().open("accounts").await;
    window.fill("field-name", "main").await;
    window.fill("field-merchant_id", &stage.merchant_id()).await;
    window.fill("field-notify_url", "https://shop.example/notify").await;
    window.fill("field-base_url", &stage.sandbox.base_url()).await;
    window.fill("secret-key", &wrong).await;
    window.fill("secret-agent_key", &agent).await;
    window.click("save-account").await;
    window.text_with("secret-hint-key", &wrong[wrong.len() - 4..]).await;
    window.text_with("secret-hint-agent_key", &agent[agent.len() - 4..]).await;

    // A sale signed with the wrong key fails, and says so.
    window.click("rail-checkout").await;
    window.checkout().sell("5.00").await;
    window.checkout().until("refused", |panel| panel.kind == "outcome" || !panel.qr && panel.state != "creating").await;
    window.checkout().next_customer().await;

    window.settings().open("accounts").await;
    window.fill("secret-key", &typed).await;
    window.click("store-key").await;
    window.text_with("secret-hint-key", &typed[typed.len() - 4..]).await;
    // A secret that is refused must not be told back either.
    window
        .run_async(
            "return await window.__TAURI_INTERNALS__.invoke('set_secret', arguments[0]).catch(String)",
            vec![json!({ "account": "nobody", "field": "key", "value": typed })],
        )
        .await;
    window
        .run_async(
            "return await window.__TAURI_INTERNALS__.invoke('set_secret', arguments[0]).catch(String)",
            vec![json!({ "account": "main", "field": "no_such_field", "value": typed })],
        )
        .await;

    // Through the command line, handed over to the running window.
    stage.done(&["account", "secret", "main", "key"], &working).await;
    stage.command(&["account", "secret", "nobody", "key"], &typed).await;
    stage.done(&["account", "set", "main", "--set", "plan.poll_ms=200", "--set", "plan.close_floor_s=0"], "").await;
    let shown = stage.done(&["--json", "account", "show", "main"], "").await;
    heard.push(shown.out);
    window.text_with("secret-hint-key", &working[working.len() - 4..]).await;

    // Sales and errors of every kind.
    window.click("rail-checkout").await;
    let checkout = window.checkout();
    let sold = checkout.sell_and_show("12.50").await;
    let no = &sold.order_no;
    stage.control.fault_for(no, Scope::Query, 1, Fault::WrongSignature).await.unwrap();
    stage.control.fault_for(no, Scope::Query, 1, Fault::Html).await.unwrap();
    let refused = Fault::Code { code: 601, msg: "sign error".into(), processed: false };
    stage.control.fault_for(no, Scope::Query, 1_000, refused).await.unwrap();
    let asked = "return document.querySelector('[data-testid=health]')?.innerText.includes('没有可用的应答') ?? false";
    window.until("three bad answers", asked, &[]).await;
    stage.control.clear_faults().await.unwrap();
    stage.control.pay(no).await.unwrap();
    checkout.paid().await;
    window.press(Key::Enter).await;
    stage.control.down(Down::Refuse).await.unwrap();
    let lost = checkout.sell("8.00").await;
    checkout.until("unreachable", |panel| panel.order_no == lost.order_no && panel.state != "creating").await;
    stage.control.up().await.unwrap();
    window.click("rail-orders").await;
    window.orders().timeline(sold.last_four()).await;
    window.settings().open("doctor").await;
    window.see("findings").await;

    // Everything can be asked for once more while it is recorded.
    for command in ["start", "snapshot", "gateways", "settings", "doctor"] {
        let got = window
            .run_async("return await window.__TAURI_INTERNALS__.invoke(arguments[0])", vec![json!(command)])
            .await;
        assert_ne!(got["value"], Value::Null, "{command}: {got}");
        heard.push(got.to_string());
    }
    listen(&window, &mut heard).await;
    let told = heard.last().expect("heard").clone();
    assert!(told.contains("\\\"event\\\":\\\"update\\\"") || told.contains("\\\"orders\\\""), "events were recorded");
    assert!(told.contains(&sold.order_no), "answers were recorded");

    let export = stage.folder().join("export");
    for format in ["csv", "jsonl"] {
        let folder = export.join(format);
        let folder = folder.to_str().expect("a path");
        std::fs::create_dir_all(&export).expect("a folder");
        stage.done(&["journal", "export", "--format", format, "--output", folder], "").await;
    }
    for command in [&["--json", "journal", "list"][..], &["--json", "account", "list"], &["--json", "doctor"]] {
        let said = stage.command(command, "").await;
        heard.extend([said.out, said.err]);
    }

    // While it runs, and after it has ended.
    assert_eq!(search(&stage, &heard, &secrets), Vec::<String>::new());
    assert!(
        files(&stage.data()).iter().any(|file| file.ends_with("journal.sqlite-wal")),
        "the journal's tail was searched"
    );
    let log = log_of(&stage);
    assert!(log.contains(" INFO ") && log.contains(&lost.order_no), "the log was searched: {log}");
    assert!(!files(&stage.data().join("window")).is_empty(), "the web view's storage was searched");
    assert!(files(&export).len() >= 6, "the exports were searched: {:?}", files(&export));
    let temporary = stage.folder().join("home/temporary");
    let name = format!("TMPDIR={}", temporary.display()).into_bytes();
    let has_it = |environment: &[u8]| environment.split(|byte| *byte == 0).any(|variable| variable == name);
    assert!(
        temporary.is_dir() && stage.running().iter().all(|running| has_it(&running.environment)),
        "whatever runs here has its temporary folder here, which was searched"
    );
    assert!(stage.running().len() >= 6, "app, web view and driver were searched");
    window.end().await;
    assert_eq!(search(&stage, &heard, &secrets), Vec::<String>::new());

    // The search finds what it should: in a file, in a process and in what was heard, as it is and in other clothes.
    let clothes = [
        typed.clone().into_bytes(),
        typed.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        format!(
            "sign=ok&key={}",
            typed.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace('&', "%26")
        )
        .into_bytes(),
        BASE64.encode(format!("{{\"key\":\"{typed}\"}}").as_bytes()).into_bytes(),
        BASE64URL_NOPAD.encode(format!("a:{typed}:b").as_bytes()).into_bytes(),
    ];
    for (place, planted) in
        ["data/logs/planted", "home/cache/planted", "home/temporary/planted"].into_iter().cycle().zip(&clothes)
    {
        let file = stage.folder().join(place);
        std::fs::write(&file, planted).expect("planted");
        let found = search(&stage, &heard, &secrets);
        assert!(found.len() == 1 && found[0].contains(place), "{found:?}: {planted:?}");
        std::fs::remove_file(file).expect("taken back");
    }
    heard.push(format!("{{\"value\":\"{wrong}\"}}"));
    assert_eq!(search(&stage, &heard, &secrets).len(), 1);
    heard.pop();
    let child = stage.idle(&[("SECRET_OF_TEST", &typed)], &[&agent]);
    let found = search(&stage, &heard, &secrets);
    assert!(found.iter().any(|place| place.contains("environment of")), "{found:?}");
    assert!(found.iter().any(|place| place.contains("arguments of")), "{found:?}");
    drop(child);
}
