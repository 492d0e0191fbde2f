//! Pictures for whoever looks: whole, and only of what is committed or in the poller's memory.

use super::commit::rfc3339;
use super::dealing::{OnLoopback, Party};
use super::gate::Rank;
use super::life::Published;
use super::refunded::{by_hand_shown, elsewhere_shown, refundable_shown, refunds_shown};
use super::twice::Beside;
use super::{Hearing, Inner, News, Till, fault_of_storage};
use crate::storage::{OrderSearch, Taken};
use crate::view::{AskingView, Closing, Further, Health, Item, LateAfter, LiveOrder, Mark, OrderView, Snapshot, Today};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use till_core::error::{Code, Refusal};
use till_core::gateway::Read;
use till_core::gateway::call::{HttpAnswer, HttpCall, NoAnswer};
use till_core::money::{Currency, Money};
use till_core::order::asking::{Asking, Terms};
use till_core::order::further::further_order;
use till_core::order::mark::markable;
use till_core::order::refund::Refund;
use till_core::order::{EndReason, Order, Payment};
use till_core::time::{Moment, SECOND};

/// A clock that is further off than this is said.
pub(super) const CLOCK_OFF_S: i64 = 5;

/// Two clocks of whole seconds that agree may seem to differ by so much, in microseconds.
const WHOLE_SECONDS: i64 = 2 * SECOND;

/// What was taken today.
#[derive(Debug, Default)]
pub(super) struct Takings {
    day: String,
    minor: BTreeMap<Currency, i64>,
    /// What of that was no real money, outside training.
    not_real: BTreeMap<Currency, i64>,
    counts: BTreeMap<Currency, u32>,
    known_after: Vec<i64>,
}

impl Till {
    /// One order as it stands.
    pub async fn order(&self, order_no: &str) -> Result<LiveOrder, Refusal> {
        let published = self.inner.live.lock().get(order_no).map(|live| live.published.clone());
        let published = match published {
            Some(published) => published,
            None => Arc::new(self.inner.read_published(order_no).await?),
        };
        let Beside { paid, too_many, fault } = self.inner.beside(&published.order).await;
        Ok(LiveOrder {
            paid_beside: paid,
            too_many_beside: too_many,
            paid_beside_fault: fault,
            ..self.inner.live_order(&published)
        })
    }

    /// Everything a window needs when it mounts.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let published: Vec<_> = self.inner.live.lock().values().map(|live| live.published.clone()).collect();
        let mut open: Vec<LiveOrder> = published
            .iter()
            .filter(|published| !published.order.state.has_ended())
            .map(|published| self.inner.live_order(published))
            .collect();
        open.reverse();
        Snapshot {
            seq: self.inner.next_seq(),
            open,
            accounts: self.accounts(),
            health: self.health(),
            today: self.today(),
            recovery: self.recovery(),
        }
    }

    /// Today's figures.
    #[must_use]
    pub fn today(&self) -> Today {
        let day = self.inner.stamp(self.inner.seams.clock.now()).day;
        let takings = self.inner.today.lock();
        if takings.day != day {
            return Today::default();
        }
        let mut sorted = takings.known_after.clone();
        sorted.sort_unstable();
        let told = |sums: &BTreeMap<Currency, i64>| -> BTreeMap<String, String> {
            let money = |(&currency, &minor): (&Currency, &i64)| (currency, Money { minor, currency });
            sums.iter().map(money).map(|(currency, sum)| (currency.code().to_owned(), sum.to_string())).collect()
        };
        Today {
            paid: told(&takings.minor),
            not_real: told(&takings.not_real),
            counts: takings.counts.iter().map(|(currency, count)| (currency.code().to_owned(), *count)).collect(),
            known_after_ms: sorted.get(sorted.len() / 2).copied(),
        }
    }
}

impl Inner {
    /// The picture of an order that has no task.
    async fn read_published(&self, order_no: &str) -> Result<Published, Refusal> {
        // Counted before it is read: a task that begins meanwhile publishes what is newer.
        let seq = self.next_seq();
        let (order, _) = self.read_order(order_no).await?;
        let party = self.registry.of_draft(&order.draft)?;
        let channel = party
            .channel(&order.draft.channel)
            .ok_or_else(|| Refusal::of(Code::UnknownChannel).with("channel", &order.draft.channel))?;
        Ok(Published {
            seq,
            terms: Terms::of(party.gateway.descriptor(), &party.account, channel),
            offset_minutes: self.seams.clock.offset_minutes(order.drafted.wall),
            order: Arc::new(order),
            asking: Asking::default(),
            next: None,
            in_flight: false,
            trouble: None,
            refund_troubles: BTreeMap::new(),
            said: None,
            channel,
        })
    }

    /// Without what the journal knows of the other orders of its sale.
    pub(super) fn live_order(&self, published: &Published) -> LiveOrder {
        let now = self.seams.clock.now();
        let order = &published.order;
        let asking = &published.asking;
        let until = |boot: i64| boot.saturating_sub(now.boot) / 1_000;
        let not_yet = further_order(order).err();
        let floor = published.terms.ending(order).map(|(_, floor)| order.there_since().plus(floor).boot);
        LiveOrder {
            seq: published.seq,
            order: self.order_view(published),
            wallet: published.channel.wallet,
            presented: order.draft.presented,
            by_parameters: order.is_paid_by_parameters(published.channel),
            can_reverse: published.terms.reverse_floor.is_some(),
            closes: published.terms.close_floor.is_some(),
            end_reason: order.end.map(|end| end.reason),
            late_after: order.late_after.map(|end| LateAfter { state: end.state, reason: end.reason }),
            proof: order.payment.as_ref().map(|payment| payment.proof),
            ended: order.state.has_ended(),
            declined: order.declined,
            link_lost: order.link_lost(),
            gave_no_code: order.gave_no_code(),
            create_refused: order.create_refused(),
            drafted_ago_ms: now.since(order.drafted) / 1_000,
            expires_in_ms: until(order.expires().boot),
            lasts_ms: i64::from(order.draft.expire_s).saturating_mul(1_000),
            end_floor_in_ms: floor.map(until),
            answered_after_ms: order.answered.map(|answered| answered.since(order.drafted) / 1_000),
            known_after_ms: self.known_after(order),
            closing: order
                .qr_off
                .filter(|_| !order.state.has_ended())
                .map(|_| Closing { refused: order.closing.refused, said: order.end_said.clone() }),
            asking: AskingView {
                asked: asking.asked,
                unanswered: asking.unanswered,
                answered_ago_ms: asking.answered.or(order.answered).map(|answered| now.since(answered) / 1_000),
                next_in_ms: published.next.map(|due| until(due.at).max(0)),
                in_flight: published.in_flight,
                trouble: published.trouble.clone(),
            },
            said: published.said.clone(),
            refunds: refunds_shown(published, now),
            given_back: order.is_given_back(),
            refundable: refundable_shown(published),
            by_hand: order
                .marks
                .iter()
                .map(|by_hand| by_hand_shown(order, by_hand, published.offset_minutes))
                .collect(),
            can_be_marked: markable(order),
            further: Further { allowed: not_yet.is_none(), not_yet },
            paid_beside: Vec::new(),
            too_many_beside: None,
            paid_beside_fault: None,
        }
    }

    fn order_view(&self, published: &Published) -> OrderView {
        let now = self.seams.clock.now();
        let next = published.next.map(|due| now.plus(due.at.saturating_sub(now.boot).max(0)).wall);
        order_view(&published.order, published.offset_minutes, next)
    }

    pub(super) fn health_at(&self, now: Moment) -> Health {
        let asked = self.asked_accounts();
        let pulse = self.health.lock();
        let heard = || pulse.gateways.values().copied();
        let last = heard().max_by_key(|heard| heard.answered.map(|at| at.boot));
        let of_asked = pulse.gateways.iter().filter(|(id, _)| asked.contains(*id)).map(|(_, heard)| *heard);
        let quietest = of_asked.max_by_key(|heard| (heard.unanswered, heard.answered.map(|at| at.boot)));
        // Where nothing is being asked, nobody is silent.
        let idle = last.map(|last| Hearing { unanswered: 0, ..last });
        let Hearing { answered, latency, unanswered, .. } = quietest.or(idle).unwrap_or_default();
        Health {
            asked: !pulse.gateways.is_empty(),
            answered_ago_ms: answered.map(|answered| now.since(answered) / 1_000),
            latency_ms: latency.map(|latency| latency / 1_000),
            unanswered,
            clock_ahead_s: self.registry.skews().into_iter().filter_map(said_ahead).max_by_key(|ahead| ahead.abs()),
            backup_at: pulse.backup_at.map(|at| rfc3339(at, self.seams.clock.offset_minutes(at))),
            notices: pulse.notices.values().cloned().collect(),
        }
    }

    /// The accounts with an order or a refund that has not ended: their gateways are asked.
    fn asked_accounts(&self) -> BTreeSet<String> {
        let live = self.live.lock();
        let orders = live.values().map(|live| &live.published.order);
        let open = orders.filter(|order| !order.state.has_ended() || order.refunds.iter().any(Refund::is_open));
        open.map(|order| order.draft.account_id.clone()).collect()
    }

    /// Sends something to an account's gateway.
    pub(super) async fn send_to_gateway(&self, account_id: &str, call: HttpCall) -> Result<HttpAnswer, NoAnswer> {
        if self.seams.transport.may_reach(&call.url) {
            self.asks(account_id);
        }
        self.seams.transport.send(call).await
    }

    /// Sends, in its turn, what a person asks an account's gateway outside an order's own task. When it left, and what came.
    pub(super) async fn put_to_gateway(
        &self,
        account_id: &str,
        call: HttpCall,
    ) -> (Moment, Result<HttpAnswer, NoAnswer>) {
        let _place = self.gate(account_id).enter(Rank::Awaited, self.seams.clock.as_ref()).await;
        let asked = self.seams.clock.now();
        (asked, self.send_to_gateway(account_id, call).await)
    }

    fn asks(&self, account_id: &str) {
        let mut pulse = self.health.lock();
        let first = pulse.gateways.is_empty();
        pulse.gateways.entry(account_id.to_owned()).or_default();
        drop(pulse);
        if first {
            self.tell(News::Health);
        }
    }

    /// An account's gateway gave a verified answer.
    pub(super) fn heard(&self, account_id: &str, asked: Moment, now: Moment) {
        let mut pulse = self.health.lock();
        let hearing = pulse.gateways.entry(account_id.to_owned()).or_default();
        *hearing = Hearing { answered: Some(now), latency: Some(now.since(asked)), unanswered: 0 };
    }

    /// Somebody checked an account; one whose gateway answers well was heard.
    pub(super) fn checked(&self, account_id: &str, answered_well: bool, asked: Moment, now: Moment) {
        if answered_well {
            self.heard(account_id, asked, now);
            self.tell(News::Health);
        }
    }

    /// A question stayed without one.
    pub(super) fn unheard(&self, account_id: &str) {
        let mut pulse = self.health.lock();
        let hearing = pulse.gateways.entry(account_id.to_owned()).or_default();
        hearing.unanswered = hearing.unanswered.saturating_add(1);
    }

    /// Compares the `Date` of an answer in the gateway's own words with this machine's clock, at the middle of the exchange; of any
    /// other answer nothing is believed. True: a question that brought nothing may have done so for its time alone, and the next
    /// one bears another.
    pub(super) fn learn_skew<T>(
        &self,
        party: &Party,
        read: &Read<T>,
        answer: &HttpAnswer,
        asked: Moment,
        now: Moment,
    ) -> bool {
        let Some(date) = answer.date.filter(|_| read.is_the_gateways()) else { return false };
        let before = self.ahead_s(&party.account.id);
        let took = now.since(asked);
        let middle = asked.plus(took / 2).wall.div_euclid(SECOND);
        let known = self.registry.skew(&party.account.id);
        let ahead = learned(known.unwrap_or(0), date.saturating_sub(middle), took);
        let said = known.and_then(said_ahead);
        self.registry.set_skew(&party.account.id, ahead);
        if said != said_ahead(ahead) {
            self.tell(News::Health);
        }
        self.ahead_s(&party.account.id).saturating_sub(before).abs() > CLOCK_OFF_S
    }

    /// This machine's clock was set: what was known of its difference to any gateway's holds no longer.
    pub(super) fn forget_skews(&self) {
        self.registry.forget_skews();
        self.tell(News::Health);
    }

    pub(super) fn shows(&self, order_no: &str) -> bool {
        self.on_screen.read().as_deref() == Some(order_no)
    }

    /// Adds a payment to today's figures.
    pub(super) fn booked(&self, order: &Order, payment: &Payment) {
        let day = self.stamp(payment.known).day;
        let mut takings = self.today.lock();
        if takings.day != day {
            *takings = Takings { day, ..Takings::default() };
        }
        let currency = order.amount().currency;
        add(&mut takings.minor, currency, payment.minor);
        if mark(order.draft.mark.as_deref()) == Some(Mark::NotARealGateway) {
            add(&mut takings.not_real, currency, payment.minor);
        }
        let count = takings.counts.entry(currency).or_insert(0);
        *count = count.saturating_add(1);
        takings.known_after.extend(self.known_after(order));
    }

    /// Milliseconds from the customer's payment to the till knowing, both by the gateway's clock; nothing where the till knew
    /// before, for then the clocks differ by more than is known of them.
    fn known_after(&self, order: &Order) -> Option<i64> {
        let payment = order.payment.as_ref()?;
        let ahead = self.ahead_s(&order.draft.account_id).saturating_mul(SECOND);
        let paid = payment.gateway_time?.saturating_mul(SECOND);
        let after = payment.known.wall.saturating_add(ahead).saturating_sub(paid);
        (after > -WHOLE_SECONDS).then(|| after.max(0) / 1_000)
    }

    /// Counts what was taken today before this run.
    pub(super) async fn count_today(&self) -> Result<(), Refusal> {
        let day = self.today(self.seams.clock.now())?;
        let next = day.tomorrow().map_or(i64::MAX, |next| self.midnight(next));
        let paid = (self.midnight(day), next);
        // Whatever the state: a payment stays booked while a later answer is disputed.
        let taken = self.seams.storage.takings(paid).await;
        let not_real = self.not_real(paid).await?;
        let mut takings = Takings { day: day.to_string(), not_real, ..Takings::default() };
        for Taken { currency, orders, minor } in taken.map_err(|fault| fault_of_storage(&fault))? {
            let Some(currency) = Currency::from_code(&currency) else { continue };
            takings.minor.insert(currency, minor);
            takings.counts.insert(currency, u32::try_from(orders).unwrap_or(u32::MAX));
        }
        *self.today.lock() = takings;
        Ok(())
    }

    /// What was paid between two times at no real gateway. Training has nothing else, and says so everywhere.
    async fn not_real(&self, (from, until): (i64, i64)) -> Result<BTreeMap<Currency, i64>, Refusal> {
        let mut sums = BTreeMap::new();
        let accounts = if self.training { vec![] } else { self.registry.all() };
        for account in accounts {
            if self.registry.was_on_loopback(&account.id) == OnLoopback::Never {
                continue;
            }
            let account_id = Some(account.id.clone());
            let search = OrderSearch { account_id, happened: Some((from, until)), ..OrderSearch::default() };
            for row in self.every(&search).await? {
                let known = row.paid_at.is_some_and(|at| (from..until).contains(&at));
                let paid = row.paid_minor.filter(|_| known).zip(Currency::from_code(&row.currency));
                let Some((minor, currency)) = paid else { continue };
                if self.mark_of_row(&row).await == Some(Mark::NotARealGateway) {
                    add(&mut sums, currency, minor);
                }
            }
        }
        Ok(sums)
    }
}

fn add(sums: &mut BTreeMap<Currency, i64>, currency: Currency, minor: i64) {
    let sum = sums.entry(currency).or_insert(0);
    *sum = sum.saturating_add(minor);
}

/// Seconds that a gateway's clock is ahead by an exchange of `took` microseconds, in the middle of which its time was `seen` ahead.
/// When in it the answer was written nobody knows, and its time is in whole seconds: what was `known` holds unless that says otherwise.
fn learned(known: i64, seen: i64, took: i64) -> i64 {
    let apart = seen.saturating_sub(known).saturating_abs().saturating_mul(SECOND);
    if apart > (took / 2).saturating_add(SECOND) { seen } else { known }
}

/// Seconds that this machine's clock is ahead of a gateway's that is `skew` ahead of it, where that is worth saying.
fn said_ahead(skew: i64) -> Option<i64> {
    (skew.abs() > CLOCK_OFF_S).then(|| skew.saturating_neg())
}

/// An order as `--json` prints it. `offset_minutes` is the place's at its draft, `next` the UTC microseconds of the next question.
pub(crate) fn order_view(order: &Order, offset_minutes: i16, next: Option<i64>) -> OrderView {
    let draft = &order.draft;
    let at = |wall: i64| rfc3339(wall, offset_minutes);
    OrderView {
        order_no: draft.order_no.clone(),
        sale: draft.sale.clone(),
        account: draft.account.clone(),
        channel: draft.channel.clone(),
        amount: draft.amount.to_string(),
        amount_minor: draft.amount.minor,
        currency: draft.amount.currency.code().to_owned(),
        state: order.state,
        late: order.late,
        attention: order.first_attention(),
        attentions: order.attention.iter().copied().collect(),
        mark: mark(draft.mark.as_deref()),
        by_hand: order.marks_in_words(),
        qr: order.qr().map(str::to_owned),
        parameters: order.shown_parameters().map(str::to_owned),
        gateway_no: order.gateway_no.clone(),
        paid_minor: order.payment.as_ref().map(|payment| payment.minor),
        refunded_minor: order.refunded_minor(),
        refunded_elsewhere: elsewhere_shown(order),
        beyond_paid_minor: order.beyond_paid_minor(),
        elsewhere_marked: order.elsewhere_is_marked(),
        created_at: at(order.drafted.wall),
        expires_at: at(order.expires().wall),
        paid_at: order.payment.as_ref().map(|payment| at(payment.known.wall)),
        gateway_time: order
            .payment
            .as_ref()
            .and_then(|payment| payment.gateway_time)
            .map(|seconds| at(seconds.saturating_mul(SECOND))),
        next_query_at: next.map(at),
        reason: reason(order).map(str::to_owned),
        items: draft.items.iter().map(Item::from).collect(),
    }
}

pub(super) fn mark(mark: Option<&str>) -> Option<Mark> {
    match mark {
        Some("training") => Some(Mark::Training),
        Some(_) => Some(Mark::NotARealGateway),
        None => None,
    }
}

fn reason(order: &Order) -> Option<&'static str> {
    let ended = order.end.map(|end| match end.reason {
        EndReason::Gateway => "gateway",
        EndReason::NeverCreated => "never_created",
        EndReason::ExpiredHere => "expired_here",
    });
    order.dispute.map(till_core::order::DisputeReason::word).or(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_says_of_a_clock_no_more_than_it_can_show() {
        for (took_ms, known, seen, learns) in [
            (12_000, 0, -7, 0),
            (12_000, 0, 6, 0),
            (12_000, 600, 594, 600),
            (12_000, 0, -8, -8),
            (12_000, 600, 0, 0),
            (40, 0, -1, 0),
            (40, 0, 2, 2),
            (40, 2, 0, 0),
            (40, 0, -600, -600),
        ] {
            assert_eq!(learned(known, seen, took_ms * SECOND / 1_000), learns, "{took_ms} {known} {seen}");
        }
    }
}
