//! What comes in by standard input: things that must stand in no argument list.

use super::{Session, bad_request};
use std::io::{BufRead, IsTerminal, Read};
use till_core::error::Refusal;
use till_core::words::Label;
use till_engine::request::Hidden;
use till_engine::till::fault_of_file;

/// The longest secret that is read, in bytes: more than any key in PEM.
const LONGEST: u64 = 32 << 10;

/// The longest line that is read, in bytes: far more than any PIN.
const LONGEST_LINE: u64 = 256;

/// The next line of standard input, for which a person at a terminal is prompted, without its end.
pub(super) fn line(session: &Session, prompt: Label) -> Result<Hidden, Refusal> {
    let input = std::io::stdin();
    if input.is_terminal() {
        session.output.note(prompt);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST_LINE).unwrap_or_default());
    let read = input.lock().take(LONGEST_LINE).read_until(b'\n', &mut bytes);
    read.map_err(|error| fault_of_file("stdin", &error))?;
    Ok(without_end(bytes))
}

/// What is left of standard input, for which a person at a terminal is prompted, without the line's end that a shell adds.
pub(super) fn secret(session: &Session, prompt: Label) -> Result<Hidden, Refusal> {
    let input = std::io::stdin();
    if input.is_terminal() {
        session.output.note(prompt);
    }
    // Room for the longest from the start: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default().saturating_add(1));
    let read = input.lock().take(LONGEST.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| fault_of_file("stdin", &error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
        drop(Hidden::new(bytes));
        return Err(bad_request(LONGEST));
    }
    Ok(without_end(bytes))
}

fn without_end(mut line: Vec<u8>) -> Hidden {
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    Hidden::new(line)
}
