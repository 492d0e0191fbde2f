//! What is wrong with a receiver, by what came in and was refused.

use super::{Notified, Reception, Tally, Unread};
use crate::view::receiver::NotTaken;
use till_core::error::{Code, Refusal};
use till_core::time::{HOUR, MINUTE, Moment};

/// So many that were not signed rightly, with none accepted since, are more than a stranger's guess.
const FEW: u32 = 3;

impl Reception {
    /// Why what is right may be refused with what is not. A proxy that is not named is told of for an hour, and does not hide that
    /// another source is not read.
    pub(super) fn hindered(&self, now: Moment) -> Option<Refusal> {
        let unread = self.unread.filter(|unread| now.since(unread.at) < MINUTE);
        let passed_on = self.passed_on_by.filter(|(at, _)| now.since(*at) < HOUR);
        let proxy = passed_on.map(|(_, proxy)| proxy).filter(|proxy| unread.is_none_or(|one| one.source == *proxy));
        let unnamed = proxy.map(|proxy| Refusal::of(Code::ReceiverProxyUnnamed).with("proxy", proxy));
        let named = self.set.proxy.map(|proxy| proxy.to_canonical());
        unnamed.or_else(|| {
            let Unread { source, by_proxy, .. } = unread?;
            Some(if named == Some(source) {
                Refusal::of(Code::ReceiverProxySilent).with("proxy", source)
            } else if by_proxy {
                Refusal::of(Code::ReceiverStrangerUnread).with("source", source)
            } else {
                Refusal::of(Code::ReceiverSourceUnread).with("source", source)
            })
        })
    }
}

impl Tally {
    /// What is wrong, by why the newest were refused. Anybody can send what is refused, so that of a few nothing follows where
    /// others were accepted.
    pub(super) fn fault(&self, of_account: &Notified) -> Option<Refusal> {
        let sum = |matter| {
            let counts = self.unsettled.iter().filter(|(why, _)| of(**why) == matter);
            counts.fold(0, |sum: u32, (_, count)| sum.saturating_add(*count))
        };
        let refusal = |code| Refusal::of(code).with("name", &of_account.account);
        let ever = self.accepted_at.is_some();
        if sum(Matter::Catalogue) > 0
            && let Some(file) = &of_account.catalogue
        {
            return Some(refusal(Code::CatalogueUnusable).with("file", file));
        }
        if sum(Matter::Computer) > 0 {
            return Some(refusal(Code::NotificationsNotKept));
        }
        if sum(Matter::Signature) >= if ever { FEW } else { 1 } {
            return Some(refusal(Code::NotificationsUnverified));
        }
        (!ever && sum(Matter::Content) > 0).then(|| refusal(Code::NotificationsRefused))
    }
}

/// What a refusal is a matter of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    /// The merchant's list of prices.
    Catalogue,
    /// This computer: its keyring, its journal, or how busy it is.
    Computer,
    /// Keys, or a stranger.
    Signature,
    /// What it says: the signature was right, or nobody looked at it.
    Content,
    /// Nothing that anybody here could put right: the gateway tells more, or sells only what there is.
    Nobody,
}

pub(super) fn of(why: NotTaken) -> Matter {
    match why {
        NotTaken::NoCatalogue => Matter::Catalogue,
        NotTaken::NotLooked | NotTaken::NotStored | NotTaken::TooLate => Matter::Computer,
        NotTaken::Unverified => Matter::Signature,
        NotTaken::UnknownOrder | NotTaken::OfAnotherAccount | NotTaken::Unread | NotTaken::NoBody => Matter::Content,
        NotTaken::NothingHere
        | NotTaken::NotRead
        | NotTaken::Crowded
        | NotTaken::TooSlow
        | NotTaken::Malformed
        | NotTaken::UnknownAccount
        | NotTaken::Unconfirmed
        | NotTaken::SaysTooLittle
        | NotTaken::NotForSale => Matter::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn refused(ever_accepted: bool, refused: &[(NotTaken, u32)]) -> Option<Code> {
        let tally = Tally {
            accepted_at: ever_accepted.then_some(1),
            unsettled: refused.iter().copied().collect(),
            ..Tally::default()
        };
        let catalogue = Some("/shop/goods.csv".to_owned());
        let account = "main".to_owned();
        tally.fault(&Notified { account, notify_url: None, partner_urls: vec![], catalogue }).map(|fault| fault.code)
    }

    #[test]
    fn what_is_wrong_is_told_by_why_the_newest_were_refused() {
        for (ever, counts, code) in [
            (false, &[][..], None),
            (false, &[(NotTaken::Unverified, 1)], Some(Code::NotificationsUnverified)),
            (true, &[(NotTaken::Unverified, 2)], None),
            (true, &[(NotTaken::Unverified, 3)], Some(Code::NotificationsUnverified)),
            (true, &[(NotTaken::NotStored, 1), (NotTaken::Unverified, 9)], Some(Code::NotificationsNotKept)),
            (false, &[(NotTaken::NotLooked, 1)], Some(Code::NotificationsNotKept)),
            (false, &[(NotTaken::TooLate, 1)], Some(Code::NotificationsNotKept)),
            (true, &[(NotTaken::NoCatalogue, 1), (NotTaken::NotStored, 1)], Some(Code::CatalogueUnusable)),
            (false, &[(NotTaken::UnknownOrder, 4)], Some(Code::NotificationsRefused)),
            (false, &[(NotTaken::Unread, 1)], Some(Code::NotificationsRefused)),
            (true, &[(NotTaken::UnknownOrder, 4), (NotTaken::Unread, 4)], None),
            (false, &[(NotTaken::NotForSale, 7), (NotTaken::SaysTooLittle, 7), (NotTaken::Unconfirmed, 7)], None),
        ] {
            assert_eq!(refused(ever, counts), code, "{ever} {counts:?}");
        }
    }

    #[test]
    fn a_source_that_was_not_read_is_told_of_for_a_minute() {
        let at = Moment { wall: 0, boot: 0 };
        let unread = Unread { at, source: Ipv4Addr::LOCALHOST.into(), by_proxy: false };
        let reception = Reception { unread: Some(unread), ..Reception::default() };
        let code = |after| reception.hindered(at.plus(after)).map(|refusal| refusal.code);
        assert_eq!(code(MINUTE - 1), Some(Code::ReceiverSourceUnread));
        assert_eq!(code(MINUTE), None);
    }

    #[test]
    fn a_proxy_that_is_named_and_names_nobody_is_told_of_as_that() {
        let at = Moment { wall: 0, boot: 0 };
        let [proxy, stranger] = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 0, 2, 9)].map(IpAddr::from);
        let told = |source, by_proxy| {
            let set = crate::settings::Receiver { proxy: Some(proxy), ..crate::settings::Receiver::default() };
            let reception = Reception { unread: Some(Unread { at, source, by_proxy }), set, ..Reception::default() };
            reception.hindered(at)
        };
        assert_eq!(told(proxy, false), Some(Refusal::of(Code::ReceiverProxySilent).with("proxy", proxy)));
        assert_eq!(told(stranger, false), Some(Refusal::of(Code::ReceiverSourceUnread).with("source", stranger)));
        assert_eq!(told(stranger, true), Some(Refusal::of(Code::ReceiverStrangerUnread).with("source", stranger)));
    }

    #[test]
    fn an_unnamed_proxy_is_told_of_for_an_hour_and_not_before_another_source_that_is_not_read() {
        let at = Moment { wall: 0, boot: 0 };
        let [proxy, stranger] = [Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 0, 2, 9)].map(IpAddr::from);
        let code = |unread: Option<IpAddr>, after| {
            let unread = unread.map(|source| Unread { at, source, by_proxy: false });
            let reception = Reception { unread, passed_on_by: Some((at, proxy)), ..Reception::default() };
            reception.hindered(at.plus(after)).map(|refusal| refusal.code)
        };
        assert_eq!(code(None, HOUR - 1), Some(Code::ReceiverProxyUnnamed));
        assert_eq!(code(None, HOUR), None);
        assert_eq!(code(Some(proxy), 0), Some(Code::ReceiverProxyUnnamed));
        assert_eq!(code(Some(stranger), 0), Some(Code::ReceiverSourceUnread));
    }
}
