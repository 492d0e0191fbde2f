//! Handing the journal out as files: orders, refunds and events, all of them or some, in a new folder.
//!
//! `manifest.json` says what it holds, and the till signs that where its key is at hand.
//!
//! The folder appears whole or not at all: it is written under another name beside its place, synced, and renamed. What is
//! handed out is the journal up to the event that was its newest at the beginning; reading is done page by page in short
//! transactions, so a till beside it goes on selling, and a year of trade takes no more memory than a day.

mod check;
mod choice;
mod csv_files;
mod half;
mod json_files;
mod manifest;
mod positions;
mod progress;
mod sums;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod walk;
mod xlsx_file;

use crate::backup::fault_of_output;
use crate::reading::{EventLine, Reading};
use crate::seal::Seal;
use crate::view::OrderView;
use crate::view::refunds::RefundView;
pub use check::{Checked, Difference, check, head_of, is_export};
pub use choice::Choice;
use half::Half;
use manifest::FileSum;
pub use manifest::Found;
pub(crate) use manifest::SignedDay;
pub use progress::Progress;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use std::io;
use std::path::Path;
use till_core::error::{Code, Refusal};
use till_core::money::Currency;
use till_core::order::parts::Parts;
use walk::Task;
use xlsx_file::XlsxFile;

/// How the files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// For spreadsheets: CSV by RFC 4180 with a byte order mark.
    Csv,
    /// For spreadsheets: one workbook with typed cells.
    Xlsx,
    /// For programs: one JSON object a line.
    JsonLines,
}

/// What was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Exported {
    /// The folder.
    pub folder: String,
    /// Rows.
    #[serde(flatten)]
    pub rows: Rows,
    /// Orders that cannot be told because an event of theirs cannot be read.
    pub unreadable: Vec<String>,
    /// What is wrong with the journal, where its rows and its events did not go together.
    pub found: Option<Found>,
    /// The newest event that was looked at.
    #[specta(type = Number)]
    pub head: u64,
    /// Whether the till signed it.
    pub signed: bool,
}

/// Rows of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Type)]
pub struct Rows {
    /// Of orders.
    #[specta(type = Number)]
    pub orders: u64,
    /// Of refunds.
    #[specta(type = Number)]
    pub refunds: u64,
    /// Of events.
    #[specta(type = Number)]
    pub events: u64,
}

/// An order with what its picture does not tell.
pub(crate) struct OrderLine {
    pub(crate) order: OrderView,
    pub(crate) gateway: String,
    pub(crate) wallet_no: Option<String>,
    pub(crate) day: String,
    pub(crate) sold_by: String,
    pub(crate) parts: Parts,
    pub(crate) currency: Currency,
}

/// A refund and the business day it was asked for.
pub(crate) struct RefundLine {
    pub(crate) refund: RefundView,
    pub(crate) day: String,
    pub(crate) currency: Currency,
}

/// Where orders and refunds go: orders come first.
trait OrderFiles: Send + 'static {
    fn order(&mut self, line: &OrderLine) -> io::Result<()>;
    fn refund(&mut self, line: &RefundLine) -> io::Result<()>;
}

/// Where events go.
trait EventFiles: Send + 'static {
    fn event(&mut self, line: &EventLine) -> io::Result<()>;
}

/// Files of an export that are complete without the others.
trait Finish {
    /// Everything reaches the disk.
    fn finish(self, rows: &Rows) -> io::Result<Vec<FileSum>>;
}

/// Writes what is chosen of the journal into `output`, which must not exist yet; `version` is the program's.
pub async fn export(
    reading: &Reading,
    output: &Path,
    (format, choice): (Format, &Choice),
    (version, seal): (&str, Option<&Seal>),
    progress: &Progress,
) -> Result<Exported, Refusal> {
    choice.check(reading).await?;
    if output.exists() {
        return Err(Refusal::of(Code::FolderTaken).with("folder", output.display()));
    }
    let fault = |error: io::Error| fault_of_output(output, &error);
    let half = Half::begin(output).map_err(fault)?;
    let task = Task::begin(reading, output, choice, progress).await?;
    let (told, files) = match format {
        Format::Csv => Box::pin(task.side_by_side(csv_files::create(&half.folder).map_err(fault)?)).await?,
        Format::Xlsx => Box::pin(task.in_one(XlsxFile::create(&half.folder).map_err(fault)?)).await?,
        Format::JsonLines => Box::pin(task.side_by_side(json_files::create(&half.folder).map_err(fault)?)).await?,
    };
    // What is missing from an export nobody sees in it: where anything does not go together, the whole journal is looked at.
    let found = if told.agrees { None } else { reading.verified().await? };
    let (rows, manifest) = (told.rows, task.manifest(version, told, files, found));
    manifest::write(&half.folder, &manifest, seal).map_err(fault)?;
    progress.go_on()?;
    half.complete(output).map_err(fault)?;
    Ok(Exported {
        folder: output.display().to_string(),
        rows,
        unreadable: manifest.unreadable,
        found,
        head: manifest.head.map_or(0, |head| head.seq),
        signed: seal.is_some(),
    })
}
