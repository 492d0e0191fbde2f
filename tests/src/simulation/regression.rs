//! Short lists of operations that broke a rule once, as they were shrunk.

use super::network::Weather;
use super::operation::{Operation, What};
use super::storage::DiskFault;

/// What went wrong then, the seed of the world, and what was done.
#[must_use]
pub fn all() -> Vec<(&'static str, u64, Vec<Operation>)> {
    let sell = |account, channel, fen, expire_s| What::Sell { account, channel, fen, expire_s };
    let further = |order, channel| What::Further { order, channel };
    let list = |steps: &[(u64, i64, What)]| steps.iter().map(|(salt, then, what)| step(*salt, *then, *what)).collect();
    vec![
        (
            "two further orders of one sale at the same time",
            17,
            list(&[
                (6_662_493_999_994_196_368, 915_256, sell(1, 5, 166_740, Some(395))),
                (13_284_320_438_860_847_244, 2_136, further(0, 1)),
                (8_124_179_141_766_216_590, 1_042_380, further(0, 2)),
            ]),
        ),
        (
            "a code on screen although its dispute was stored at the second try",
            39,
            list(&[
                (1_947_888_074_330_907_973, 318_153, sell(0, 3, 165_294, None)),
                (373_608_296_708_293_592, 48_800_439, What::Wait),
                (15_081_079_569_049_497_826, 46_545_557, What::Wait),
                (1_115_625_660_032_305_573, 2_953_824, What::Network(Weather::Storm, 356_678_139)),
                (13_413_582_610_261_806_885, 3_431_288, What::Disk(DiskFault::Flaky, 39_500_608)),
            ]),
        ),
        (
            "an account that a launch could not read was unknown until the next one",
            1,
            list(&[
                (1, 1_000_000, What::Disk(DiskFault::Unread, 3_600_000_000)),
                (2, 1_000_000, What::Restart { down: 1_000_000 }),
                (3, 1_000_000, sell(0, 3, 1_200, None)),
                (4, 1_000_000, sell(1, 3, 1_300, None)),
            ]),
        ),
        ("a rush of sales beyond the cap", 2, list(&[(12_181_818_074_990_627_950, 3_000_000, What::Rush(30))])),
    ]
}

fn step(salt: u64, then: i64, what: What) -> Operation {
    Operation { salt, then, what }
}
