//! Reading what is handed out, page by page, and writing it: orders, then refunds, then events. The next page is read while one is
//! written.

use super::manifest::{FORMAT, Head, Manifest, SignedDay};
use super::sums::Sums;
use super::{Choice, Files, OrderLine, Progress, RefundLine, Rows};
use crate::backup::fault_of_output;
use crate::reading::{EventLine, Looked, Reading, Told};
use crate::storage::OrderRow;
use data_encoding::HEXLOWER;
use futures_util::future::join;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use till_core::error::Refusal;
use till_core::journal::order_subject;

/// What is to be done.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) reading: &'a Reading,
    /// Where it goes, for the words of a fault.
    pub(super) output: &'a Path,
    pub(super) choice: &'a Choice,
    pub(super) version: &'a str,
    pub(super) progress: &'a Progress,
}

/// What has been written so far.
struct Walk<'a> {
    task: Task<'a>,
    files: Box<dyn Files + Send>,
    /// Events up to this one.
    head: u64,
    rows: Rows,
    sums: Sums,
    /// Orders that cannot be told.
    unreadable: BTreeSet<String>,
    /// Events of the orders that were picked out, where some were.
    picked: Option<Positions>,
    day_heads: Vec<SignedDay>,
}

/// Writes all of it, and says what it is.
pub(super) async fn write(task: Task<'_>, files: Box<dyn Files + Send>) -> Result<(Rows, Manifest), Refusal> {
    let Task { reading, choice, version, progress, .. } = task;
    let (made_at, newest) = (reading.now(), reading.head().await?);
    let head = newest.map_or(0, |(seq, _)| seq);
    let (orders, refunds) = reading.counts().await?;
    progress.expect(orders.saturating_add(refunds).saturating_add(head));
    let mut walk = Walk {
        task,
        files,
        head,
        rows: Rows::default(),
        sums: Sums::default(),
        unreadable: BTreeSet::new(),
        picked: choice.picks_orders().then(Positions::default),
        day_heads: Vec::new(),
    };
    walk.orders().await?;
    walk.refunds().await?;
    walk.events().await?;
    let Walk { files, rows, sums, unreadable, day_heads, .. } = walk;
    let sums = sums.all();
    let files = files.finish(&rows, &sums).map_err(|error| fault_of_output(task.output, &error))?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        made_at,
        version: version.to_owned(),
        till_id: reading.till_id().to_owned(),
        public_key: reading.public_key().to_owned(),
        training: reading.is_training(),
        choice: choice.clone(),
        head: newest.map(|(seq, hash)| Head { seq, hash: HEXLOWER.encode(&hash) }),
        day_heads,
        files,
        sums,
        unreadable: unreadable.into_iter().collect(),
    };
    Ok((rows, manifest))
}

impl Walk<'_> {
    async fn orders(&mut self) -> Result<(), Refusal> {
        let Task { reading, choice, progress, .. } = self.task;
        let head = self.head;
        let read = async |last: Option<OrderRow>| {
            let wanted = choice.clone();
            reading.orders_in_order(last.as_ref(), head, move |row: &OrderRow| wanted.may_include(row)).await
        };
        let mut page = read(None).await?;
        while let Some((end, _)) = page.last() {
            let last = end.clone();
            progress.advance(page.len())?;
            let (next, written) = join(read(Some(last)), async {
                for (row, looked) in page {
                    match looked {
                        Looked::Told(told) if choice.includes_order(&told) => self.order(*told)?,
                        Looked::Told(_) | Looked::Passed => {}
                        // What can be read leaves a damaged journal; its events are among the others, each with its fault.
                        Looked::Unreadable => drop(self.unreadable.insert(row.order_no)),
                    }
                }
                Ok::<(), Refusal>(())
            })
            .await;
            written?;
            page = next?;
        }
        Ok(())
    }

    fn order(&mut self, told: Told) -> Result<(), Refusal> {
        self.pick(&told);
        let order = self.task.reading.view_of(&told.order);
        let line = OrderLine {
            order,
            parts: told.order.payment.as_ref().map(|payment| payment.parts).unwrap_or_default(),
            currency: told.order.amount().currency,
            gateway: told.order.draft.gateway,
            wallet_no: told.order.wallet_no,
            day: told.day,
            sold_by: told.sold_by,
        };
        self.sums.add(&line);
        self.files.order(&line).map_err(|error| self.fault(&error))?;
        self.rows.orders = self.rows.orders.saturating_add(1);
        Ok(())
    }

    async fn refunds(&mut self) -> Result<(), Refusal> {
        let Task { reading, choice, progress, .. } = self.task;
        let mut last = String::new();
        loop {
            let page = reading.refunds_in_order(&last, self.head).await?;
            let Some((end, _)) = page.last() else { return Ok(()) };
            last.clone_from(&end.refund_no);
            progress.advance(page.len())?;
            for (row, looked) in page {
                match looked {
                    Looked::Told(told) if choice.includes_order(&told) => self.refund(&row.refund_no, &told)?,
                    Looked::Told(_) | Looked::Passed => {}
                    Looked::Unreadable => drop(self.unreadable.insert(row.order_no)),
                }
            }
        }
    }

    fn refund(&mut self, refund_no: &str, told: &Told) -> Result<(), Refusal> {
        let Some(day) = told.refund_day(refund_no).filter(|day| self.task.choice.includes_day(day)) else {
            return Ok(());
        };
        let Some(refund) = self.task.reading.view_of_refund(&told.order, refund_no) else { return Ok(()) };
        self.pick(told);
        let line = RefundLine { refund, day: day.to_owned(), currency: told.order.amount().currency };
        self.files.refund(&line).map_err(|error| self.fault(&error))?;
        self.rows.refunds = self.rows.refunds.saturating_add(1);
        Ok(())
    }

    async fn events(&mut self) -> Result<(), Refusal> {
        let Task { reading, choice, progress, .. } = self.task;
        let unreadable: BTreeSet<String> = self.unreadable.iter().map(|order_no| order_subject(order_no)).collect();
        let head = self.head;
        let mut page = reading.events(0).await?;
        while let Some(last) = page.last().map(|event| event.seq) {
            progress.advance(page.len())?;
            let ahead = async { if last < head { reading.events(last).await } else { Ok(Vec::new()) } };
            let (next, written) = join(ahead, async {
                for event in page.iter().filter(|event| event.seq <= head) {
                    self.day_heads.extend(SignedDay::of(event));
                    let of_unreadable = event.subject.as_ref().is_some_and(|subject| unreadable.contains(subject));
                    // One that cannot be read has no day and may be any order's: it is never left out.
                    let included = event.fault.is_some()
                        || match &self.picked {
                            Some(picked) => of_unreadable || picked.contains(event.seq),
                            None => event.day.as_deref().is_none_or(|day| choice.includes_day(day)),
                        };
                    if included {
                        self.event(event)?;
                    }
                }
                Ok::<(), Refusal>(())
            })
            .await;
            written?;
            page = next?;
        }
        Ok(())
    }

    fn event(&mut self, event: &EventLine) -> Result<(), Refusal> {
        self.files.event(event).map_err(|error| self.fault(&error))?;
        self.rows.events = self.rows.events.saturating_add(1);
        Ok(())
    }

    /// Its events go out, where only those of some orders do.
    fn pick(&mut self, told: &Told) {
        if let Some(picked) = &mut self.picked {
            told.seqs.iter().for_each(|seq| picked.insert(*seq));
        }
    }

    fn fault(&self, error: &io::Error) -> Refusal {
        fault_of_output(self.task.output, error)
    }
}

/// Positions in the journal, one bit each: five million of them are less than a megabyte.
#[derive(Default)]
struct Positions(Vec<u64>);

impl Positions {
    fn place(seq: u64) -> (usize, u64) {
        (usize::try_from(seq / 64).unwrap_or(usize::MAX), 1 << (seq % 64))
    }

    fn insert(&mut self, seq: u64) {
        let (word, bit) = Self::place(seq);
        if word >= self.0.len() {
            self.0.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn contains(&self, seq: u64) -> bool {
        let (word, bit) = Self::place(seq);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_held_from_when_it_was_put_there() {
        let mut positions = Positions::default();
        for seq in [1, 63, 64, 65, 5_000_000] {
            assert!(!positions.contains(seq));
            positions.insert(seq);
            assert!(positions.contains(seq));
        }
        let held = (0..6_000_000).filter(|seq| positions.contains(*seq)).count();
        assert_eq!(held, 5);
        assert!(!positions.contains(u64::MAX));
    }
}
