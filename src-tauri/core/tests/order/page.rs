//! The page of an order: what its customer sees, and until when.

use super::given::{LINK, START, Story, created, draft, report, terms};
use till_core::gateway::bridge::Bridge;
use till_core::gateway::{Created, Read};
use till_core::order::decide::Command;
use till_core::order::event::{CloseWhy, Draft, OrderEvent};
use till_core::order::further::{NotYet, further_order};
use till_core::order::page::{Standing, call, standing};
use till_core::order::report::{TradeReport, TradeState};
use till_core::order::{Order, State};
use till_core::time::{HOUR, SECOND};

const PAGE: &str = "https://pay.example.com/pay/TK06G3A9QZ07H3PXABCDEFGHJKMN-abcdefghijklmnop";

fn answer(link: Option<&str>, bridge: Option<Bridge>) -> Read<Created> {
    let Read::Means(created) = created(link) else { panic!("it means something") };
    let signed = match bridge {
        Some(Bridge::Wechat) => Some("MD5"),
        Some(Bridge::HongKong) => Some("SHA1"),
        Some(Bridge::Qq | Bridge::Alipay) | None => None,
    };
    let parameters = signed.map(|kind| {
        r#"{"appId":"wx6f","timeStamp":"1","nonceStr":"l","package":"prepay_id=1","signType":"KIND","paySign":"C"}"#
            .replace("KIND", kind)
    });
    Read::Means(Created { pay_info: Some("0V41fae".to_owned()), parameters, bridge, ..created })
}

fn with_page(page: Option<&str>, read: Read<Created>) -> Story {
    let draft = Draft { page: page.map(str::to_owned), ..draft() };
    Story::beginning(OrderEvent::Drafted(Box::new(draft)), terms()).telling(Command::SendCreate).answered(read)
}

fn seen(story: &Story) -> Option<Standing> {
    standing(&story.order, story.now)
}

fn bridged(order: &Order) -> Option<Bridge> {
    call(order).map(|(bridge, _)| bridge)
}

#[test]
fn the_code_is_the_orders_page_where_a_bridge_can_be_called_there_else_the_gateways_link() {
    for (page, link, bridge, expected) in [
        (Some(PAGE), Some(LINK), Some(Bridge::Qq), Some(PAGE)),
        (Some(PAGE), None, Some(Bridge::Alipay), Some(PAGE)),
        (Some(PAGE), None, Some(Bridge::Wechat), Some(PAGE)),
        (Some(PAGE), None, Some(Bridge::HongKong), Some(PAGE)),
        (Some(PAGE), Some(LINK), None, Some(LINK)),
        (None, Some(LINK), Some(Bridge::Qq), Some(LINK)),
        (None, None, Some(Bridge::Qq), None),
        (Some(PAGE), None, None, None),
    ] {
        let story = with_page(page, answer(link, bridge));
        assert_eq!(story.order.qr(), expected.filter(|_| !story.order.link_lost()), "{page:?} {link:?} {bridge:?}");
        let has_parameters = matches!(bridge, Some(Bridge::Wechat | Bridge::HongKong));
        let lost = link.is_none() && (page.is_none() || bridge.is_none()) && !has_parameters;
        assert_eq!(story.order.link_lost(), lost, "{page:?} {link:?} {bridge:?}");
        let closing = if lost { State::Expiring } else { State::AwaitingPayment };
        assert_eq!(story.order.state, closing, "nobody can pay what nobody can open: {page:?} {link:?} {bridge:?}");
    }
}

#[test]
fn a_page_off_every_screen_stands_in_the_way_of_a_further_order_like_any_code() {
    let shown = with_page(Some(PAGE), answer(None, Some(Bridge::Alipay)));
    assert_eq!(further_order(&shown.order), Err(NotYet::CodeShown));
    let off = shown.after(SECOND).telling(Command::Close(CloseWhy::Person));
    assert_eq!((off.order.qr(), further_order(&off.order)), (None, Err(NotYet::Unconfirmed)));
}

#[test]
fn ruling_28_a_page_shows_what_the_gateway_said_and_offers_to_pay_only_while_that_is_right() {
    for bridge in [Bridge::Wechat, Bridge::HongKong] {
        let open = with_page(Some(PAGE), answer(None, Some(bridge)));
        assert_eq!(bridged(&open.order), Some(bridge));
    }
    let open = || with_page(Some(PAGE), answer(Some(LINK), Some(Bridge::Qq)));
    assert_eq!((seen(&open()), bridged(&open().order)), (Some(Standing::Open), Some(Bridge::Qq)));
    let paying = open().reporting(report(TradeState::Paying));
    assert_eq!((seen(&paying), bridged(&paying.order)), (Some(Standing::Paying), Some(Bridge::Qq)));
    let declined = open().reporting(TradeReport { declined: true, ..report(TradeState::Unpaid) });
    assert_eq!((seen(&declined), bridged(&declined.order)), (Some(Standing::Declined), Some(Bridge::Qq)));
    let ending = open().telling(Command::Close(CloseWhy::Person));
    assert_eq!((seen(&ending), bridged(&ending.order)), (Some(Standing::Ending), None));
    let closed = ending.reporting(report(TradeState::Closed));
    assert_eq!((seen(&closed), bridged(&closed.order)), (Some(Standing::Ended), None));
    let late = closed.reporting(report(TradeState::Paid));
    assert_eq!(seen(&late), Some(Standing::Paid));
    let paid = open().reporting(report(TradeState::Paid));
    assert_eq!((seen(&paid), bridged(&paid.order)), (Some(Standing::Paid), None));
    let disputed = open().reporting(TradeReport { amount_minor: Some(1), ..report(TradeState::Paid) });
    assert_eq!((seen(&disputed), bridged(&disputed.order)), (Some(Standing::Unclear), None));
    assert_eq!(seen(&Story::sent()), Some(Standing::Unclear));
}

#[test]
fn a_link_ends_an_hour_after_its_order() {
    for end in [TradeState::Paid, TradeState::Closed] {
        let ended = with_page(Some(PAGE), answer(Some(LINK), Some(Bridge::Qq))).reporting(report(end));
        assert!(seen(&ended.clone().after(HOUR)).is_some(), "{end:?}");
        assert_eq!(seen(&ended.after(HOUR + 1)), None, "{end:?}");
    }
    let open = with_page(Some(PAGE), answer(Some(LINK), Some(Bridge::Qq))).after(48 * HOUR);
    assert_eq!(seen(&open), Some(Standing::Open), "an order that has not ended keeps its page");
    assert_eq!(open.order.drafted, START);
}
