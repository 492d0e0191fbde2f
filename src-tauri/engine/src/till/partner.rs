//! What a gateway asks of its partner: orders that it has made here, and notices about them (rulings 19, 20 and 23).

use super::dealing::Party;
use super::life::{About, ElsewhereTold, Message, Notice, RefundTold, fingerprint};
use super::notified::{NotAccepted, not_looked};
use super::{Inner, Till, catalogue, fault_of_storage};
use crate::storage::{OrderSearch, RefundSearch, StorageFault};
use std::sync::Arc;
use till_core::account::Keys;
use till_core::error::{Code, Refusal};
use till_core::gateway::Unreadable;
use till_core::gateway::notification::Told;
use till_core::gateway::partner::{
    Call, CallSays, Interface, NotTaken, PartnerOrder, Partnering, RefundNotice, Reply, ShipNotice, SignedReply, Why,
};
use till_core::number::{self, Kind};
use till_core::order::Order;
use till_core::order::event::{OrderEvent, Ordered};
use till_core::rights::Actor;
use tokio::sync::oneshot;

/// A call that was not taken.
#[derive(Debug)]
pub struct CallRefused {
    /// Why: for the log.
    pub why: NotAccepted,
    /// What the gateway is told; none where nobody knows whether it called.
    pub reply: Option<SignedReply>,
}

impl Till {
    /// Takes in a call of a gateway to an account. Returns the reply once what follows is durable. Whoever drops this before
    /// has nothing booked that was not on its way to the disk.
    pub async fn called(
        &self,
        gateway: &str,
        account: &str,
        interface: Interface,
        authorization: Option<&str>,
        body: &[u8],
    ) -> Result<SignedReply, CallRefused> {
        let nobody = |why| CallRefused { why, reply: None };
        let party = self.inner.registry.named(account).map_err(|_| nobody(NotAccepted::UnknownAccount))?;
        let partnering = party.gateway.partnering().filter(|_| party.account.gateway == gateway);
        let partnering = partnering.ok_or_else(|| nobody(NotAccepted::UnknownAccount))?;
        let keys = self.inner.keys_or_refusal(&party).await.map_err(|refusal| nobody(not_looked(&refusal)))?;
        let caller = Caller { party, partnering, keys };
        let seconds = self.inner.gateway_seconds(&caller.party.account.id);
        let dealing = caller.party.dealing(&caller.keys, "", seconds);
        let taken = match partnering.read_call(dealing, interface, authorization, body) {
            Ok(call) => self.inner.take_call(&caller, call).await,
            Err(NotTaken::Unverified(why)) => return Err(nobody(NotAccepted::Unverified(why))),
            Err(NotTaken::Unread(why)) => Err(NotAccepted::Unread(why)),
        };
        match taken {
            Ok(reply) => Ok(reply),
            Err(why) => {
                let reply = self.inner.replied(&caller, &Reply::Not(told(&why))).ok();
                Err(CallRefused { why, reply })
            }
        }
    }
}

/// Who calls, verified.
#[derive(Clone)]
struct Caller {
    party: Party,
    partnering: &'static dyn Partnering,
    keys: Arc<Keys>,
}

/// What a gateway learns of the reason.
fn told(why: &NotAccepted) -> Why<'_> {
    match why {
        NotAccepted::Unread(Unreadable::BadField(name)) => Why::Field(name),
        NotAccepted::Unread(_) => Why::Unreadable,
        NotAccepted::UnknownOrder | NotAccepted::OfAnotherAccount => Why::UnknownOrder,
        NotAccepted::Unconfirmed => Why::Unconfirmed,
        NotAccepted::NotForSale(_) => Why::NotForSale,
        NotAccepted::UnknownAccount
        | NotAccepted::Unverified(_)
        | NotAccepted::SaysTooLittle
        | NotAccepted::NothingToAskBy
        | NotAccepted::NoCatalogue(_)
        | NotAccepted::NotLooked(_)
        | NotAccepted::NotStored(_) => Why::NotNow,
    }
}

fn not_looked_at(fault: &StorageFault) -> NotAccepted {
    not_looked(&fault_of_storage(fault))
}

impl Inner {
    fn replied(&self, caller: &Caller, reply: &Reply<'_>) -> Result<SignedReply, NotAccepted> {
        let seconds = self.gateway_seconds(&caller.party.account.id);
        let signed = caller.partnering.reply(caller.party.dealing(&caller.keys, "", seconds), reply);
        signed.map_err(|unbuildable| not_looked(&Refusal::from(unbuildable)))
    }

    async fn take_call(self: &Arc<Self>, caller: &Caller, call: Call) -> Result<SignedReply, NotAccepted> {
        let Call { says, kept } = call;
        match says {
            CallSays::Order(wanted) => {
                let (till, caller) = (Arc::clone(self), caller.clone());
                let (done, over) = oneshot::channel();
                // What was begun is finished, or an order could be in the journal that nobody follows.
                tokio::spawn(async move {
                    let ordered = till.ordered(&caller, wanted, kept, &done).await;
                    // The caller may have gone: what is committed stays, and is found when it calls again.
                    let _gone = done.send(ordered);
                });
                let ended = |_| Err(NotAccepted::NotStored(StorageFault::Failed("the till ends".to_owned())));
                over.await.unwrap_or_else(ended)
            }
            CallSays::Ship(notice) => {
                self.shipped(caller, &notice, kept).await?;
                self.replied(caller, &Reply::Taken)
            }
            CallSays::Refund(notice) => {
                self.refund_noticed(caller, notice, kept).await?;
                self.replied(caller, &Reply::Taken)
            }
        }
    }

    /// Makes an order, once for all calls that ask for the same, and says its number (ruling 20). The sale's number stands for
    /// what is asked for, so that the journal tells whether it is there already.
    async fn ordered(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: PartnerOrder,
        kept: Vec<u8>,
        done: &oneshot::Sender<Result<SignedReply, NotAccepted>>,
    ) -> Result<SignedReply, NotAccepted> {
        let Caller { party, .. } = caller;
        let refused = |code| NotAccepted::NotLooked(code);
        let sale = number::of_identity(Kind::Sale, wanted.identity);
        if let Some(known) = self.ordered_as(&party.account.id, &sale).await? {
            return self.replied(caller, &Reply::Order(&known));
        }
        // The file may be on a share that does not answer: no other account's turn waits for it.
        let catalogue = catalogue::of(&party.account, &self.catalogues).await;
        let _turn = self.adopting.lock().await;
        if done.is_closed() {
            return Err(NotAccepted::NotStored(StorageFault::Failed("nobody waits any more".to_owned())));
        }
        // Another call for the same may have had its turn meanwhile.
        if let Some(known) = self.ordered_as(&party.account.id, &sale).await? {
            return self.replied(caller, &Reply::Order(&known));
        }
        self.may_begin().map_err(|refusal| not_looked(&refusal))?;
        if party.account.retired {
            return Err(refused(Code::AccountRetired));
        }
        let catalogue = catalogue.map_err(|why| NotAccepted::NoCatalogue(why.to_string()))?;
        self.catalogue_serves(&party.account.name);
        if let Some(catalogue) = &catalogue {
            catalogue.sells(&wanted.items).map_err(NotAccepted::NotForSale)?;
        }
        let channel = party.channel_elsewhere().ok_or(refused(Code::UnknownChannel))?;
        let now = self.seams.clock.now();
        let random = self.random().map_err(|refusal| not_looked(&refusal))?;
        let order_no = number::number(Kind::Order, now, &self.till_id, random);
        let reply = self.replied(caller, &Reply::Order(&order_no))?;
        let draft = self.draft_elsewhere(party, channel, order_no, sale, wanted.amount);
        let mut draft = draft.map_err(|refusal| not_looked(&refusal))?;
        draft.body = catalogue.map(|catalogue| catalogue.names(&wanted.items)).unwrap_or_default();
        draft.items = wanted.items;
        let (raw, hex) = fingerprint(kept);
        let ordered = Some(Box::new(Ordered { customer: wanted.customer, raw: hex }));
        let events = [OrderEvent::Adopted { draft: Box::new(draft), ordered }];
        let begun = self.begin_elsewhere(&Actor::Gateway, party.clone(), channel, &events, raw, now).await;
        begun.map_err(NotAccepted::NotStored)?;
        Ok(reply)
    }

    /// The number of the order that an account has for a sale.
    async fn ordered_as(&self, account_id: &str, sale: &str) -> Result<Option<String>, NotAccepted> {
        let search = OrderSearch {
            sale: Some(sale.to_owned()),
            account_id: Some(account_id.to_owned()),
            limit: 1,
            ..OrderSearch::default()
        };
        let known = self.seams.storage.orders(&search).await.map_err(|fault| not_looked_at(&fault))?;
        Ok(known.into_iter().next().map(|known| known.order_no))
    }

    /// A customer has paid (ruling 19). Whose order it is can be told of one only that a call has made: one that was taken in
    /// otherwise is asked about, and the gateway notifies again.
    async fn shipped(self: &Arc<Self>, caller: &Caller, notice: &ShipNotice, body: Vec<u8>) -> Result<(), NotAccepted> {
        let order_no = &notice.order_no;
        // Of two that name one number, the second looks when the first is in the journal.
        let _turn = self.adopting.lock().await;
        let order = self.of_caller(caller, order_no).await?;
        let party = self.registry.of_draft(&order.draft).map_err(|refusal| not_looked(&refusal))?;
        let merchant = caller.partnering.merchant(&party.account);
        let known = order.gateway_no.as_deref();
        let report = |customer| notice.report(merchant, customer, known);
        let told = order.customer().map(|customer| Told::Report(Box::new(report(customer))));
        let unconfirmed = told.is_none();
        let told = told.unwrap_or(Told::Ask(None));
        self.tell_order(order_no, |done| {
            Message::Notified(Box::new(Notice { told, body, about: About::Shipping }), done)
        })
        .await?;
        if unconfirmed && order.payment.is_none() { Err(NotAccepted::Unconfirmed) } else { Ok(()) }
    }

    /// How a refund stands. One of the till's own is judged as if it had been asked about; of another one only that money is
    /// back says something.
    async fn refund_noticed(
        self: &Arc<Self>,
        caller: &Caller,
        notice: RefundNotice,
        body: Vec<u8>,
    ) -> Result<(), NotAccepted> {
        // As with a payment: of two that name one number, the second looks when the first is in the journal.
        let _turn = self.adopting.lock().await;
        let ours = self.order_of_refund(&notice.refund_no).await?;
        let order_no = ours.as_ref().unwrap_or(&notice.order_no);
        let order = self.of_caller(caller, order_no).await?;
        let party = self.registry.of_draft(&order.draft).map_err(|refusal| not_looked(&refusal))?;
        let merchant = caller.partnering.merchant(&party.account);
        if ours.is_some() {
            let told =
                RefundTold { refund_no: notice.refund_no.clone(), report: notice.of_refund(merchant, order_no), body };
            return self.tell_order(order_no, |done| Message::RefundTold(Box::new(told), done)).await;
        }
        if notice.contradicts_itself() {
            return Err(NotAccepted::Unread(Unreadable::BadField("refundAmt".to_owned())));
        }
        let report = notice.of_order(merchant, order.gateway_no.as_deref());
        let Some(report) = report else { return Ok(()) };
        let (refund_no, amount_minor) = (notice.refund_no.clone(), notice.amount_minor);
        let told = ElsewhereTold { refund_no, amount_minor, report, body };
        self.tell_order(order_no, |done| Message::ElsewhereTold(Box::new(told), done)).await
    }

    /// An order of the caller's account.
    async fn of_caller(&self, caller: &Caller, order_no: &str) -> Result<Arc<Order>, NotAccepted> {
        let order = self.known(order_no).await.map_err(|refusal| not_looked(&refusal))?;
        let ours = order.draft.account_id == caller.party.account.id;
        if ours { Ok(order) } else { Err(NotAccepted::OfAnotherAccount) }
    }

    /// Which order a refund of the till's belongs to.
    async fn order_of_refund(&self, refund_no: &str) -> Result<Option<String>, NotAccepted> {
        let search = RefundSearch { number: Some(refund_no.to_owned()), limit: 100, ..RefundSearch::default() };
        let known = self.seams.storage.refunds(&search).await.map_err(|fault| not_looked_at(&fault))?;
        Ok(known.into_iter().find(|refund| refund.refund_no == refund_no).map(|refund| refund.order_no))
    }
}
