//! What the gateways send by themselves: late, several times at once, about what has changed meanwhile, or forged.

use super::book;
use super::gateway::HOUSES;
use super::wire::{self, Dress, Proof, tail};
use super::world::{H, MIN, S, Stage};
use till_engine::till::{NotAccepted, Till};

/// A notification, as it was made.
#[derive(Clone)]
struct Notification {
    order_no: String,
    gateway: &'static str,
    account: &'static str,
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
        let made = world.now;
        Some(Self { order_no: order_no.to_owned(), gateway, account, body, proofs, dress, misled, made })
    }

    fn is_forged(&self) -> bool {
        use Dress::{Cut, OtherNumber, Twice, UnsignedPaid, WrongSign};
        self.misled || matches!(self.dress, Cut | OtherNumber | Twice | UnsignedPaid | WrongSign)
    }

    /// It comes to the till, which says yes to it only once its consequence is stored.
    async fn comes(self, stage: &Stage, till: &Till) -> bool {
        let forged = self.is_forged();
        if !forged {
            book::notified(&mut stage.now(), &self.order_no, &self.body, &self.proofs, self.made);
        }
        let result = till.notified(self.gateway, self.account, self.body.clone()).await;
        let mut world = stage.now();
        let accepted = result.is_ok();
        world.notified(accepted);
        let Self { order_no, dress, proofs, .. } = &self;
        world.tell(format_args!("notified {} {proofs:?} {dress:?}: {result:?}", tail(order_no)));
        let Some(told) = world.book.orders.get(order_no).cloned() else {
            if result.is_ok() {
                world.fail("a notification of an order of nobody", order_no.clone());
            }
            return accepted;
        };
        let pays = proofs.iter().any(|proof| matches!(proof, Proof::Paid | Proof::Refunded));
        match result {
            Ok(_) if forged => world.fail("a forged notification", format!("{order_no} {dress:?}")),
            Ok(_) if pays && !told.paid && told.state != "reversed" => {
                world.fail("accepted is booked", format!("{order_no} is {}", told.state));
            }
            Ok(_) => {}
            Err(NotAccepted::NotLooked(code)) if world.has_struck(code) => {}
            Err(NotAccepted::NotStored(_)) if world.stores_again() => {}
            Err(NotAccepted::SaysTooLittle) if !pays && told.dialect == Some(wire::Dialect::Jubao) => {}
            // Somebody has changed the key there, and not here yet; or it was signed with the key before.
            Err(NotAccepted::Unverified(_)) => {}
            Err(NotAccepted::Unread(_)) if *dress != Dress::Plain => {}
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
        if !notification.comes(stage, till).await {
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
            notification.comes(&stage, &till).await;
        });
    }
}
