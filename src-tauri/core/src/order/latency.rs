//! How long the parts of a sale took: from the request for a code to the till knowing of the payment. Times are UTC microseconds.

use super::event::OrderEvent;
use crate::time::SECOND;

/// When an order came to each point, as far as its events say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Points {
    /// The create left.
    pub asked: Option<i64>,
    /// Its answer was there, with the code.
    pub answered: Option<i64>,
    /// The code was painted on the screen, or handed to the command line, for the first time.
    pub painted: Option<i64>,
    /// The customer paid, by the gateway's whole seconds.
    pub paid: Option<i64>,
    /// The till knew.
    pub known: Option<i64>,
}

/// How long each part took, microseconds; `None` where one of its ends is not known. Two clocks and whole seconds may put an end
/// before its beginning: then it took no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spans {
    /// From the request to the gateway's answer.
    pub answered: Option<i64>,
    /// From the request to the painted code: what the customer waits for.
    pub painted: Option<i64>,
    /// From the painted code to the payment: the customer's own time.
    pub paid: Option<i64>,
    /// From the payment to the till knowing.
    pub known: Option<i64>,
}

impl Points {
    /// The points that an order came to by its events, each with when it happened, oldest first.
    pub fn of<'a>(events: impl IntoIterator<Item = (&'a OrderEvent, i64)>) -> Self {
        let mut points = Self::default();
        for (event, at) in events {
            points.see(event, at);
        }
        points
    }

    /// The next event happened at `at`.
    pub fn see(&mut self, event: &OrderEvent, at: i64) {
        if let Some(painted) = event.tally().and_then(|tally| tally.painted) {
            self.painted.get_or_insert(painted);
        }
        if matches!(event, OrderEvent::CreateSent) {
            self.asked.get_or_insert(at);
        }
        if matches!(event, OrderEvent::Created { .. }) {
            self.answered.get_or_insert(at);
        }
        if let OrderEvent::Paid { reported, .. } = event
            && self.known.is_none()
        {
            self.known = Some(at);
            self.paid = reported.report.paid_at.map(|seconds| seconds.saturating_mul(SECOND));
        }
    }

    /// How long each part took.
    #[must_use]
    pub fn spans(&self) -> Spans {
        let span = |from: Option<i64>, to: Option<i64>| Some(to?.saturating_sub(from?).max(0));
        Spans {
            answered: span(self.asked, self.answered),
            painted: span(self.asked, self.painted),
            paid: span(self.painted, self.paid),
            known: span(self.paid, self.known),
        }
    }
}

/// The middle, and what only 5 of 100 exceed, of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Percentiles {
    /// How many.
    pub count: u64,
    /// The smallest that half do not exceed, microseconds; 0 of none.
    pub p50: i64,
    /// The smallest that 95 of 100 do not exceed, microseconds; 0 of none.
    pub p95: i64,
}

impl Percentiles {
    /// Of these, in any order.
    #[must_use]
    pub fn of(mut samples: Vec<i64>) -> Self {
        samples.sort_unstable();
        let at = |percent: usize| {
            let rank = samples.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
            samples.get(rank).copied().unwrap_or(0)
        };
        Self { count: u64::try_from(samples.len()).unwrap_or(u64::MAX), p50: at(50), p95: at(95) }
    }
}

/// Adds the orders of an account and a day up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Samples {
    orders: u64,
    answered: Vec<i64>,
    painted: Vec<i64>,
    paid: Vec<i64>,
    known: Vec<i64>,
}

impl Samples {
    /// One more order.
    pub fn add(&mut self, spans: Spans) {
        self.orders = self.orders.saturating_add(1);
        self.answered.extend(spans.answered);
        self.painted.extend(spans.painted);
        self.paid.extend(spans.paid);
        self.known.extend(spans.known);
    }

    /// What they come to.
    #[must_use]
    pub fn summed(self) -> Summed {
        Summed {
            orders: self.orders,
            answered: Percentiles::of(self.answered),
            painted: Percentiles::of(self.painted),
            paid: Percentiles::of(self.paid),
            known: Percentiles::of(self.known),
        }
    }
}

/// Each part over the orders of an account and a day. A part counts those of which it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summed {
    /// How many orders.
    pub orders: u64,
    /// [`Spans::answered`].
    pub answered: Percentiles,
    /// [`Spans::painted`].
    pub painted: Percentiles,
    /// [`Spans::paid`].
    pub paid: Percentiles,
    /// [`Spans::known`].
    pub known: Percentiles,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::EndReason;
    use crate::order::State;
    use crate::order::event::{Reported, Tally};
    use crate::order::report::{TradeReport, TradeState};

    fn created() -> OrderEvent {
        let (link, pay_info, parameters, bridge, gateway_no, raw) = (None, None, None, None, None, None);
        OrderEvent::Created { link, pay_info, parameters, bridge, gateway_no, took: 0, raw }
    }

    fn paid(at_the_gateway: Option<i64>, painted: Option<i64>) -> OrderEvent {
        let report = TradeReport { paid_at: at_the_gateway, ..TradeReport::of(TradeState::Paid) };
        let tally = Tally { painted, ..Tally::default() };
        let reported = Box::new(Reported { report, took: 0, raw: None, tally });
        OrderEvent::Paid { reported, paid_minor: 1, late: false, under: None }
    }

    #[test]
    fn each_part_runs_from_one_point_to_the_next() {
        let points = Points::of([
            (&OrderEvent::CreateSent, 1_000_000),
            (&created(), 1_400_000),
            (&paid(Some(9), Some(1_500_000)), 9_700_000),
            (&paid(Some(10), Some(9_900_000)), 11_000_000),
        ]);
        let (answered, painted, paid, known) = (Some(400_000), Some(500_000), Some(7_500_000), Some(700_000));
        assert_eq!(points.spans(), Spans { answered, painted, paid, known }, "each point is the first of its kind");
    }

    #[test]
    fn what_nobody_said_is_not_known_and_nothing_takes_less_than_no_time() {
        assert_eq!(Points::of([(&paid(None, None), 5)]).spans(), Spans::default());
        let ahead = Points::of([(&OrderEvent::CreateSent, 0), (&paid(Some(3), Some(4_000_000)), 2_000_000)]).spans();
        assert_eq!((ahead.paid, ahead.known), (Some(0), Some(0)));
        let tally = Tally { painted: Some(7), ..Tally::default() };
        let ended = OrderEvent::Ended { state: State::Closed, reason: EndReason::ExpiredHere, reported: None, tally };
        let unpaid = Points::of([(&OrderEvent::CreateSent, 2), (&ended, 50)]).spans();
        assert_eq!(unpaid, Spans { painted: Some(5), ..Spans::default() }, "an order that nobody paid was shown, too");
    }

    #[test]
    fn a_percentile_is_the_smallest_that_so_many_do_not_exceed() {
        assert_eq!(Percentiles::of(vec![]), Percentiles::default());
        assert_eq!(Percentiles::of(vec![9]), Percentiles { count: 1, p50: 9, p95: 9 });
        assert_eq!(Percentiles::of((1..=100).rev().collect()), Percentiles { count: 100, p50: 50, p95: 95 });
        assert_eq!(Percentiles::of(vec![3, 1, 2]), Percentiles { count: 3, p50: 2, p95: 3 });
        let mut samples = Samples::default();
        samples.add(Spans { known: Some(4), ..Spans::default() });
        samples.add(Spans::default());
        let summed = samples.summed();
        assert_eq!((summed.orders, summed.known, summed.paid.count), (2, Percentiles { count: 1, p50: 4, p95: 4 }, 0));
    }
}
