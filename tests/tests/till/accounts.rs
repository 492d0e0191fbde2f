//! Accounts.

use crate::machine::{Machine, Says, add_account, pass, ready, selling};
use std::time::Duration;
use till_core::account::AccountChange;
use till_core::error::Code;
use till_core::rights::Actor;
use till_core::words::Language;
use till_engine::view::{Mark, OrderQuery, SaleRequest};

#[tokio::test(start_paused = true)]
async fn two_accounts_of_one_name_that_are_added_at_the_same_time_are_one() {
    let machine = Machine::new();
    let till = machine.launch().await;
    let (first, second) = tokio::join!(add_account(&till, "main"), add_account(&till, "main"));
    let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).map(|refusal| refusal.code).collect();
    assert_eq!(refused, [Code::AccountNameTaken]);
    let names =
        |till: &till_engine::till::Till| till.accounts().into_iter().map(|account| account.name).collect::<Vec<_>>();
    assert_eq!(names(&till), ["main"]);
    assert_eq!(names(&machine.launch().await), ["main"], "by the journal too");
}

#[tokio::test(start_paused = true)]
async fn changes_of_one_account_that_are_made_at_the_same_time_are_all_made() {
    let machine = Machine::new();
    let till = machine.launch().await;
    add_account(&till, "main").await.unwrap();
    let field = |name: &str, value: &str| AccountChange {
        fields: [(name.to_owned(), value.to_owned())].into(),
        ..AccountChange::default()
    };
    let (poll, floor) = (field("plan.poll_ms", "3000"), field("plan.close_floor_s", "30"));
    let secret = b"0123456789abcdef0123456789abcdef".to_vec().into();
    let (first, second, third) = tokio::join!(
        till.change_account(&Actor::Owner, "main", &poll),
        till.change_account(&Actor::Owner, "main", &floor),
        till.set_secret(&Actor::Owner, "main", "key", &secret),
    );
    assert!(first.is_ok() && second.is_ok() && third.is_ok(), "{first:?} {second:?} {third:?}");
    for till in [till, machine.launch().await] {
        let account = till.account("main").unwrap();
        assert_eq!(
            (account.fields["plan.poll_ms"].as_str(), account.fields["plan.close_floor_s"].as_str()),
            ("3000", "30")
        );
        assert!(account.secrets.contains_key("key"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_name_of_an_account_that_was_taken_out_of_use_is_refused_for_that() {
    let machine = Machine::new();
    let till = machine.launch().await;
    add_account(&till, "main").await.unwrap();
    till.remove_account(&Actor::Owner, "main").await.unwrap();
    for till in [till, machine.launch().await] {
        let refused = add_account(&till, "main").await.unwrap_err();
        assert_eq!((refused.code, refused.facts["name"].as_str()), (Code::AccountNameKept, "main"));
        assert!(refused.sentence(Language::En).what.contains("was taken out of use"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_with_a_line_break_in_it_is_refused_before_it_reaches_the_keyring() {
    let machine = Machine::new();
    let till = machine.launch().await;
    add_account(&till, "main").await.unwrap();
    let set = async |key: &str| till.set_secret(&Actor::Owner, "main", "key", &key.as_bytes().to_vec().into()).await;
    let kept = set("0123456789abcdef0123456789ab a1b2").await.unwrap();
    for odd in ["0123456789abcdef\n0123456789abcdef", "0123456789abcdef\r\n0123456789abcdef", "0123\u{7f}"] {
        let refused = set(odd).await.unwrap_err();
        assert_eq!((refused.code, refused.facts["field"].as_str()), (Code::SecretUnusable, "key"));
        let said = format!("{:?} {refused:?}", refused.sentence(Language::En));
        assert!(said.contains("line break") && !said.contains("0123"), "{said}");
        assert_eq!(till.account("main").unwrap(), kept, "the one before is in use as it was");
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_names_what_is_wrong_with_the_account_beside_the_gateways_own_code() {
    let machine = Machine::new();
    let (till, _order) = selling(&machine).await;
    for (code, meaning) in [(101, Some("check_keys")), (200, Some("check_account")), (600, None)] {
        machine.gateway.says(Says::Error(code, "签名错误"));
        let found = till.check_account(&Actor::Owner, "main").await.unwrap();
        assert_eq!(found.facts.get("gateway_ahead_s"), None, "no answer told the time");
        assert!(!found.well);
        assert_eq!(found.facts["text"], "签名错误");
        assert_eq!(found.facts.get("reaction").map(String::as_str), meaning, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_asks_the_gateway_and_one_that_is_answered_well_tells_when_it_last_answered() {
    let machine = Machine::new();
    let till = ready(&machine).await;
    let heard = || {
        let health = till.health();
        (health.asked, health.answered_ago_ms, health.unanswered)
    };
    assert_eq!(heard(), (false, None, 0));
    machine.gateway.says(Says::Error(101, "签名错误"));
    assert!(!till.check_account(&Actor::Owner, "main").await.unwrap().well);
    assert_eq!(heard(), (true, None, 0));
    machine.gateway.says(Says::Error(301, "订单不存在"));
    assert!(till.check_account(&Actor::Owner, "main").await.unwrap().well);
    pass(Duration::from_secs(2)).await;
    assert_eq!(heard(), (true, Some(2_000), 0));
}

#[tokio::test(start_paused = true)]
async fn the_list_marks_the_orders_of_no_real_gateway_and_no_others() {
    let machine = Machine::new();
    let (till, real) = selling(&machine).await;
    let marks = || async {
        let page = till.orders(&Actor::Owner, &OrderQuery::default()).await.unwrap();
        page.rows.into_iter().map(|row| (row.order_no, row.mark)).collect::<std::collections::BTreeMap<_, _>>()
    };
    let real = real.order.order_no;
    assert_eq!(marks().await, [(real.clone(), None)].into());
    let here = AccountChange { base_url: Some("http://127.0.0.1:9".into()), ..AccountChange::default() };
    till.change_account(&Actor::Owner, "main", &here).await.unwrap();
    let request = SaleRequest {
        account: "main".into(),
        channel: "wechat.scan".into(),
        amount: "8.00".into(),
        ..SaleRequest::default()
    };
    let pretend = till.sell(&Actor::Owner, &request, None, None).await.unwrap().order;
    assert_eq!(pretend.mark, Some(Mark::NotARealGateway));
    assert_eq!(marks().await, [(real, None), (pretend.order_no, Some(Mark::NotARealGateway))].into());
}

#[tokio::test(start_paused = true)]
async fn the_address_of_an_account_is_the_one_that_is_called_and_the_one_that_was_given_stands_beside_it() {
    let machine = Machine::new();
    let till = machine.launch().await;
    let usual = "https://api.hk.blueoceanpay.com";
    let fields =
        [("appid", "1000258"), ("region", "au")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let added = AccountChange { base_url: Some(usual.into()), fields };
    till.add_account(&Actor::Owner, "blueocean", "harbour", &added).await.unwrap();
    let moved = |to: &str| AccountChange { base_url: Some(to.into()), ..AccountChange::default() };
    let shown = || {
        let account = till.account("harbour").unwrap();
        (account.base_url, account.own_base_url)
    };
    let regions = ("https://api.au.blueoceanpay.com".to_owned(), None);
    assert_eq!(shown(), regions);
    let own = "https://pay.example.com".to_owned();
    till.change_account(&Actor::Owner, "harbour", &moved(&own)).await.unwrap();
    assert_eq!(shown(), (own.clone(), Some(own)));
    till.change_account(&Actor::Owner, "harbour", &moved(usual)).await.unwrap();
    assert_eq!(shown(), regions);
}
