//! Lock-outs: how many wrong PINs bring one, and how long it lasts.
//!
//! A lock-out lasts for a time in which an engine was running. It is measured on the boot clock of each run and written down
//! every few minutes, so that neither a restart nor a clock that somebody sets brings its end nearer.

use super::{OperatorEvent, People};
use crate::time::{Moment, SECOND};

/// Wrong PINs in a row that lock somebody out.
pub const TRIES: u32 = 6;

/// How long a lock-out lasts, in seconds.
pub const LOCKED_S: u32 = 30 * 60;

/// How often what is over of a lock-out is written down, in seconds. A restart loses at most that.
pub const SERVED_EVERY_S: u32 = 5 * 60;

/// A lock-out that is not over, as far as is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LockOut {
    written_s: u32,
    /// Since when this run measures what is not yet written down.
    since: Moment,
}

impl LockOut {
    pub(super) fn begun(at: Moment) -> Self {
        Self { written_s: 0, since: at }
    }

    /// What is left after `served_s` seconds; `None` once nothing is.
    pub(super) fn served(served_s: u32, at: Moment) -> Option<Self> {
        (served_s < LOCKED_S).then_some(Self { written_s: served_s, since: at })
    }

    fn served_s(&self, now: Moment) -> u32 {
        let unwritten = u32::try_from(now.since(self.since) / SECOND).unwrap_or(LOCKED_S);
        self.written_s.saturating_add(unwritten).min(LOCKED_S)
    }

    pub(super) fn left_s(&self, now: Moment) -> u32 {
        LOCKED_S.saturating_sub(self.served_s(now))
    }

    /// The boot time at which there is something to write down.
    fn due(&self) -> i64 {
        let seconds = LOCKED_S.saturating_sub(self.written_s).min(SERVED_EVERY_S);
        self.since.boot.saturating_add(SECOND.saturating_mul(i64::from(seconds)))
    }
}

impl People {
    /// The boot time, in microseconds, at which something is to be written down about a lock-out; `None` while there is none.
    #[must_use]
    pub fn serving_due(&self) -> Option<i64> {
        self.all.iter().filter_map(|operator| operator.lock_out.as_ref()).map(LockOut::due).min()
    }

    /// What is to be written down now about lock-outs.
    #[must_use]
    pub fn serve(&self, now: Moment) -> Vec<OperatorEvent> {
        let due = |lock_out: &&LockOut| lock_out.due() <= now.boot;
        self.all
            .iter()
            .filter_map(|operator| Some((operator, operator.lock_out.as_ref().filter(due)?)))
            .map(|(operator, lock_out)| OperatorEvent::LockServed {
                name: operator.name.clone(),
                served_s: lock_out.served_s(now),
            })
            .collect()
    }
}
