use super::*;
use crate::storage::{OrderSearch, RefundRow};

/// Sixty orders, some of the same instant, with states, amounts and numbers that differ.
async fn filled(place: &Place) -> Journal {
    let journal = place.open();
    let mut drafts = Vec::new();
    for n in 0..60_i64 {
        let mut row = order_row(&format!("TK7H3M9QZ{n:04}"), 1_000 + n / 4);
        row.amount_minor = 100 * (n % 7);
        row.sale = format!("S{}", n / 2);
        row.state = if n % 3 == 0 { "paid" } else { "closed" }.into();
        row.open = n % 10 == 0;
        row.attention = (n % 20 == 0).then(|| "expired_here".into());
        row.gateway_no = (n % 2 == 0).then(|| format!("4200{n:04}2027"));
        row.wallet_no = (n % 5 == 0).then(|| format!("w-{n:03}-x"));
        row.ended_at = (!row.open).then_some(9_000 + n);
        row.account_id = if n < 30 { "a1" } else { "a2" }.into();
        row.sold_by = if n % 4 == 0 { "小美" } else { "owner" }.into();
        drafts.push(drafted(&row));
    }
    journal.append(drafts).await.unwrap();
    journal
}

fn search() -> OrderSearch {
    OrderSearch { limit: 1_000, ..OrderSearch::default() }
}

async fn numbers(journal: &Journal, search: OrderSearch) -> Vec<u32> {
    let orders = journal.orders(&search).await.unwrap();
    orders.iter().map(|order| order.order_no[9..].parse().unwrap()).collect()
}

#[tokio::test]
async fn paging_returns_each_order_once_newest_first() {
    let place = Place::new();
    let journal = filled(&place).await;
    for limit in [1, 3, 7, 59, 60, 61] {
        let mut seen: Vec<OrderRow> = Vec::new();
        loop {
            let after = seen.last().map(|row| (row.created_at, row.order_no.clone()));
            let page = journal.orders(&OrderSearch { after, limit, ..search() }).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= usize::try_from(limit).unwrap());
            seen.extend(page);
            assert!(seen.len() <= 60, "pages of {limit} overlap");
        }
        let order: Vec<_> = seen.iter().map(|row| (row.created_at, row.order_no.clone())).collect();
        assert!(order.is_sorted_by(|newer, older| newer > older), "pages of {limit}");
        assert_eq!(seen.len(), 60, "pages of {limit}");
    }
}

#[tokio::test]
async fn an_order_comes_back_as_it_was_written() {
    let place = Place::new();
    let journal = place.open();
    let mut row = order_row("TK0001", 7);
    row.late = true;
    row.paid_minor = Some(1_200);
    row.refunded_minor = 50;
    row.paid_at = Some(8);
    row.ended_at = Some(9);
    row.attention = Some("refunded_elsewhere".into());
    row.gateway_no = Some("g".into());
    row.wallet_no = Some("w".into());
    journal.append(vec![drafted(&order_row("TK0001", 7))]).await.unwrap();
    let mut next = append("order/TK0001", 1, &["paid"]);
    next.row = Some(Row::Order(Box::new(row.clone()), vec![]));
    journal.append(vec![next]).await.unwrap();
    assert_eq!(journal.orders(&search()).await, Ok(vec![row]));
}

#[tokio::test]
async fn a_number_of_the_gateway_s_is_found_as_it_is_and_nothing_like_it() {
    let place = Place::new();
    let journal = filled(&place).await;
    let by = |number: &str| numbers(&journal, OrderSearch { gateway_no: Some(number.into()), ..search() });
    let row = journal.orders(&OrderSearch { number: Some("42000058".into()), ..search() }).await.unwrap().remove(0);
    let whole = row.gateway_no.unwrap();
    assert_eq!(by(&whole).await, [58]);
    assert!(by(&whole[1..]).await.is_empty() && by("42000058").await.is_empty(), "a part is none");
    assert!(by("w-055-x").await.is_empty(), "the wallet's is another");
}

#[tokio::test]
async fn a_number_is_found_by_its_closest_match() {
    let place = Place::new();
    let journal = filled(&place).await;
    let by = |number: &str| numbers(&journal, OrderSearch { number: Some(number.into()), ..search() });
    assert_eq!(by("0042").await, [42], "the last four of ours, though gateways' numbers have them inside");
    assert_eq!(by(" tk7h3m9qz0013 ").await, [13], "ours, in any case");
    assert_eq!(by("420000222027").await, [22], "the gateway's");
    assert_eq!(by("w-055-x").await, [55], "the wallet's");
    assert_eq!(by("TK7H3M9QZ001").await, [19, 18, 17, 16, 15, 14, 13, 12, 11, 10], "the beginning of ours");
    assert_eq!(by("42000058").await, [58], "the beginning of the gateway's");
    assert_eq!(by("-05").await, [55, 50], "a part of the wallet's");
    assert_eq!(by("5820").await, [58], "a part of the gateway's");
    assert_eq!(by("m9qz005").await.len(), 10, "a part of ours");
    assert_eq!(by("W-055-X").await, [55], "the wallet's, in any case");
    assert_eq!(by("%").await, [0; 0], "nothing is a wildcard");
    assert_eq!(by("").await.len(), 60, "no number is no condition");
}

#[tokio::test]
async fn a_short_number_is_an_amount_although_gateways_numbers_begin_with_it() {
    let place = Place::new();
    let journal = filled(&place).await;
    let mut sale = order_row("TK7H3M9QZ0099", 2_000);
    sale.amount_minor = 4_200;
    journal.append(vec![drafted(&sale)]).await.unwrap();
    let find = |number: &str, amount_minor| {
        let search = OrderSearch { number: Some(number.into()), amount_minor: Some(amount_minor), ..search() };
        numbers(&journal, search)
    };
    assert_eq!(find("42", 4_200).await, [99], "and not every number that begins with 42");
    assert_eq!(find("43", 4_300).await, [0; 0], "no sale was of 43");
    assert_eq!(find("420000", 42_000_000).await.len(), 30, "long enough for a number's beginning");
}

#[tokio::test]
async fn a_number_with_small_letters_is_found_in_any_case_whole_and_by_its_last_four() {
    let place = Place::new();
    let journal = filled(&place).await;
    let made_elsewhere = "Va76664b978c6283e16cbef15";
    journal.append(vec![drafted(&order_row(made_elsewhere, 9_000))]).await.unwrap();
    for typed in [made_elsewhere, "VA76664B978C6283E16CBEF15", "ef15", "EF15", "va76664", "6283E16cb"] {
        let found = journal.orders(&OrderSearch { number: Some(typed.into()), ..search() }).await.unwrap();
        let numbers: Vec<&str> = found.iter().map(|row| row.order_no.as_str()).collect();
        assert_eq!(numbers, [made_elsewhere], "{typed}");
    }
}

#[tokio::test]
async fn the_number_of_a_refund_finds_its_order() {
    let place = Place::new();
    let journal = filled(&place).await;
    let mut given_back = drafted(&order_row("TK7H3M9QZ0099", 9_000));
    if let Some(Row::Order(_, refunds)) = &mut given_back.row {
        refunds.push(RefundRow {
            refund_no: "TR7H3M9QZ55XY".into(),
            order_no: "TK7H3M9QZ0099".into(),
            amount_minor: 250,
            currency: "CNY".into(),
            state: "succeeded".into(),
            given_by: "owner".into(),
            gateway_refund_no: Some("5030aB99".into()),
            requested_at: 9_001,
            ..RefundRow::default()
        });
    }
    journal.append(vec![given_back]).await.unwrap();
    for typed in ["tr7h3m9qz55xy", "55XY", "5030ab99", "5030", "TR7H", "9qz55x", "0AB9"] {
        assert_eq!(numbers(&journal, OrderSearch { number: Some(typed.into()), ..search() }).await, [99], "{typed}");
    }
}

#[tokio::test]
async fn a_text_that_may_be_an_amount_finds_the_amount_and_the_number() {
    let place = Place::new();
    let journal = filled(&place).await;
    let find = |number: &str, amount_minor| {
        let search = OrderSearch { number: Some(number.into()), amount_minor: Some(amount_minor), ..search() };
        numbers(&journal, search)
    };
    let sixes = [55, 48, 41, 34, 27, 20, 13, 6];
    assert_eq!(find("6", 600).await, sixes, "the amount alone: a part of a number is not read through for it");
    assert_eq!(find("0042", 600).await, [55, 48, 42, 41, 34, 27, 20, 13, 6], "either");
    assert_eq!(find("5820", 5_820).await, [58], "no such amount: a part of a number");
}

#[tokio::test]
async fn a_time_finds_what_was_created_or_paid_then() {
    let place = Place::new();
    let journal = filled(&place).await;
    let mut late = order_row("TK7H3M9QZ0099", 20);
    late.paid_at = Some(1_003);
    journal.append(vec![drafted(&late)]).await.unwrap();
    let then = OrderSearch { happened: Some((1_003, 1_004)), ..search() };
    assert_eq!(numbers(&journal, then).await, [15, 14, 13, 12, 99]);
    let other = OrderSearch { happened: Some((500, 1_000)), ..search() };
    assert_eq!(numbers(&journal, other).await, [0; 0]);
}

#[tokio::test]
async fn every_given_part_must_match() {
    let place = Place::new();
    let journal = filled(&place).await;
    let find = |search| numbers(&journal, search);
    assert_eq!(find(OrderSearch { sale: Some("S4".into()), ..search() }).await, [9, 8]);
    assert_eq!(find(OrderSearch { amount_minor: Some(600), until: Some(1_005), ..search() }).await, [13, 6]);
    assert_eq!(find(OrderSearch { states: vec!["paid".into()], limit: 2, ..search() }).await, [57, 54]);
    assert_eq!(find(OrderSearch { states: vec!["paid".into(), "closed".into()], ..search() }).await.len(), 60);
    assert_eq!(find(OrderSearch { open: Some(true), ..search() }).await, [50, 40, 30, 20, 10, 0]);
    assert_eq!(find(OrderSearch { open: Some(false), ..search() }).await.len(), 54);
    assert_eq!(find(OrderSearch { attention: Some(true), ..search() }).await, [40, 20, 0]);
    assert_eq!(find(OrderSearch { attention: Some(false), ..search() }).await.len(), 57);
    assert_eq!(find(OrderSearch { ended_from: Some(9_057), ..search() }).await, [59, 58, 57]);
    assert_eq!(find(OrderSearch { from: Some(1_001), until: Some(1_002), ..search() }).await, [7, 6, 5, 4]);
    let both = OrderSearch { account_id: Some("a2".into()), open: Some(true), number: Some("TK".into()), ..search() };
    assert_eq!(find(both).await, [50, 40, 30]);
    assert_eq!(find(OrderSearch { limit: 0, ..search() }).await, [0; 0]);
    let hers = || OrderSearch { sold_by: Some("小美".into()), ..search() };
    assert_eq!(find(hers()).await, (0..60).filter(|n| n % 4 == 0).rev().collect::<Vec<_>>());
    assert_eq!(find(OrderSearch { amount_minor: Some(600), ..hers() }).await, [48, 20]);
    assert_eq!(find(OrderSearch { open: Some(true), ..hers() }).await, [40, 20, 0]);
    assert_eq!(find(OrderSearch { number: Some("0044".into()), ..hers() }).await, [44]);
    assert_eq!(find(OrderSearch { number: Some("0045".into()), ..hers() }).await, [0; 0]);
    assert_eq!(find(OrderSearch { happened: Some((1_003, 1_004)), ..hers() }).await, [12]);
    assert_eq!(find(OrderSearch { ended_from: Some(9_053), ..hers() }).await, [56]);
    assert_eq!(find(OrderSearch { sold_by: Some("小".into()), ..search() }).await, [0; 0], "a name is whole");
}

#[tokio::test]
async fn pages_of_several_states_of_an_amount_and_of_ends_hold_each_order_once() {
    let place = Place::new();
    let journal = filled(&place).await;
    let states = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let both = OrderSearch { states: states(&["closed", "paid", "disputed"]), ..search() };
    let sixes = OrderSearch { amount_minor: Some(600), ..search() };
    let paid_sixes = OrderSearch { states: states(&["paid"]), ..sixes.clone() };
    let number_or_six = OrderSearch { number: Some("0042".into()), ..sixes.clone() };
    let in_one_state = OrderSearch { states: states(&["paid"]), ..number_or_six.clone() };
    let marked = OrderSearch { attention: Some(true), ..both.clone() };
    let ended = OrderSearch { ended_from: Some(9_031), ..search() };
    let hers = OrderSearch { sold_by: Some("小美".into()), ..search() };
    let hers_paid = OrderSearch { states: states(&["paid"]), ..hers.clone() };
    for (sought, expected) in [
        (both, (0..60).rev().collect::<Vec<u32>>()),
        (sixes, vec![55, 48, 41, 34, 27, 20, 13, 6]),
        (paid_sixes, vec![48, 27, 6]),
        (number_or_six, vec![55, 48, 42, 41, 34, 27, 20, 13, 6]),
        (in_one_state, vec![48, 42, 27, 6]),
        (marked, vec![40, 20, 0]),
        (hers, (0..60).filter(|n| n % 4 == 0).rev().collect()),
        (hers_paid, vec![48, 36, 24, 12, 0]),
        (ended, (31..60).filter(|n| n % 10 != 0).rev().collect()),
    ] {
        for limit in [1, 2, 3, 60] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = journal.orders(&OrderSearch { after, limit, ..sought.clone() }).await.unwrap();
                let Some(last) = page.last() else { break };
                let at = if sought.ended_from.is_some() { last.ended_at.unwrap() } else { last.created_at };
                after = Some((at, last.order_no.clone()));
                found.extend(page.iter().map(|row| row.order_no[9..].parse::<u32>().unwrap()));
            }
            assert_eq!(found, expected, "pages of {limit} of {sought:?}");
        }
    }
}

#[tokio::test]
async fn what_was_taken_is_added_up_by_currency_between_two_times() {
    let place = Place::new();
    let journal = place.open();
    for (n, (paid_at, currency)) in [(10, "CNY"), (11, "HKD"), (12, "CNY"), (13, "CNY")].into_iter().enumerate() {
        let mut row = order_row(&format!("TK000{n}"), 5);
        (row.paid_at, row.paid_minor, row.currency) = (Some(paid_at), Some(100), currency.into());
        journal.append(vec![drafted(&row)]).await.unwrap();
    }
    journal.append(vec![drafted(&order_row("TK0009", 11))]).await.unwrap();
    let taken = journal.takings((10, 13)).await.unwrap();
    let taken: Vec<_> = taken.iter().map(|taken| (taken.currency.as_str(), taken.orders, taken.minor)).collect();
    assert_eq!(taken, [("CNY", 2, 200), ("HKD", 1, 100)]);
    // Two of these are more than one number holds, which is no reason not to launch.
    for n in [5, 6] {
        let mut row = order_row(&format!("TK000{n}"), 5);
        (row.paid_at, row.paid_minor) = (Some(20), Some(i64::MAX));
        journal.append(vec![drafted(&row)]).await.unwrap();
    }
    assert_eq!(journal.takings((20, 21)).await.unwrap()[0].minor, i64::MAX);
}

/// The newest of many are found by walking an index from its end, not by sorting all of them.
#[test]
fn the_first_page_of_any_filter_is_read_along_an_index() {
    let place = Place::new();
    drop(place.open());
    let connection = Connection::open(&place.path).unwrap();
    let states = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let some = || OrderSearch { states: states(&["paid", "closed"]), from: Some(1), until: Some(2), ..search() };
    for (sought, index) in [
        (OrderSearch::default(), "orders_newest"),
        (some(), "orders_state"),
        (OrderSearch { attention: Some(true), ..some() }, "orders_attention"),
        (OrderSearch { open: Some(true), ..some() }, "orders_open"),
        (OrderSearch { by_hand: Some(true), ..some() }, "orders_by_hand"),
        (OrderSearch { amount_minor: Some(5), ..some() }, "orders_amount"),
        (OrderSearch { sale: Some("S".into()), ..some() }, "orders_sale"),
        (OrderSearch { sold_by: Some("a".into()), ..some() }, "orders_sold_by"),
        (OrderSearch { sold_by: Some("a".into()), amount_minor: Some(5), ..some() }, "orders_amount"),
        (OrderSearch { ended_from: Some(1), ..search() }, "orders_ended"),
    ] {
        let sql = crate::journal::search::statement(&connection, &sought).unwrap().unwrap().0;
        let plan = plan(&connection, &format!("EXPLAIN QUERY PLAN {sql}"));
        let walks: Vec<&String> = plan.iter().filter(|step| step.contains(" orders ")).collect();
        assert!(!walks.is_empty() && walks.iter().all(|step| step.contains(index)), "{sought:?}: {plan:?}");
        // What is sorted is a page that was found, not what was looked through for it.
        let sorted =
            plan.windows(2).any(|steps| steps[0].contains(" orders ") && steps[1] == "USE TEMP B-TREE FOR ORDER BY");
        assert!(!sorted, "{sought:?}: {plan:?}");
    }
}

#[tokio::test]
async fn common_questions_are_answered_from_an_index() {
    let place = Place::new();
    drop(filled(&place).await);
    let connection = Connection::open(&place.path).unwrap();
    for (condition, index) in [
        ("1", "orders_newest"),
        ("open = 1", "orders_open"),
        ("attention IS NOT NULL", "orders_attention"),
        ("sale = 'x'", "orders_sale"),
        ("state IN ('x')", "orders_state"),
        ("amount_minor = 1", "orders_amount"),
        ("order_no IN (SELECT order_no FROM orders WHERE tail = 'x' COLLATE NOCASE)", "orders_tail"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE {condition} ORDER BY created_at DESC, order_no DESC LIMIT 5"
        );
        let plan = plan(&connection, &sql);
        assert!(plan.iter().any(|step| step.contains(index)), "{condition}: {plan:?}");
    }
}

#[test]
fn a_number_and_a_time_are_looked_up_and_nothing_is_read_through() {
    let place = Place::new();
    drop(place.open());
    let connection = Connection::open(&place.path).unwrap();
    let close = crate::journal::search::CLOSE.map(|numbers| numbers.condition(true).replace('~', "?"));
    for condition in close.into_iter().chain([crate::journal::search::HAPPENED.to_owned()]) {
        let plan =
            plan(&connection, &format!("EXPLAIN QUERY PLAN SELECT EXISTS (SELECT 1 FROM orders WHERE {condition})"));
        assert!(
            plan.iter().all(|step| !step.starts_with("SCAN orders") && !step.starts_with("SCAN refunds")),
            "{plan:?}"
        );
    }
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let unbound = vec![None::<String>; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(unbound), |row| row.get(3)).unwrap();
    steps.collect::<Result<_, _>>().unwrap()
}
