//! Accounts.

use crate::machine::{Machine, add_account};
use till_core::error::Code;

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
