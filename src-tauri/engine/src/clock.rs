//! The clock seam.

use async_trait::async_trait;
use till_core::time::Moment;

/// Reads the machine's clocks and waits on them.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Both clocks, now.
    fn now(&self) -> Moment;
    /// Minutes that local time is ahead of UTC at `wall` (UTC microseconds).
    fn offset_minutes(&self, wall: i64) -> i16;
    /// Returns once the boot clock has reached `boot` microseconds. Sleep of the machine counts.
    async fn sleep_until(&self, boot: i64);
}
