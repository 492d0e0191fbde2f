//! The listening socket: how many connections there may be, how long one may last and how much may come through it.
//!
//! A connection that says nothing, or speaks one byte at a time, ends with its time. While all places are taken, newcomers
//! wait in the system's own queue.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep_until};

/// Connections at once.
const PLACES: usize = 256;

/// How long one may last: for its head, and then for the deadline of an answer.
const LIFETIME: Duration = Duration::from_secs(8);

/// How much is read from one at most, in bytes: the longest body and a head.
const READ_LIMIT: usize = 96 * 1024;

/// A pause after the system refused to accept, so that it is not asked without end.
const PAUSE: Duration = Duration::from_millis(200);

/// The listening socket.
pub(super) struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Door {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(PLACES)) }
    }

    pub(super) fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        // Never closed, so there is always a permit to wait for.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // Without this the answer may wait 40 ms; a connection that refuses the option still works.
                    drop(stream.set_nodelay(true));
                    let ends = Box::pin(sleep_until(Instant::now() + LIFETIME));
                    return (Line { stream, ends, left: READ_LIMIT, _place: place }, peer);
                }
                Err(error) => {
                    tracing::debug!(%error, "not accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.addr()
    }
}

/// Who is at the other end.
impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The other end's address.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    ends: Pin<Box<Sleep>>,
    left: usize,
    _place: Option<OwnedSemaphorePermit>,
}

impl Line {
    /// The time is over: whoever waits here is woken then.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.ends.as_mut().poll(cx).is_ready() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        if self.left == 0 {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.left = self.left.saturating_sub(buf.filled().len().saturating_sub(before));
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
