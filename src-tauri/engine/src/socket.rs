//! The local socket of an engine: how a second process hands its commands to the one that holds the data folder.
//!
//! A request is one JSON value on one line. The answer is lines of [`Said`]: any number of replies, then the end. While
//! the engine works on a request without saying anything, it says at least that it is alive, so that a caller can tell a
//! long sale from an engine that hangs.

mod client;
mod place;
mod server;

pub use client::{Client, connect};
pub use server::{SocketServer, serve};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;
use std::path::PathBuf;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// The longest request line, in bytes, without its end.
pub const REQUEST_LIMIT: usize = 64 << 10;

/// The longest reply line that a client reads.
const REPLY_LIMIT: usize = 16 << 20;

/// A line from the engine.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    /// The request was read and is being worked on.
    Alive,
    /// One value of the answer.
    Reply(Value),
    /// That was the answer.
    Done,
    /// The request was not worked on, or not to its end; why.
    Refused(String),
}

/// Why the socket did not serve.
#[derive(Debug, thiserror::Error)]
pub enum SocketFault {
    /// No engine listens for this folder.
    #[error("no engine listens")]
    NobodyListens,
    /// The engine listens but did not answer in time.
    #[error("the engine does not answer")]
    Silent,
    /// The connection ended before the answer did; the request may have been carried out.
    #[error("the engine's answer broke off")]
    Lost,
    /// The request is longer than [`REQUEST_LIMIT`]. It was not sent.
    #[error("a request may have at most {REQUEST_LIMIT} bytes")]
    TooLong,
    /// The engine refused the request.
    #[error("the engine refused: {0}")]
    Refused(String),
    /// The other side belongs to another user, or the socket's folder could be changed by one.
    #[error("not ours alone: {}", .0.display())]
    Foreign(PathBuf),
    /// The system said no.
    #[error("the socket {path} failed: {error}", path = path.display())]
    System {
        /// The socket.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

/// What a line turned out to be.
enum Line {
    Whole(Vec<u8>),
    TooLong,
    /// The other side has ended; a line that it had begun does not count.
    End,
}

/// Reads one line of at most `limit` bytes. Of a longer one the rest is read away, so that the other side, which may
/// still be writing, hears what it is told.
async fn read_line(from: &mut (impl AsyncBufRead + Unpin), limit: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let ready = from.fill_buf().await?;
        if ready.is_empty() {
            return Ok(Line::End);
        }
        let (part, ends) = match ready.iter().position(|&byte| byte == b'\n') {
            Some(at) => (ready.get(..at).unwrap_or_default(), true),
            None => (ready, false),
        };
        if part.len() > limit.saturating_sub(line.len()) {
            too_long = true;
            line = Vec::new();
        }
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = part.len().saturating_add(usize::from(ends));
        from.consume(used);
        if ends {
            return Ok(if too_long { Line::TooLong } else { Line::Whole(line) });
        }
    }
}

/// A value as one line.
fn line_of(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
