//! A marked key is entered through the window and through the command line, and must be found nowhere afterwards.
//!
//! What the window hears is recorded in the page itself: every answer of a command and every event goes through the one
//! function `__TAURI_INTERNALS__.runCallback`, which looks its callback up in the map `__TAURI_INTERNALS__.callbacks`. The
//! look-up of that map is replaced by one that writes down what the callback is called with.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use till_sandbox::{Down, Fault, Scope};
use till_tests::window::{Key, Stage, Window};

const RECORD: &str = "
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
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let listed: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
    vec![secret.into(), utf16, hex.into_bytes(), listed.join(",").into_bytes(), listed.join(", ").into_bytes()]
}

/// Where one of the words is found in `text`.
fn find(place: &str, text: &[u8], secrets: &[&str], found: &mut Vec<String>) {
    for secret in secrets {
        for form in forms(secret) {
            if text.windows(form.len()).any(|window| window == form) {
                found.push(format!("{}… in {place}", &secret[..6]));
            }
        }
    }
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
fn search(stage: &Stage, heard: &[String], secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let keyring = stage.folder().join("home/share/keyrings");
    for file in files(stage.folder()).into_iter().filter(|file| !file.starts_with(&keyring)) {
        // A file of the web view may go while it is looked for.
        let text = std::fs::read(&file).unwrap_or_default();
        find(&file.display().to_string(), &text, secrets, &mut found);
    }
    for running in stage.running() {
        let name = format!("process {} {}", running.pid, running.program.display());
        find(&format!("arguments of {name}"), running.arguments.join("\0").as_bytes(), secrets, &mut found);
        find(&format!("environment of {name}"), &running.environment, secrets, &mut found);
    }
    for (at, text) in heard.iter().enumerate() {
        find(&format!("what the window heard or held ({at})"), text.as_bytes(), secrets, &mut found);
    }
    found
}

async fn listen(window: &Window, heard: &mut Vec<String>) {
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
    let agent = format!("AGENT{}", random(16));
    let wrong = format!("WRONG{}", random(16));
    let typed = format!("TYPED{}", random(16));
    let secrets = [working.as_str(), agent.as_str(), wrong.as_str(), typed.as_str()];
    let mut heard: Vec<String> = Vec::new();

    // A log as talkative as it gets.
    std::fs::create_dir_all(stage.data()).expect("a folder");
    let window = stage.launch().await;
    window.settings_from_first_run().await;
    window.run(RECORD, vec![]).await;
    window.settings().open("general").await;
    let log = "const field = document.querySelector('[data-testid=log-level]'); field.value = 'debug';
        field.dispatchEvent(new Event('change', { bubbles: true })); return true";
    window.run(log, vec![]).await;
    window.text_with("settings-general", "").await;

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
    window.click("next-customer").await;

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
    stage.control.fault(Scope::Query, Fault::WrongSignature).await.unwrap();
    stage.control.fault(Scope::Query, Fault::Html).await.unwrap();
    stage
        .control
        .fault(Scope::Query, Fault::Code { code: 601, msg: "sign error".into(), processed: false })
        .await
        .unwrap();
    let asked = "return document.querySelector('[data-testid=health]')?.innerText.includes('没有应答') ?? false";
    window.until("three bad answers", asked, &[]).await;
    stage.control.pay(&sold.order_no).await.unwrap();
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
    assert!(files(&stage.data().join("logs")).len() == 1, "the log was searched");
    assert!(!files(&stage.data().join("window")).is_empty(), "the web view's storage was searched");
    assert!(files(&export).len() >= 6, "the exports were searched: {:?}", files(&export));
    assert!(stage.running().len() >= 6, "app, web view and driver were searched");
    window.end().await;
    assert_eq!(search(&stage, &heard, &secrets), Vec::<String>::new());

    // The search finds what it should: in a file, in a process and in what was heard.
    for (place, planted) in
        [("data/logs/planted", typed.as_bytes().to_vec()), ("home/cache/planted", forms(&agent)[1].clone())]
    {
        let file = stage.folder().join(place);
        std::fs::write(&file, planted).expect("planted");
        let found = search(&stage, &heard, &secrets);
        assert!(found.len() == 1 && found[0].contains(place), "{found:?}");
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
