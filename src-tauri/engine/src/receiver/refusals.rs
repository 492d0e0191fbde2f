//! The log of what is refused. Each refusal stands in it with its reason: in a line of its own or, where there are more of them
//! than anybody reads, in a sum. So a flood fills no disk, and does not push out of the log what stood there before.

use super::Refused;
use super::failures::neighbourhood;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// So many refusals of one source for one reason have a line of their own in a [`MINUTE`]; what comes then is summed up.
const OF_EACH: u32 = 10;

/// So many lines in all in a [`MINUTE`].
const LINES: u32 = 60;

/// So many sources and reasons are told apart; what comes from further ones is summed up by its reason alone.
const KINDS: usize = 60;

/// From a refusal on, until the sums are written.
const MINUTE: Duration = Duration::from_mins(1);

/// What was refused within the minute, by source and reason.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    began: Option<Instant>,
    lines: u32,
    kinds: BTreeMap<(Option<IpAddr>, &'static str), Kind>,
    /// Whether somebody waits for its end.
    ends: bool,
}

#[derive(Debug, Default)]
struct Kind {
    lines: u32,
    /// Those without a line of their own.
    further: u32,
}

impl Refusals {
    /// Has a refusal in the log, now or in the sum of its minute.
    pub(super) fn note(self: &Arc<Self>, source: IpAddr, account: &str, why: &Refused) {
        let now = Instant::now();
        let mut minute = self.0.lock();
        let began = match minute.began {
            Some(began) if began + MINUTE > now => began,
            Some(_) | None => {
                minute.sum_up();
                *minute.began.insert(now)
            }
        };
        if minute.takes(source, why) {
            tracing::warn!(%source, account, reason = %why, "refused at the receiver");
        } else if !std::mem::replace(&mut minute.ends, true) {
            let here = Arc::downgrade(self);
            tokio::spawn(async move {
                sleep_until(began + MINUTE).await;
                if let Some(here) = here.upgrade() {
                    here.end_of(began);
                }
            });
        }
    }

    fn end_of(&self, began: Instant) {
        let mut minute = self.0.lock();
        if minute.began == Some(began) {
            minute.sum_up();
        }
    }
}

impl Drop for Refusals {
    fn drop(&mut self) {
        self.0.get_mut().sum_up();
    }
}

impl Minute {
    /// Counts a refusal. True if it has a line of its own.
    fn takes(&mut self, source: IpAddr, why: &Refused) -> bool {
        let reason = why.why().word();
        let of_source = (Some(neighbourhood(source)), reason);
        let apart = self.kinds.len() < KINDS || self.kinds.contains_key(&of_source);
        let kind = self.kinds.entry(if apart { of_source } else { (None, reason) }).or_default();
        let has_line = kind.lines < OF_EACH && self.lines < LINES;
        let count = if has_line { &mut kind.lines } else { &mut kind.further };
        *count = count.saturating_add(1);
        self.lines = self.lines.saturating_add(u32::from(has_line));
        has_line
    }

    /// Writes the sums. The next refusal begins another minute.
    fn sum_up(&mut self) {
        for ((source, reason), kind) in std::mem::take(self).kinds {
            if kind.further > 0 {
                let (source, count) = (Source(source), kind.further);
                tracing::warn!(%source, reason, count, "refused at the receiver as well, within a minute");
            }
        }
    }
}

struct Source(Option<IpAddr>);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(source) => source.fmt(f),
            None => f.write_str("many"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log;
    use crate::settings::LogLevel;
    use std::net::Ipv4Addr;
    use tracing::dispatcher;

    fn v4(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    /// The log's lines that hold `text`.
    fn lines(folder: &tempfile::TempDir, text: &str) -> Vec<String> {
        let files = std::fs::read_dir(folder.path().join(log::FOLDER)).unwrap();
        let all: String = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        all.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_has_a_few_lines_and_its_sum_when_the_minute_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let (dispatch, guard) = log::dispatch(folder.path(), LogLevel::Info).unwrap();
        let entered = dispatcher::set_default(&dispatch);
        let refusals = Arc::new(Refusals::default());
        for _ in 0..1_000 {
            refusals.note(v4(1), "", &Refused::NotRead);
        }
        refusals.note(v4(1), "main", &Refused::Malformed);
        refusals.note(v4(2), "", &Refused::NotRead);
        // Nobody else is awake: time goes on at once.
        tokio::time::sleep(MINUTE + Duration::from_secs(1)).await;
        refusals.note(v4(1), "", &Refused::NotRead);
        drop((entered, dispatch, guard));
        assert_eq!(
            lines(&folder, "source=0.0.0.1 account=\"\" reason=its source").len(),
            11,
            "the next minute has its own"
        );
        assert_eq!(lines(&folder, "source=0.0.0.2").len(), 1, "another source has its own");
        assert_eq!(lines(&folder, "account=\"main\" reason=no request").len(), 1, "another reason has its own");
        let [sum] = &lines(&folder, "as well")[..] else { panic!("one sum") };
        assert!(sum.contains("source=0.0.0.1 reason=\"not_read\" count=990"), "{sum}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_from_everywhere_is_bounded_and_all_of_it_is_in_the_sums_although_the_receiver_ends() {
        let folder = tempfile::tempdir().unwrap();
        let (dispatch, guard) = log::dispatch(folder.path(), LogLevel::Info).unwrap();
        let entered = dispatcher::set_default(&dispatch);
        let refusals = Arc::new(Refusals::default());
        for number in 0..5_000 {
            refusals.note(v4(number), "", &Refused::Malformed);
        }
        drop(refusals);
        drop((entered, dispatch, guard));
        let (own, sums) = (lines(&folder, "no request that can be read"), lines(&folder, "as well"));
        assert!(
            own.len() <= usize::try_from(LINES).unwrap() && sums.len() <= KINDS + 1,
            "{} {}",
            own.len(),
            sums.len()
        );
        let counted = |line: &String| line.split_once("count=").unwrap().1.parse::<usize>().unwrap();
        assert_eq!(own.len() + sums.iter().map(counted).sum::<usize>(), 5_000);
        assert!(sums.iter().any(|line| line.contains("source=many")), "{sums:?}");
    }
}
