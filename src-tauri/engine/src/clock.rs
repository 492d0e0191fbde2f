//! The clock seam, and the machine's own clocks.

use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use std::time::{Duration, SystemTime};
use till_core::time::{Moment, SECOND};

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

/// The longest uninterrupted nap. The runtime's timer stands still while the machine sleeps, so a single long timer
/// would ring late by as long as the lid was closed; after a resume at most one nap is left of it.
const NAP: Duration = Duration::from_millis(900);
/// Waits end at multiples of this, so that what is due at almost the same moment wakes the processor once.
const TOGETHER: Duration = Duration::from_millis(50);

/// The machine's clocks.
///
/// On Linux `boot` is `CLOCK_BOOTTIME`, which counts on through sleep. Elsewhere it is [`std::time::Instant`] since the
/// start of the program; on macOS that stands still in sleep, so a sleep shows there as a jump of the wall clock.
#[derive(Debug, Clone)]
pub struct MachineClock {
    #[cfg(not(target_os = "linux"))]
    started: std::time::Instant,
}

impl MachineClock {
    /// The clocks of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            #[cfg(not(target_os = "linux"))]
            started: std::time::Instant::now(),
        }
    }

    #[cfg(target_os = "linux")]
    #[expect(clippy::unused_self, reason = "other systems measure from a start that is kept")]
    fn boot(&self) -> i64 {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        time.tv_sec.saturating_mul(SECOND).saturating_add(time.tv_nsec / 1_000)
    }

    #[cfg(not(target_os = "linux"))]
    fn boot(&self) -> i64 {
        micros(self.started.elapsed())
    }
}

impl Default for MachineClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for MachineClock {
    fn now(&self) -> Moment {
        let wall = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => micros(since),
            Err(before) => micros(before.duration()).saturating_neg(),
        };
        Moment { wall, boot: self.boot() }
    }

    fn offset_minutes(&self, wall: i64) -> i16 {
        offset_minutes(&TimeZone::system(), wall)
    }

    async fn sleep_until(&self, boot: i64) {
        loop {
            let now = self.boot();
            let Some(nap) = nap(now, boot) else { return };
            tokio::time::sleep(nap).await;
        }
    }
}

/// How long to sleep before looking at the boot clock again, from `now` until `boot`; nothing if it is time. Everybody looks
/// at the same moments, so that a thousand who wait wake the processor once.
fn nap(now: i64, boot: i64) -> Option<Duration> {
    let end = Some(boot).filter(|boot| *boot > now)?.checked_add(until_multiple(boot, TOGETHER)).unwrap_or(boot);
    let left = end.saturating_sub(now).min(until_multiple(now.saturating_add(1), NAP).saturating_add(1));
    Some(Duration::from_micros(u64::try_from(left).unwrap_or(0)))
}

/// Microseconds from `moment` to the next multiple of `grid`, which may be `moment` itself.
fn until_multiple(moment: i64, grid: Duration) -> i64 {
    moment.saturating_neg().rem_euclid(micros(grid))
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Minutes ahead of UTC in `zone` at `wall`; outside the years that jiff knows, those of the nearest one.
fn offset_minutes(zone: &TimeZone, wall: i64) -> i16 {
    let nearest = if wall < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let at = Timestamp::from_microsecond(wall).unwrap_or(nearest);
    i16::try_from(zone.to_offset(at).seconds() / 60).unwrap_or(0)
}

/// How far the wall clock may drift from the boot clock between two looks before it counts as a jump, in microseconds.
pub const JUMP: i64 = 2 * SECOND;

/// Tells when somebody has set the wall clock. Pure: moments come in.
#[derive(Debug, Clone, Default)]
pub struct JumpWatch {
    last: Option<Moment>,
    written: Option<i64>,
}

impl JumpWatch {
    /// A watch in a run after one that wrote something last at `written`, UTC microseconds.
    #[must_use]
    pub fn after(written: i64) -> Self {
        Self { last: None, written: Some(written) }
    }

    /// How far, in microseconds, the wall clock was moved against the boot clock since the last look, where that is
    /// more than [`JUMP`]; positive means forward. The first look finds only a clock that lies before what was written in an
    /// earlier run, and by how far: any time may have passed since.
    pub fn look(&mut self, now: Moment) -> Option<i64> {
        let moved = match self.last.replace(now) {
            Some(last) => {
                let wall = now.wall.saturating_sub(last.wall);
                let boot = now.boot.saturating_sub(last.boot);
                wall.saturating_sub(boot)
            }
            None => now.wall.saturating_sub(self.written?).min(0),
        };
        (moved.saturating_abs() > JUMP).then_some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: i64, boot: i64) -> Moment {
        Moment { wall: wall * SECOND, boot: boot * SECOND }
    }

    #[test]
    fn a_jump_is_told_once_with_its_size_and_direction() {
        let mut watch = JumpWatch::default();
        assert_eq!(watch.look(at(1_000, 10)), None, "nothing to compare with yet");
        assert_eq!(watch.look(at(1_010, 20)), None);
        assert_eq!(watch.look(at(4_611, 21)), Some(3_600 * SECOND));
        assert_eq!(watch.look(at(4_612, 22)), None, "told once");
        assert_eq!(watch.look(at(4_600, 23)), Some(-13 * SECOND));
    }

    #[test]
    fn at_a_start_a_clock_that_lies_before_what_was_written_was_set_and_one_that_went_on_was_not() {
        let look = |wall: i64| JumpWatch::after(1_000 * SECOND).look(at(wall, 5));
        assert_eq!([look(997), look(998), look(1_000), look(90_000)], [Some(-3 * SECOND), None, None, None]);
        let mut watch = JumpWatch::after(1_000 * SECOND);
        assert_eq!(watch.look(at(900, 5)), Some(-100 * SECOND));
        assert_eq!(watch.look(at(901, 6)), None, "told once");
    }

    #[test]
    fn two_seconds_are_no_jump_and_a_microsecond_more_is() {
        let mut watch = JumpWatch::default();
        watch.look(at(0, 0));
        assert_eq!(watch.look(at(3, 1)), None);
        let mut later = at(6, 2);
        later.wall += 1;
        assert_eq!(watch.look(later), Some(2 * SECOND + 1));
    }

    #[test]
    fn sleep_of_the_machine_moves_both_clocks_and_is_no_jump() {
        let mut watch = JumpWatch::default();
        watch.look(at(100, 5));
        assert_eq!(watch.look(at(100 + 28_800, 5 + 28_800)), None);
    }

    #[test]
    fn extreme_moments_do_not_overflow() {
        let mut watch = JumpWatch::default();
        watch.look(Moment { wall: i64::MIN, boot: i64::MAX });
        assert_eq!(watch.look(Moment { wall: i64::MAX, boot: i64::MIN }), Some(i64::MAX));
    }

    #[test]
    fn the_boot_clock_never_goes_back_and_wall_is_this_century() {
        let clock = MachineClock::new();
        let first = clock.now();
        let second = clock.now();
        assert!(second.boot >= first.boot);
        assert!(first.wall > 1_700_000_000 * SECOND);
        assert!(first.wall < 4_100_000_000 * SECOND);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_boot_clock_agrees_with_the_kernels_uptime_which_counts_sleep() {
        let uptime = || -> i64 {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            let (whole, rest) = text.split_once('.').unwrap();
            whole.parse::<i64>().unwrap() * SECOND + rest[..2].parse::<i64>().unwrap() * 10_000
        };
        let before = uptime();
        let boot = MachineClock::new().now().boot;
        let after = uptime();
        assert!(before <= boot, "{before} {boot}");
        assert!(boot <= after + 20_000, "{boot} {after}");
    }

    #[tokio::test]
    async fn sleeping_ends_after_its_moment_and_soon_after_it() {
        let clock = MachineClock::new();
        for wait in [0, 20_000, 1_200_000] {
            let due = clock.now().boot + wait;
            clock.sleep_until(due).await;
            let late = clock.now().boot - due;
            assert!((0..5_000_000).contains(&late), "{late} µs late");
        }
    }

    #[tokio::test]
    async fn a_moment_that_has_passed_is_not_waited_for() {
        let clock = MachineClock::new();
        tokio::time::timeout(Duration::from_secs(5), clock.sleep_until(i64::MIN)).await.unwrap();
    }

    #[test]
    fn after_a_resume_from_sleep_less_than_a_second_of_a_nap_is_left() {
        assert!(nap(7, 3_600 * SECOND).unwrap() < Duration::from_secs(1));
        assert_eq!(nap(0, 50_000), Some(Duration::from_millis(50)));
        assert_eq!(nap(1, 50_000), Some(Duration::from_micros(49_999)));
        assert_eq!(nap(5, 5), None);
        assert_eq!(nap(6, 5), None);
    }

    #[test]
    fn whoever_naps_wakes_at_the_same_moment_as_all_others() {
        let wakes = |now: i64| now + i64::try_from(nap(now, 3_600 * SECOND).unwrap().as_micros()).unwrap();
        assert_eq!([wakes(0), wakes(1), wakes(450_000), wakes(899_999)], [900_000; 4]);
        assert_eq!(wakes(900_000), 1_800_000);
    }

    #[test]
    fn what_is_due_at_almost_the_same_moment_is_woken_for_together() {
        let wakes = |due: i64| 7 + i64::try_from(nap(7, due).unwrap().as_micros()).unwrap();
        assert_eq!([wakes(8), wakes(49_999), wakes(50_000), wakes(50_001)], [50_000, 50_000, 50_000, 100_000]);
        assert_eq!([wakes(899_999), wakes(900_001), wakes(i64::MAX)], [900_000; 3]);
    }

    #[test]
    fn local_offsets_follow_the_zone_and_the_season() {
        let summer = 1_720_000_000 * SECOND;
        let winter = 1_704_500_000 * SECOND;
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let newfoundland = TimeZone::get("America/St_Johns").unwrap();
        assert_eq!(offset_minutes(&shanghai, winter), 480);
        assert_eq!(offset_minutes(&berlin, summer), 120);
        assert_eq!(offset_minutes(&berlin, winter), 60);
        assert_eq!(offset_minutes(&newfoundland, winter), -210);
        assert_eq!(offset_minutes(&shanghai, i64::MAX), 480);
    }
}
