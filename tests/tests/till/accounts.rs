//! Accounts.

use crate::machine::{Machine, Says, add_account, selling};
use till_core::error::Code;
use till_core::rights::Actor;

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
async fn a_check_names_what_is_wrong_with_the_account_beside_the_gateways_own_code() {
    let machine = Machine::new();
    let (till, _order) = selling(&machine).await;
    for (code, meaning) in [(101, Some("check_keys")), (200, Some("check_account")), (600, None)] {
        machine.gateway.says(Says::Error(code, "签名错误"));
        let found = till.check_account(&Actor::Owner, "main").await.unwrap();
        assert!(!found.well);
        assert_eq!(found.facts["text"], "签名错误");
        assert_eq!(found.facts.get("reaction").map(String::as_str), meaning, "{code}");
    }
}
