use super::*;
use crate::storage::RefundRow;

fn refund_row(refund_no: &str, order_no: &str, requested_at: i64) -> RefundRow {
    RefundRow {
        refund_no: refund_no.into(),
        order_no: order_no.into(),
        amount_minor: 1,
        currency: "CNY".into(),
        state: "sent".into(),
        given_by: "owner".into(),
        requested_at,
        ..RefundRow::default()
    }
}

/// One more event of an order that gives its refund back once more, just now.
async fn sent_again(journal: &Journal, order_no: &str, refund_no: &str, seen: u64, requested_at: i64) {
    let mut again = append(&format!("order/{order_no}"), seen, &["sent again"]);
    let row = Row::Order(Box::new(order_row(order_no, 1)), vec![refund_row(refund_no, order_no, requested_at)]);
    again.row = Some(row);
    journal.append(vec![again]).await.unwrap();
}

#[tokio::test]
async fn each_order_and_refund_comes_once_while_others_are_sold_and_sent_again_beside() {
    for limit in [1, 2, 7, 40] {
        let place = Place::new();
        let journal = place.open();
        for n in 0..20_i64 {
            journal.append(vec![drafted(&order_row(&format!("TK{n:02}"), n / 4))]).await.unwrap();
        }
        for n in 0..10_i64 {
            sent_again(&journal, &format!("TK{n:02}"), &format!("TR{n:02}"), 1, n).await;
        }
        let (mut orders, mut after): (Vec<String>, Option<(i64, String)>) = (Vec::new(), None);
        for meanwhile in 0_i64.. {
            let page = journal.orders_in_order(after, |row| row.order_no != "TK03", limit).await.unwrap();
            let Some((last, _)) = page.last() else { break };
            after = Some((last.created_at, last.order_no.clone()));
            for (row, stream) in page {
                assert_eq!(
                    stream.is_some(),
                    row.order_no != "TK03",
                    "only the events of those that are wanted are read"
                );
                let fits = |event: &StoredEvent| event.subject == format!("order/{}", row.order_no);
                assert!(stream.is_none_or(|events| events.unwrap().iter().all(fits)));
                orders.push(row.order_no);
            }
            if meanwhile < 5 {
                journal.append(vec![drafted(&order_row(&format!("TK{:02}", 90 + meanwhile), 50))]).await.unwrap();
            }
        }
        orders.retain(|no| no.as_str() < "TK90");
        assert_eq!(orders, (0..20).map(|n| format!("TK{n:02}")).collect::<Vec<_>>(), "pages of {limit}");

        let (mut refunds, mut after): (Vec<String>, String) = (Vec::new(), String::new());
        for meanwhile in 0_u64.. {
            let page = journal.refunds_in_order(after.clone(), limit).await.unwrap();
            let Some((last, _)) = page.last() else { break };
            after.clone_from(&last.refund_no);
            refunds.extend(page.into_iter().map(|(row, _)| row.refund_no));
            if meanwhile < 5 {
                // The newest by the time it was asked for, and the last of those that were read or will be.
                for n in [9, 0] {
                    sent_again(&journal, &format!("TK{n:02}"), &format!("TR{n:02}"), 2 + meanwhile, 1_000).await;
                }
            }
        }
        assert_eq!(refunds, (0..10).map(|n| format!("TR{n:02}")).collect::<Vec<_>>(), "pages of {limit}");
        let counts = journal.counts().await.unwrap();
        assert!(counts.0 >= 20 && counts.1 == 10, "{counts:?}");
    }
}
