//! Reading what is handed out, page by page, and writing it: orders, then refunds, and events. The next page is read while one is
//! written; where events have a file of their own and all of them go out, they are written beside the orders.

use super::manifest::{FORMAT, FileSum, Found, Head, Manifest, SignedDay};
use super::positions::Positions;
use super::sums::Sums;
use super::tally::Tally;
use super::xlsx_file::XlsxFile;
use super::{Choice, EventFiles, Finish, OrderFiles, OrderLine, Progress, RefundLine, Rows};
use crate::backup::fault_of_output;
use crate::off_thread::off_thread;
use crate::reading::{EventLine, Looked, Reading, Told};
use crate::storage::OrderRow;
use crate::till::unexpected;
use data_encoding::HEXLOWER;
use futures_util::future::join;
use std::collections::BTreeSet;
use std::hash::RandomState;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::journal::order_subject;
use tokio::runtime::Handle;

/// What is to be done.
#[derive(Clone)]
pub(super) struct Task {
    reading: Reading,
    /// Where it goes, for the words of a fault.
    output: Arc<PathBuf>,
    choice: Arc<Choice>,
    progress: Progress,
    made_at: String,
    /// The journal's newest event at the beginning.
    newest: Option<Newest>,
    /// What rows and events are compared by.
    key: RandomState,
}

/// The newest event that is handed out.
#[derive(Clone, Copy)]
struct Newest {
    seq: u64,
    hash: [u8; 32],
    /// When it happened, UTC microseconds; none where it cannot be read.
    at: Option<i64>,
}

/// What was handed out besides the files.
pub(super) struct HandedOut {
    pub(super) rows: Rows,
    sums: Sums,
    unreadable: BTreeSet<String>,
    day_heads: Vec<SignedDay>,
    /// Whether every row is that of events, and the other way round.
    pub(super) agrees: bool,
}

impl Task {
    pub(super) async fn begin(
        reading: &Reading,
        output: &Path,
        choice: &Choice,
        progress: &Progress,
    ) -> Result<Self, Refusal> {
        let made_at = reading.now();
        let newest = match reading.head().await? {
            Some((seq, hash)) => {
                // What a damaged journal does not tell is found by the comparison.
                let newest = reading.newest().await.ok().flatten();
                Some(Newest { seq, hash, at: newest.map(|event| event.at.wall) })
            }
            None => None,
        };
        let (orders, refunds) = reading.counts().await?;
        progress.expect(orders.saturating_add(refunds).saturating_add(newest.map_or(0, |newest| newest.seq)));
        Ok(Self {
            reading: reading.clone(),
            output: Arc::new(output.to_owned()),
            choice: Arc::new(choice.clone()),
            progress: progress.clone(),
            made_at,
            newest,
            key: RandomState::new(),
        })
    }

    /// Writes files of their own: beside each other, unless the orders say which events go out.
    pub(super) async fn side_by_side<O: OrderFiles + Finish, E: EventFiles + Finish>(
        &self,
        (orders, events): (O, E),
    ) -> Result<(HandedOut, Vec<FileSum>), Refusal> {
        let orders = Orders::of(self, orders);
        let ((orders, sold), (events, happened)) = if self.choice.picks_orders() {
            let mut orders = orders.write().await?;
            let events = Events::of(self, events, orders.take_picked());
            (orders.finish()?, events.write().await?.finish()?)
        } else {
            let (events, handle) = (Events::of(self, events, None), Handle::current());
            let orders = async { orders.write().await?.finish() };
            let events = async {
                let written = off_thread(move || handle.block_on(events.write()).and_then(Events::finish)).await;
                written.map_err(|error| unexpected(&error))?
            };
            both(join(self.or_give_up(orders), self.or_give_up(events)).await)?
        };
        Ok((HandedOut::of(sold, happened), [orders, events].concat()))
    }

    /// Writes one file, in which events come behind the orders.
    pub(super) async fn in_one(&self, book: XlsxFile) -> Result<(HandedOut, Vec<FileSum>), Refusal> {
        let mut orders = Box::pin(Orders::of(self, book).write()).await?;
        let picked = orders.take_picked();
        let events = Box::pin(Events::of(self, orders.files, picked).write()).await?;
        let handed = HandedOut::of(orders.told, events.told);
        let files = events.files.finish(&handed.rows, &handed.sums.all());
        Ok((handed, files.map_err(|error| self.fault(&error))?))
    }

    /// What the export says of itself.
    pub(super) fn manifest(
        self,
        version: &str,
        handed: HandedOut,
        files: Vec<FileSum>,
        found: Option<Found>,
    ) -> Manifest {
        Manifest {
            format: FORMAT.to_owned(),
            made_at: self.made_at,
            version: version.to_owned(),
            till_id: self.reading.till_id().to_owned(),
            public_key: self.reading.public_key().to_owned(),
            training: self.reading.is_training(),
            choice: Choice::clone(&self.choice),
            head: self.newest.map(|Newest { seq, hash, .. }| Head { seq, hash: HEXLOWER.encode(&hash) }),
            day_heads: handed.day_heads,
            files,
            sums: handed.sums.all(),
            unreadable: handed.unreadable.into_iter().collect(),
            found,
        }
    }

    /// Where half of it fails, the other half need not go on.
    async fn or_give_up<T>(&self, half: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        let done = half.await;
        if done.is_err() {
            self.progress.cancel();
        }
        done
    }

    /// The position of the newest event that is handed out.
    fn head(&self) -> u64 {
        self.newest.map_or(0, |newest| newest.seq)
    }

    fn fault(&self, error: &io::Error) -> Refusal {
        fault_of_output(&self.output, error)
    }
}

/// Both, or what the one said that was not given up because of the other.
fn both<O, E>((orders, events): (Result<O, Refusal>, Result<E, Refusal>)) -> Result<(O, E), Refusal> {
    match events {
        Err(fault) if orders.as_ref().err().is_none_or(|given_up| given_up.code == Code::ExportCancelled) => Err(fault),
        events => Ok((orders?, events?)),
    }
}

impl HandedOut {
    fn of(sold: Sold, happened: Happened) -> Self {
        let Sold { rows, sums, unreadable, tally } = sold;
        let Happened { events, day_heads, tally: of_events } = happened;
        Self { rows: Rows { events, ..rows }, sums, unreadable, day_heads, agrees: tally.agrees(&of_events) }
    }
}

/// What orders and refunds told while they were written.
struct Sold {
    rows: Rows,
    sums: Sums,
    /// Orders that cannot be told.
    unreadable: BTreeSet<String>,
    /// All that there are, whatever is chosen of them.
    tally: Tally,
}

/// Writes orders, and then refunds.
struct Orders<F> {
    task: Task,
    files: F,
    told: Sold,
    /// Events of the orders that were picked out, where some are.
    picked: Option<Positions>,
}

impl<F: OrderFiles> Orders<F> {
    fn of(task: &Task, files: F) -> Self {
        let picked = task.choice.picks_orders().then(Positions::default);
        let tally = Tally::by(&task.key);
        let told = Sold { rows: Rows::default(), sums: Sums::default(), unreadable: BTreeSet::new(), tally };
        Self { task: task.clone(), files, told, picked }
    }

    async fn write(mut self) -> Result<Self, Refusal> {
        self.orders().await?;
        self.refunds().await?;
        Ok(self)
    }

    async fn orders(&mut self) -> Result<(), Refusal> {
        let Task { reading, choice, progress, .. } = self.task.clone();
        let head = self.task.head();
        // An order that may be newer is looked at whatever its day: whether it is counts below.
        let newest = self.task.newest.and_then(|newest| newest.at).unwrap_or(i64::MIN);
        let read = async |last: Option<OrderRow>| {
            let wanted = Arc::clone(&choice);
            let wanted = move |row: &OrderRow| wanted.includes_day(&row.day) || row.created_at >= newest;
            reading.orders_in_order(last.as_ref(), head, wanted).await
        };
        let mut page = read(None).await?;
        while let Some((end, _)) = page.last() {
            let last = end.clone();
            progress.advance(page.len())?;
            let (next, written) = join(read(Some(last)), async {
                for (row, looked) in page {
                    if !matches!(looked, Looked::NotYet) {
                        self.told.tally.order(&row.order_no, &row.day);
                    }
                    match looked {
                        Looked::Told(told) if choice.includes_order(&told) => self.order(*told)?,
                        Looked::Told(_) | Looked::Passed | Looked::NotYet => {}
                        Looked::Unreadable => self.unreadable(row.order_no),
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
        self.told.sums.add(&line);
        self.files.order(&line).map_err(|error| self.task.fault(&error))?;
        self.told.rows.orders = self.told.rows.orders.saturating_add(1);
        Ok(())
    }

    async fn refunds(&mut self) -> Result<(), Refusal> {
        let Task { reading, choice, progress, .. } = self.task.clone();
        let mut last = String::new();
        loop {
            let page = reading.refunds_in_order(&last, self.task.head()).await?;
            let Some((end, _)) = page.last() else { return Ok(()) };
            last.clone_from(&end.refund_no);
            progress.advance(page.len())?;
            for (row, looked) in page {
                match looked {
                    Looked::Told(told) => {
                        if told.refund_day(&row.refund_no).is_some() {
                            self.told.tally.refund();
                        }
                        if choice.includes_refunds_of(&told) {
                            self.refund(&row.refund_no, &told)?;
                        }
                    }
                    Looked::Passed | Looked::NotYet => {}
                    Looked::Unreadable => self.unreadable(row.order_no),
                }
            }
        }
    }

    /// What can be read leaves a damaged journal; its events are among the others, each with its fault.
    fn unreadable(&mut self, order_no: String) {
        self.told.tally.fault();
        self.told.unreadable.insert(order_no);
    }

    fn refund(&mut self, refund_no: &str, told: &Told) -> Result<(), Refusal> {
        let Some(day) = told.refund_day(refund_no).filter(|day| self.task.choice.includes_day(day)) else {
            return Ok(());
        };
        let Some(refund) = self.task.reading.view_of_refund(&told.order, refund_no) else { return Ok(()) };
        self.pick(told);
        let line = RefundLine { refund, day: day.to_owned(), currency: told.order.amount().currency };
        self.files.refund(&line).map_err(|error| self.task.fault(&error))?;
        self.told.rows.refunds = self.told.rows.refunds.saturating_add(1);
        Ok(())
    }

    /// Its files reach the disk.
    fn finish(self) -> Result<(Vec<FileSum>, Sold), Refusal>
    where
        F: Finish,
    {
        let Self { task, files, told, .. } = self;
        let files = files.finish(&told.rows).map_err(|error| task.fault(&error))?;
        Ok((files, told))
    }

    /// Its events go out, where only those of some orders do.
    fn pick(&mut self, told: &Told) {
        if let Some(picked) = &mut self.picked {
            told.seqs.iter().for_each(|seq| picked.insert(*seq));
        }
    }

    /// Which events go out, where only those of some orders do.
    fn take_picked(&mut self) -> Option<Picked> {
        let unreadable = || self.told.unreadable.iter().map(|order_no| order_subject(order_no)).collect();
        self.picked.take().map(|seqs| Picked { seqs, unreadable: unreadable() })
    }
}

/// Events of some orders.
struct Picked {
    seqs: Positions,
    /// Subjects of orders that cannot be told: all of their events.
    unreadable: BTreeSet<String>,
}

/// What events told while they were written.
struct Happened {
    events: u64,
    day_heads: Vec<SignedDay>,
    /// The orders and refunds that all of them tell of.
    tally: Tally,
}

/// Writes events.
struct Events<F> {
    task: Task,
    files: F,
    told: Happened,
    picked: Option<Picked>,
}

impl<F: EventFiles> Events<F> {
    fn of(task: &Task, files: F, picked: Option<Picked>) -> Self {
        let told = Happened { events: 0, day_heads: Vec::new(), tally: Tally::by(&task.key) };
        Self { task: task.clone(), files, told, picked }
    }

    async fn write(mut self) -> Result<Self, Refusal> {
        let Task { reading, progress, .. } = self.task.clone();
        let head = self.task.head();
        let mut page = reading.events(0).await?;
        while let Some(last) = page.last().map(|event| event.seq) {
            progress.advance(page.len())?;
            let ahead = async { if last < head { reading.events(last).await } else { Ok(Vec::new()) } };
            let (next, written) = join(ahead, async {
                for event in page.iter().filter(|event| event.seq <= head) {
                    self.told.day_heads.extend(SignedDay::of(event));
                    self.told.tally.event(event);
                    if self.includes(event) {
                        self.files.event(event).map_err(|error| self.task.fault(&error))?;
                        self.told.events = self.told.events.saturating_add(1);
                    }
                }
                Ok::<(), Refusal>(())
            })
            .await;
            written?;
            page = next?;
        }
        Ok(self)
    }

    /// Its file reaches the disk.
    fn finish(self) -> Result<(Vec<FileSum>, Happened), Refusal>
    where
        F: Finish,
    {
        let Self { task, files, told, .. } = self;
        let rows = Rows { events: told.events, ..Rows::default() };
        let files = files.finish(&rows).map_err(|error| task.fault(&error))?;
        Ok((files, told))
    }

    /// One that cannot be read has no day and may be any order's: it is never left out.
    fn includes(&self, event: &EventLine) -> bool {
        event.fault.is_some()
            || match &self.picked {
                Some(Picked { seqs, unreadable }) => {
                    seqs.contains(event.seq)
                        || event.subject.as_ref().is_some_and(|subject| unreadable.contains(subject))
                }
                None => event.day.as_deref().is_none_or(|day| self.task.choice.includes_day(day)),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_halves_that_failed_the_one_is_told_that_failed_by_itself() {
        let failed = |code: Code| Err::<(), Refusal>(Refusal::of(code));
        let told = |orders, events| both((orders, events)).map_err(|fault| fault.code);
        assert_eq!(told(Ok(()), Ok(())), Ok(((), ())));
        assert_eq!(told(failed(Code::DiskFull), failed(Code::ExportCancelled)), Err(Code::DiskFull));
        assert_eq!(told(failed(Code::ExportCancelled), failed(Code::DiskFull)), Err(Code::DiskFull));
        assert_eq!(told(failed(Code::ExportCancelled), failed(Code::ExportCancelled)), Err(Code::ExportCancelled));
        assert_eq!(told(Ok(()), failed(Code::DiskFull)), Err(Code::DiskFull));
        assert_eq!(told(failed(Code::DiskFull), Ok(())), Err(Code::DiskFull));
    }
}
