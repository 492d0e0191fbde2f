//! When what changed is sent: soon after the first change, then at most one batch in 50 ms. No clock in here.

use std::collections::BTreeSet;
use std::time::Duration;
use till_engine::till::News;

/// The shortest time between two batches.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);
/// How long the first change after a silence waits for those that belong to it. A sale whose gateway answers at once is then
/// painted once, with its code, instead of first without: a second painting would come before its answer.
pub(crate) const GATHER: Duration = Duration::from_millis(10);

/// What has changed since the last batch.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    waiting: Parcel,
    /// When the first of them came.
    since: Option<Duration>,
    last: Option<Duration>,
}

/// What a batch consists of.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one thing that it changed")]
pub(crate) struct Parcel {
    /// Orders, by number.
    pub(crate) orders: BTreeSet<String>,
    /// The accounts.
    pub(crate) accounts: bool,
    /// People, the session's worth, or limits.
    pub(crate) people: bool,
    /// How the till is.
    pub(crate) health: bool,
    /// News were missed: everything that is open.
    pub(crate) everything: bool,
}

impl Batch {
    /// Takes note of news. Times are counted from any one moment.
    pub(crate) fn hear(&mut self, news: News, now: Duration) {
        self.since.get_or_insert(now);
        match news {
            News::Order { order_no, seq: _ } => {
                self.waiting.orders.insert(order_no);
            }
            News::Accounts => self.waiting.accounts = true,
            News::People => self.waiting.people = true,
            News::Health => self.waiting.health = true,
        }
    }

    /// News were missed.
    pub(crate) fn missed(&mut self, now: Duration) {
        self.since.get_or_insert(now);
        self.waiting.everything = true;
    }

    /// How long until the next batch goes, `None` while there is nothing to send.
    pub(crate) fn wait(&self, now: Duration) -> Option<Duration> {
        let gathered = self.since?.saturating_add(GATHER);
        let due = self.last.map_or(gathered, |last| gathered.max(last.saturating_add(PAUSE)));
        Some(due.saturating_sub(now))
    }

    /// The batch that goes now.
    pub(crate) fn take(&mut self, now: Duration) -> Parcel {
        self.since = None;
        self.last = Some(now);
        std::mem::take(&mut self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn changed(order_no: &str, seq: u64) -> News {
        News::Order { order_no: order_no.to_owned(), seq }
    }

    #[test]
    fn what_comes_soon_after_the_first_change_goes_with_it() {
        let mut batch = Batch::default();
        assert_eq!(batch.wait(ms(0)), None);
        batch.hear(changed("TK1", 1), ms(7));
        batch.hear(changed("TK1", 2), ms(12));
        assert_eq!(batch.wait(ms(12)), Some(ms(5)));
        assert_eq!(batch.wait(ms(17)), Some(ms(0)));
        batch.take(ms(17));
        assert_eq!(batch.wait(ms(18)), None);
        batch.hear(changed("TK1", 3), ms(90));
        assert_eq!(batch.wait(ms(90)), Some(ms(10)), "after a silence, too");
    }

    #[test]
    fn what_follows_waits_until_50_ms_have_passed_however_much_it_is() {
        let mut batch = Batch::default();
        batch.hear(News::Health, ms(90));
        batch.take(ms(100));
        for seq in 0..1_000 {
            batch.hear(changed("TK1", seq), ms(110));
            batch.hear(changed("TK2", seq), ms(110));
            assert_eq!(batch.wait(ms(110)), Some(ms(40)));
        }
        assert_eq!(batch.wait(ms(150)), Some(ms(0)));
        let parcel = batch.take(ms(150));
        assert_eq!(parcel.orders, ["TK1", "TK2"].map(str::to_owned).into());
        assert!(!parcel.health && !parcel.accounts && !parcel.people && !parcel.everything);
    }

    #[test]
    fn a_day_of_changes_makes_no_more_than_one_batch_in_50_ms() {
        let (mut batch, mut sent) = (Batch::default(), Vec::new());
        for now in 0..2_000 {
            batch.hear(changed("TK1", now), ms(now));
            if batch.wait(ms(now)) == Some(ms(0)) {
                batch.take(ms(now));
                sent.push(now);
            }
        }
        assert_eq!(sent, (10..2_000).step_by(50).collect::<Vec<_>>());
    }

    #[test]
    fn missed_news_make_the_next_batch_everything() {
        let mut batch = Batch::default();
        batch.missed(ms(1));
        batch.hear(News::Accounts, ms(2));
        assert_eq!(batch.wait(ms(2)), Some(ms(9)));
        assert_eq!(batch.take(ms(11)), Parcel { accounts: true, everything: true, ..Parcel::default() });
    }
}
