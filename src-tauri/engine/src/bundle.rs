//! One order's evidence in one file: its events as they are stored, the gateway's answers they rest on, and the till's signature.
//!
//! The file is JSON Lines: a cover, the journal's first event, the order's events, the answers, the signed days around them, and
//! last the signature over every byte before it. It holds nothing of other orders, and no secret: none is in the journal.

mod check;
mod lines;

use crate::backup::{Part, fault_of_output, sync};
use crate::reading::Reading;
use crate::seal::Seal;
use crate::till::unexpected;
pub use check::{Checked, Fault, check, is_bundle};
use data_encoding::HEXLOWER;
use lines::{Answer, Cover, FORMAT, Line, Row, Summary, message};
use serde::Serialize;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use till_core::error::{Code, Refusal};
use till_core::journal::Point;

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bundled {
    /// The file.
    pub file: String,
    /// The order.
    pub order_no: String,
    /// Its events.
    pub events: u64,
    /// The gateway's answers that are in it.
    pub answers: u64,
    /// Those that were removed for their age, or are gone.
    pub answers_gone: u64,
    /// The journal's newest event when it was made.
    pub head: u64,
    /// Whether the till signed it.
    pub signed: bool,
}

/// Writes the evidence of an order into the new file `output`; `version` is the program's.
pub async fn bundle(
    reading: &Reading,
    order_no: &str,
    output: &Path,
    (version, seal): (&str, Option<&Seal>),
) -> Result<Bundled, Refusal> {
    let taken = || Refusal::of(Code::FileTaken).with("file", output.display());
    if output.symlink_metadata().is_ok() {
        return Err(taken());
    }
    let evidence = reading.evidence_of(order_no).await?;
    let row = |(prev, row)| Row { prev, row };
    let answers: Vec<Answer> = evidence.answers.into_iter().map(Answer::of).collect();
    let gone = answers.iter().filter(|answer| answer.is_gone()).count();
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let bundled = Bundled {
        file: output.display().to_string(),
        order_no: order_no.to_owned(),
        events: number(evidence.events.len()),
        answers: number(answers.len().saturating_sub(gone)),
        answers_gone: number(gone),
        head: evidence.head.0,
        signed: seal.is_some(),
    };
    let cover = Cover {
        format: FORMAT.to_owned(),
        made_at: reading.now(),
        version: version.to_owned(),
        till_id: reading.till_id().to_owned(),
        public_key: reading.public_key().to_owned(),
        training: reading.is_training(),
        order: Summary::of(&evidence.order),
        head: Point { seq: evidence.head.0, hash: HEXLOWER.encode(&evidence.head.1) },
        events: bundled.events,
        answers: number(answers.len()),
    };
    let mut lines = vec![Line::Cover(Box::new(cover)), Line::Opened(row(evidence.opened))];
    lines.extend(evidence.events.into_iter().map(|event| Line::Event(row(event))));
    lines.extend(answers.into_iter().map(Line::Answer));
    lines.extend(evidence.day_heads.into_iter().map(Line::DayHead));
    let text = signed(&lines, seal).map_err(|error| unexpected(&error))?;
    write(output, &text).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => taken(),
        _ => fault_of_output(output, &error),
    })?;
    Ok(bundled)
}

/// The lines as text, and the signature behind them where there is a key.
fn signed(lines: &[Line], seal: Option<&Seal>) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
    }
    if let Some(seal) = seal {
        let signature = Line::Signature(seal.sign(&message(&text)));
        serde_json::to_writer(&mut text, &signature)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// The file appears whole or not at all, and never in another's place.
fn write(output: &Path, text: &[u8]) -> io::Result<()> {
    let output = std::path::absolute(output)?;
    let folder = output.parent().ok_or_else(|| io::Error::from(ErrorKind::IsADirectory))?;
    let part = Part::beside(&output)?;
    let mut file = File::create_new(&part.path)?;
    file.write_all(text)?;
    file.sync_all()?;
    drop(file);
    part.become_file(&output)?;
    sync(folder)
}
