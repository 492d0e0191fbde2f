//! The listening socket: how many connections there may be, how long one may last and how much may come through it.
//!
//! A connection that says nothing, or speaks one byte at a time, ends with its time. While all places are taken, a newcomer gets
//! the place of whoever has been longest without saying all it has to say: nobody is kept waiting by those who wait themselves.
//! A request that was heard to its end keeps its place until it is answered; where all are such, newcomers wait in the system's
//! own queue.
//!
//! What ends here before it came to a route, or before its answer, is told by its reason: see [`TurnedAway`].

use super::Refused;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, Sleep, sleep_until};

/// Connections at once.
const PLACES: usize = 256;

/// How long one may last: for its head, and then for the deadline of an answer.
const LIFETIME: Duration = Duration::from_secs(8);

/// How much is read from one at most, in bytes: the longest body and a head.
const READ_LIMIT: usize = 96 * 1024;

/// A pause after the system refused to accept, so that it is not asked without end.
const PAUSE: Duration = Duration::from_millis(200);

/// The log has that at most once in this time.
const SAID_AGAIN: Duration = Duration::from_mins(1);

/// Is told whose connection ended without a request that came to a route, or before its answer, and why.
pub(super) type TurnedAway = Box<dyn Fn(IpAddr, Refused) + Send + Sync>;

/// The listening socket.
pub(super) struct Door {
    listener: TcpListener,
    places: Arc<Places>,
    said: Option<Instant>,
}

impl Door {
    pub(super) fn new(listener: TcpListener, turned_away: TurnedAway) -> Self {
        Self { listener, places: Arc::new(Places::new(turned_away)), said: None }
    }

    pub(super) fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    fn say(&mut self, error: &io::Error) {
        if self.said.is_none_or(|said| said.elapsed() >= SAID_AGAIN) {
            self.said = Some(Instant::now());
            tracing::warn!(%error, "the system lets no connection of the receiver in");
        }
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // Without this the answer may wait 40 ms; a connection that refuses the option still works.
                    drop(stream.set_nodelay(true));
                    let (place, shown_out) = self.places.take(peer.ip()).await;
                    let ends = Box::pin(sleep_until(Instant::now() + LIFETIME));
                    return (Line { stream, ends, shown_out: Some(shown_out), left: READ_LIMIT, place }, peer);
                }
                Err(error) => {
                    self.say(&error);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.addr()
    }
}

/// Who is inside.
struct Places {
    taken: Mutex<Taken>,
    freed: Notify,
    turned_away: TurnedAway,
}

#[derive(Debug, Default)]
struct Taken {
    newest: u64,
    /// By the order in which they came.
    guests: BTreeMap<u64, Guest>,
}

#[derive(Debug)]
struct Guest {
    heard: bool,
    /// Dropping it shows the guest out.
    _stays: oneshot::Sender<()>,
}

impl Places {
    fn new(turned_away: TurnedAway) -> Self {
        Self { taken: Mutex::default(), freed: Notify::new(), turned_away }
    }

    /// A place for `guest`, once there is one, and what becomes ready when the guest has to go.
    async fn take(self: &Arc<Self>, guest: IpAddr) -> (Arc<Place>, oneshot::Receiver<()>) {
        loop {
            let freed = self.freed.notified();
            if let Some((number, shown_out)) = self.taken.lock().take() {
                return (
                    Arc::new(Place { number, guest, visit: Mutex::default(), places: Arc::clone(self) }),
                    shown_out,
                );
            }
            freed.await;
        }
    }
}

impl Taken {
    fn take(&mut self) -> Option<(u64, oneshot::Receiver<()>)> {
        if self.guests.len() >= PLACES {
            let waiting = self.guests.iter().find(|(_, guest)| !guest.heard).map(|(number, _)| *number)?;
            self.guests.remove(&waiting);
        }
        let (stays, shown_out) = oneshot::channel();
        self.newest = self.newest.saturating_add(1);
        self.guests.insert(self.newest, Guest { heard: false, _stays: stays });
        Some((self.newest, shown_out))
    }
}

/// How reading ends for whoever's place was given away.
pub(super) const SHOWN_OUT: io::ErrorKind = io::ErrorKind::ConnectionAborted;

/// One guest's place. Dropping it frees the place.
struct Place {
    number: u64,
    guest: IpAddr,
    visit: Mutex<Visit>,
    places: Arc<Places>,
}

/// How far a guest has come.
#[derive(Debug, Default)]
struct Visit {
    stage: Stage,
    /// Why its time or its place was over.
    shown_out: Option<Refused>,
    /// It went by itself.
    left: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Silent,
    /// Something came.
    Speaking,
    /// It was answered although it asked for nothing that a route could hear: with an error, below the routes.
    NotUnderstood,
    /// A route has its request.
    Heard,
    /// The route has answered, and told of it where that was a refusal.
    Answered,
}

impl Place {
    /// The whole request came.
    fn whole(&self) {
        if let Some(guest) = self.places.taken.lock().guests.get_mut(&self.number) {
            guest.heard = true;
        }
    }

    fn comes_to(&self, stage: Stage) {
        self.visit.lock().stage = stage;
    }

    /// Something came, or nothing more will.
    fn read(&self, bytes: usize) {
        let mut visit = self.visit.lock();
        if bytes == 0 {
            visit.left = true;
        } else if visit.stage == Stage::Silent {
            visit.stage = Stage::Speaking;
        }
    }

    fn written(&self) {
        let mut visit = self.visit.lock();
        if visit.stage == Stage::Speaking {
            visit.stage = Stage::NotUnderstood;
        }
    }

    fn show_out(&self, why: Refused) {
        self.visit.lock().shown_out.get_or_insert(why);
    }
}

impl Visit {
    /// Why the guest was turned away; nothing where it got its answer, or went by itself.
    fn turned_away(&mut self) -> Option<Refused> {
        match self.stage {
            Stage::Answered => None,
            Stage::NotUnderstood => Some(Refused::Malformed),
            Stage::Silent | Stage::Heard => self.shown_out.take(),
            Stage::Speaking => self.shown_out.take().or((!self.left).then_some(Refused::Malformed)),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken.lock().guests.remove(&self.number);
        self.places.freed.notify_one();
        if let Some(why) = self.visit.get_mut().turned_away() {
            (self.places.turned_away)(self.guest, why);
        }
    }
}

/// Who is at the other end, and the place it has.
#[derive(Clone)]
pub(super) struct Visitor {
    peer: SocketAddr,
    place: Arc<Place>,
}

impl Connected<IncomingStream<'_, Door>> for Visitor {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self { peer: *stream.remote_addr(), place: Arc::clone(&stream.io().place) }
    }
}

/// Lets a request pass, and keeps its place for it once it was heard to its end.
pub(super) async fn hear(ConnectInfo(visitor): ConnectInfo<Visitor>, mut request: Request, next: Next) -> Response {
    let Visitor { peer, place } = visitor;
    request.extensions_mut().insert(ConnectInfo(Peer(peer)));
    place.comes_to(Stage::Heard);
    if request.body().is_end_stream() {
        place.whole();
    } else {
        let there = Arc::clone(&place);
        let end = stream::once(async move {
            there.whole();
            Ok(Bytes::new())
        });
        request = request.map(|body| Body::from_stream(body.into_data_stream().chain(end)));
    }
    let answer = next.run(request).await;
    place.comes_to(Stage::Answered);
    answer
}

/// The other end's address.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    ends: Pin<Box<Sleep>>,
    /// None once it has been shown out.
    shown_out: Option<oneshot::Receiver<()>>,
    left: usize,
    place: Arc<Place>,
}

impl Line {
    /// The time is over, or the place was given away: whoever waits here is woken then.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.ends.as_mut().poll(cx).is_ready() {
            self.place.show_out(Refused::TooSlow);
            return Err(io::ErrorKind::TimedOut.into());
        }
        if self.shown_out.as_mut().is_some_and(|shown_out| Pin::new(shown_out).poll(cx).is_ready()) {
            self.shown_out = None;
            self.place.show_out(Refused::Crowded);
        }
        if self.shown_out.is_none() { Err(SHOWN_OUT.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        if self.left == 0 {
            self.place.show_out(Refused::Malformed);
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let came = buf.filled().len().saturating_sub(before);
        self.left = self.left.saturating_sub(came);
        if read.is_ready() {
            self.place.read(came);
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if written.is_ready() {
            self.place.written();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot::error::TryRecvError;

    #[tokio::test]
    async fn a_newcomer_gets_the_place_of_whoever_has_been_longest_without_saying_all_and_of_nobody_else() {
        let places = Arc::new(Places::new(Box::new(|_, _| {})));
        let guest = IpAddr::from([127, 0, 0, 1]);
        let mut inside = Vec::new();
        for _ in 0..PLACES {
            inside.push(places.take(guest).await);
        }
        let said_nothing = [3, 200];
        for (number, (place, _)) in inside.iter().enumerate() {
            if !said_nothing.contains(&number) {
                place.whole();
            }
        }
        for _ in said_nothing {
            let (place, shown_out) = places.take(guest).await;
            place.whole();
            inside.push((place, shown_out));
        }
        let mut gone = Vec::new();
        for (number, (_, shown_out)) in inside.iter_mut().enumerate() {
            if shown_out.try_recv() == Err(TryRecvError::Closed) {
                gone.push(number);
            }
        }
        assert_eq!(gone, said_nothing);
        assert!(places.taken.lock().take().is_none(), "all others were heard");
        drop(inside.swap_remove(0));
        let waiting = tokio::time::timeout(Duration::from_secs(5), places.take(guest)).await;
        assert!(waiting.is_ok(), "a place that gets free is given away");
    }
}
