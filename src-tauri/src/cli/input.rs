//! What comes in by standard input: things that must stand in no argument list.

use super::output::Output;
use super::{Session, bad_request};
use std::io::{BufRead, ErrorKind, IsTerminal, Read};
use till_core::error::Refusal;
use till_engine::request::Hidden;
use till_engine::till::fault_of_file;

/// The longest secret that is read, in bytes: more than any key in PEM.
const LONGEST: u64 = 32 << 10;

/// The longest line that is read, in bytes: far more than any PIN.
const LONGEST_LINE: u64 = 256;

/// How a key in PEM begins and ends: it has many lines, of which none but the last ends it.
const PEM: [&str; 2] = ["-----BEGIN", "-----END"];

/// Whether a person types.
pub(super) fn is_typed() -> bool {
    std::io::stdin().is_terminal()
}

/// The next line of standard input, without its end. A person at a terminal is prompted, and what they type is not shown.
pub(super) fn line(session: &Session, prompt: &str) -> Result<Hidden, Refusal> {
    if is_typed() {
        return typed(&session.output, prompt).map(|line| Hidden::new(line.into_bytes()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST_LINE).unwrap_or_default());
    let read = std::io::stdin().lock().take(LONGEST_LINE).read_until(b'\n', &mut bytes);
    read.map_err(|error| fault_of_file("stdin", &error))?;
    Ok(without_end(bytes))
}

/// What is left of standard input, without the line's end that a shell adds. A person at a terminal is prompted, what they type
/// is not shown, and Enter ends it; a key in PEM ends with its last line.
pub(super) fn secret(session: &Session, prompt: &str) -> Result<Hidden, Refusal> {
    if is_typed() {
        return typed_secret(&session.output, prompt);
    }
    // Room for the longest from the start: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default().saturating_add(1));
    let read = std::io::stdin().lock().take(LONGEST.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| fault_of_file("stdin", &error))?;
    if is_too_long(&bytes) {
        drop(Hidden::new(bytes));
        return Err(bad_request(LONGEST));
    }
    Ok(without_end(bytes))
}

fn typed_secret(output: &Output, prompt: &str) -> Result<Hidden, Refusal> {
    let [begins, ends] = PEM;
    let first = typed(output, prompt)?;
    if !first.starts_with(begins) {
        return Ok(Hidden::new(first.into_bytes()));
    }
    let mut lines = Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default().saturating_add(1));
    let mut next = first;
    loop {
        lines.extend_from_slice(next.as_bytes());
        let ended = next.starts_with(ends);
        drop(Hidden::new(next.into_bytes()));
        if ended {
            return Ok(Hidden::new(lines));
        }
        if is_too_long(&lines) {
            drop(Hidden::new(lines));
            return Err(bad_request(LONGEST));
        }
        lines.push(b'\n');
        next = unseen()?;
    }
}

fn typed(output: &Output, prompt: &str) -> Result<String, Refusal> {
    output.aside(prompt);
    unseen()
}

/// A line that is typed and not shown. Ctrl-D at its beginning is an empty one.
fn unseen() -> Result<String, Refusal> {
    match rpassword::read_password() {
        Ok(line) => Ok(line),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(String::new()),
        Err(error) => Err(fault_of_file("stdin", &error)),
    }
}

fn is_too_long(bytes: &[u8]) -> bool {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST
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
