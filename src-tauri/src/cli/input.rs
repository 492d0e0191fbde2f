//! What comes in by standard input: things that must stand in no argument list.

use super::{Session, bad_request};
use std::io::{IsTerminal, Read};
use till_core::error::{Code, Refusal};
use till_core::words::Label;
use till_engine::request::Hidden;

/// The longest secret that is read, in bytes: more than any key in PEM.
const LONGEST: u64 = 32 << 10;

/// All of standard input, for which a person at a terminal is prompted, without the line's end that a shell adds.
pub(super) fn secret(session: &Session, prompt: Label) -> Result<Hidden, Refusal> {
    let input = std::io::stdin();
    if input.is_terminal() {
        session.output.note(prompt);
    }
    // Room for the longest from the start: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default().saturating_add(1));
    let read = input.lock().take(LONGEST.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Refusal::of(Code::FileFailed).with("reason", error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
        drop(Hidden::new(bytes));
        return Err(bad_request(LONGEST));
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Ok(Hidden::new(bytes))
}
