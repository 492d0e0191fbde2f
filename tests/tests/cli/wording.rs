//! What people read on a terminal.

use crate::shop::{SALE, Shop, bare, command, run};
use std::fs;

#[tokio::test]
async fn reading_where_no_till_has_been_says_so_to_people_and_makes_none() {
    let data = tempfile::tempdir().unwrap();
    let nowhere = data.path().join("mistyped");
    for arguments in [&["order", "list"][..], &["order", "show", "TKNONE"], &["journal", "list"], &["doctor"]] {
        let mut people = bare(data.path());
        people.args(arguments).arg("--data-dir").arg(&nowhere);
        let said = run(people).await;
        assert!(said.err.contains(&format!("There is no till in {}", nowhere.display())), "{arguments:?} {said:?}");
        let mut machine = bare(data.path());
        machine.args(arguments).arg("--json").arg("--data-dir").arg(&nowhere);
        let said = run(machine).await;
        assert!(!said.err.contains("There is no till"), "{arguments:?} {said:?}");
    }
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn a_file_that_is_no_journal_is_called_that_and_one_that_is_not_there_is_not_found() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("letter.txt");
    fs::write(&file, "Dear accountant, enclosed you find what you asked for.\n".repeat(100)).unwrap();
    let mut verify = bare(data.path());
    verify.args(["journal", "verify"]).arg(&file);
    let said = run(verify).await;
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(said.out.starts_with("This is not a journal"), "{said:?}");

    let missing = data.path().join("missing.sqlite");
    let mut verify = bare(data.path());
    verify.args(["journal", "verify"]).arg(&missing);
    let said = run(verify).await;
    let expected = format!("{} could not be written or read: not found.", missing.display());
    assert_eq!((said.code, said.err.lines().next()), (Some(5), Some(expected.as_str())), "{said:?}");
}

#[tokio::test]
async fn the_list_says_what_went_back_and_a_refusal_the_command_that_helps() {
    let shop = Shop::open().await;
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    shop.stage.sandbox.control().auto_refund(Some(0)).await.unwrap();
    let sale = shop.run(&SALE).await;
    let no = sale.last()["order_no"].as_str().unwrap();
    let people = async |arguments: &[&str]| {
        let mut command = bare(shop.data.path());
        command.arg("--training").args(arguments);
        run(command).await
    };
    assert!(!people(&["order", "list"]).await.out.contains("refunded"));
    let given = shop.run(&["refund", no, "2.50", "--reason", "wrong size"]).await;
    assert_eq!(given.code, Some(0), "{given:?}");
    let listed = people(&["order", "list"]).await;
    assert!(listed.out.contains("12.50 CNY") && listed.out.contains("[refunded 2.50 CNY]"), "{listed:?}");

    let unknown = people(&["order", "show", "TKNONE"]).await;
    assert!(unknown.err.ends_with("  tillkeeper order list\n"), "{unknown:?}");
    let machine = run(command(shop.data.path(), &["order", "show", "TKNONE"])).await;
    assert!(!machine.out.contains("tillkeeper order list") && machine.err.is_empty(), "{machine:?}");
}

#[tokio::test]
async fn what_the_doctor_found_stands_in_columns() {
    let shop = Shop::open().await;
    let mut doctor = bare(shop.data.path());
    doctor.args(["--training", "doctor"]);
    let said = run(doctor).await;
    let found: Vec<&str> = said.out.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(found.iter().any(|line| line.starts_with("gateway:practice-blueocean ")), "{said:?}");
    let columns: Vec<usize> = found
        .iter()
        .map(|line| {
            line.find("  ").map_or(0, |end| {
                let gap = line[end..].find(|letter: char| letter != ' ').unwrap_or_default();
                end + gap
            })
        })
        .collect();
    assert!(columns.iter().all(|column| Some(column) == columns.first()), "{said:?}");
}
