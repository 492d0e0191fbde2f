//! What a gateway sends by itself: from a body to one more thing that an order's task decides.

use super::dealing::subject;
use super::life::{About, Message, Notice};
use super::{Inner, Till};
use crate::storage::StorageFault;
use crate::view::receiver::NotTaken;
use std::sync::Arc;
use till_core::catalogue::NotForSale;
use till_core::error::{Code, Refusal};
use till_core::gateway::notification::Told;
use till_core::gateway::{Notifying, Unreadable};
use till_core::order::Order;
use tokio::sync::oneshot;

/// Why a notification is not accepted. It is for the log: the sender learns nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// No account of that name at a gateway of that name, or none that notifies.
    #[error("no such account")]
    UnknownAccount,
    /// Its signature, or what it covers, cannot be relied on.
    #[error("not verified: {}", in_brief(.0))]
    Unverified(Unreadable),
    /// The journal holds no order of that number.
    #[error("no such order")]
    UnknownOrder,
    /// The order is another account's.
    #[error("the order of another account")]
    OfAnotherAccount,
    /// It is verified, and cannot be read.
    #[error("not readable: {}", in_brief(.0))]
    Unread(Unreadable),
    /// It is verified and says what only the gateway's own answer proves: it is asked, and notifies again.
    #[error("not known yet: the gateway is asked")]
    Unconfirmed,
    /// It is verified and says too little, and the gateway cannot be asked: it has to tell more.
    #[error("it says too little, and the gateway cannot be asked")]
    SaysTooLittle,
    /// It is verified and names no number that the gateway could be asked by: another order of the account goes by the one that it
    /// names, or none can be taken while the create is under way. It has to tell again.
    #[error("it makes no number known to ask the gateway by: another order may go by the one that it names")]
    NothingToAskBy,
    /// It asks for what the merchant does not sell at that price.
    #[error("not for sale: {0}")]
    NotForSale(NotForSale),
    /// The merchant's list of prices cannot be used.
    #[error("the catalogue cannot be used: {0}")]
    NoCatalogue(String),
    /// The till could not look into its own keyring or journal.
    #[error("the till could not look: {0:?}")]
    NotLooked(Code),
    /// What follows from it could not be stored.
    #[error("not stored: {0}")]
    NotStored(StorageFault),
}

/// How much of a field's name or of a word that somebody sent the log holds, in characters.
const BRIEF: usize = 64;

fn in_brief(why: &Unreadable) -> String {
    if let Unreadable::Stale(off_s) = why {
        return format!("{} by {off_s} s", why.word());
    }
    match why.particular() {
        Some(particular) => {
            let brief: String = particular.chars().take(BRIEF).collect();
            let cut = if brief.len() < particular.len() { "..." } else { "" };
            format!("{} {brief:?}{cut}", why.word())
        }
        None => why.word().to_owned(),
    }
}

impl NotAccepted {
    /// As it is counted.
    #[must_use]
    pub fn why(&self) -> NotTaken {
        match self {
            Self::UnknownAccount => NotTaken::UnknownAccount,
            Self::Unverified(_) => NotTaken::Unverified,
            Self::UnknownOrder => NotTaken::UnknownOrder,
            Self::OfAnotherAccount => NotTaken::OfAnotherAccount,
            Self::Unread(_) => NotTaken::Unread,
            Self::Unconfirmed => NotTaken::Unconfirmed,
            Self::SaysTooLittle | Self::NothingToAskBy => NotTaken::SaysTooLittle,
            Self::NotForSale(_) => NotTaken::NotForSale,
            Self::NoCatalogue(_) => NotTaken::NoCatalogue,
            Self::NotLooked(_) => NotTaken::NotLooked,
            Self::NotStored(_) => NotTaken::NotStored,
        }
    }

    /// Whether its signature was looked at and is right.
    #[must_use]
    pub fn was_verified(&self) -> bool {
        match self {
            Self::UnknownAccount | Self::Unverified(_) | Self::NotLooked(_) => false,
            Self::UnknownOrder
            | Self::OfAnotherAccount
            | Self::Unread(_)
            | Self::Unconfirmed
            | Self::SaysTooLittle
            | Self::NothingToAskBy
            | Self::NotForSale(_)
            | Self::NoCatalogue(_)
            | Self::NotStored(_) => true,
        }
    }

    /// Whether the sender is to blame.
    #[must_use]
    pub fn is_of_the_sender(&self) -> bool {
        match self {
            Self::UnknownAccount
            | Self::Unverified(_)
            | Self::UnknownOrder
            | Self::OfAnotherAccount
            | Self::Unread(_) => true,
            Self::Unconfirmed
            | Self::SaysTooLittle
            | Self::NothingToAskBy
            | Self::NotForSale(_)
            | Self::NoCatalogue(_)
            | Self::NotLooked(_)
            | Self::NotStored(_) => false,
        }
    }
}

impl Till {
    /// Takes in a notification that came for an account. Returns, once its consequence is durable, the whole answer that the
    /// gateway takes for a yes (ruling 17). Whoever drops this before has nothing booked that was not on its way to the disk.
    pub async fn notified(&self, gateway: &str, account: &str, body: Vec<u8>) -> Result<&'static str, NotAccepted> {
        let (notifying, order_no, told) = self.inner.understood(gateway, account, &body).await?;
        let notice = Notice { told, body, about: About::Payment };
        self.inner.tell_order(&order_no, |done| Message::Notified(Box::new(notice), done)).await?;
        Ok(notifying.accepted())
    }
}

pub(super) fn not_looked(refusal: &Refusal) -> NotAccepted {
    if refusal.code == Code::UnknownOrder { NotAccepted::UnknownOrder } else { NotAccepted::NotLooked(refusal.code) }
}

impl Inner {
    /// Which order of the account a verified body names, and what it says of it.
    async fn understood(
        self: &Arc<Self>,
        gateway: &str,
        account: &str,
        body: &[u8],
    ) -> Result<(&'static dyn Notifying, String, Told), NotAccepted> {
        let party = self.registry.named(account).map_err(|_| NotAccepted::UnknownAccount)?;
        let notifying = party.gateway.notifying().filter(|_| party.account.gateway == gateway);
        let notifying = notifying.ok_or(NotAccepted::UnknownAccount)?;
        let keys = self.keys_or_refusal(&party).await.map_err(|refusal| not_looked(&refusal))?;
        let seconds = self.gateway_seconds(&party.account.id);
        let order_no =
            notifying.order_named(party.dealing(&keys, "", seconds), body).map_err(NotAccepted::Unverified)?;
        let order = self.known(&order_no).await.map_err(|refusal| not_looked(&refusal))?;
        let (draft, gateway_no) = (&order.draft, &order.gateway_no);
        if draft.account_id != party.account.id {
            return Err(NotAccepted::OfAnotherAccount);
        }
        // What the order was made with is what an answer about it is compared with.
        let party = self.registry.of_draft(draft).map_err(|refusal| not_looked(&refusal))?;
        let channel = party.channel(&draft.channel).ok_or(NotAccepted::NotLooked(Code::UnknownChannel))?;
        let about = subject(draft, channel, gateway_no.as_deref());
        let told = notifying.read_notification(party.dealing(&keys, "", seconds), &about, body);
        Ok((notifying, order_no, told.map_err(NotAccepted::Unread)?))
    }

    /// An order as its task shows it, else as the journal tells it.
    pub(super) async fn known(&self, order_no: &str) -> Result<Arc<Order>, Refusal> {
        let live = self.live.lock().get(order_no).map(|live| Arc::clone(&live.published));
        match live {
            Some(published) => Ok(Arc::clone(&published.order)),
            None => Ok(Arc::new(self.read_order(order_no).await?.0)),
        }
    }

    /// Tells an order's task something, and waits until what follows is durable.
    pub(super) async fn tell_order(
        self: &Arc<Self>,
        order_no: &str,
        message: impl FnOnce(oneshot::Sender<Result<(), NotAccepted>>) -> Message,
    ) -> Result<(), NotAccepted> {
        let (done, over) = oneshot::channel();
        self.deliver(order_no, message(done)).await.map_err(|refusal| not_looked(&refusal))?;
        // A task that is gone had ended: the next notification of the same begins another one.
        let gone = || NotAccepted::NotStored(StorageFault::Failed("the order's task has ended".to_owned()));
        over.await.unwrap_or_else(|_| Err(gone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_stranger_named_the_log_has_the_beginning() {
        let named = |name: String| NotAccepted::Unverified(Unreadable::BadField(name)).to_string();
        assert_eq!(named("付".repeat(64)), format!("not verified: bad_field \"{}\"", "付".repeat(64)));
        assert_eq!(named("付".repeat(60_000)), format!("not verified: bad_field \"{}\"...", "付".repeat(64)));
        let unread = NotAccepted::Unread(Unreadable::UnknownWord("x".repeat(65)));
        assert_eq!(unread.to_string(), format!("not readable: unknown_word \"{}\"...", "x".repeat(64)));
        assert_eq!(NotAccepted::Unverified(Unreadable::Unsigned).to_string(), "not verified: unsigned");
        let stale = NotAccepted::Unverified(Unreadable::Stale(206));
        assert_eq!(stale.to_string(), "not verified: stale by 206 s");
    }
}
