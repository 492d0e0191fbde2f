//! Every command of the cashier's window, as every kind of person, against the printed table; and the same from the customer's
//! window, which may ask for nothing.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use till_core::rights::Action;
use till_tests::rights::{
    ANOTHER, CASHIER, MANAGER, OWN_PIN, PIN_OF_ANOTHER, Person, Place, SECOND_PERSON, WRONG_PIN, same_calls, same_names,
};
use till_tests::window::{Stage, Window};

include!("../../../src-tauri/src/window/names.rs");

/// Asks for a command as a page would: what it was answered, or why not.
const INVOKE: &str = "
    const [command, given] = arguments;
    const internals = window.__TAURI_INTERNALS__;
    if (internals === undefined) return { no: 'nobody to ask' };
    return await internals.invoke(command, given).then((ok) => ({ ok }), (no) => ({ no }));";

/// Asks for one command after another: of each that it is done, or why not.
const INVOKE_ALL: &str = "
    const [commands, given] = arguments;
    const internals = window.__TAURI_INTERNALS__;
    const told = {};
    for (const command of commands) {
        told[command] = await internals.invoke(command, given).then(() => 'done', (no) => String(no));
    }
    return told;";

/// What Tauri itself brings and the cashier's window has: it hears what changed.
const HEARS: [&str; 2] = ["plugin:event|listen", "plugin:event|unlisten"];

/// Every command that Tauri itself brings, as the build of the program lists them.
fn brought() -> BTreeSet<String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src-tauri/gen/schemas/acl-manifests.json");
    let text = std::fs::read_to_string(&list).unwrap_or_else(|error| panic!("{}: {error}", list.display()));
    let manifests: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let mut all = BTreeSet::new();
    for (name, manifest) in &manifests {
        let Some(plugin) = name.strip_prefix("core:") else { continue };
        for permission in manifest["permissions"].as_object().unwrap().values() {
            let commands = permission["commands"]["allow"].as_array().unwrap().iter().filter_map(Value::as_str);
            all.extend(commands.map(|command| format!("plugin:{plugin}|{command}")));
        }
    }
    all
}

/// A command: what it is given, what it needs, and the code that whoever has that is told (nothing where it is done).
struct Call {
    name: &'static str,
    given: Value,
    needs: Option<Action>,
    then: Option<&'static str>,
}

fn call(name: &'static str, given: Value, needs: Option<Action>, then: Option<&'static str>) -> Call {
    Call { name, given, needs, then }
}

/// Every command once, about something that is not there, so that it can be asked for over and over. `pin` is that of whoever is
/// signed in.
fn calls(pin: Option<&str>, settings: &Value) -> Vec<Call> {
    let order = || json!({ "orderNo": "TKNONE" });
    let query =
        json!({ "text": "", "states": [], "attention_only": false, "sold_by": null, "day": null, "after": null });
    let form = json!({ "gateway": "none", "name": "none", "base_url": null, "fields": {} });
    let change = json!({ "base_url": null, "fields": {} });
    let sale = json!({ "account": "none", "channel": "wechat.scan", "amount": "1", "body": null, "extra": {},
        "items": [], "expire_s": null, "sale": null });
    // A further order of a sale that is not there: whoever may not overrule is told that before it is looked for.
    let further = json!({ "account": "main", "channel": "wechat.scan", "amount": "1", "body": null, "extra": {},
        "items": [], "expire_s": null, "sale": "TKNONE" });
    let limits = json!({ "refunds": {}, "reason_required": true, "window_days": 0, "idle_lock_s": 0 });
    let (authority, reason) = (json!({ "pin": pin, "second": null }), "none");
    let refund = json!({ "order_no": "TKNONE", "amount": "", "reason": reason, "items": [] });
    let given_back = json!({ "text": "", "states": [], "by": null, "day": null, "after": null });
    // Whoever is alone is refused a mark for want of a second person, and only then for want of an order.
    let mark = json!({ "what": "paid", "amount": "", "note": reason });
    let (accounts, people) = (Some(Action::ManageAccounts), Some(Action::ManageOperators));
    let (no_order, no_account) = (Some("unknown_order"), Some("unknown_account"));
    vec![
        call("start", json!({}), Some(Action::Read), None),
        call("keyring_is_open", json!({}), None, None),
        call("snapshot", json!({}), Some(Action::Read), None),
        call("sell", json!({ "request": sale, "paymentCode": null, "overrule": null }), Some(Action::Sell), no_account),
        call(
            "sell",
            json!({ "request": further, "paymentCode": null, "overrule": { "pin": pin, "second": null } }),
            Some(Action::Overrule),
            no_order,
        ),
        call("order", order(), Some(Action::Read), no_order),
        call("ask", order(), Some(Action::Ask), no_order),
        call("close", order(), Some(Action::Close), no_order),
        call("reverse", order(), Some(Action::Reverse), no_order),
        call("name_gateway_no", json!({ "orderNo": "TKNONE", "gatewayNo": "1" }), Some(Action::Adopt), no_order),
        call(
            "adopt",
            json!({ "account": "none", "named": { "trade_no": "1" }, "items": [] }),
            Some(Action::Adopt),
            no_account,
        ),
        call("orders", json!({ "query": query }), Some(Action::Read), None),
        call("timeline", order(), Some(Action::Read), no_order),
        call("raw_answer", json!({ "sha": "none" }), Some(Action::Read), Some("bad_request")),
        call("gateways", json!({}), None, None),
        call("add_account", json!({ "form": form }), accounts, Some("unknown_gateway")),
        call("change_account", json!({ "name": "none", "change": change }), accounts, no_account),
        call("set_secret", json!({ "account": "none", "field": "key", "value": "x" }), accounts, no_account),
        call("remove_account", json!({ "name": "none" }), accounts, no_account),
        call("check_account", json!({ "name": "none" }), Some(Action::Ask), no_account),
        call("settings", json!({}), Some(Action::Read), None),
        call("save_settings", json!({ "settings": settings }), Some(Action::ManageSettings), None),
        call("doctor", json!({}), Some(Action::Read), None),
        call(
            "export_journal",
            json!({ "format": "csv", "choice": { "from": null, "to": null, "accounts": ["none"] } }),
            Some(Action::Export),
            Some("nothing_so_named"),
        ),
        call("export_progress", json!({}), None, None),
        call("cancel_export", json!({}), None, None),
        call("show_export", json!({}), None, Some("bad_request")),
        call("receiver", json!({}), Some(Action::Read), None),
        call("check_receiver", json!({}), Some(Action::Ask), None),
        call("open_phone", json!({}), None, Some("bad_request")),
        call("customer_window", json!({ "open": true }), None, None),
        call("show_customer", json!({ "orderNo": null }), None, None),
        call("painted", order(), None, None),
        call("sign_in", json!({ "name": "none", "pin": "2580" }), None, Some("operator_unknown")),
        call(
            "add_operator",
            json!({ "name": "a:b", "role": "manager", "newPin": "8642", "pin": pin }),
            people,
            Some("bad_operator_name"),
        ),
        call("remove_operator", json!({ "name": "none", "pin": pin }), people, Some("operator_unknown")),
        call("set_pin", json!({ "name": "none", "newPin": "8642", "pin": pin }), people, Some("operator_unknown")),
        call("set_limits", json!({ "limits": limits, "pin": pin }), Some(Action::ManageLimits), Some("limits_bad")),
        call("refund", json!({ "request": refund, "authority": authority }), Some(Action::Refund), no_order),
        call(
            "refund_again",
            json!({ "orderNo": "TKNONE", "refundNo": "TRNONE", "authority": authority }),
            Some(Action::Refund),
            no_order,
        ),
        call("withdraw_refund", json!({ "orderNo": "TKNONE", "refundNo": "TRNONE" }), Some(Action::Refund), no_order),
        call("refunds", json!({ "query": given_back }), Some(Action::Read), None),
        call(
            "mark_by_hand",
            json!({ "orderNo": "TKNONE", "mark": mark, "authority": authority }),
            Some(Action::MarkByHand),
            Some("second_person_needed"),
        ),
        call(
            "handle_attention",
            json!({ "orderNo": "TKNONE", "attention": "late_payment", "note": reason }),
            Some(Action::HandleAttention),
            no_order,
        ),
        call("allow_input_method", json!({ "on": false }), None, None),
        // Last: it ends the session that the others were asked in.
        call("sign_out", json!({}), None, None),
    ]
}

/// Whether a PIN is asked for and none is given.
fn lacks_a_pin(given: &Value) -> bool {
    let parts = [given, &given["authority"], &given["overrule"]];
    parts.into_iter().any(|part| part.get("pin").is_some_and(Value::is_null))
}

/// A launch of its own beside this till: it is asked for apart.
const ELSEWHERE: &str = "enter_training";

async fn invoke(window: &Window, name: &str, given: &Value) -> Value {
    window.run_async(INVOKE, vec![json!(name), given.clone()]).await["value"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_is_done_for_whom_the_printed_table_says_and_the_customers_window_has_none() {
    let (stage, window) = Stage::selling().await;
    let settings = invoke(&window, "settings", &json!({})).await["ok"].clone();
    let there_are = calls(None, &settings);
    let walked = there_are.iter().map(|call| (call.name, call.needs)).chain([(ELSEWHERE, None)]);
    same_names(COMMANDS.iter().copied(), walked.clone().map(|(name, _)| name));
    same_calls(Place::Window, walked);

    for ((name, pin), role) in [(CASHIER, "cashier"), (ANOTHER, "manager")] {
        stage.done(&["operator", "add", name, "--role", role], pin).await;
    }
    let by_another = ["operator", "add", MANAGER.0, "--role", "manager", "--operator", ANOTHER.0];
    stage.done(&by_another, &format!("{}\n{}", ANOTHER.1, MANAGER.1)).await;
    window.click("customer-window").await;
    window.customer().await.shows("blank").await;
    window.cashier().await;
    for person in Person::ALL {
        stand_here(&stage, &window, person).await;
        nothing_at_the_customers(&window, person, &settings).await;
        raises_the_window_and_starts_training(&stage, &window, person).await;
        pins(&window, person).await;
        hears_and_no_more(&window, person, &HEARS).await;
        without_a_pin(&window, person, &settings).await;
        for Call { name, given, needs, then } in calls(person.claim().map(|(_, pin)| pin), &settings) {
            let answer = invoke(&window, name, &given).await;
            // Whoever is locked out is nobody here from then on: their session has ended, and no PIN is looked at.
            let expected = if person.may(needs) { then } else { Some("missing_right") };
            assert_eq!(answer["no"]["code"].as_str(), expected, "{name} as {person:?}: {answer}");
            assert_eq!(answer.get("ok").is_some(), expected.is_none(), "{name} as {person:?}: {answer}");
            holds_no_more_than_it_should(&stage, name, &answer["ok"]);
        }
    }
    seconds(&stage, &window).await;
}

/// Brings this person to the window, and has the session say what the printed table says of them.
async fn stand_here(stage: &Stage, window: &Window, person: Person) {
    if let Some((name, pin)) = person.claim() {
        let signed_in = invoke(window, "sign_in", &json!({ "name": name, "pin": pin })).await;
        let session = &signed_in["ok"]["session"];
        assert_eq!(session["name"], name, "{signed_in}");
        let may: Vec<&str> = session["may"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let told = |action: Action| may.contains(&action.word());
        let before = if person == Person::LockedOut { Person::Manager } else { person };
        assert!(Action::ALL.into_iter().all(|action| told(action) == before.may(Some(action))), "{signed_in}");
    }
    if person == Person::LockedOut {
        // Somebody tries that manager's PIN elsewhere, while the manager is signed in here.
        for _ in 0..6 {
            let said = stage.command(&["account", "remove", "none", "--operator", MANAGER.0], WRONG_PIN).await;
            assert_eq!(said.code, Some(5), "{said:?}");
        }
        let people = invoke(window, "snapshot", &json!({})).await["ok"]["people"].clone();
        assert_eq!(people["session"]["kind"], "nobody", "{people}");
    }
}

/// Whoever stands at the cashier's window, the customer's has nothing.
async fn nothing_at_the_customers(window: &Window, person: Person, settings: &Value) {
    window.customer().await.shows("blank").await;
    for name in COMMANDS {
        let given = calls(person.claim().map(|(_, pin)| pin), settings).into_iter().find(|call| call.name == *name);
        let answer = invoke(window, name, &given.map_or(json!({}), |call| call.given)).await;
        let no = answer["no"].as_str().unwrap_or_default();
        assert!(no.contains("not allowed"), "{name} at the customer's as {person:?}: {answer}");
    }
    hears_and_no_more(window, person, &[]).await;
    window.cashier().await;
}

/// Of what Tauri itself brings the window in front has these commands and no others, whoever stands there.
async fn hears_and_no_more(window: &Window, person: Person, hears: &[&str]) {
    let all = brought();
    assert!(HEARS.iter().all(|command| all.contains(*command)), "{all:?}");
    let given = json!({ "event": "nothing", "eventId": 0, "target": { "kind": "Any" }, "handler": 0 });
    let told = window.run_async(INVOKE_ALL, vec![json!(all), given]).await["value"].clone();
    for command in &all {
        let said = told[command.as_str()].as_str().unwrap_or_default();
        let right = if hears.contains(&command.as_str()) { said == "done" } else { said.contains("not allowed") };
        assert!(right, "{command} as {person:?}: {said}");
    }
}

/// Whoever is signed in and gives no PIN where one is asked for is told so, whatever they may; everybody else is nobody.
async fn without_a_pin(window: &Window, person: Person, settings: &Value) {
    let asked: Vec<Call> = calls(None, settings).into_iter().filter(|call| lacks_a_pin(&call.given)).collect();
    assert_eq!(asked.len(), 8, "with a further order that is overruled");
    for Call { name, given, .. } in asked {
        let answer = invoke(window, name, &given).await;
        let expected = match person {
            Person::Cashier | Person::Manager => "pin_needed",
            Person::Nobody | Person::LockedOut => "missing_right",
        };
        assert_eq!(answer["no"]["code"], expected, "{name} without a PIN as {person:?}: {answer}");
    }
}

/// What needs no right: another launch of the program raises this window, and training starts beside it.
async fn raises_the_window_and_starts_training(stage: &Stage, window: &Window, person: Person) {
    let (arguments, input) = match person.claim() {
        Some((name, pin)) => (vec!["--operator", name], pin),
        None => (vec![], ""),
    };
    let raised = stage.command(&arguments, input).await;
    assert_eq!(raised.code, Some(0), "a bare launch as {person:?}: {raised:?}");

    let answer = invoke(window, ELSEWHERE, &json!({})).await;
    assert!(person.may(None) && answer.get("ok").is_some(), "{ELSEWHERE} as {person:?}: {answer}");
    let deadline = Instant::now() + Duration::from_mins(1);
    let is_training = |arguments: &[String]| arguments.iter().any(|argument| argument == "--training");
    loop {
        let training = stage.tills().into_iter().find(|till| is_training(&till.arguments));
        if let Some(training) = training {
            stage.kill(training.pid);
            return;
        }
        assert!(Instant::now() < deadline, "no training as {person:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// One's own PIN and another's. Each gets the PIN that they have, so that it can be tried over and over.
async fn pins(window: &Window, person: Person) {
    for (row, (name, pin)) in [(OWN_PIN, person.claim().unwrap_or(CASHIER)), (PIN_OF_ANOTHER, ANOTHER)] {
        let own = person.claim().map(|(_, pin)| pin);
        let answer = invoke(window, "set_pin", &json!({ "name": name, "newPin": pin, "pin": own })).await;
        let expected = if person.may_by(row) { None } else { Some("missing_right") };
        assert_eq!(answer["no"]["code"].as_str(), expected, "{row} as {person:?}: {answer}");
        assert_eq!(answer.get("ok").is_some(), expected.is_none(), "{row} as {person:?}: {answer}");
    }
}

/// Who may agree to what somebody else does. The manager is locked out by now: what that one may was asked before, by another
/// manager's eyes.
async fn seconds(stage: &Stage, window: &Window) {
    let third = ("Wu", "1597");
    let by_another = ["operator", "add", third.0, "--role", "manager", "--operator", ANOTHER.0];
    stage.done(&by_another, &format!("{}\n{}", ANOTHER.1, third.1)).await;
    let signed_in = invoke(window, "sign_in", &json!({ "name": ANOTHER.0, "pin": ANOTHER.1 })).await;
    assert_eq!(signed_in["ok"]["session"]["name"], ANOTHER.0, "{signed_in}");
    for person in Person::ALL {
        let second = if person == Person::Manager { Some(third) } else { person.claim() };
        let second = second.map(|(name, pin)| json!({ "name": name, "pin": pin }));
        let mark = json!({ "orderNo": "TKNONE", "mark": { "what": "paid", "amount": "", "note": "none" },
            "authority": { "pin": ANOTHER.1, "second": second } });
        let answer = invoke(window, "mark_by_hand", &mark).await;
        let expected = match person {
            _ if person.may_by(SECOND_PERSON) => "unknown_order",
            Person::LockedOut => "locked_out",
            Person::Nobody | Person::Cashier | Person::Manager => "second_person_needed",
        };
        assert_eq!(answer["no"]["code"], expected, "agreed to by {person:?}: {answer}");
    }
}

/// What everybody is told: these parts and no more, no secret among them, and of people no more than their names and how they stand.
fn holds_no_more_than_it_should(stage: &Stage, name: &str, answer: &Value) {
    let parts: &[&str] = match name {
        "start" => &[
            "training",
            "version",
            "till_id",
            "data_folder",
            "log_folder",
            "settings",
            "settings_notices",
            "customer_shown",
            "fault",
            "snapshot",
        ],
        "snapshot" => &["seq", "open", "accounts", "health", "today", "recovery", "people", "serves_pages"],
        "settings" => &[
            "language",
            "theme",
            "shop_name",
            "till_name",
            "customer_window",
            "spbill_create_ip",
            "log_level",
            "receiver",
            "backup",
        ],
        "receiver" => &["state", "listen", "public_address", "since", "fault", "accounts", "elsewhere"],
        _ => &[],
    };
    let told: BTreeSet<&str> = answer.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert!(parts.is_empty() || told == parts.iter().copied().collect(), "{name}: {told:?}");
    let snapshot = if name == "start" { &answer["snapshot"] } else { answer };
    for operator in snapshot["people"]["operators"].as_array().into_iter().flatten() {
        let told: Vec<&str> = operator.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(told, ["locked_for_s", "name", "pin_replaced_at", "removed", "role", "wrong_tries"], "{operator}");
    }
    let text = answer.to_string();
    for secret in [stage.key().as_str(), CASHIER.1, MANAGER.1, ANOTHER.1] {
        let quoted = format!("\"{secret}\"");
        assert!(
            !text.contains(&quoted) && (secret.len() < 8 || !text.contains(secret)),
            "{name} tells a secret: {text}"
        );
    }
    assert!(
        !["start", "snapshot"].contains(&name)
            || snapshot["people"]["operators"].as_array().is_some_and(|all| all.len() >= 3)
    );
}
