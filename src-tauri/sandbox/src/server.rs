//! Starting and stopping the stage.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::connection::{Door, Peer};
use crate::control::{self, Control};
use crate::dialect::Dialect;
use crate::ids::Ids;
use crate::notify::{self, Notifications};
use crate::stage::{Book, Settings, Stage};
use crate::store::{Kept, Remembered, Store};
use crate::{blueocean, dingdang, jubao, official_account, phone, pooul};

/// No gateway request is longer.
const BODY_LIMIT: usize = 256 * 1024;

/// How long `stop` waits for answers that are under way.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// No reverse before a trade has this age, until the control surface says otherwise.
const REVERSE_FLOOR_S: i64 = 15;

/// So soon a refund is done by itself, until the control surface says otherwise.
const AUTO_REFUND_MS: u64 = 2000;

/// So long a ticket of the official account holds, as WeChat's do, until the control surface says otherwise.
const TICKET_S: u32 = 7200;

/// How the stage is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes the port of the last start if it is known and free, else any.
    pub listen: SocketAddr,
    /// Lets other machines reach gateways and phone pages (never the control surface).
    pub allow_lan: bool,
    /// The host name in the links that customers open; by default the listened-on address.
    pub phone_host: Option<String>,
    /// Where trades and credentials outlive the stage; nowhere by default.
    pub state_folder: Option<PathBuf>,
    /// The same ids and credentials in every run. A folder's own ids win.
    pub seed: Option<u64>,
    /// What a till knows of the stage, should its file be gone. A folder's own file wins.
    pub remembered: Remembered,
    /// No close before a trade has this age in seconds.
    pub close_floor_s: i64,
    /// How Pooul writes at first.
    pub dialect: Dialect,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            allow_lan: false,
            phone_host: None,
            state_folder: None,
            seed: None,
            remembered: Remembered::default(),
            close_floor_s: 300,
            dialect: Dialect::default(),
        }
    }
}

/// Why the stage did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// An address that other machines reach, without leave for it.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The address is taken or not this machine's.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The wanted address.
        addr: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The folder cannot be read or written, or its file is damaged.
    #[error("cannot keep the state in {path}: {source}")]
    State {
        /// The file.
        path: PathBuf,
        /// What the system or the JSON reader says.
        source: io::Error,
    },
    /// The operating system gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
    /// No RSA keys could be made, or those of the folder cannot be read.
    #[error("no usable RSA keys")]
    Keys,
}

/// A running stage. Dropping it stops it.
pub struct Sandbox {
    addr: SocketAddr,
    stage: Arc<Stage>,
    stop: watch::Sender<bool>,
    served: JoinHandle<io::Result<()>>,
    is_new: bool,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sandbox").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Listens and serves until stopped. Must be called inside a tokio runtime.
    pub async fn start(options: Options) -> Result<Self, SandboxError> {
        if !options.allow_lan && !options.listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(options.listen));
        }
        let (store, mut kept, is_new) = load(&options)?;
        let listener = listen(options.listen, kept.port)
            .await
            .map_err(|source| SandboxError::Listen { addr: options.listen, source })?;
        let addr = listener.local_addr().map_err(|source| SandboxError::Listen { addr: options.listen, source })?;
        kept.moved_to(addr.port());
        let phone_base = match &options.phone_host {
            Some(host) => format!("http://{host}:{}", addr.port()),
            None => origin(addr),
        };
        let settings = Settings {
            close_floor_s: options.close_floor_s,
            reverse_floor_s: REVERSE_FLOOR_S,
            auto_refund_ms: Some(AUTO_REFUND_MS),
            skew_s: 0,
            takes_any_time: false,
            auto_pay_ms: None,
            coupon_minor: None,
            beijing_rural: false,
            channels: [pooul::CHANNELS, blueocean::CHANNELS, jubao::CHANNELS]
                .concat()
                .iter()
                .map(ToString::to_string)
                .collect(),
            blueocean_currency: "HKD".to_owned(),
            jubao_signs: false,
            ticket_s: Some(TICKET_S),
            notifications: Notifications::default(),
            dialect: options.dialect,
            restless_seed: None,
        };
        let path = store.as_ref().map(Store::path);
        let (stop, stopped) = watch::channel(false);
        // Making keys takes a while; other tasks go on meanwhile.
        let (outbox, paid) = mpsc::unbounded_channel();
        let book = tokio::task::spawn_blocking(move || Book::new(kept, settings, outbox)).await.ok().flatten();
        let book = book.ok_or(SandboxError::Keys)?;
        let stage = Arc::new(Stage::new(book, store, phone_base, stopped.clone()));
        stage.save().await.map_err(|source| SandboxError::State { path: path.unwrap_or_default(), source })?;
        tokio::spawn(notify::send_all(Arc::clone(&stage), paid));
        let served = tokio::spawn(serve(listener, Arc::clone(&stage), stopped));
        Ok(Self { addr, stage, stop, served, is_new })
    }

    /// Where the stage listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Whether no stage was there: its keys and trades are new.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Ports at which the stage of this folder listened in earlier starts and does not any more: a till's older orders lead there.
    #[must_use]
    pub fn former_ports(&self) -> Vec<u16> {
        self.stage.with(|book| book.kept.former_ports.clone())
    }

    /// The Pooul gateway's base address, for an account's `--base-url`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/{}", origin(self.addr), pooul::NAME)
    }

    /// The control surface's address, for [`Control::at`].
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("{}/control", origin(self.addr))
    }

    /// The list of unpaid trades, for a customer without a phone.
    #[must_use]
    pub fn phone_list_url(&self) -> String {
        format!("{}/phone", origin(self.addr))
    }

    /// The customer's payment code, to be scanned or typed at the till.
    #[must_use]
    pub fn payment_code_url(&self) -> String {
        self.stage.phone_url(&self.stage.with(|book| book.code_token()))
    }

    /// The customer's page of this order, if there is such a trade.
    #[must_use]
    pub fn phone_url(&self, order_no: &str) -> Option<String> {
        let token = self.stage.with(|book| book.find(Some(order_no)).map(|trade| trade.token.clone()));
        token.map(|token| self.stage.phone_url(&token))
    }

    /// Whether WeChat would accept a page at `address` that calls `wx.config` with `config`.
    #[must_use]
    pub fn accepts_page(&self, config: &Value, address: &str) -> bool {
        self.stage.with(|book| official_account::accepts(book, config, address))
    }

    /// How often a ticket of the official account was asked for.
    #[must_use]
    pub fn tickets_asked(&self) -> u64 {
        self.stage.with(|book| book.tickets)
    }

    /// The control surface without HTTP.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::inside(Arc::clone(&self.stage))
    }

    /// The first line of `tillkeeper sandbox` (design.md section 7): where everything is, and working credentials.
    #[must_use]
    pub fn announcement(&self) -> Value {
        let origin = origin(self.addr);
        let gateways = self.stage.with(|book| {
            json!({
                pooul::NAME: pooul::announcement(&book.kept.pooul, &self.base_url(), &origin),
                blueocean::NAME: blueocean::announcement(&book.blueocean, &origin, &book.settings.blueocean_currency),
                jubao::NAME: jubao::announcement(&book.jubao, &origin),
                dingdang::NAME: dingdang::announcement(&book.dingdang, &origin),
            })
        });
        json!({
            "listen": self.addr.to_string(),
            "control": self.control_url(),
            "phone": self.phone_list_url(),
            "payment_code": self.payment_code_url(),
            "gateways": gateways,
        })
    }

    /// Stops listening, lets answers under way go out for a moment, and returns when all is saved.
    pub async fn stop(mut self) -> Result<(), SandboxError> {
        self.stop.send_replace(true);
        if tokio::time::timeout(LAST_ANSWERS, &mut self.served).await.is_err() {
            self.served.abort();
        }
        let path = PathBuf::new();
        self.stage.save().await.map_err(|source| SandboxError::State { path, source })
    }
}

/// What is kept, where, and whether it is new.
fn load(options: &Options) -> Result<(Option<Store>, Kept, bool), SandboxError> {
    let fresh = || {
        let ids = options.seed.map_or_else(Ids::random, |seed| Ok(Ids::seeded(seed)));
        ids.map(|ids| Kept::new(ids, &options.remembered)).map_err(SandboxError::Random)
    };
    let Some(folder) = &options.state_folder else { return Ok((None, fresh()?, true)) };
    let store = Store::open(folder).map_err(|source| SandboxError::State { path: folder.clone(), source })?;
    Ok(match store.load().map_err(|source| SandboxError::State { path: store.path(), source })? {
        Some(kept) => (Some(store), kept, false),
        None => (Some(store), fresh()?, true),
    })
}

/// Takes the last port again if any will do, so that links given out earlier go on working.
async fn listen(wanted: SocketAddr, last_port: Option<u16>) -> io::Result<TcpListener> {
    if let (0, Some(port)) = (wanted.port(), last_port)
        && let Ok(listener) = TcpListener::bind(SocketAddr::new(wanted.ip(), port)).await
    {
        return Ok(listener);
    }
    TcpListener::bind(wanted).await
}

/// An address that this machine reaches, also when the stage listens on all of them.
fn origin(addr: SocketAddr) -> String {
    let reachable = match addr.ip() {
        ip if !ip.is_unspecified() => addr,
        IpAddr::V4(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, addr.port())),
        IpAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, addr.port())),
    };
    format!("http://{reachable}")
}

async fn serve(listener: TcpListener, stage: Arc<Stage>, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
    let routes = Router::new()
        .nest(&format!("/{}", pooul::NAME), pooul::router())
        .nest(&format!("/{}", blueocean::NAME), blueocean::router())
        .nest(&format!("/{}", jubao::NAME), jubao::router())
        .nest(&format!("/{}", dingdang::NAME), dingdang::router())
        .merge(phone::router())
        .merge(official_account::router())
        .merge(control::router())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(stage)
        .into_make_service_with_connect_info::<Peer>();
    axum::serve(Door(listener), routes)
        .with_graceful_shutdown(async move {
            // An error means that the stage was dropped, which stops it as well.
            drop(stopped.wait_for(|stopped| *stopped).await);
        })
        .await
}
