//! Where notifications come in: `POST /notify/{gateway}/{account}`, where a gateway asks its partner, see [`partner`], and where
//! customers pay, see [`pay`]. Off unless the merchant gives it an address. TLS is the matter of the proxy or tunnel in front of it.
//!
//! Whoever knocks learns nothing: each refusal has the same answer, and its reason is in the log. A connection carries one
//! request, for a bounded time and a bounded number of bytes, and there is a bound on connections: see [`door`].

mod caller;
mod door;
mod failures;
mod framing;
mod own;
mod partner;
mod pay;
mod refusals;

use crate::till::{NotAccepted, Till};
use crate::view::receiver::NotTaken;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use caller::{Caller, passed_on_by};
use door::{Door, SHOWN_OUT, Visitor};
use failures::Failures;
use refusals::Refusals;
use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use till_core::account::is_account_name;
use till_core::gateway::notification::NOT_ACCEPTED;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

pub use door::Peer;

/// A notification is answered within this time after its head has come; Pooul takes 5 s for silence (001:130, ruling 17).
const DEADLINE: Duration = Duration::from_secs(4);

/// The longest body that is read, in bytes. Documented notifications are under 2,000.
const BODY_LIMIT: usize = 64 * 1024;

/// Where the receiver listens, and whom it believes about the way here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The address; port 0 takes any.
    pub listen: SocketAddr,
    /// The proxy whose `X-Forwarded-For` is believed.
    pub proxy: Option<IpAddr>,
}

/// A running receiver. Dropping it stops it.
pub struct Receiver {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    served: JoinHandle<io::Result<()>>,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("addr", &self.addr).finish_non_exhaustive()
    }
}

struct Desk {
    till: Till,
    proxy: Option<IpAddr>,
    failures: Failures,
    refusals: Arc<Refusals>,
}

impl Receiver {
    /// Listens and takes notifications in for `till` until it is closed.
    pub async fn open(till: Till, options: Options) -> io::Result<Self> {
        let desk = Arc::new(Desk::new(till, options.proxy));
        let turned_away = Arc::clone(&desk);
        let door = Door::new(
            TcpListener::bind(options.listen).await?,
            Box::new(move |peer, why| turned_away.turn_away(peer, &why)),
        );
        let addr = door.addr()?;
        let (stop, mut stopped) = watch::channel(false);
        let routes = routes_to(desk).layer(from_fn(door::hear));
        let routes = routes.into_make_service_with_connect_info::<Visitor>();
        let served = axum::serve(door, routes).with_graceful_shutdown(async move {
            // An error means that the receiver was dropped, which stops it as well.
            drop(stopped.wait_for(|stopped| *stopped).await);
        });
        tracing::info!(%addr, "notifications are received");
        Ok(Self { addr, stop, served: tokio::spawn(served.into_future()) })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Takes nothing more in; answers that are under way go out.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(DEADLINE, &mut self.served).await.is_err() {
            self.served.abort();
        }
    }
}

/// What is answered to a request, without the socket that it came through: for whoever brings one otherwise, with the
/// [`ConnectInfo`] of a [`Peer`].
pub fn routes(till: Till, proxy: Option<IpAddr>) -> Router {
    routes_to(Arc::new(Desk::new(till, proxy)))
}

fn routes_to(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/notify/{gateway}/{account}", any(notify))
        .route(partner::ROUTE, any(partner::called))
        .route("/pay/{link}", any(pay::page))
        .route("/pay/{link}/state", any(pay::state))
        .fallback(elsewhere)
        .layer(from_fn_with_state(Arc::clone(&desk), own::first))
        .layer(from_fn_with_state(Arc::clone(&desk), framing::plain))
        .with_state(desk)
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("all connections were taken, and it had been longest without its whole request")]
    Crowded,
    #[error("not all said and answered within the time that a connection has")]
    TooSlow,
    #[error("no request that can be read")]
    Malformed,
    #[error("its source was refused too often: it was not read")]
    NotRead,
    #[error("nothing is here")]
    NotHere,
    #[error("the body is too long, too slow or broken")]
    NoBody,
    #[error("nothing was committed within the deadline")]
    TooLate,
    #[error("{0}")]
    NotAccepted(#[from] NotAccepted),
}

impl Refused {
    fn is_of_the_sender(&self) -> bool {
        match self {
            Self::Malformed | Self::NotHere | Self::NoBody => true,
            // Who says nothing yet may be a proxy that holds a connection ready.
            Self::Crowded | Self::TooSlow | Self::NotRead | Self::TooLate => false,
            Self::NotAccepted(why) => why.is_of_the_sender(),
        }
    }

    /// Whether the gateway itself sent it, as its signature proves.
    fn was_verified(&self) -> bool {
        match self {
            Self::NotAccepted(why) => why.was_verified(),
            Self::Crowded
            | Self::TooSlow
            | Self::Malformed
            | Self::NotRead
            | Self::NotHere
            | Self::NoBody
            | Self::TooLate => false,
        }
    }

    fn why(&self) -> NotTaken {
        match self {
            Self::Crowded => NotTaken::Crowded,
            Self::TooSlow => NotTaken::TooSlow,
            Self::Malformed => NotTaken::Malformed,
            Self::NotRead => NotTaken::NotRead,
            Self::NotHere => NotTaken::NothingHere,
            Self::NoBody => NotTaken::NoBody,
            Self::TooLate => NotTaken::TooLate,
            Self::NotAccepted(why) => why.why(),
        }
    }
}

async fn notify(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let Caller::Heard(source) = caller else { return answer(StatusCode::OK, NOT_ACCEPTED) };
    let (gateway, account) = match path {
        Ok(Path(named)) if request.method() == Method::POST => named,
        Ok(_) | Err(_) => return desk.refuse(source, "", &Refused::NotHere),
    };
    let proxy = desk.unnamed_proxy(&request);
    let taken = desk.take_in(&gateway, &account, request.into_body()).await;
    desk.note_way_here(proxy, taken.as_ref().err());
    match taken {
        Ok(accepted) => {
            desk.till.count_accepted(&account);
            answer(StatusCode::OK, accepted)
        }
        Err(why) => desk.refuse(source, &account, &why),
    }
}

async fn elsewhere(State(desk): State<Arc<Desk>>, caller: Caller, uri: Uri, headers: HeaderMap) -> Response {
    if uri.path().starts_with(pay::BELOW) {
        return desk.no_page(caller, headers);
    }
    match caller {
        Caller::Heard(source) => desk.refuse(source, "", &Refused::NotHere),
        Caller::NotRead => answer(StatusCode::NOT_FOUND, ""),
    }
}

impl Desk {
    fn new(till: Till, proxy: Option<IpAddr>) -> Self {
        Self { till, proxy, failures: Failures::default(), refusals: Arc::default() }
    }

    async fn take_in(&self, gateway: &str, account: &str, body: Body) -> Result<&'static str, Refused> {
        let ends = Instant::now() + DEADLINE;
        let body = whole(body, ends).await?;
        let told = timeout_at(ends, self.till.notified(gateway, account, body.into())).await;
        Ok(told.map_err(|_| Refused::TooLate)??)
    }

    /// The log has the reason, and an account's name only where it can be one.
    fn note(&self, source: IpAddr, account: &str, why: &Refused) {
        self.tell(source, account, why);
        self.count_against(source, why);
    }

    fn tell(&self, source: IpAddr, account: &str, why: &Refused) {
        let account = if is_account_name(account) { account } else { "" };
        self.refusals.note(source, account, why);
        self.till.count_refused(account, why.why());
    }

    fn count_against(&self, source: IpAddr, why: &Refused) {
        if why.is_of_the_sender() {
            self.failures.count(source);
        }
    }

    /// Takes note of a connection that ended without a request that reached a route, or before its answer.
    fn turn_away(&self, peer: IpAddr, why: &Refused) {
        let peer = peer.to_canonical();
        self.tell(peer, "", why);
        // For whom the proxy passed it on nobody could read, and the proxy brings what is right as well.
        if !self.is_proxy(peer) {
            self.count_against(peer, why);
        }
    }

    /// Whether that is the proxy that the settings name.
    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.proxy.is_some_and(|proxy| proxy.to_canonical() == peer)
    }

    /// Who says that it passes a request on, and is not the proxy that the settings name.
    fn unnamed_proxy(&self, request: &Request) -> Option<IpAddr> {
        passed_on_by(request).filter(|by| !self.is_proxy(*by))
    }

    /// Takes note of the proxy through which what a gateway signed has come. What a stranger says of himself tells of none.
    fn note_way_here(&self, proxy: Option<IpAddr>, refused: Option<&Refused>) {
        if let Some(proxy) = proxy.filter(|_| refused.is_none_or(Refused::was_verified)) {
            self.till.note_passed_on(proxy);
        }
    }

    /// The same for every reason.
    fn refuse(&self, source: IpAddr, account: &str, why: &Refused) -> Response {
        self.note(source, account, why);
        match why {
            Refused::NotHere => answer(StatusCode::NOT_FOUND, ""),
            Refused::Crowded
            | Refused::TooSlow
            | Refused::Malformed
            | Refused::NotRead
            | Refused::NoBody
            | Refused::TooLate
            | Refused::NotAccepted(_) => answer(StatusCode::OK, NOT_ACCEPTED),
        }
    }
}

/// The whole body, if it comes in time and is not too long.
async fn whole(body: Body, ends: Instant) -> Result<Bytes, Refused> {
    match timeout_at(ends, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(whole)) => Ok(whole),
        Ok(Err(error)) if was_shown_out(&error) => Err(Refused::Crowded),
        Ok(Err(_)) | Err(_) => Err(Refused::NoBody),
    }
}

/// Whether reading ended because the place was given to somebody else: strangers may have crowded it out.
fn was_shown_out(error: &(dyn Error + 'static)) -> bool {
    let kind = |error: &(dyn Error + 'static)| error.downcast_ref::<io::Error>().map(io::Error::kind);
    successors(Some(error), |error| (*error).source()).any(|error| kind(error) == Some(SHOWN_OUT))
}

/// One request a connection: what a proxy and the till could take for two different requests has nowhere to stand.
fn answer(status: StatusCode, text: impl IntoResponse) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (CONNECTION, HeaderValue::from_static("close")),
    ];
    (status, headers, text).into_response()
}
