//! When what changed is sent: the first change at once, then at most one batch in 50 ms. No clock in here.

use std::collections::BTreeSet;
use std::time::Duration;
use till_engine::till::News;

/// The shortest time between two batches.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// What has changed since the last batch.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    waiting: Parcel,
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
    /// Takes note of news.
    pub(crate) fn hear(&mut self, news: News) {
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
    pub(crate) fn missed(&mut self) {
        self.waiting.everything = true;
    }

    /// How long until the next batch goes, `None` while there is nothing to send. Times are counted from any one moment.
    pub(crate) fn wait(&self, now: Duration) -> Option<Duration> {
        if self.waiting == Parcel::default() {
            return None;
        }
        let due = self.last.map_or(now, |last| last.saturating_add(PAUSE));
        Some(due.saturating_sub(now))
    }

    /// The batch that goes now.
    pub(crate) fn take(&mut self, now: Duration) -> Parcel {
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
    fn the_first_change_goes_at_once_and_so_does_one_after_a_silence() {
        let mut batch = Batch::default();
        assert_eq!(batch.wait(ms(0)), None);
        batch.hear(changed("TK1", 1));
        assert_eq!(batch.wait(ms(7)), Some(ms(0)));
        batch.take(ms(7));
        assert_eq!(batch.wait(ms(8)), None);
        batch.hear(changed("TK1", 2));
        assert_eq!(batch.wait(ms(57)), Some(ms(0)));
    }

    #[test]
    fn what_follows_waits_until_50_ms_have_passed_however_much_it_is() {
        let mut batch = Batch::default();
        batch.hear(News::Health);
        batch.take(ms(100));
        for seq in 0..1_000 {
            batch.hear(changed("TK1", seq));
            batch.hear(changed("TK2", seq));
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
            batch.hear(changed("TK1", now));
            if batch.wait(ms(now)) == Some(ms(0)) {
                batch.take(ms(now));
                sent.push(now);
            }
        }
        assert_eq!(sent, (0..2_000).step_by(50).collect::<Vec<_>>());
    }

    #[test]
    fn missed_news_make_the_next_batch_everything() {
        let mut batch = Batch::default();
        batch.missed();
        batch.hear(News::Accounts);
        assert_eq!(batch.wait(ms(1)), Some(ms(0)));
        assert_eq!(batch.take(ms(1)), Parcel { accounts: true, everything: true, ..Parcel::default() });
    }
}
