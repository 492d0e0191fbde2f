//! Giving money back: from a wish to an intention that is durable, or a sentence why not. The order's own task sends it.

use super::dealing::Party;
use super::life::{Given, Message, Met};
use super::sought::{PAGE, next_page};
use super::{Inner, Till, fault_of_storage};
use crate::storage::{RefundRow, RefundSearch};
use crate::view::refunds::{RefundPage, RefundQuery, RefundRequest, RefundView};
use crate::view::{Came, LiveOrder, Trouble};
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::gateway::call::NoAnswer;
use till_core::gateway::descriptor::{Channel, RefundOffer};
use till_core::gateway::reaction::Reaction;
use till_core::gateway::unheard::{NOT_ASKED, NOT_OF_THE_PAYMENT};
use till_core::limits::{OverLimit, RefundAsk, spent_minor, within};
use till_core::money::{AmountRefusal, Currency, Money};
use till_core::number::{self, Kind};
use till_core::order::asking::Terms;
use till_core::order::decide::Command;
use till_core::order::refund::{
    NotRefundable, RefundDraft, RefundRefusal, RefundState, failed_before, lines_left, may_refund, refundable,
};
use till_core::order::{Order, Payment};
use till_core::rights::{Action, Actor, NotBeside, may_stand_beside};
use till_core::time::Moment;
use tokio::sync::oneshot;

/// An order, and what its refunds go by.
struct Subject {
    order: Order,
    party: Party,
    channel: &'static Channel,
    offer: Option<RefundOffer>,
}

/// Whether money is still to go back; a refusal says why not.
pub(crate) type Still<'a> = &'a (dyn Fn() -> Result<(), Refusal> + Send + Sync);

impl Till {
    /// Gives money of a paid order back. Returns once the refund's number and amount are durable; sending it and what becomes
    /// of it follow as news. `second`: the person beside `actor`, where a limit asks for one.
    pub async fn refund(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        request: &RefundRequest,
    ) -> Result<LiveOrder, Refusal> {
        self.look_before_refund(actor, second, request).await?;
        self.refund_after_look(actor, second, request, &|| Ok(())).await
    }

    /// Asks about an order where that comes before money of it goes back. Nothing is decided yet: whoever has gone meanwhile does
    /// not go on with [`Self::refund_after_look`], and nothing is sent.
    pub(crate) async fn look_before_refund(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        request: &RefundRequest,
    ) -> Result<(), Refusal> {
        let actor = &self.permit(actor, Action::Refund)?;
        self.inner.may_begin()?;
        let second = self.beside(actor, second)?;
        let gateway = self.inner.refund_subject(&request.order_no).await?.party.gateway;
        if self.inner.is_asked_about_first(&request.order_no, gateway.descriptor()).await? {
            // What is refused in any case is refused before anybody is asked.
            self.meant(actor, second.as_ref(), request).await?;
            self.look_for_forgotten_refunds(&request.order_no).await?;
        }
        Ok(())
    }

    /// Gives money back of an order that was asked about where it has to be. Nothing is decided where `still` refuses: it is asked last.
    pub(crate) async fn refund_after_look(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        request: &RefundRequest,
        still: Still<'_>,
    ) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Refund)?;
        self.inner.may_begin()?;
        let second = self.beside(actor, second)?;
        let second = second.as_ref();
        // Two at once: the second sees what the first gave, of the order and on the day, or both would pass the limits.
        let _turn = self.inner.refunding.lock().await;
        let draft = self.meant(actor, second, request).await?;
        let refund_no = draft.refund_no.clone();
        still()?;
        self.inner.told(&request.order_no, Command::Refund(Box::new(draft.clone())), actor).await?;
        let live = self.order(&request.order_no).await?;
        if live.refunds.iter().any(|refund| refund.refund_no == refund_no) {
            return Ok(live);
        }
        // The order has moved on meanwhile: what it is now says why.
        let subject = self.inner.refund_subject(&request.order_no).await?;
        let why = may_refund(&subject.order, subject.offer.as_ref(), &draft).err();
        Err(refused(&subject, &why.unwrap_or(RefundRefusal::Not(NotRefundable::RefundUnknown))))
    }

    /// What is to go back by a request, where it may now. Nothing is set aside, and nothing sent.
    async fn meant(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        request: &RefundRequest,
    ) -> Result<RefundDraft, Refusal> {
        let subject = self.inner.refund_subject(&request.order_no).await?;
        let draft = self.inner.refund_draft(&subject, actor, second, request)?;
        may_refund(&subject.order, subject.offer.as_ref(), &draft).map_err(|why| refused(&subject, &why))?;
        self.check_limits(actor, second, &subject.order, &draft).await?;
        // A gateway that would refuse to have it built says so before anything is set aside.
        self.inner.try_refund(&subject.party, (&subject.order, subject.channel, &draft)).await?;
        Ok(draft)
    }

    /// Sends a refund again under its own number, where its gateway permits it.
    pub async fn refund_again(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        order_no: &str,
        refund_no: &str,
    ) -> Result<LiveOrder, Refusal> {
        self.look_before_refund_again(actor, second, order_no, refund_no).await?;
        self.refund_again_after_look(actor, second, (order_no, refund_no), &|| Ok(())).await
    }

    /// The look that comes before a refund is sent again; the same holds as for [`Self::look_before_refund`].
    pub(crate) async fn look_before_refund_again(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        order_no: &str,
        refund_no: &str,
    ) -> Result<(), Refusal> {
        let actor = &self.permit(actor, Action::Refund)?;
        self.inner.may_begin()?;
        self.beside(actor, second)?;
        self.look_at_refund(order_no, refund_no).await
    }

    /// Sends a refund again after that look, with the same `still`.
    pub(crate) async fn refund_again_after_look(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        (order_no, refund_no): (&str, &str),
        still: Still<'_>,
    ) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Refund)?;
        self.inner.may_begin()?;
        let second = self.beside(actor, second)?;
        let second = second.as_ref();
        let _turn = self.inner.refunding.lock().await;
        let subject = self.inner.refund_subject(order_no).await?;
        let unknown = || Refusal::of(Code::UnknownRefund).with("refund_no", refund_no);
        let before = subject.order.refund(refund_no).ok_or_else(unknown)?;
        let not_again = || Refusal::of(Code::RefundNotAgain).with("refund_no", refund_no);
        let live = self.order(order_no).await?;
        if !live.refunds.iter().any(|refund| refund.refund_no == refund_no && refund.can_send_again == Some(true)) {
            return Err(not_again());
        }
        self.check_limits(actor, second, &subject.order, &before.draft).await?;
        let command = Command::RefundAgain(refund_no.to_owned(), giver(actor), second.map(giver));
        still()?;
        self.inner.told(order_no, command, actor).await?;
        // What the order was when it was told to may have been another thing than what was looked at above.
        let now = self.inner.current(order_no).await?;
        let again = now.refund(refund_no).is_some_and(|refund| refund.requested != before.requested);
        if again { self.order(order_no).await } else { Err(not_again()) }
    }

    /// Asks about a refund whose outcome is not known, unless an answer of this run lets it be sent again already: a run that has
    /// just begun has not heard what the one before did. Its order is asked about in any case, also where the refund failed and goes
    /// out again, where the gateway has a word for one that was given back: without an answer the refund does not leave.
    async fn look_at_refund(&self, order_no: &str, refund_no: &str) -> Result<(), Refusal> {
        let subject = self.inner.refund_subject(order_no).await?;
        let live = self.order(order_no).await?;
        let goes_out = |refund: &RefundView| refund.refund_no == refund_no && may_go_out(refund);
        if !live.refunds.iter().any(goes_out) {
            return Ok(());
        }
        if subject.party.gateway.descriptor().tells_refunded {
            self.look_at_its_order(order_no, refund_no).await?;
        }
        let live = self.order(order_no).await?;
        let asks = |refund: &RefundView| {
            refund.refund_no == refund_no && refund.state == RefundState::Unknown && refund.can_send_again != Some(true)
        };
        if live.refunds.iter().any(asks) {
            let (done, over) = oneshot::channel();
            self.inner.deliver(order_no, Message::AskRefund(refund_no.to_owned(), done)).await?;
            // A task that is gone had nothing to ask; the order says how it stands.
            let _gone = over.await;
        }
        Ok(())
    }

    /// Asks about the order of a refund. An error unless a verified report answered a question that left since, or the refund's
    /// outcome has become known.
    async fn look_at_its_order(&self, order_no: &str, refund_no: &str) -> Result<(), Refusal> {
        let Some(came) = self.looked_in_vain(order_no).await? else { return Ok(()) };
        let live = self.order(order_no).await?;
        let goes_out = |refund: &RefundView| refund.refund_no == refund_no && may_go_out(refund);
        if live.refunds.iter().any(goes_out) {
            let code = if is_not_there(&came) { Code::RefundOrderNotThere } else { Code::RefundNotLookedAt };
            return Err(with_why(Refusal::of(code).with("refund_no", refund_no), came));
        }
        Ok(())
    }

    /// Asks about an order before money of it goes back. What came instead of a verified report of its payment in answer to a question
    /// that left since; none where one came.
    pub(super) async fn looked_in_vain(&self, order_no: &str) -> Result<Option<Came>, Refusal> {
        let began = self.inner.seams.clock.now();
        let was_under_way = |met: &Met| met.left.is_some_and(|left| left.boot < began.boot);
        let mut met = self.inner.asked(order_no).await?;
        // What was said to a question from before says nothing of what happened since: it is asked once more.
        if was_under_way(&met) {
            met = self.inner.asked(order_no).await?;
        }
        // What could not be stored yet is stored before anything else leaves.
        let looked = met.of_the_payment && !was_under_way(&met);
        Ok((!looked).then_some(met.came))
    }

    /// Takes a refund back that never left.
    pub async fn withdraw_refund(&self, actor: &Actor, order_no: &str, refund_no: &str) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::Refund)?;
        let order = self.inner.current(order_no).await?;
        if order.refund(refund_no).is_none() {
            return Err(Refusal::of(Code::UnknownRefund).with("refund_no", refund_no));
        }
        self.inner.told(order_no, Command::WithdrawRefund(refund_no.to_owned()), actor).await?;
        let live = self.order(order_no).await?;
        let withdrawn = |refund: &&RefundView| refund.refund_no == refund_no && refund.state == RefundState::Withdrawn;
        let done = live.refunds.iter().any(|refund| withdrawn(&refund));
        if done { Ok(live) } else { Err(Refusal::of(Code::RefundLeft).with("refund_no", refund_no)) }
    }

    /// One page of refunds, newest first.
    pub async fn refunds(&self, actor: &Actor, query: &RefundQuery) -> Result<RefundPage, Refusal> {
        self.permit(actor, Action::Read)?;
        let search = self.inner.refund_search(query)?;
        let rows = self.inner.seams.storage.refunds(&search).await.map_err(|fault| fault_of_storage(&fault))?;
        let next = next_page(&rows, |row| (row.requested_at, &row.refund_no));
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            match self.refund_of(&row).await {
                Ok(found) => views.extend(found),
                // An order that cannot be read takes nobody else's refunds off the list.
                Err(refusal) => self.inner.notice(refusal),
            }
        }
        Ok(RefundPage { rows: views, next })
    }

    async fn refund_of(&self, row: &RefundRow) -> Result<Option<RefundView>, Refusal> {
        let live = self.order(&row.order_no).await?;
        Ok(live.refunds.into_iter().find(|refund| refund.refund_no == row.refund_no))
    }

    /// The second person, if it is another one who may act now.
    pub(super) fn beside(&self, actor: &Actor, second: Option<&Actor>) -> Result<Option<Actor>, Refusal> {
        let Some(second) = second else { return Ok(None) };
        let second = self.worth(second);
        match may_stand_beside(actor, &second) {
            Ok(()) => Ok(Some(second)),
            Err(NotBeside::Same) => Err(Refusal::of(Code::SecondPersonSame)),
            Err(NotBeside::NoOperator) => Err(Refusal::of(Code::MissingRight).with("action", Action::Refund.word())),
        }
    }

    /// Whether the shop's limits allow it.
    async fn check_limits(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        order: &Order,
        draft: &RefundDraft,
    ) -> Result<(), Refusal> {
        let now = self.inner.seams.clock.now();
        let amount = Money { minor: draft.amount_minor, currency: order.amount().currency };
        let paid = order.payment.as_ref().map_or(now.wall, Payment::made);
        let ask = RefundAsk {
            actor,
            amount,
            spent_today_minor: self.inner.given_today(&giver(actor), &draft.refund_no, amount.currency, now).await?,
            of_the_order_minor: order.given_besides_minor(&draft.refund_no),
            reason: &draft.reason,
            paid: now.recalled(paid),
            now,
            has_second: second.is_some(),
        };
        let again = order.refund(&draft.refund_no).is_some();
        within(&self.limits(), &ask).map_err(|over| over_limit(&over, amount.currency, again))
    }
}

/// Whether it may go out once more: nobody knows what became of it, or it failed where its number may be used again.
fn may_go_out(refund: &RefundView) -> bool {
    match refund.state {
        RefundState::Unknown => true,
        RefundState::Failed => refund.can_send_again == Some(true),
        RefundState::Requested
        | RefundState::Sent
        | RefundState::Processing
        | RefundState::Succeeded
        | RefundState::Withdrawn => false,
    }
}

/// Whether the gateway answered that it does not have the order.
fn is_not_there(came: &Came) -> bool {
    matches!(came, Came::Unanswered(Trouble::Said(said)) if said.reaction == Reaction::NoSuchOrder)
}

/// The refusal with why a question about an order was not answered with a verified report; a gateway's error with its code. A notice
/// tells what kept it from leaving.
pub(super) fn with_why(refused: Refusal, came: Came) -> Refusal {
    let trouble = match came {
        Came::Unanswered(trouble) => trouble,
        Came::Answered | Came::NotStored => return refused.with("reason", NOT_OF_THE_PAYMENT),
        Came::NotAsked(_) => return refused.with("reason", NOT_ASKED),
    };
    let word = match trouble {
        Trouble::Unreachable => NoAnswer::Unreachable.word(),
        Trouble::TimedOut => NoAnswer::TimedOut.word(),
        Trouble::Untrusted => NoAnswer::Untrusted.word(),
        Trouble::Unreadable(why) => why.word(),
        Trouble::Said(said) => {
            let refused = refused.with("code", &said.code).with("reaction", said.reaction.word());
            return refused.with("reason", said.text.unwrap_or(said.code));
        }
        Trouble::Keyring | Trouble::NotBuilt => NOT_ASKED,
    };
    refused.with("reason", word)
}

/// Who gives a refund, as the journal names them in it.
pub(super) fn giver(actor: &Actor) -> String {
    match actor {
        Actor::Operator { name, .. } => name.clone(),
        Actor::Owner | Actor::Nobody | Actor::Engine | Actor::Gateway => actor.word(),
    }
}

fn refused(subject: &Subject, why: &RefundRefusal) -> Refusal {
    let money = |minor| Money { minor, currency: subject.order.amount().currency };
    let failed = |left| {
        let failed = failed_before(&subject.order, subject.offer.as_ref())?;
        let code = if left > 0 { Code::RefundFailedBefore } else { Code::RefundFailedAlone };
        let refused = Refusal::of(code).with("order_no", subject.order.no());
        let refused = refused.with("refund_no", failed.no()).with("amount", money(failed.draft.amount_minor));
        Some(if left > 0 { refused.with("left", money(left)) } else { refused })
    };
    match why {
        RefundRefusal::OverCeiling(left) => {
            let over = || Refusal::of(Code::RefundOverCeiling).with("left", money(*left));
            failed(*left).unwrap_or_else(|| over().with("currency", subject.order.amount().currency.code()))
        }
        RefundRefusal::LinesNeeded if subject.order.draft.items.is_empty() => Refusal::of(Code::RefundLinesUnknown),
        RefundRefusal::LinesNeeded => Refusal::of(Code::RefundLinesNeeded),
        RefundRefusal::LinesDoNotAddUp => Refusal::of(Code::RefundLinesDoNotAddUp),
        RefundRefusal::LineNotLeft(line) => Refusal::of(Code::RefundLineNotLeft).with("line", line),
        RefundRefusal::ReasonTooLong(limit) => Refusal::of(Code::RefundReasonTooLong).with("limit", limit),
        RefundRefusal::ReasonNotOneLine(letter) => {
            Refusal::of(Code::RefundReasonNotOneLine).with("letter", code_point(*letter))
        }
        RefundRefusal::ReasonHidden(letter) => {
            Refusal::of(Code::RefundReasonHidden).with("letter", code_point(*letter))
        }
        RefundRefusal::Not(not) => match not {
            NotRefundable::NotPaid => Refusal::of(Code::RefundNotPaid),
            NotRefundable::Disputed => Refusal::of(Code::RefundInDispute),
            NotRefundable::NothingLeft => failed(0).unwrap_or_else(|| Refusal::of(Code::RefundNothingLeft)),
            NotRefundable::RefundedElsewhere => Refusal::of(Code::RefundedElsewhereFirst),
            NotRefundable::RefundUnknown => before(subject, Code::RefundUnknownBefore),
            NotRefundable::RefundAgain => before(subject, Code::RefundAgainBefore),
            NotRefundable::RefundWaits => before(subject, Code::RefundWaitsBefore),
            NotRefundable::GatewayCannot => {
                Refusal::of(Code::RefundElsewhere).with("gateway", &subject.order.draft.gateway)
            }
        },
    }
}

/// A character that cannot be shown, as Unicode numbers it.
fn code_point(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

/// What a refund before this one stands in the way of.
fn before(subject: &Subject, code: Code) -> Refusal {
    Refusal::of(code).with("refund_no", subject.order.in_the_dark().map_or("", |refund| refund.no()))
}

/// The amount that a person typed, minor units. More than can be counted is more than the payment.
fn typed(subject: &Subject, amount: &str) -> Result<i64, Refusal> {
    let (order, offer) = (&subject.order, subject.offer.as_ref());
    match Money::parse(amount, order.amount().currency, i64::MAX) {
        Ok(money) => Ok(money.minor),
        Err(AmountRefusal::OverLimit { .. }) => {
            let left = refundable(order, offer).map_err(|not| refused(subject, &RefundRefusal::Not(not)))?;
            Err(refused(subject, &RefundRefusal::OverCeiling(left)))
        }
        Err(
            other @ (AmountRefusal::Empty
            | AmountRefusal::Decimals
            | AmountRefusal::Grouped
            | AmountRefusal::Negative
            | AmountRefusal::NotAnAmount
            | AmountRefusal::Zero),
        ) => Err(other.into()),
    }
}

/// `again`: the refund is one that may have left before.
fn over_limit(over: &OverLimit, currency: Currency, again: bool) -> Refusal {
    let money = |minor| Money { minor, currency };
    match *over {
        OverLimit::PerRefund { limit_minor } => Refusal::of(Code::RefundOverLimit)
            .with("limit", money(limit_minor))
            .with("currency", currency.code())
            .with("again", again),
        OverLimit::PerDay { limit_minor, spent_minor } => Refusal::of(Code::RefundOverDay)
            .with("limit", money(limit_minor))
            .with("currency", currency.code())
            .with("left", money(limit_minor.saturating_sub(spent_minor).max(0)))
            .with("again", again),
        OverLimit::SecondNeeded { above_minor } => Refusal::of(Code::SecondPersonNeeded)
            .with("above", money(above_minor))
            .with("currency", currency.code())
            .with("again", again),
        OverLimit::ReasonMissing => Refusal::of(Code::ReasonNeeded).with("again", again),
        OverLimit::TooOld { days } => Refusal::of(Code::RefundTooOld).with("days", days).with("again", again),
    }
}

impl Inner {
    async fn refund_subject(&self, order_no: &str) -> Result<Subject, Refusal> {
        let order = self.current(order_no).await?;
        let party = self.registry.of_draft(&order.draft)?;
        let channel = party
            .channel(&order.draft.channel)
            .ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", &order.draft.channel))?;
        let offer = Terms::of(party.gateway.descriptor(), &party.account, channel).refunds;
        Ok(Subject { order, party, channel, offer })
    }

    /// How many refunds through an account have not ended, or have an end that an answer contradicts.
    pub(super) async fn open_refunds_of(&self, account_id: &str) -> Result<usize, Refusal> {
        let search = RefundSearch { open: Some(true), limit: 1_000, ..RefundSearch::default() };
        let rows = self.seams.storage.refunds(&search).await.map_err(|fault| fault_of_storage(&fault))?;
        let mut count: usize = 0;
        for row in rows {
            // An order that cannot be read keeps no account: it cannot be asked about either.
            let account = self.current(&row.order_no).await.map(|order| order.draft.account_id);
            if account.is_ok_and(|account| account == account_id) {
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    /// An order as its task has it, else as the journal does.
    pub(super) async fn current(&self, order_no: &str) -> Result<Order, Refusal> {
        let live = self.live.lock().get(order_no).map(|live| Order::clone(&live.published.order));
        match live {
            Some(order) => Ok(order),
            None => Ok(self.read_order(order_no).await?.0),
        }
    }

    /// Has an order's task decide a command and waits until that is durable.
    pub(super) async fn told(self: &Arc<Self>, order_no: &str, command: Command, actor: &Actor) -> Result<(), Refusal> {
        let (done, over) = oneshot::channel();
        let given = Box::new(Given { command, actor: actor.clone(), raw: None });
        self.deliver(order_no, Message::Do(given, done)).await?;
        // A task that is gone had nothing left to do; the order says what became of it.
        over.await.unwrap_or(Ok(()))
    }

    fn refund_draft(
        &self,
        subject: &Subject,
        actor: &Actor,
        second: Option<&Actor>,
        request: &RefundRequest,
    ) -> Result<RefundDraft, Refusal> {
        let (order, offer) = (&subject.order, subject.offer.as_ref());
        let mut items: Vec<_> = request.items.iter().map(Into::into).collect();
        let amount_minor = if request.amount.trim().is_empty() {
            let left = refundable(order, offer).map_err(|not| refused(subject, &RefundRefusal::Not(not)))?;
            // Whoever wants all of it back means the money of the one that failed as well.
            if failed_before(order, offer).is_some() {
                return Err(refused(subject, &RefundRefusal::OverCeiling(left)));
            }
            if items.is_empty() && offer.is_some_and(|offer| offer.by_lines) {
                items = lines_left(order);
            }
            left
        } else {
            typed(subject, &request.amount)?
        };
        let now = self.seams.clock.now();
        Ok(RefundDraft {
            refund_no: number::number(Kind::Refund, now, &self.till_id, self.random()?),
            amount_minor,
            reason: request.reason.trim().to_owned(),
            by: giver(actor),
            second: second.map(giver),
            items,
        })
    }

    /// What one person gave back today besides one refund and did not come to nothing, minor units.
    async fn given_today(&self, by: &str, besides: &str, currency: Currency, now: Moment) -> Result<i64, Refusal> {
        let today = self.today(now)?;
        let mut search = RefundSearch {
            given_by: Some(by.to_owned()),
            from: Some(self.midnight(today)),
            limit: 500,
            ..RefundSearch::default()
        };
        let mut given = 0_i64;
        loop {
            let page = self.seams.storage.refunds(&search).await.map_err(|fault| fault_of_storage(&fault))?;
            let Some(last) = page.last() else { return Ok(given) };
            search.after = Some((last.requested_at, last.refund_no.clone()));
            let others = page.iter().filter(|row| row.currency == currency.code() && row.refund_no != besides);
            let given_by_then = others.map(|row| (RefundState::from_word(&row.state), row.amount_minor));
            given = given.saturating_add(spent_minor(given_by_then));
        }
    }

    fn refund_search(&self, query: &RefundQuery) -> Result<RefundSearch, Refusal> {
        let sought = self.sought(query.after.as_deref(), query.day.as_deref(), &query.text)?;
        let span = sought.when.or(sought.day);
        Ok(RefundSearch {
            number: sought.number,
            amount_minor: sought.amount_minor,
            states: query.states.iter().map(|state| state.word().to_owned()).collect(),
            given_by: query.by.clone(),
            from: span.map(|(from, _)| from),
            until: span.map(|(_, until)| until),
            after: sought.after,
            limit: PAGE,
            ..RefundSearch::default()
        })
    }
}
