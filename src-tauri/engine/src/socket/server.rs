//! The side that answers.

use super::place::{Place, places, same_user};
use super::{Line, REQUEST_LIMIT, Said, SocketFault, line_of, read_line};
use crate::lock::LockGuard;
use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::tokio::Listener as _;
use serde_json::Value;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;

/// How often an engine at work says so.
const BEAT: Duration = Duration::from_secs(1);

/// How long a client may leave its answer unread before it is hung up on.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many replies wait for the client before the handler does.
const WAITING: usize = 64;

/// Listens until it is closed or dropped. Requests that are being worked on when it is dropped are worked on to their end.
#[derive(Debug)]
pub struct SocketServer {
    closing: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl SocketServer {
    /// Takes no further request, and returns once every answer under way has been said to its last line.
    pub async fn close(mut self) {
        self.closing.send_replace(true);
        // Nobody but its owner ends it otherwise, and a task that failed says nothing more either.
        let _ended = (&mut self.accepting).await;
    }
}

impl Drop for SocketServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Listens for the data folder that `held` holds, readable and writable by this user only, and gives every request to
/// `handler` with a sender for the replies. The answer ends when the handler has returned and dropped its senders. When
/// the client hangs up, the sender is closed, and the handler goes on until it returns: it is never cut off in the middle.
pub fn serve<H, F>(held: &LockGuard, handler: H) -> Result<SocketServer, SocketFault>
where
    H: Fn(Value, Sender<Value>) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    serve_with(held, BEAT, handler)
}

pub(super) fn serve_with<H, F>(held: &LockGuard, beat: Duration, handler: H) -> Result<SocketServer, SocketFault>
where
    H: Fn(Value, Sender<Value>) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let folder = held.folder();
    let mut last = SocketFault::NobodyListens;
    let places = places(folder).map_err(|error| SocketFault::System { path: folder.to_owned(), error })?;
    for place in places {
        match listen(&place) {
            Ok(listener) => {
                let (closing, closes) = watch::channel(false);
                let accepting = tokio::spawn(accept(listener, beat, Arc::new(handler), closes));
                return Ok(SocketServer { closing, accepting });
            }
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

/// The socket stays behind at the end: removing it could hit that of the next engine, which replaces it anyway.
fn listen(place: &Place) -> Result<Listener, SocketFault> {
    place.clear()?;
    let options = ListenerOptions::new().name(place.name().map_err(|error| place.fault(error))?).reclaim_name(false);
    #[cfg(target_os = "linux")]
    let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
    let listener = options.create_tokio().map_err(|error| place.fault(error))?;
    #[cfg(all(unix, not(target_os = "linux")))]
    std::fs::set_permissions(&place.path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(|error| place.fault(error))?;
    Ok(listener)
}

async fn accept<H, F>(listener: Listener, beat: Duration, handler: Arc<H>, mut closes: watch::Receiver<bool>)
where
    H: Fn(Value, Sender<Value>) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut conversations = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_ended) = conversations.join_next() => continue,
            () = closed(&mut closes) => break,
        };
        match stream {
            Ok(stream) if same_user(&stream) => {
                let (handler, closes) = (handler.clone(), closes.clone());
                conversations.spawn(async move {
                    if let Err(error) = converse(stream, beat, &*handler, closes).await {
                        tracing::debug!("a client of the socket hung up: {error}");
                    }
                });
            }
            Ok(_) => tracing::warn!("another user's process was turned away from the socket"),
            Err(error) => {
                // Out of file descriptors, as a rule: it passes.
                tracing::warn!("the socket did not accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    while conversations.join_next().await.is_some() {}
}

async fn closed(closes: &mut watch::Receiver<bool>) {
    // A sender that is gone was dropped with the server, which ends this task itself.
    let _gone = closes.wait_for(|closing| *closing).await;
}

/// Answers one client's requests, one after another, until it hangs up or the server is closed.
async fn converse<H, F>(
    stream: Stream,
    beat: Duration,
    handler: &H,
    mut closes: watch::Receiver<bool>,
) -> io::Result<()>
where
    H: Fn(Value, Sender<Value>) -> F + Send + Sync,
    F: Future<Output = ()> + Send + 'static,
{
    let mut incoming = BufReader::new(&stream);
    loop {
        let line = tokio::select! {
            biased;
            line = read_line(&mut incoming, REQUEST_LIMIT) => line?,
            () = closed(&mut closes) => return Ok(()),
        };
        let request = match line {
            Line::Whole(line) => serde_json::from_slice::<Value>(&line),
            Line::TooLong => {
                let why = format!("a request may have at most {REQUEST_LIMIT} bytes");
                say(&stream, &Said::Refused(why)).await?;
                continue;
            }
            Line::End => return Ok(()),
        };
        let end = match request {
            Ok(request) => answer(&stream, &mut incoming, beat, handler, request).await?,
            Err(error) => Said::Refused(format!("the request is not JSON: {error}")),
        };
        say(&stream, &end).await?;
    }
}

/// Lets the handler work and passes its replies on; gives the line that ends the answer.
async fn answer<H, F>(
    stream: &Stream,
    incoming: &mut BufReader<&Stream>,
    beat: Duration,
    handler: &H,
    request: Value,
) -> io::Result<Said>
where
    H: Fn(Value, Sender<Value>) -> F + Send + Sync,
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, mut replies) = channel(WAITING);
    let mut work = tokio::spawn(handler(request, sender));
    let mut beats = tokio::time::interval(beat);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut open, mut quiet) = (true, true);
    loop {
        tokio::select! {
            reply = replies.recv(), if open => match reply {
                Some(reply) => say(stream, &Said::Reply(reply)).await?,
                None => open = false,
            },
            done = &mut work, if !open => return Ok(match done {
                Ok(()) => Said::Done,
                Err(_) => Said::Refused("the engine failed at this request".to_owned()),
            }),
            _ = beats.tick() => say(stream, &Said::Alive).await?,
            more = incoming.fill_buf(), if quiet => {
                if more?.is_empty() {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                // The next request is there already; it has to wait.
                quiet = false;
            }
        }
    }
}

async fn say(mut stream: &Stream, said: &Said) -> io::Result<()> {
    let line = line_of(said)?;
    match tokio::time::timeout(PATIENCE, stream.write_all(&line)).await {
        Ok(done) => done,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
