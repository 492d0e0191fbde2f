//! What comes in by standard input: things that must stand in no argument list.

use super::output::Output;
use super::{Session, bad_request};
#[cfg(unix)]
use rustix::event::{PollFd, PollFlags, Timespec, poll};
#[cfg(unix)]
use rustix::termios::{QueueSelector, tcflush};
use secrecy::ExposeSecret;
use std::io::{BufRead, ErrorKind, IsTerminal, Read};
#[cfg(unix)]
use std::os::fd::AsFd;
use till_core::error::{Code, Refusal};
use till_core::gateway::keys::BadKey;
use till_core::operator::pin;
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

/// Whether a line is somebody's PIN or empty. What nobody's PIN can be is a mistake of whoever wrote the command, such as a file
/// without a last line's end: it is no try at a PIN.
pub(super) fn may_be_pin(line: &Hidden) -> bool {
    line.text().is_some_and(|line| pin::is_empty(&line) || pin::is_pin(&line))
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

/// The secret `field` of an account, as [`secret`] takes it. Of several lines that are pasted at a terminal the first would be
/// stored, and a shell would get the others and show them: they are thrown away, and the secret is refused.
pub(super) fn account_secret(session: &Session, prompt: &str, field: &str) -> Result<Hidden, Refusal> {
    let [begins, _] = PEM;
    let given = secret(session, prompt)?;
    let more = is_typed() && throw_away_rest(&std::io::stdin()).map_err(|error| fault_of_file("stdin", &error))?;
    // Behind a key in PEM stands no more of it, at most an empty line or another key.
    if more && !given.bytes().expose_secret().starts_with(begins.as_bytes()) {
        return Err(Refusal::of(Code::SecretUnusable).with("field", field).with("reason", BadKey::NotOneLine.word()));
    }
    Ok(given)
}

/// What is pasted comes in pieces, each this soon behind the one before.
#[cfg(unix)]
const SOON: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Throws away what waits at a terminal to be read, and says whether anything did.
#[cfg(unix)]
fn throw_away_rest(terminal: &impl AsFd) -> std::io::Result<bool> {
    let waits = poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&SOON))? > 0;
    if waits {
        tcflush(terminal, QueueSelector::IFlush)?;
    }
    Ok(waits)
}

/// Elsewhere it is not known whether anything waits.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "where it can be looked, looking can fail")]
fn throw_away_rest<T>(_: &T) -> std::io::Result<bool> {
    Ok(false)
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn a_line_that_nobody_s_pin_can_be_is_told_from_one_that_may_be_wrong_and_from_none() {
        let may = |line: &[u8]| may_be_pin(&Hidden::new(line.to_vec()));
        for line in ["2580", " 2580 ", "２５８０", "123456789012", "", "  "] {
            assert!(may(line.as_bytes()), "{line}");
        }
        for line in ["258", "1111", "2580-key", "2580 1470", "1234567890123", "-----BEGIN PRIVATE KEY-----"] {
            assert!(!may(line.as_bytes()), "{line}");
        }
        assert!(!may(&[0xff, 0xfe]));
    }

    #[test]
    fn what_was_pasted_behind_the_first_line_is_thrown_away_and_told() {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let keyboard = openpt(flags).unwrap();
        unlockpt(&keyboard).unwrap();
        let mut terminal = File::from(ioctl_tiocgptpeer(&keyboard, flags).unwrap());
        let mut keyboard = File::from(keyboard);
        assert!(!throw_away_rest(&terminal).unwrap(), "nothing was typed");
        keyboard.write_all(b"0123\n4567\n").unwrap();
        let mut line = [0; 16];
        assert_eq!(terminal.read(&mut line).unwrap(), 5, "a terminal gives one line");
        poll(&mut [PollFd::new(&terminal, PollFlags::IN)], None).unwrap();
        assert!(throw_away_rest(&terminal).unwrap());
        assert!(!throw_away_rest(&terminal).unwrap(), "nothing of it is left");
    }
}
