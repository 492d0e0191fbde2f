//! What the gateways send by themselves: late, several times at once, about what has changed meanwhile, or forged.

use super::book;
use super::gateway::HOUSES;
use super::wire::{self, Dress, Proof, tail};
use super::world::{H, MIN, S, Stage};
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::net::{Ipv4Addr, SocketAddr};
use till_core::account::hint_of;
use till_engine::receiver::Peer;
use till_engine::till::{NotAccepted, Till};
use tower::ServiceExt;

/// The receiver answers no later.
const DEADLINE: i64 = 4 * S;

/// Which way a notification takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Straight to the till, which says why it does not accept one.
    Till,
    /// Through the receiver's routes, where nobody learns why. `alone`: no copy of it is sent.
    Receiver { alone: bool },
}

/// A notification, as it was made.
#[derive(Clone)]
struct Notification {
    order_no: String,
    gateway: &'static str,
    account: &'static str,
    /// Whose order it is, by the merchant's place.
    place: usize,
    /// What the merchant signed with when it was made.
    key: String,
    body: Vec<u8>,
    proofs: Vec<Proof>,
    dress: Dress,
    /// It goes to another account than its order's.
    misled: bool,
    /// World time.
    made: i64,
}

impl Notification {
    /// About an order as it stands now; none: the gateway has no such order, or sends none.
    fn about(stage: &Stage, order_no: &str, dress: Dress) -> Option<Self> {
        let mut world = stage.now();
        let place = world.platform.trades.get(order_no)?.place;
        let (account, dialect) = HOUSES[place];
        let (body, proofs) = wire::notification(&mut world, order_no, dress)?;
        let misled = dress == Dress::Plain && world.chance.permille(50);
        let others: Vec<usize> = (0..HOUSES.len()).filter(|other| *other != place).collect();
        let (account, gateway) = if misled {
            let (account, dialect) = HOUSES[*world.chance.one_of(&others)];
            (account, dialect.gateway())
        } else {
            (account, dialect.gateway())
        };
        let (made, key) = (world.now, world.platform.merchants[place].key.clone());
        Some(Self { order_no: order_no.to_owned(), gateway, account, place, key, body, proofs, dress, misled, made })
    }

    /// Whether the merchant signs with the same key still, and the till says that it has that one.
    fn key_is_known(&self, stage: &Stage, till: &Till) -> bool {
        let signs = stage.still().platform.merchants[self.place].key == self.key;
        let has = till.account(self.account).ok().and_then(|account| account.secrets.get("key").cloned());
        signs && has == Some(hint_of(self.key.as_bytes()))
    }

    fn is_forged(&self) -> bool {
        use Dress::{Cut, OtherNumber, Twice, UnsignedPaid, WrongSign};
        self.misled || matches!(self.dress, Cut | OtherNumber | Twice | UnsignedPaid | WrongSign)
    }

    /// What the receiver answers. None: nobody waits for that any more.
    async fn brought(&self, stage: &Stage) -> Option<bool> {
        let (answering, patience) = {
            let mut world = stage.now();
            let routes = world.run.receiver.clone()?;
            // Each from somewhere else: what one sender has forged counts against no other.
            let from = 0xac10_0000 + u32::try_from(world.chance.below(1 << 20)).expect("an address");
            let request = Request::post(format!("/notify/{}/{}", self.gateway, self.account));
            let mut request = request.body(Body::from(self.body.clone())).expect("a request");
            let peer = SocketAddr::from((Ipv4Addr::from_bits(from), 6_000));
            request.extensions_mut().insert(ConnectInfo(Peer(peer)));
            let fair = world.fair;
            let patience = if !fair && world.chance.permille(80) { world.chance.between(0, 20_000) } else { H };
            (routes.oneshot(request), world.now + patience)
        };
        let response = tokio::select! {
            response = answering => response.expect("an answer"),
            () = stage.until(patience) => return None,
        };
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        Some(body.eq_ignore_ascii_case(b"success"))
    }

    /// It comes to the till, which says yes to it only once its consequence is stored.
    async fn comes(self, stage: &Stage, till: &Till, way: Way) -> bool {
        let forged = self.is_forged();
        if !forged {
            book::notified(&mut stage.now(), &self.order_no, &self.body, &self.proofs, self.made);
        }
        let known = self.key_is_known(stage, till);
        let (came, before) = {
            let world = stage.now();
            (world.now, world.disk.events.len())
        };
        let result = match way {
            Way::Till => till.notified(self.gateway, self.account, self.body.clone()).await.map(|_| ()).map_err(Some),
            Way::Receiver { .. } => match self.brought(stage).await {
                Some(true) => Ok(()),
                Some(false) => Err(None),
                None => {
                    let order_no = tail(&self.order_no);
                    stage.now().tell(format_args!("notified {order_no} {:?}: the sender is gone", self.dress));
                    return false;
                }
            },
        };
        let known = known && self.key_is_known(stage, till);
        let mut world = stage.now();
        let accepted = result.is_ok();
        world.notified(accepted);
        let Self { order_no, dress, proofs, body, .. } = &self;
        world.tell(format_args!("notified {} {proofs:?} {dress:?}: {result:?}", tail(order_no)));
        let Some(told) = world.book.orders.get(order_no).cloned() else {
            if result.is_ok() {
                world.fail("a notification of an order of nobody", order_no.clone());
            }
            return accepted;
        };
        let pays = proofs.iter().any(|proof| matches!(proof, Proof::Paid | Proof::Refunded));
        let too_little = !pays && told.dialect == Some(wire::Dialect::Jubao);
        let too_late = world.now - came >= DEADLINE;
        if result == Err(None) && way == (Way::Receiver { alone: true }) && !too_late {
            let kept = HEXLOWER.encode(&Sha256::digest(body));
            let mut since = world.disk.events.iter().skip(before);
            if since.any(|event| String::from_utf8_lossy(&event.payload).contains(&kept)) {
                world.fail("what is not accepted is not booked", format!("{order_no} {dress:?}"));
            }
        }
        let faults = !world.fair || world.now - world.fair_since < MIN || world.stores_again();
        match result {
            Ok(()) if forged => world.fail("a forged notification", format!("{order_no} {dress:?}")),
            Ok(()) if pays && !told.paid && told.state != "reversed" => {
                world.fail("accepted is booked", format!("{order_no} is {}", told.state));
            }
            Ok(()) => {}
            Err(Some(NotAccepted::NotLooked(code))) if world.has_struck(code) => {}
            Err(Some(NotAccepted::NotStored(_))) if world.stores_again() => {}
            Err(Some(NotAccepted::SaysTooLittle | NotAccepted::NothingToAskBy)) if too_little => {}
            // Somebody has changed the key there, and not here yet; or it was signed with the key before.
            Err(Some(NotAccepted::Unverified(_))) if !known => {}
            Err(Some(NotAccepted::Unread(_))) if *dress != Dress::Plain => {}
            Err(None) if faults || too_late || too_little || !known || *dress != Dress::Plain => {}
            Err(_) if forged => {}
            Err(why) => world.fail("a notification that should be accepted", format!("{order_no} {dress:?}: {why:?}")),
        }
        accepted
    }
}

/// Every order's gateway says once more how it stands: each is accepted, whatever has become of the order.
pub async fn all(stage: &Stage, till: &Till) {
    let numbers: Vec<String> = stage.still().book.orders.keys().cloned().collect();
    for order_no in numbers {
        let Some(mut notification) = Notification::about(stage, &order_no, Dress::Plain) else { continue };
        let (account, dialect) = HOUSES[stage.still().platform.trades[&order_no].place];
        (notification.account, notification.gateway, notification.misled) = (account, dialect.gateway(), false);
        if !notification.comes(stage, till, Way::Till).await {
            stage.now().fail("a notification that should be accepted", order_no);
        }
    }
}

/// Sends one about an order, as it stands now: at once or when it has changed, `copies` at the same time.
pub fn send(stage: &Stage, till: &Till, order_no: &str, copies: usize) {
    let (dress, delay) = {
        let mut world = stage.now();
        let chance = &mut world.chance;
        let dress = if chance.permille(600) { Dress::Plain } else { wire::some_note(chance) };
        let delay = match chance.below(10) {
            0 => chance.between(MIN, H),
            1..=3 => chance.between(S, MIN),
            _ => chance.between(0, S),
        };
        (dress, delay)
    };
    let Some(notification) = Notification::about(stage, order_no, dress) else { return };
    for _ in 0..copies {
        let (stage, till, notification) = (stage.clone(), till.clone(), notification.clone());
        tokio::spawn(async move {
            let at = stage.now().now + delay;
            stage.until(at).await;
            let received = stage.now().chance.permille(500);
            let way = if received { Way::Receiver { alone: copies == 1 } } else { Way::Till };
            notification.comes(&stage, &till, way).await;
        });
    }
}
