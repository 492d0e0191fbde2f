//! Selling: from a request to one create that has left, or a sentence why not.

use super::commit::OrderNews;
use super::dealing::{Party, intent};
use super::life::{FirstCall, Given, Life, Message, Met};
use super::row::Making;
use super::{Inner, Till, fault_of_storage, fault_of_stream, row, unreadable};
use crate::storage::{OrderRow, OrderSearch};
use crate::view::{Asked, LiveOrder, NotAsked, SaleRequest};
use secrecy::SecretString;
use std::sync::Arc;
use till_core::account::{self, Account};
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::{Channel, Presented};
use till_core::journal;
use till_core::money::Money;
use till_core::number::{self, Kind};
use till_core::order::Order;
use till_core::order::decide::Command;
use till_core::order::event::{CloseWhy, Draft, OrderEvent};
use till_core::order::evolve::evolve;
use till_core::order::further::{NotYet, may_overrule};
use till_core::order::sale::{self, OtherCurrency};
use till_core::rights::{Action, Actor};
use till_core::time::{MINUTE, SECOND};
use tokio::sync::oneshot;

impl Till {
    /// Makes an order and sends its one create. Returns once the intention is durable; the create's answer follows as news.
    ///
    /// `overrule` is the manager who lets a further order of the sale pass although an earlier one stands in its way.
    /// `payment_code` is what the scanner read from the customer's phone; it goes to the gateway and is kept nowhere.
    pub async fn sell(
        &self,
        actor: &Actor,
        request: &SaleRequest,
        payment_code: Option<SecretString>,
        overrule: Option<&Actor>,
    ) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Sell)?;
        self.inner.may_begin()?;
        let party = self.inner.notified_here(self.inner.registry.named(&request.account)?);
        let creating = party.creating()?;
        let channel = sellable(&party, &request.channel)?;
        match (channel.presented, &payment_code) {
            (Presented::Merchant | Presented::Elsewhere, Some(_)) => {
                return Err(Refusal::of(Code::PaymentCodeNotTaken).with("channel", channel.name));
            }
            (Presented::Consumer, None) => return Err(Refusal::of(Code::PaymentCodeBad)),
            (Presented::Merchant | Presented::Elsewhere, None) | (Presented::Consumer, Some(_)) => {}
        }
        let currency = party.account.currency(party.gateway.descriptor());
        let as_shown = || sale::as_shown(request.currency, currency).map_err(|other| other_currency(&party, other));
        // A further order's currency is its sale's: nobody can type its amount anew in another.
        if request.sale.is_none() {
            as_shown()?;
        }
        let amount = Money::parse(&request.amount, currency, channel.limit_minor)?;
        // Two at once for one sale: the second sees the first, or both codes could be paid.
        let _turn = match request.sale {
            Some(_) => Some(self.inner.further.lock().await),
            None => None,
        };
        if let Some(manager) = overrule {
            self.permit(manager, Action::Overrule)?;
        }
        let sale = self.inner.sale_of(request, amount, overrule, &as_shown()).await?;
        let draft = self.inner.draft(&party, channel, amount, request, sale)?;

        let keys = self.inner.keys_or_refusal(&party).await?;
        let nonce = number::nonce(self.inner.random()?);
        let intent = intent(&draft, channel, &self.inner.till_id, payment_code.as_ref());
        let call = creating
            .create(party.dealing(&keys, &nonce, draft.time_start), &intent)
            .map_err(|unbuildable| Refusal::from(unbuildable).with("name", &party.account.name))?;
        if !self.inner.seams.transport.may_reach(&call.url) {
            return Err(Refusal::of(Code::AddressNotReached).with("name", &party.account.name));
        }

        let now = self.inner.seams.clock.now();
        let made = Making::by(actor, self.inner.stamp(now).day);
        let order_no = draft.order_no.clone();
        let events = [OrderEvent::Drafted(Box::new(draft)), OrderEvent::CreateSent];
        let order = events
            .iter()
            .fold(None, |order, event| evolve(order, event, now))
            .ok_or_else(|| Refusal::of(Code::Unexpected).with("incident", "draft"))?;
        let news = OrderNews { before: None, after: &order, made: &made, events: &events, actor, raw: None };
        self.inner.commit_order(news, now).await.map_err(|fault| self.inner.not_begun(&fault))?;
        Life::start(&self.inner, party, channel, order, made, Some(FirstCall { call, keys, payment_code }));
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

    /// Asks the gateway about an order now, whatever the plan says, and waits for the answer. Where a question is under way, its
    /// answer is the one.
    pub async fn ask(&self, actor: &Actor, order_no: &str) -> Result<Asked, Refusal> {
        self.permit(actor, Action::Ask)?;
        let met = self.inner.asked(order_no).await?;
        Ok(Asked { live: self.order(order_no).await?, came: met.came })
    }

    /// Takes an order's code off every screen and has its gateway reverse it: what was paid meanwhile goes back. Returns once that
    /// is durable.
    pub async fn reverse(&self, actor: &Actor, order_no: &str) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Reverse)?;
        let live = self.order(order_no).await?;
        if live.order.state.has_ended() {
            return Err(Refusal::of(Code::OrderEnded).with("order_no", order_no));
        }
        if !live.can_reverse {
            return Err(Refusal::of(Code::GatewayCannot).with("what", Action::Reverse.word()));
        }
        let (done, over) = oneshot::channel();
        let command = Command::Reverse(CloseWhy::Person);
        let given = Box::new(Given { command, actor: actor.clone(), raw: None });
        self.inner.deliver(order_no, Message::Do(given, done)).await?;
        // A task that is gone had ended; the picture says how.
        over.await.unwrap_or(Ok(()))?;
        self.order(order_no).await
    }

    /// Takes an order's code off every screen and closes it as soon as its gateway lets it. Returns once that is durable.
    pub async fn close(&self, actor: &Actor, order_no: &str) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Close)?;
        let live = self.order(order_no).await?;
        if live.order.state.has_ended() {
            return Err(Refusal::of(Code::OrderEnded).with("order_no", order_no));
        }
        let (done, over) = oneshot::channel();
        let command = Command::Close(CloseWhy::Person);
        let given = Box::new(Given { command, actor: actor.clone(), raw: None });
        self.inner.deliver(order_no, Message::Do(given, done)).await?;
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
    let found = party.channel(channel).filter(|channel| channel.is_offered_by(account));
    let found = found.ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", channel))?;
    let descriptor = party.gateway.descriptor();
    match account.missing(descriptor).first() {
        Some(field) => {
            let secret = account::names(descriptor, true).contains(field);
            Err(Refusal::incomplete(field, secret).with("name", &account.name))
        }
        None => Ok(found),
    }
}

fn other_currency(party: &Party, OtherCurrency { shown, taken }: OtherCurrency) -> Refusal {
    Refusal::of(Code::OtherCurrency)
        .with("name", &party.account.name)
        .with("shown", shown.code())
        .with("taken", taken.code())
}

impl Inner {
    /// Why an order of this account is no real money.
    pub(super) fn mark_of(&self, account: &Account) -> Option<&'static str> {
        if self.training { Some("training") } else { account.on_loopback().then_some("not_a_real_gateway") }
    }

    fn draft(
        &self,
        party: &Party,
        channel: &'static Channel,
        amount: Money,
        request: &SaleRequest,
        sale: Option<String>,
    ) -> Result<Draft, Refusal> {
        let account = &party.account;
        let expire_s = sale::expiry(request.expire_s, channel, account)
            .map_err(|sale::ExpiryOutOfRange| Refusal::of(Code::ExpireOutOfRange))?;
        let items: Vec<_> = request.items.iter().map(Into::into).collect();
        if !sale::adds_up(&items, amount) {
            return Err(Refusal::of(Code::LinesDoNotAddUp));
        }
        let now = self.seams.clock.now();
        let fresh = |kind| Ok::<_, Refusal>(number::number(kind, now, &self.till_id, self.random()?));
        let profile = self.profile.read().clone();
        let body = request.body.clone().filter(|body| !body.trim().is_empty()).unwrap_or(profile.shop_name);
        let order_no = fresh(Kind::Order)?;
        let page = self.page_of(channel, &order_no)?;
        Ok(Draft {
            order_no,
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
            mark: self.mark_of(account).map(str::to_owned),
            presented: channel.presented,
            items,
            page,
        })
    }

    /// The sale that a further order joins, if every earlier order of it allows that. `seen`: whether its currency is the one that
    /// was seen; without that nothing is overruled.
    async fn sale_of(
        self: &Arc<Self>,
        request: &SaleRequest,
        amount: Money,
        overrule: Option<&Actor>,
        seen: &Result<(), Refusal>,
    ) -> Result<Option<String>, Refusal> {
        let Some(sale) = &request.sale else { return Ok(None) };
        let mut told = Vec::new();
        loop {
            let orders = self.orders_of_sale(sale).await?;
            if orders.is_empty() {
                return Err(Refusal::of(Code::UnknownOrder).with("order_no", sale));
            }
            let in_the_way = self.in_the_way(&orders, amount, overrule.is_some())?;
            seen.clone()?;
            let untold = |(order, not_yet): &(&Order, NotYet)| !told.contains(&(order.no().to_owned(), *not_yet));
            // One may have been paid, or stand in the way for another reason, while it or the others were told.
            let Some(((order, not_yet), manager)) = in_the_way.into_iter().find(untold).zip(overrule) else {
                return Ok(Some(sale.clone()));
            };
            self.told(order.no(), Command::Overrule(not_yet), manager).await?;
            told.push((order.no().to_owned(), not_yet));
        }
    }

    /// The earlier orders of a sale that a manager lets a further one pass; a refusal for the first one that nobody can.
    fn in_the_way<'a>(
        &self,
        orders: &'a [Order],
        amount: Money,
        overruled: bool,
    ) -> Result<Vec<(&'a Order, NotYet)>, Refusal> {
        let in_the_way = orders.iter().filter_map(|order| Some((order, sale::may_join(order, amount).err()?)));
        let in_the_way: Vec<_> = in_the_way.collect();
        let firm = |(order, not_yet): &&(&Order, NotYet)| !overruled || !may_overrule(order, *not_yet);
        match in_the_way.iter().find(firm) {
            None => Ok(in_the_way),
            Some((order, NotYet::OtherAmount)) => Err(Refusal::of(Code::OtherAmount)
                .with("amount", order.amount())
                .with("currency", order.amount().currency.code())),
            Some((order, not_yet)) => {
                let seconds = order.expires().since(self.seams.clock.now()) / SECOND;
                Err(Refusal::of(Code::FurtherOrderNotYet)
                    .with("why", not_yet.word())
                    .with("order_no", order.no())
                    .with("seconds", seconds))
            }
        }
    }

    async fn orders_of_sale(&self, sale: &str) -> Result<Vec<Order>, Refusal> {
        let mut orders = Vec::new();
        for found in self.rows_of_sale(sale).await? {
            orders.push(self.current(&found.order_no).await?);
        }
        Ok(orders)
    }

    pub(super) async fn rows_of_sale(&self, sale: &str) -> Result<Vec<OrderRow>, Refusal> {
        let search = OrderSearch { sale: Some(sale.to_owned()), limit: 100, ..OrderSearch::default() };
        self.seams.storage.orders(&search).await.map_err(|fault| fault_of_storage(&fault))
    }

    /// An order from the journal, with what its first event says of its making.
    pub(super) async fn read_order(&self, order_no: &str) -> Result<(Order, Making), Refusal> {
        let unknown = || Refusal::of(Code::UnknownOrder).with("order_no", order_no);
        let subject = journal::order_subject(order_no);
        let events = self.seams.storage.stream(&subject).await.map_err(|fault| fault_of_stream(&subject, &fault))?;
        let made = Making::of(events.first().ok_or_else(unknown)?);
        match row::replay(&events, self.seams.clock.now()) {
            Ok(Some(order)) => Ok((order, made)),
            Ok(None) | Err(_) => Err(unreadable(subject)),
        }
    }

    /// Makes sure that an order has its task.
    pub(super) async fn wake(self: &Arc<Self>, order_no: &str) -> Result<(), Refusal> {
        if self.live.lock().contains_key(order_no) {
            return Ok(());
        }
        let (order, made) = self.read_order(order_no).await?;
        let party = self.registry.of_draft(&order.draft)?;
        let channel = party
            .channel(&order.draft.channel)
            .ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", &order.draft.channel))?;
        Life::start(self, party, channel, order, made, None);
        Ok(())
    }

    /// Has an order's task ask now, and waits for what comes of that.
    pub(super) async fn asked(self: &Arc<Self>, order_no: &str) -> Result<Met, Refusal> {
        let (done, over) = oneshot::channel();
        self.deliver(order_no, Message::Ask(done)).await?;
        Ok(over.await.unwrap_or_else(|_| Met::not_asked(NotAsked::Over)))
    }

    /// Gives a message to an order's task; the message comes back where it has none.
    pub(super) fn send(&self, order_no: &str, message: Message) -> Result<(), Message> {
        match self.live.lock().get(order_no) {
            Some(live) => live.inbox.send(message).map_err(|unsent| unsent.0),
            None => Err(message),
        }
    }

    /// Gives a message to an order's task, which is begun where it has none. One that has nothing to do can go again before the
    /// message comes: then another one is begun.
    pub(super) async fn deliver(self: &Arc<Self>, order_no: &str, mut message: Message) -> Result<(), Refusal> {
        while let Err(unsent) = self.send(order_no, message) {
            message = unsent;
            self.wake(order_no).await?;
        }
        Ok(())
    }

    /// The same for what nobody will say again: what the disk does not give is tried again.
    pub(super) async fn deliver_patiently(
        self: &Arc<Self>,
        order_no: &str,
        mut message: Message,
    ) -> Result<(), Refusal> {
        while let Err(unsent) = self.send(order_no, message) {
            message = unsent;
            self.wake_patiently(order_no).await?;
        }
        Ok(())
    }

    /// Begins an order's task, if need be after pauses that double up to a minute. What no pause mends is refused.
    pub(super) async fn wake_patiently(self: &Arc<Self>, order_no: &str) -> Result<(), Refusal> {
        let mut pause = SECOND;
        let mut told = false;
        loop {
            match self.wake(order_no).await {
                Err(refusal) if may_pass(&refusal) => {
                    if !std::mem::replace(&mut told, true) {
                        self.notice(refusal);
                    }
                }
                woken => return woken,
            }
            let clock = &self.seams.clock;
            clock.sleep_until(clock.now().plus(pause).boot).await;
            pause = pause.saturating_mul(2).min(MINUTE);
        }
    }
}

/// Whether a reading that failed so may succeed a little later.
pub(super) fn may_pass(refusal: &Refusal) -> bool {
    matches!(refusal.code, Code::DiskFull | Code::FolderReadOnly | Code::Unexpected)
}
