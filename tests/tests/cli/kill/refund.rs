//! A refunding process killed at any instant: the money goes back once, and the journal knows what became of it.

use super::{Drawn, KILLS, MEASURED, PAYS_AFTER_MS, TILLS};
use crate::shop::{SALE, Stage, command, furnish, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use till_sandbox::{Refund, RefundState};

/// When the stage has a refund done.
const DONE_AFTER_MS: u64 = 150;

/// What each refund gives back of 12.50: about as many of them are wanted as fit.
const GIVES: &str = "1.20";

/// How long it may take until nothing is in the dark after a kill.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// A refund as the journal's events tell it.
#[derive(Debug, Clone)]
struct Told {
    order_no: String,
    minor: i64,
    state: &'static str,
    /// Sendings that the journal was told of.
    sendings: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_killed_at_any_of_200_instants_is_neither_lost_nor_given_twice() {
    let stage = Arc::new(Stage::start().await);
    let control = stage.sandbox.control();
    control.auto_pay(Some(PAYS_AFTER_MS)).await.unwrap();
    control.auto_refund(Some(DONE_AFTER_MS)).await.unwrap();
    let tills: Vec<_> = (0..TILLS).map(|till| tokio::spawn(kill_one_till(Arc::clone(&stage), till))).collect();
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    for till in tills {
        told.extend(till.await.unwrap());
    }

    let there = given(&stage).await;
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for request in control.received(0).await.unwrap() {
        let no = request.fields.get("mch_refund_id").and_then(Value::as_str);
        let is_refund = request.fields.contains_key("refund_fee");
        if let Some(no) = no.filter(|_| is_refund) {
            *arrived.entry(no.to_owned()).or_default() += 1;
        }
    }
    for (no, refund) in &there {
        let told = told.get(no).unwrap_or_else(|| panic!("the gateway gave {no}, the journal does not know it"));
        assert_eq!((told.order_no.as_str(), told.minor), (refund.order_no.as_str(), refund.amount_minor), "{no}");
    }
    let mut went: BTreeMap<&str, i64> = BTreeMap::new();
    for (no, told) in &told {
        assert_eq!(told.state, "succeeded", "{no} {told:?}: nothing is in the dark at the end");
        assert!(there.contains_key(no), "{no} {told:?} never reached the gateway");
        assert!(arrived[no] <= told.sendings, "{no} left {} times, {told:?}", arrived[no]);
        *went.entry(&told.order_no).or_default() += told.minor;
    }
    assert!(went.values().all(|minor| *minor <= 1_250), "beyond what was paid: {went:?}");
    let whole = usize::try_from(TILLS * KILLS.div_ceil(MEASURED)).unwrap();
    let again = told.values().filter(|told| told.sendings > 1).count();
    let killed = told.len() - whole;
    println!("{killed} refunds were set aside and then killed, {again} of them had to be sent again");
    assert!(killed > 20 && killed < usize::try_from(TILLS * KILLS).unwrap(), "kills hit before and after: {killed}");
}

/// The refunds that the gateway holds, done by now.
async fn given(stage: &Stage) -> BTreeMap<String, Refund> {
    let refunds = stage.sandbox.control().refunds().await.unwrap();
    assert!(refunds.iter().all(|refund| refund.state != RefundState::Failed), "{refunds:?}");
    refunds.into_iter().map(|refund| (refund.refund_no.clone(), refund)).collect()
}

/// Kills one till over and over while it gives money back; its refunds at the end.
async fn kill_one_till(stage: Arc<Stage>, till: u64) -> BTreeMap<String, Told> {
    let data = tempfile::tempdir().unwrap();
    furnish(data.path(), &stage).await;
    let mut drawn = Drawn(till + 100);
    let mut whole = Duration::ZERO;
    let mut order_no = String::new();
    for kill in 0..KILLS {
        if kill % MEASURED == 0 {
            let sale = run(command(data.path(), &SALE)).await;
            assert_eq!(sale.code, Some(0), "{sale:?}");
            sale.last()["order_no"].as_str().unwrap().clone_into(&mut order_no);
            let begun = Instant::now();
            let refund = run(refunding(data.path(), &order_no)).await;
            assert_eq!((refund.code, &refund.last()["state"]), (Some(0), &"succeeded".into()), "{refund:?}");
            whole = begun.elapsed();
        }
        let mut refund = refunding(data.path(), &order_no).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Every other one before the first question, which leaves two seconds after the refund.
        tokio::time::sleep(drawn.instant(if kill % 2 == 0 { whole } else { whole / 8 })).await;
        refund.kill().await.unwrap();
        settled(data.path()).await;
    }
    let verified = run(command(data.path(), &["journal", "verify"])).await;
    assert_eq!(verified.code, Some(0), "till {till}: {verified:?}");
    told(data.path()).await
}

fn refunding(data: &Path, order_no: &str) -> tokio::process::Command {
    command(data, &["refund", order_no, GIVES, "--reason", "killed"])
}

/// Starts the till again and waits until every refund has ended. What the gateway does not know is sent once more.
async fn settled(data: &Path) {
    let mut serve = command(data, &["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + SETTLED_WITHIN;
    loop {
        let open: Vec<(String, Told)> =
            told(data).await.into_iter().filter(|(_, told)| told.state != "succeeded").collect();
        if open.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "in the dark: {open:?}");
        for (no, told) in open.iter().filter(|(_, told)| told.state == "unknown") {
            // Refused until the gateway has been asked and did not know it.
            run(command(data, &["refund", &told.order_no, "--again", no, "--no-wait"])).await;
        }
    }
    serve.kill().await.unwrap();
}

/// Every refund of the journal, by its events.
async fn told(data: &Path) -> BTreeMap<String, Told> {
    let listed = run(command(data, &["journal", "list"])).await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let mut refunds: BTreeMap<String, Told> = BTreeMap::new();
    for line in &listed.lines {
        let Some(order_no) = line["subject"].as_str().and_then(|subject| subject.strip_prefix("order/")) else {
            continue;
        };
        let event = &line["event"]["event"];
        let state = match event["type"].as_str().unwrap() {
            "refund_requested" => {
                let draft = &event["refund"];
                let told = Told {
                    order_no: order_no.to_owned(),
                    minor: draft["amount_minor"].as_i64().unwrap(),
                    state: "requested",
                    sendings: 0,
                };
                let before = refunds.insert(draft["refund_no"].as_str().unwrap().to_owned(), told);
                assert!(before.is_none(), "{event}");
                continue;
            }
            "refund_again" => "requested",
            "refund_sent" => "sent",
            "refund_unknown" => "unknown",
            "refund_processing" => "processing",
            "refund_succeeded" => "succeeded",
            "refund_failed" => "failed",
            _ => continue,
        };
        let refund = refunds.get_mut(event["refund_no"].as_str().unwrap()).unwrap();
        refund.state = state;
        refund.sendings += usize::from(state == "sent");
    }
    refunds
}
