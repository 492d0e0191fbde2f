//! Orders that a person names by a gateway's number: of one of ours, or of one that was made elsewhere.

use super::commit::OrderNews;
use super::dealing::{Party, subject};
use super::life::{Given, Life, Message, fingerprint};
use super::row::Making;
use super::show::CLOCK_OFF_S;
use super::{Inner, Till, fault_of_storage};
use crate::storage::{OrderSearch, StorageFault};
use crate::view::{Item, LiveOrder};
use std::collections::BTreeMap;
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::{HttpAnswer, HttpCall};
use till_core::gateway::descriptor::{Channel, Presented};
use till_core::gateway::{AdoptBy, Adopted, Dealing, Read, Unbuildable, Unreadable};
use till_core::money::Money;
use till_core::number::{self, Kind};
use till_core::order::asking::{Asking, Terms};
use till_core::order::decide::{Command, Evidence, decide};
use till_core::order::event::{Draft, OrderEvent};
use till_core::order::evolve::evolve;
use till_core::order::report::TradeReport;
use till_core::order::{DisputeReason, Order, sale};
use till_core::rights::{Action, Actor};
use till_core::time::{Moment, SECOND};
use tokio::sync::oneshot;

/// How a person names an order that was made elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// By the number that the merchant's own system gave it.
    TradeNo(String),
    /// By the gateway's number.
    TransactionId(String),
}

impl Named {
    fn by(&self) -> AdoptBy<'_> {
        match self {
            Self::TradeNo(no) => AdoptBy::TradeNo(no),
            Self::TransactionId(no) => AdoptBy::TransactionId(no),
        }
    }
}

impl Till {
    /// Takes the gateway's number of an order that cannot be asked for by ours, if a verified answer to a question by that
    /// number names this order. A number of another order changes nothing.
    pub async fn name_gateway_no(&self, actor: &Actor, order_no: &str, gateway_no: &str) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Adopt)?;
        let gateway_no = gateway_no.trim();
        let (order, _) = self.inner.read_order(order_no).await?;
        let party = self.inner.registry.of_draft(&order.draft)?;
        if party.gateway.descriptor().asked_by_our_number || order.gateway_no.is_some() {
            return Err(Refusal::of(Code::NumberNotNeeded).with("order_no", order_no));
        }
        if gateway_no.is_empty() {
            return Err(Refusal::of(Code::ValueEmpty).with("field", "gateway_no"));
        }
        let channel = party
            .channel(&order.draft.channel)
            .ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", &order.draft.channel))?;
        let about = subject(&order.draft, channel, Some(gateway_no));
        let put = |dealing: Dealing<'_>| party.gateway.query(dealing, &about);
        let read = |dealing: Dealing<'_>, answer: &HttpAnswer| party.gateway.read_query(dealing, &about, answer);
        let (report, asked, answer) = self.inner.confirmed(&party, put, read).await?;
        if self.inner.is_of_another(&order.draft.account_id, gateway_no, order_no).await? {
            return Err(Refusal::of(Code::NumberOfAnother).with("number", gateway_no));
        }
        if !report.confirms_number(gateway_no, order.amount().minor) {
            return Err(unfit(&report, order.amount().minor).with("number", gateway_no));
        }
        let (raw, hex) = fingerprint(answer.body);
        let command = Command::NameGatewayNo(gateway_no.to_owned(), report, Evidence { asked, raw: Some(hex) });
        let (done, over) = oneshot::channel();
        let given = Box::new(Given { command, actor: actor.clone(), raw: Some(raw) });
        self.inner.deliver(order_no, Message::Do(given, done)).await?;
        over.await.unwrap_or(Ok(()))?;
        let named = self.order(order_no).await?;
        // Another order may have come to that number meanwhile.
        if named.order.gateway_no.as_deref() == Some(gateway_no) {
            Ok(named)
        } else {
            Err(Refusal::of(Code::NumberOfAnother).with("number", gateway_no))
        }
    }

    /// Takes in an order that was made elsewhere, as a verified answer of its gateway tells it. One that the journal holds
    /// already is asked about and shown, with the lines it was taken in with. An answer that states another amount than it has
    /// is decided on as one to its own task.
    pub async fn adopt(
        &self,
        actor: &Actor,
        account: &str,
        named: &Named,
        items: &[Item],
    ) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Adopt)?;
        let party = self.inner.registry.named(account)?;
        let adopting =
            party.gateway.adopting().ok_or_else(|| Refusal::of(Code::AdoptsNothing).with("name", account))?;
        let channel =
            party.channel_elsewhere().ok_or_else(|| Refusal::of(Code::AdoptsNothing).with("name", account))?;
        let items: Vec<_> = items.iter().map(Into::into).collect();
        let put = |dealing: Dealing<'_>| adopting.look(dealing, named.by());
        let read = |dealing: Dealing<'_>, answer: &HttpAnswer| adopting.read_look(dealing, named.by(), answer);
        let (adopted, asked, answer) = self.inner.confirmed(&party, put, read).await?;
        let order_no = adopted.order_no.clone();
        let turn = self.inner.adopting.lock().await;
        match self.inner.read_order(&order_no).await {
            Ok((held, _))
                if held.draft.account_id == party.account.id && held.amount().currency == adopted.amount.currency =>
            {
                drop(turn);
                // Its lines were written down when it was taken in: others are refused, never dropped.
                if !items.is_empty() && items != held.draft.items {
                    return Err(Refusal::of(Code::LinesDoNotAddUp));
                }
                if held.amount() != adopted.amount {
                    self.inner.contradicted(&held, named, adopted, asked, answer).await?;
                    return self.order(&order_no).await;
                }
                return Ok(self.ask(actor, &order_no).await?.live);
            }
            // Two merchants may number alike; the journal holds one order of a number.
            Ok(_) => return Err(Refusal::of(Code::NumberOfAnother).with("number", &order_no)),
            Err(refusal) if refusal.code == Code::UnknownOrder => {}
            Err(refusal) => return Err(refusal),
        }
        let mut paying = None;
        if let Some(gateway_no) = &adopted.report.gateway_no {
            // Another order's task may be told just now that it is paid under this number.
            paying = Some(self.inner.paying.of(gateway_no.clone()).await);
            if self.inner.is_of_another(&party.account.id, gateway_no, &order_no).await? {
                return Err(Refusal::of(Code::NumberOfAnother).with("number", gateway_no));
            }
        }
        if !sale::adds_up(&items, adopted.amount) {
            return Err(Refusal::of(Code::LinesDoNotAddUp));
        }
        self.inner.take_in(actor, party, channel, adopted, items, asked, answer).await?;
        drop(paying);
        self.order(&order_no).await
    }
}

/// Why an answer does not confirm the number that it was asked for by as this order's.
fn unfit(report: &TradeReport, amount_minor: i64) -> Refusal {
    if report.order_no.is_not() {
        return Refusal::of(Code::AnswerNamesNoOrder);
    }
    let lacking = || report.shortcoming().filter(|reason| *reason == DisputeReason::Incomplete);
    match report.contradiction(amount_minor).or_else(lacking) {
        None | Some(DisputeReason::Number | DisputeReason::GatewayNo) => Refusal::of(Code::NumberOfAnother),
        Some(doubt) => Refusal::of(Code::AnswerDoesNotFit).with("doubt", doubt.word()),
    }
}

/// What a verified answer says; else a sentence that nothing was confirmed.
fn confirmed<T>(read: Read<T>) -> Result<T, Refusal> {
    match read {
        Read::Means(meant) => Ok(meant),
        Read::Says(said) => {
            let code = if said.reaction.may_be_the_number() { Code::NotConfirmed } else { Code::NotVerified };
            let refusal = Refusal::of(code).with("code", &said.code).with("reaction", said.reaction.word());
            Err(refusal.with("reason", said.text.unwrap_or(said.code)))
        }
        Read::Unreadable(Unreadable::Stale(off_s)) => Err(Refusal::of(Code::SignatureStale).with("seconds", off_s)),
        Read::Unreadable(why) => Err(Refusal::of(Code::NotVerified).with("reason", why.word())),
    }
}

impl Inner {
    /// What a verified answer says to a question outside an order's own task, with when it left and the answer. A question that
    /// is refused while this machine's clock turns out to be off is put once more, with the gateway's time.
    async fn confirmed<T>(
        &self,
        party: &Party,
        put: impl Fn(Dealing<'_>) -> Result<HttpCall, Unbuildable>,
        read: impl Fn(Dealing<'_>, &HttpAnswer) -> Read<T>,
    ) -> Result<(T, Moment, HttpAnswer), Refusal> {
        let keys = self.keys_or_refusal(party).await?;
        let named = |refusal: Refusal| refusal.with("name", &party.account.name);
        let mut again = true;
        loop {
            let nonce = number::nonce(self.random()?);
            let seconds = self.gateway_seconds(&party.account.id);
            let call =
                put(party.dealing(&keys, &nonce, seconds)).map_err(|unbuildable| named(Refusal::from(unbuildable)))?;
            let (asked, answer) = self.exchange(party, call).await.map_err(named)?;
            let said = read(party.dealing(&keys, "", seconds), &answer);
            self.learn_skew(party, &said, &answer, asked, self.seams.clock.now());
            // Another question may have shown meanwhile what this one did not know when it left.
            let took_s = self.seams.clock.now().since(asked) / SECOND;
            let was_off =
                answer.date.is_some_and(|date| date.saturating_sub(seconds).abs() > took_s.saturating_add(CLOCK_OFF_S));
            if again && was_off && said.is_the_gateways() && !matches!(said, Read::Means(_)) {
                again = false;
                continue;
            }
            if matches!(said, Read::Means(_)) {
                self.heard(&party.account.id, asked, self.seams.clock.now());
            }
            return confirmed(said).map(|said| (said, asked, answer)).map_err(named);
        }
    }

    /// One question outside an order's own task.
    async fn exchange(&self, party: &Party, call: HttpCall) -> Result<(Moment, HttpAnswer), Refusal> {
        let (asked, answer) = self.put_to_gateway(&party.account.id, call).await;
        let answer = answer.map_err(|why| Refusal::of(Code::NotVerified).with("reason", why.word()))?;
        Ok((asked, answer))
    }

    /// Whether the journal knows the gateway's number as that of another order of the account: an answer that names a new
    /// order for it contradicts what was verified before.
    async fn is_of_another(&self, account_id: &str, gateway_no: &str, order_no: &str) -> Result<bool, Refusal> {
        let search = OrderSearch {
            gateway_no: Some(gateway_no.to_owned()),
            account_id: Some(account_id.to_owned()),
            ..OrderSearch::default()
        };
        let known = self.every(&search).await?;
        Ok(known.iter().any(|row| row.order_no != order_no))
    }

    /// Tells an order's task an answer that states another amount than the order's. One that was asked for by a number under
    /// which another order goes says nothing of this one.
    async fn contradicted(
        self: &Arc<Self>,
        held: &Order,
        named: &Named,
        adopted: Adopted,
        asked: Moment,
        answer: HttpAnswer,
    ) -> Result<(), Refusal> {
        if matches!(named, Named::TransactionId(_))
            && let Some(gateway_no) = &adopted.report.gateway_no
            && self.is_of_another(&held.draft.account_id, gateway_no, held.no()).await?
        {
            return Err(Refusal::of(Code::NumberOfAnother).with("number", gateway_no));
        }
        let (raw, hex) = fingerprint(answer.body);
        let command = Command::Report(adopted.report, Evidence { asked, raw: Some(hex) });
        let (done, over) = oneshot::channel();
        let given = Box::new(Given { command, actor: Actor::Gateway, raw: Some(raw) });
        self.deliver(held.no(), Message::Do(given, done)).await?;
        over.await.unwrap_or(Ok(()))
    }

    #[expect(clippy::too_many_arguments, reason = "what an adoption rests on")]
    async fn take_in(
        self: &Arc<Self>,
        actor: &Actor,
        party: Party,
        channel: &'static Channel,
        adopted: Adopted,
        items: Vec<till_core::order::event::Item>,
        asked: Moment,
        answer: HttpAnswer,
    ) -> Result<(), Refusal> {
        let now = self.seams.clock.now();
        let sale = number::number(Kind::Sale, now, &self.till_id, self.random()?);
        let mut draft = self.draft_elsewhere(&party, channel, adopted.order_no, sale, adopted.amount)?;
        draft.items = items;
        let first = OrderEvent::Adopted { draft: Box::new(draft), ordered: None };
        let missing = || Refusal::of(Code::Unexpected).with("incident", "adopted");
        let before = evolve(None, &first, now).ok_or_else(missing)?;
        let (raw, hex) = fingerprint(answer.body);
        let terms = Terms::of(party.gateway.descriptor(), &party.account, channel);
        let command = Command::Report(adopted.report, Evidence { asked, raw: Some(hex) });
        let reported = decide(&before, &Asking::default(), &terms, command, now);
        let events: Vec<OrderEvent> = std::iter::once(first).chain(reported).collect();
        let begun = self.begin_elsewhere(actor, party, channel, &events, raw, now).await;
        begun.map_err(|fault| fault_of_storage(&fault))
    }

    /// An order that was made elsewhere, as the till writes it down.
    pub(super) fn draft_elsewhere(
        &self,
        party: &Party,
        channel: &'static Channel,
        order_no: String,
        sale: String,
        amount: Money,
    ) -> Result<Draft, Refusal> {
        let account = &party.account;
        let expire_s = sale::expiry(None, channel, account)
            .map_err(|sale::ExpiryOutOfRange| Refusal::of(Code::ExpireOutOfRange))?;
        Ok(Draft {
            order_no,
            sale,
            account_id: account.id.clone(),
            account: account.name.clone(),
            account_version: account.version,
            gateway: account.gateway.clone(),
            channel: channel.name.to_owned(),
            amount,
            body: String::new(),
            extra: BTreeMap::new(),
            client_ip: String::new(),
            expire_s,
            time_start: self.gateway_seconds(&account.id),
            mark: self.mark_of(account).map(str::to_owned),
            presented: Presented::Elsewhere,
            items: Vec::new(),
            page: None,
        })
    }

    /// Commits the first events of an order that was made elsewhere and begins to follow it.
    pub(super) async fn begin_elsewhere(
        self: &Arc<Self>,
        actor: &Actor,
        party: Party,
        channel: &'static Channel,
        events: &[OrderEvent],
        raw: Vec<u8>,
        now: Moment,
    ) -> Result<(), StorageFault> {
        let order = events.iter().fold(None, |order: Option<Order>, event| evolve(order, event, now));
        let order = order.ok_or_else(|| StorageFault::Failed("an order begins with what it is".to_owned()))?;
        let made = Making::by(actor, self.stamp(now).day);
        let news = OrderNews { before: None, after: &order, made: &made, events, actor, raw: Some(raw) };
        self.commit_order(news, now).await?;
        if let Some(payment) = &order.payment {
            self.booked(&order, payment);
        }
        Life::start(self, party, channel, order, made, None);
        Ok(())
    }
}
