//! Handing the journal out as files: orders, refunds and events of some days, in a new folder.
//!
//! `manifest.json` says what it holds, and the till signs that where its key is at hand.
//!
//! The folder appears whole or not at all: it is written under another name beside its place, synced, and renamed. What is
//! handed out is the journal up to the event that was its newest at the beginning; reading is done in short transactions, so a
//! till beside it goes on selling.

mod check;
mod csv_files;
mod json_files;
mod manifest;

use crate::reading::{EventLine, Reading};
use crate::seal::Seal;
use crate::storage::{OrderRow, RefundRow};
use crate::till::fault_of_file;
use crate::view::OrderView;
use crate::view::refunds::RefundView;
pub use check::{Checked, Difference, check, is_export};
use csv_files::CsvFiles;
use data_encoding::HEXLOWER;
use json_files::JsonFiles;
use manifest::{FORMAT, FileSum, Head, Manifest, SignedDay, Sums};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use till_core::error::{Code, Refusal};

/// How the files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For spreadsheets: CSV by RFC 4180 with a byte order mark.
    Csv,
    /// For programs: one JSON object a line.
    JsonLines,
}

/// Which business days, `YYYY-MM-DD`, both included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first; none: from the beginning.
    pub from: Option<String>,
    /// The last; none: to the end.
    pub to: Option<String>,
}

impl Days {
    fn include(&self, day: &str) -> bool {
        self.from.as_deref().is_none_or(|from| from <= day) && self.to.as_deref().is_none_or(|to| day <= to)
    }
}

/// What was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The folder.
    pub folder: String,
    /// Rows.
    #[serde(flatten)]
    pub rows: Rows,
    /// Orders that cannot be told because an event of theirs cannot be read.
    pub unreadable: Vec<String>,
    /// The newest event that was looked at.
    pub head: u64,
    /// Whether the till signed it.
    pub signed: bool,
}

/// Rows of each file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Of orders.
    pub orders: u64,
    /// Of refunds.
    pub refunds: u64,
    /// Of events.
    pub events: u64,
}

/// An order with what its row knows besides.
pub(crate) struct OrderLine {
    pub(crate) order: OrderView,
    pub(crate) row: OrderRow,
}

/// A refund and the business day it was asked for.
pub(crate) struct RefundLine {
    pub(crate) refund: RefundView,
    pub(crate) day: String,
}

/// The files of an export, open for writing.
trait Files {
    fn order(&mut self, line: &OrderLine) -> io::Result<()>;
    fn refund(&mut self, line: &RefundLine) -> io::Result<()>;
    fn event(&mut self, line: &EventLine) -> io::Result<()>;
    /// Everything reaches the disk.
    fn finish(self: Box<Self>, rows: &Rows) -> io::Result<Vec<FileSum>>;
}

/// Writes the journal of `days` into `output`, which must not exist yet; `version` is the program's.
pub async fn export(
    reading: &Reading,
    output: &Path,
    (format, days): (Format, &Days),
    (version, seal): (&str, Option<&Seal>),
) -> Result<Exported, Refusal> {
    if let Days { from: Some(from), to: Some(to) } = days
        && from > to
    {
        return Err(Refusal::of(Code::DaysReversed).with("from", from).with("to", to));
    }
    if output.exists() {
        return Err(Refusal::of(Code::FolderTaken).with("folder", output.display()));
    }
    let half = Half::begin(output).map_err(|error| failed(output, &error))?;
    let files: Box<dyn Files + Send> = match format {
        Format::Csv => Box::new(CsvFiles::create(&half.folder).map_err(|error| failed(output, &error))?),
        Format::JsonLines => Box::new(JsonFiles::create(&half.folder).map_err(|error| failed(output, &error))?),
    };
    let (rows, manifest) = write(reading, files, output, (days, version)).await?;
    manifest::write(&half.folder, &manifest, seal).map_err(|error| failed(output, &error))?;
    half.complete(output).map_err(|error| failed(output, &error))?;
    Ok(Exported {
        folder: output.display().to_string(),
        rows,
        unreadable: manifest.unreadable,
        head: manifest.head.map_or(0, |head| head.seq),
        signed: seal.is_some(),
    })
}

async fn write(
    reading: &Reading,
    mut files: Box<dyn Files + Send>,
    output: &Path,
    (days, version): (&Days, &str),
) -> Result<(Rows, Manifest), Refusal> {
    let fault = |error: io::Error| failed(output, &error);
    let (made_at, newest) = (reading.now(), reading.head().await?);
    let head = newest.map_or(0, |(seq, _)| seq);
    let (mut rows, mut sums, mut unreadable, mut day_heads) = (Rows::default(), Sums::default(), vec![], vec![]);
    for row in order_rows(reading, days).await?.into_iter().rev() {
        match reading.order_up_to(&row.order_no, head).await {
            Ok(Some(order)) => {
                let line = OrderLine { order, row };
                sums.add(&line);
                files.order(&line).map_err(fault)?;
                rows.orders = rows.orders.saturating_add(1);
            }
            Ok(None) => {}
            // What can be read leaves a damaged journal; its events are among the others, each with its fault.
            Err(refusal) if cannot_be_read(&refusal) => unreadable.push(row.order_no),
            Err(refusal) => return Err(refusal),
        }
    }
    for row in refund_rows(reading).await?.into_iter().rev() {
        match reading.refund_up_to(&row, head).await {
            Ok(Some((refund, day))) if days.include(&day) => {
                files.refund(&RefundLine { refund, day }).map_err(fault)?;
                rows.refunds = rows.refunds.saturating_add(1);
            }
            Ok(_) => {}
            // Its order is among the unreadable ones already, or its events are with their fault.
            Err(refusal) if cannot_be_read(&refusal) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    let mut seq = 0;
    while seq < head {
        let page = reading.events(seq).await?;
        let Some(last) = page.last() else { break };
        seq = last.seq;
        for event in page.iter().filter(|event| event.seq <= head) {
            day_heads.extend(SignedDay::of(event));
            // One that cannot be read has no day, and is never left out.
            if event.day.as_deref().is_none_or(|day| days.include(day)) {
                files.event(event).map_err(fault)?;
                rows.events = rows.events.saturating_add(1);
            }
        }
    }
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        made_at,
        version: version.to_owned(),
        till_id: reading.till_id().to_owned(),
        public_key: reading.public_key().to_owned(),
        training: reading.is_training(),
        days: days.clone(),
        head: newest.map(|(seq, hash)| Head { seq, hash: HEXLOWER.encode(&hash) }),
        day_heads,
        files: files.finish(&rows).map_err(fault)?,
        sums: sums.all(),
        unreadable,
    };
    Ok((rows, manifest))
}

/// Something of a journal that an export leaves to the events.
fn cannot_be_read(refusal: &Refusal) -> bool {
    matches!(refusal.code, Code::JournalDamaged | Code::JournalPartUnreadable)
}

/// The rows of the days' orders, newest first.
async fn order_rows(reading: &Reading, days: &Days) -> Result<Vec<OrderRow>, Refusal> {
    let mut rows: Vec<OrderRow> = Vec::new();
    let mut last: Option<OrderRow> = None;
    loop {
        let page = reading.rows(None, last.as_ref()).await?;
        let Some(end) = page.last() else { return Ok(rows) };
        last = Some(end.clone());
        rows.extend(page.into_iter().filter(|row| days.include(&row.day)));
    }
}

/// The rows of every refund, newest first. One that is sent again while this reads jumps to the front: the front is read
/// until nothing new stands there.
async fn refund_rows(reading: &Reading) -> Result<Vec<RefundRow>, Refusal> {
    let mut rows: BTreeMap<String, RefundRow> = BTreeMap::new();
    loop {
        let before = rows.len();
        let mut last: Option<RefundRow> = None;
        loop {
            let page = reading.refund_rows(last.as_ref()).await?;
            last = page.last().cloned();
            rows.extend(page.into_iter().map(|row| (row.refund_no.clone(), row)));
            if last.is_none() {
                break;
            }
        }
        if rows.len() == before {
            break;
        }
    }
    let mut rows: Vec<RefundRow> = rows.into_values().collect();
    rows.sort_by(|a, b| b.refund_no.cmp(&a.refund_no));
    Ok(rows)
}

/// A folder that is being written. Dropped before it is complete, it goes.
struct Half {
    folder: PathBuf,
    complete: bool,
}

impl Half {
    fn begin(output: &Path) -> io::Result<Self> {
        let name = output.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut half = name.to_owned();
        half.push(format!(".{}.part", std::process::id()));
        let folder = beside(output).join(half);
        fs::create_dir(&folder)?;
        Ok(Self { folder, complete: false })
    }

    fn complete(mut self, output: &Path) -> io::Result<()> {
        sync(&self.folder)?;
        fs::rename(&self.folder, output)?;
        self.complete = true;
        sync(beside(output))
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if !self.complete
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            tracing::warn!(%error, "a half export could not be removed");
        }
    }
}

fn beside(output: &Path) -> &Path {
    output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync(folder: &Path) -> io::Result<()> {
    // Windows gives no handle on a folder, and keeps names by itself.
    if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
}

fn failed(output: &Path, error: &io::Error) -> Refusal {
    fault_of_file(output.display(), error)
}
