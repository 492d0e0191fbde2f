//! What a launch looks at again among the orders that ended in the last days.

use crate::gateway::descriptor::{Channel, Descriptor, Presented};
use crate::time::DAY;

/// Orders that ended within this time, in microseconds, are looked at once per launch.
pub const LOOK_BACK: i64 = 7 * DAY;

/// What is done once about an order that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The gateway is asked: a payment may have come after the end.
    pub ask: bool,
    /// The gateway is asked whether it is so: payments like that are told without being stated (ruling 19).
    pub confirm: bool,
    /// It is asked about if a reverse of it had left, which may arrive after the payment; only its events tell.
    pub mind_reverse: bool,
}

/// What is done about an order that `channel` was to be paid through; a channel that nobody knows any more adds nothing.
#[must_use]
pub fn again(paid: bool, channel: Option<(&Descriptor, &Channel)>) -> Again {
    Again {
        ask: !paid,
        confirm: paid && channel.is_some_and(|(_, channel)| channel.presented == Presented::Elsewhere),
        mind_reverse: paid && channel.is_some_and(|(descriptor, channel)| descriptor.may_reverse(channel)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::gateway::named;

    fn of(gateway: &str, channel: &str, paid: bool) -> Again {
        let descriptor = named(gateway).unwrap().descriptor();
        again(paid, Some((descriptor, Account::channel(descriptor, channel).unwrap())))
    }

    #[test]
    fn an_unpaid_end_is_asked_about_and_a_payment_where_more_may_come_of_it() {
        let nothing = Again { ask: false, confirm: false, mind_reverse: false };
        let ask = Again { ask: true, ..nothing };
        for (gateway, channel) in
            [("pooul", "wechat.scan"), ("jubao", "101"), ("blueocean", "micropay"), ("dingdang", "voice")]
        {
            assert_eq!(of(gateway, channel, false), ask, "{gateway}");
        }
        assert_eq!(of("jubao", "101", true), nothing);
        assert_eq!(of("blueocean", "micropay", true), Again { mind_reverse: true, ..nothing });
        assert_eq!(of("dingdang", "voice", true), Again { confirm: true, ..nothing });
        assert_eq!((again(false, None), again(true, None)), (ask, nothing));
    }
}
