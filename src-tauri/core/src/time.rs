//! Time as the till uses it. Nothing here reads a clock: moments come in as arguments.

use serde::{Deserialize, Serialize};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds in a day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// An instant on both clocks of the machine.
///
/// `wall` is UTC and can be set by anybody; `boot` counts on through sleep and never jumps, but means nothing after a
/// restart. Durations within a run are measured on `boot`, everything that is stored carries `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub wall: i64,
    /// Microseconds since some fixed instant of this run.
    pub boot: i64,
}

impl Moment {
    /// The moment on this run's clocks at which something stored at `wall` happened, seen from `self`.
    #[must_use]
    pub fn recalled(self, wall: i64) -> Self {
        let ago = self.wall.saturating_sub(wall).max(0);
        Self { wall, boot: self.boot.saturating_sub(ago) }
    }

    /// Microseconds of boot time from `earlier` to `self`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.boot.saturating_sub(earlier.boot).max(0)
    }

    /// The moment `micros` later on both clocks.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self { wall: self.wall.saturating_add(micros), boot: self.boot.saturating_add(micros) }
    }

    /// UTC seconds since 1970.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.wall.div_euclid(SECOND)
    }
}

/// What an event says about when it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// UTC microseconds since 1970.
    pub wall: i64,
    /// Minutes that local time was ahead of UTC.
    pub offset_minutes: i16,
    /// The business day, `YYYY-MM-DD`.
    pub day: String,
}
