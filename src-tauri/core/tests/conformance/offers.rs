//! What a gateway offers, says of itself, and brings recorded exchanges for.

use crate::exchange::{Asked, Exchange};
use crate::kit::{KITS, Kit, SECONDS, Unsigned};
use serde_json::Value;
use till_core::account::Account;
use till_core::gateway::descriptor::{FieldKind, Gives, Presented};
use till_core::gateway::{Dealing, REGISTRY, Subject};

fn kit_of(name: &str) -> &'static Kit {
    KITS.into_iter().find(|kit| kit.gateway == name).unwrap_or_else(|| panic!("{name} has no kit"))
}

#[test]
fn every_gateway_has_a_kit_with_every_kind_of_exchange() {
    for gateway in REGISTRY {
        let (descriptor, name) = (gateway.descriptor(), gateway.descriptor().name);
        let kit = kit_of(name);
        let exchanges = kit.exchanges();
        let any = |wanted: &dyn Fn(&Exchange) -> bool| exchanges.iter().any(wanted);
        let meaning = |asked: Asked, state: &'static str| {
            move |exchange: &Exchange| exchange.asked == asked && exchange.means["state"] == state
        };
        assert!(any(&meaning(Asked::Query, "paid")), "{name}: paid");
        assert!(any(&meaning(Asked::Query, "unpaid")), "{name}: unpaid");
        assert_eq!(any(&meaning(Asked::Query, "closed")), kit.never_closed.is_none(), "{name}: closed");
        for channel in descriptor.channels {
            let creates: Vec<&Exchange> = exchanges
                .iter()
                .filter(|exchange| exchange.asked == Asked::Create && exchange.channel.name == channel.name)
                .collect();
            let gives = |what: &str| creates.iter().any(|exchange| exchange.means[what].is_string());
            let served = match (channel.presented, channel.gives) {
                (Presented::Elsewhere, _) => creates.is_empty(),
                // A payment code's create is the payment: some answer of it must state what became of it.
                (Presented::Consumer, _) => gives("state"),
                (Presented::Merchant, Gives::Parameters) => gives("parameters"),
                (Presented::Merchant, Gives::Code) => !creates.is_empty(),
            };
            assert!(served, "{name}: a create through {}", channel.name);
        }
        let asked = |asked: Asked| any(&move |exchange| exchange.asked == asked);
        assert_eq!(asked(Asked::Create), gateway.creating().is_some(), "{name}: create");
        assert_eq!(asked(Asked::Close), gateway.closing().is_some(), "{name}: close");
        assert_eq!(asked(Asked::Reverse), gateway.reversing().is_some(), "{name}: reverse");
        let ends = |asked: Asked| kit.ends.iter().any(|end| end.asked == asked);
        assert_eq!(ends(Asked::Close), gateway.closing().is_some(), "{name}: how a close ends an order");
        assert_eq!(ends(Asked::Reverse), gateway.reversing().is_some(), "{name}: how a reverse ends an order");
        assert_eq!(asked(Asked::Refund), gateway.refunding().is_some(), "{name}: refund");
        assert_eq!(asked(Asked::RefundQuery), gateway.refunding().is_some(), "{name}: refund_query");
        assert_eq!(asked(Asked::Look), gateway.adopting().is_some(), "{name}: look");
        if gateway.refunding().is_some() {
            assert!(any(&meaning(Asked::RefundQuery, "succeeded")), "{name}: a refund that is back");
            assert!(any(&meaning(Asked::Refund, "processing")), "{name}: a refund that is only accepted");
        }
        if gateway.adopting().is_some() {
            assert!(any(&meaning(Asked::Look, "paid")), "{name}: a paid order taken in");
        }
    }
    assert_eq!(KITS.len(), REGISTRY.len());
}

#[test]
fn what_a_descriptor_says_is_what_its_gateway_does() {
    for gateway in REGISTRY {
        let descriptor = gateway.descriptor();
        let name = descriptor.name;
        assert_eq!(descriptor.creates, gateway.creating().is_some(), "{name}");
        assert_eq!(descriptor.close_floor_s.is_some(), gateway.closing().is_some(), "{name}");
        assert_eq!(descriptor.reverse_floor_s.is_some(), gateway.reversing().is_some(), "{name}");
        assert_eq!(descriptor.refunds.is_some(), gateway.refunding().is_some(), "{name}");
        assert!(
            descriptor.refunds.is_none() || descriptor.refunds_elsewhere.is_none(),
            "{name} sends nobody elsewhere for what it does itself"
        );
        assert!(descriptor.creates || gateway.adopting().is_some(), "{name} has no order at all");
        if let Some(switch) = descriptor.reverse_switch {
            let field = descriptor.fields.iter().find(|field| field.name == switch);
            let field = field.unwrap_or_else(|| panic!("{name}: {switch} is no field"));
            assert_eq!(field.kind, FieldKind::YesNo, "{name}");
            assert!(!field.required && field.help.is_some(), "{name}: {switch} is off until somebody reads about it");
            assert!(descriptor.reverse_floor_s.is_some(), "{name}: {switch} switches nothing");
        }
        for channel in descriptor.channels {
            let elsewhere = channel.presented == Presented::Elsewhere;
            assert_eq!(elsewhere, !descriptor.creates, "{name} {}", channel.name);
            if channel.presented == Presented::Consumer {
                assert_eq!(channel.gives, Gives::Code, "{name} {}: the payment itself", channel.name);
                assert!(channel.plan.is_some() && channel.expire_s.is_some(), "{name} {}: ruling 14", channel.name);
            }
        }
    }
}

#[test]
fn a_gateway_that_cannot_be_asked_by_our_number_builds_no_such_question() {
    for kit in KITS {
        let gateway = kit.gateway();
        let descriptor = gateway.descriptor();
        let (account, keys) = ((kit.account)(), (kit.keys)());
        let dealing =
            Dealing { account: &account, keys: &keys, nonce: "0123456789abcdefghijklmnopqrstuv", seconds: SECONDS };
        for channel in descriptor.channels {
            let ours = Subject { order_no: "TK01JB2W3Y4Z5A6B7C8D9E", channel, gateway_no: None };
            let asked = gateway.query(dealing, &ours);
            assert_eq!(asked.is_ok(), descriptor.asked_by_our_number, "{} {}: {asked:?}", kit.gateway, channel.name);
            let theirs = Subject { gateway_no: Some("59706a00fd4eb0196a03e898"), ..ours };
            let asked = gateway.query(dealing, &theirs);
            assert!(asked.is_ok(), "{} {}: {asked:?}", kit.gateway, channel.name);
        }
    }
}

#[test]
fn the_address_that_is_shown_of_an_account_is_the_one_that_is_called() {
    for kit in KITS {
        let gateway = kit.gateway();
        let keys = (kit.keys)();
        for address in [gateway.descriptor().base_url, "http://127.0.0.1:8000/stage"] {
            let account = Account { base_url: address.into(), ..(kit.account)() };
            let dealing =
                Dealing { account: &account, keys: &keys, nonce: "0123456789abcdefghijklmnopqrstuv", seconds: SECONDS };
            let channel = &gateway.descriptor().channels[0];
            let gateway_no = Some("59706a00fd4eb0196a03e898");
            let subject = Subject { order_no: "TK01JB2W3Y4Z5A6B7C8D9E", channel, gateway_no };
            let call = gateway.query(dealing, &subject).unwrap();
            assert_eq!(gateway.base_url(&account), address, "{}", kit.gateway);
            assert!(call.url.starts_with(&format!("{address}/")), "{}", call.url);
        }
    }
}

#[test]
fn what_a_kit_says_of_signatures_is_what_its_gateway_does() {
    for kit in KITS {
        for exchange in kit.exchanges().iter().filter(|exchange| exchange.speaks()) {
            let reply = kit.reply(&exchange.answer);
            assert_ne!(kit.signed(&reply), Some(false), "{}", exchange.name);
            assert_eq!(kit.signed(&kit.bare(&reply)), None, "{}", exchange.name);
            if kit.unsigned == Unsigned::Refused {
                assert_eq!(kit.signed(&reply), Some(true), "{}", exchange.name);
            }
            // Signing twice gives the same answer, so that a test may sign what it changed.
            let again: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(kit.signed(&kit.reply(&again)), kit.signed(&reply), "{}", exchange.name);
        }
        if let Unsigned::Accepted(why) = kit.unsigned {
            assert!(!why.is_empty(), "{}", kit.gateway);
        }
    }
}

#[test]
fn descriptors_are_whole() {
    for gateway in REGISTRY {
        let descriptor = gateway.descriptor();
        let (fields, channels) = (descriptor.fields, descriptor.channels);
        let mut labels = vec![descriptor.label];
        labels.extend(fields.iter().flat_map(|field| [Some(field.label), field.help]).flatten());
        labels.extend(channels.iter().flat_map(|channel| [Some(channel.label), channel.note]).flatten());
        labels.extend(channels.iter().flat_map(|channel| channel.fields).map(|field| field.label));
        for label in labels {
            for text in [label.zh_cn, label.zh_hk, label.en] {
                assert!(!text.trim().is_empty() && text.trim() == text, "{label:?}");
                assert!(!text.contains("  "), "{label:?}");
            }
            assert!(label.en.is_ascii(), "{label:?}");
        }
        let unique = |names: Vec<&str>| {
            let mut sorted = names.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), names.len(), "{names:?}");
        };
        unique(fields.iter().map(|field| field.name).collect());
        unique(channels.iter().map(|channel| channel.name).collect());
        for channel in channels {
            unique(channel.fields.iter().map(|field| field.name).collect());
            assert!(channel.limit_minor > 0);
            for field in channel.fields {
                let known = field.unless.is_none_or(|name| fields.iter().any(|field| field.name == name));
                assert!(known, "{} depends on a field of the account", field.name);
                assert!(!field.kind.is_secret(), "{} is given with a sale", field.name);
            }
        }
        assert!(descriptor.base_url.starts_with("https://") && !descriptor.base_url.ends_with('/'));
        assert!(!descriptor.currencies.is_empty());
    }
}
