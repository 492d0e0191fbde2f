//! How often a source was refused. Only that counts against it: whoever sends what is right is never made to wait.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use tokio::time::Instant;

/// So many refusals in a [`WINDOW`] are looked into; what the source sends then is not read until the window is over.
const AT_MOST: u32 = 60;

/// From the first refusal of a source on.
const WINDOW: Duration = Duration::from_mins(1);

/// So many sources are remembered; then the one whose window is the oldest is forgotten.
const SOURCES: usize = 1_024;

/// What is remembered of the sources.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<BTreeMap<IpAddr, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    refused: u32,
}

impl Failures {
    /// Whether what comes from `source` is read at all.
    pub(super) fn may_knock(&self, source: IpAddr) -> bool {
        let windows = self.0.lock();
        windows.get(&neighbourhood(source)).is_none_or(|window| window.is_over() || window.refused < AT_MOST)
    }

    /// Counts a refusal.
    pub(super) fn count(&self, source: IpAddr) {
        let source = neighbourhood(source);
        let mut windows = self.0.lock();
        if windows.len() >= SOURCES && !windows.contains_key(&source) {
            windows.retain(|_, window| !window.is_over());
            if windows.len() >= SOURCES
                && let Some(oldest) = windows.iter().min_by_key(|(_, window)| window.since).map(|(source, _)| *source)
            {
                windows.remove(&oldest);
            }
        }
        let fresh = Window { since: Instant::now(), refused: 0 };
        let window = windows.entry(source).or_insert(fresh);
        if window.is_over() {
            *window = fresh;
        }
        window.refused = window.refused.saturating_add(1);
    }
}

impl Window {
    fn is_over(&self) -> bool {
        self.since.elapsed() >= WINDOW
    }
}

/// One customer of a network has a whole /64 of the newer addresses.
pub(super) fn neighbourhood(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn v4(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_is_read_again_when_its_minute_is_over() {
        let failures = Failures::default();
        for number in 1..=AT_MOST {
            assert!(failures.may_knock(v4(1)), "{number}");
            failures.count(v4(1));
        }
        assert!(!failures.may_knock(v4(1)));
        assert!(failures.may_knock(v4(2)), "nobody else pays for it");
        tokio::time::advance(WINDOW).await;
        assert!(failures.may_knock(v4(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn many_sources_take_no_more_memory_than_a_bound() {
        let failures = Failures::default();
        for number in 0..5_000 {
            failures.count(v4(number));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(failures.0.lock().len(), SOURCES);
        assert!(failures.0.lock().contains_key(&v4(4_999)));
    }

    #[test]
    fn a_network_of_the_newer_addresses_is_one_source() {
        let [one, other, elsewhere] =
            ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"].map(|text| text.parse().unwrap());
        assert_eq!(neighbourhood(one), neighbourhood(other));
        assert_ne!(neighbourhood(one), neighbourhood(elsewhere));
    }
}
