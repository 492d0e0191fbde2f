//! Selling: from a request to one create that has left, or a sentence why not.

use super::commit::OrderNews;
use super::dealing::{Party, intent};
use super::life::{Life, Message};
use super::{Inner, Till, fault_of_storage, row};
use crate::view::{LiveOrder, SaleRequest};
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::{Channel, Presented};
use till_core::journal;
use till_core::money::{Currency, Money};
use till_core::number::{self, Kind};
use till_core::order::event::{CloseWhy, Draft, OrderEvent};
use till_core::order::evolve::evolve;
use till_core::order::further::further_order;
use till_core::order::{Attention, Order};
use till_core::rights::{Action, Actor};
use tokio::sync::oneshot;

/// Seconds until expiry where a sale does not say.
const EXPIRE_S: u32 = 300;

impl Till {
    /// Makes an order and sends its one create. Returns once the intention is durable; the create's answer follows as news.
    pub async fn sell(&self, actor: &Actor, request: &SaleRequest) -> Result<LiveOrder, Refusal> {
        Self::allowed(actor, Action::Sell)?;
        let party = self.inner.registry.named(&request.account)?;
        let channel = sellable(&party, &request.channel)?;
        let amount = Money::parse(&request.amount, currency_of(&party), channel.limit_minor)?;
        // Two at once for one sale: the second sees the first, or both codes could be paid.
        let _turn = match request.sale {
            Some(_) => Some(self.inner.further.lock().await),
            None => None,
        };
        let sale = self.inner.sale_of(request).await?;
        let draft = self.inner.draft(&party, channel, amount, request, sale)?;

        let keys = self.inner.keys_or_refusal(&party).await?;
        let nonce = number::nonce(self.inner.random()?);
        let intent = intent(&draft, channel, &self.inner.till_id);
        let call = party
            .gateway
            .create(party.dealing(&keys, &nonce), &intent)
            .map_err(|unbuildable| Refusal::from(unbuildable).with("name", &party.account.name))?;

        let now = self.inner.seams.clock.now();
        let day = self.inner.stamp(now).day;
        let order_no = draft.order_no.clone();
        let events = [OrderEvent::Drafted(Box::new(draft)), OrderEvent::CreateSent];
        let order = events
            .iter()
            .fold(None, |order, event| evolve(order, event, now))
            .ok_or_else(|| Refusal::of(Code::Unexpected).with("incident", "draft"))?;
        let news = OrderNews { before: None, after: &order, day: &day, events: &events, actor, raw: None };
        self.inner.commit_order(news, now).await.map_err(|fault| fault_of_storage(&fault))?;
        Life::start(&self.inner, party, channel, order, day, Some((call, keys)));
        self.order(&order_no).await
    }

    /// Waits until the create of an order is over, however it went.
    pub async fn created(&self, order_no: &str) {
        let (done, over) = oneshot::channel();
        if self.inner.send(order_no, Message::Created(done)).is_ok() {
            // A task that is gone has nothing in flight any more.
            let _gone = over.await;
        }
    }

    /// Asks the gateway about an order now, whatever the plan says, and waits for the answer.
    pub async fn ask(&self, actor: &Actor, order_no: &str) -> Result<LiveOrder, Refusal> {
        Self::allowed(actor, Action::Ask)?;
        let (done, over) = oneshot::channel();
        self.inner.deliver(order_no, Message::Ask(done)).await?;
        let _gone = over.await;
        self.order(order_no).await
    }

    /// Takes an order's code off every screen and closes it as soon as its gateway lets it. Returns once that is durable.
    pub async fn close(&self, actor: &Actor, order_no: &str) -> Result<LiveOrder, Refusal> {
        Self::allowed(actor, Action::Close)?;
        let live = self.order(order_no).await?;
        if live.order.state.has_ended() {
            return Err(Refusal::of(Code::OrderEnded).with("order_no", order_no));
        }
        let (done, over) = oneshot::channel();
        self.inner.deliver(order_no, Message::Close(CloseWhy::Person, actor.clone(), done)).await?;
        // A task that is gone had ended; the picture says how.
        over.await.unwrap_or(Ok(()))?;
        self.order(order_no).await
    }
}

fn sellable(party: &Party, channel: &str) -> Result<&'static Channel, Refusal> {
    let account = &party.account;
    if account.retired {
        return Err(Refusal::of(Code::AccountRetired).with("name", &account.name));
    }
    let found = party.channel(channel).ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", channel))?;
    match account.missing(party.gateway.descriptor()).first() {
        Some(field) => Err(Refusal::of(Code::AccountIncomplete).with("name", &account.name).with("field", field)),
        None => Ok(found),
    }
}

fn currency_of(party: &Party) -> Currency {
    let offered = party.gateway.descriptor().currencies;
    let wanted = party.account.field("currency");
    offered
        .iter()
        .copied()
        .find(|currency| wanted == Some(currency.code()))
        .or_else(|| offered.first().copied())
        .unwrap_or(Currency::Cny)
}

impl Inner {
    fn draft(
        &self,
        party: &Party,
        channel: &'static Channel,
        amount: Money,
        request: &SaleRequest,
        sale: Option<String>,
    ) -> Result<Draft, Refusal> {
        let account = &party.account;
        let configured = account.field("plan.expire_s").and_then(|seconds| seconds.parse().ok());
        let expire_s = request.expire_s.or(configured).unwrap_or(EXPIRE_S);
        if !(60..=7_200).contains(&expire_s) {
            return Err(Refusal::of(Code::ExpireOutOfRange));
        }
        let now = self.seams.clock.now();
        let fresh = |kind| Ok::<_, Refusal>(number::number(kind, now, &self.till_id, self.random()?));
        let profile = self.profile.read().clone();
        let body = request.body.clone().filter(|body| !body.trim().is_empty()).unwrap_or(profile.shop_name);
        let mark = if self.training {
            Some("training")
        } else if account.on_loopback() {
            Some("not_a_real_gateway")
        } else {
            None
        };
        Ok(Draft {
            order_no: fresh(Kind::Order)?,
            sale: match sale {
                Some(sale) => sale,
                None => fresh(Kind::Sale)?,
            },
            account_id: account.id.clone(),
            account: account.name.clone(),
            account_version: account.version,
            gateway: account.gateway.clone(),
            channel: channel.name.to_owned(),
            amount,
            body,
            extra: request
                .extra
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            client_ip: profile.client_ip,
            expire_s,
            time_start: self.gateway_seconds(&account.id),
            mark: mark.map(str::to_owned),
        })
    }

    /// The sale that a further order joins, if every earlier order of it allows that.
    async fn sale_of(self: &Arc<Self>, request: &SaleRequest) -> Result<Option<String>, Refusal> {
        let Some(sale) = &request.sale else { return Ok(None) };
        let orders = self.orders_of_sale(sale).await?;
        if orders.is_empty() {
            return Err(Refusal::of(Code::UnknownOrder).with("order_no", sale));
        }
        for (order, presented) in orders {
            if let Err(not_yet) = further_order(&order, presented) {
                let seconds = order.expires().since(self.seams.clock.now()) / till_core::time::SECOND;
                return Err(Refusal::of(Code::FurtherOrderNotYet)
                    .with("why", not_yet.word())
                    .with("order_no", order.no())
                    .with("seconds", seconds));
            }
        }
        Ok(Some(sale.clone()))
    }

    async fn orders_of_sale(&self, sale: &str) -> Result<Vec<(Order, Presented)>, Refusal> {
        let search = crate::storage::OrderSearch { sale: Some(sale.to_owned()), limit: 100, ..Default::default() };
        let rows = self.seams.storage.orders(&search).await.map_err(|fault| fault_of_storage(&fault))?;
        let mut orders = Vec::with_capacity(rows.len());
        for found in rows {
            let live = self.live.lock().get(&found.order_no).map(|live| live.published.order.clone());
            let order = match live {
                Some(order) => order,
                None => self.read_order(&found.order_no).await?.0,
            };
            let party = self.registry.of_draft(&order.draft)?;
            let presented =
                party.channel(&order.draft.channel).map_or(Presented::Consumer, |channel| channel.presented);
            orders.push((order, presented));
        }
        Ok(orders)
    }

    /// An order from the journal, with the business day of its first event.
    pub(super) async fn read_order(&self, order_no: &str) -> Result<(Order, String), Refusal> {
        let unknown = || Refusal::of(Code::UnknownOrder).with("order_no", order_no);
        let stream = self.seams.storage.stream(&journal::order_subject(order_no)).await;
        let events = stream.map_err(|fault| fault_of_storage(&fault))?;
        let day = events.first().ok_or_else(unknown)?.at.day.clone();
        match row::replay(&events, self.seams.clock.now()) {
            Ok(Some(order)) => Ok((order, day)),
            Ok(None) => Err(unknown()),
            Err(seq) => Err(Refusal::of(Code::JournalDamaged).with("reason", format!("event {seq}"))),
        }
    }

    /// Makes sure that an order has its task.
    pub(super) async fn wake(self: &Arc<Self>, order_no: &str) -> Result<(), Refusal> {
        if self.live.lock().contains_key(order_no) {
            return Ok(());
        }
        let (order, day) = self.read_order(order_no).await?;
        let party = self.registry.of_draft(&order.draft)?;
        let channel = party
            .channel(&order.draft.channel)
            .ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", &order.draft.channel))?;
        Life::start(self, party, channel, order, day, None);
        Ok(())
    }

    /// Gives a message to an order's task; the message comes back where it has none.
    pub(super) fn send(&self, order_no: &str, message: Message) -> Result<(), Message> {
        match self.live.lock().get(order_no) {
            Some(live) => live.inbox.send(message).map_err(|unsent| unsent.0),
            None => Err(message),
        }
    }

    /// Gives a message to an order's task, which is begun where it has none, or has just gone.
    async fn deliver(self: &Arc<Self>, order_no: &str, message: Message) -> Result<(), Refusal> {
        let Err(message) = self.send(order_no, message) else { return Ok(()) };
        self.wake(order_no).await?;
        if self.send(order_no, message).is_err() {
            tracing::error!(order_no, "its task took no message");
        }
        Ok(())
    }

    /// Flags the orders of a sale of which more than one is paid.
    pub(super) async fn look_for_double_payment(self: &Arc<Self>, sale: &str, paid_now: &str) {
        let orders = match self.orders_of_sale(sale).await {
            Ok(orders) => orders,
            Err(refusal) => return self.notice(refusal),
        };
        let paid: Vec<_> = orders.iter().filter(|(order, _)| order.payment.is_some()).collect();
        if paid.len() < 2 || paid.iter().any(|(order, _)| order.attention.contains(&Attention::DoublePayment)) {
            return;
        }
        tracing::warn!(sale, "paid twice");
        if let Err(refusal) = self.deliver(paid_now, Message::DoublePayment).await {
            self.notice(refusal);
        }
    }
}
