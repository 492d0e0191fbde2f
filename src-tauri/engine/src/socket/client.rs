//! The side that asks.

use super::place::{Place, places, same_user};
use super::{Line, REPLY_LIMIT, REQUEST_LIMIT, Said, SocketFault, line_of, read_line};
use futures_util::stream::{Stream, unfold};
use interprocess::local_socket::tokio::Stream as Connection;
use interprocess::local_socket::traits::tokio::Stream as _;
use serde_json::Value;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};

/// How long an engine may be silent.
const DEADLINE: Duration = Duration::from_secs(5);

/// A connection to the engine that holds a data folder.
#[derive(Debug)]
pub struct Client {
    connection: BufReader<Connection>,
    place: Place,
    deadline: Duration,
}

/// Connects to the engine of a data folder.
pub async fn connect(folder: &Path) -> Result<Client, SocketFault> {
    let places = places(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SocketFault::NobodyListens,
        _ => SocketFault::System { path: folder.to_owned(), error },
    })?;
    for place in places {
        match connect_at(place).await {
            Err(SocketFault::NobodyListens) => {}
            done => return done,
        }
    }
    Err(SocketFault::NobodyListens)
}

async fn connect_at(place: Place) -> Result<Client, SocketFault> {
    place.check()?;
    let name = place.name().map_err(|error| place.fault(error))?;
    let connection = match tokio::time::timeout(DEADLINE, Connection::connect(name)).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            return Err(match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => SocketFault::NobodyListens,
                // So many are waiting already that the engine cannot be accepting.
                io::ErrorKind::WouldBlock => SocketFault::Silent,
                _ => place.fault(error),
            });
        }
        Err(_) => return Err(SocketFault::Silent),
    };
    if !same_user(&connection) {
        return Err(SocketFault::Foreign(place.path));
    }
    Ok(Client { connection: BufReader::new(connection), place, deadline: DEADLINE })
}

impl Client {
    /// Waits for a sign of life at most this long at a time; 5 s unless told.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sends one request and gives the values of the answer as they come. The stream ends with the answer, or with one
    /// fault. Dropping it early hangs up; the engine carries on.
    pub fn call(self, request: &Value) -> impl Stream<Item = Result<Value, SocketFault>> + Send + use<> {
        let begin = match line_of(request) {
            Ok(line) if line.len() > REQUEST_LIMIT.saturating_add(1) => Call::Failed(SocketFault::TooLong),
            Ok(line) => Call::Begin(self, line),
            Err(error) => Call::Failed(self.place.fault(error)),
        };
        unfold(begin, step)
    }

    async fn send(&mut self, line: &[u8]) -> Result<(), SocketFault> {
        let connection = self.connection.get_mut();
        let sent = tokio::time::timeout(self.deadline, async {
            connection.write_all(line).await?;
            connection.flush().await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(SocketFault::Lost),
            Err(_) => Err(SocketFault::Silent),
        }
    }

    async fn next(&mut self) -> Result<Option<Value>, SocketFault> {
        loop {
            let line = tokio::time::timeout(self.deadline, read_line(&mut self.connection, REPLY_LIMIT));
            let line = match line.await {
                Ok(Ok(Line::Whole(line))) => line,
                Ok(Ok(Line::End | Line::TooLong) | Err(_)) => return Err(SocketFault::Lost),
                Err(_) => return Err(SocketFault::Silent),
            };
            match serde_json::from_slice(&line) {
                Ok(Said::Alive) => {}
                Ok(Said::Reply(value)) => return Ok(Some(value)),
                Ok(Said::Done) => return Ok(None),
                Ok(Said::Refused(why)) => return Err(SocketFault::Refused(why)),
                Err(error) => return Err(self.place.fault(error.into())),
            }
        }
    }
}

/// How far a call is.
enum Call {
    Begin(Client, Vec<u8>),
    Going(Client),
    Failed(SocketFault),
    Over,
}

async fn step(call: Call) -> Option<(Result<Value, SocketFault>, Call)> {
    let mut client = match call {
        Call::Begin(mut client, line) => match client.send(&line).await {
            Ok(()) => client,
            Err(fault) => return Some((Err(fault), Call::Over)),
        },
        Call::Going(client) => client,
        Call::Failed(fault) => return Some((Err(fault), Call::Over)),
        Call::Over => return None,
    };
    match client.next().await {
        Ok(Some(value)) => Some((Ok(value), Call::Going(client))),
        Ok(None) => None,
        Err(fault) => Some((Err(fault), Call::Over)),
    }
}
