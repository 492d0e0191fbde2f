//! Gateways that notify, and how they write and sign: their rules, written here a second time.

use crate::given::{ORDER_NO, account, data_or_all, dealing, keys};
use crate::kit::{KITS, Kit};
use crate::pooul;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use till_core::gateway::descriptor::Channel;
use till_core::gateway::notification::Told;
use till_core::gateway::{Notifying, Subject, Unreadable, named};

pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A gateway that notifies, and how it writes.
pub(crate) struct Sender {
    pub(crate) gateway: &'static str,
    pub(crate) number: &'static str,
    pub(crate) state: &'static str,
    pub(crate) fields: fn() -> Value,
    pub(crate) written: Written,
    /// The signatures that may stand beside names and texts, which are sorted; the first is the one that it makes.
    pub(crate) signatures: fn(&[(String, String)]) -> Vec<String>,
}

/// Where the fields stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// In the `data` of an answer's envelope: always JSON.
    Enveloped,
    /// Alone: as a form or as JSON.
    Bare,
}

pub(crate) const POOUL: Sender = Sender {
    gateway: "pooul",
    number: "mch_trade_id",
    state: "trade_state",
    // The sample of 001:152-171, with the numbers of an order of ours.
    fields: || {
        json!({
            "out_trade_id": "4003542001201707070970238937", "ch_trade_id": "7552910001201707071150964424",
            "bank_type": "CFT", "fee_type": "CNY", "is_subscribe": "N", "total_fee": 1250, "sub_is_subscribe": "Y",
            "trade_id": "59880aaaaaaaa3085a30", "mch_trade_id": ORDER_NO, "merchant_id": pooul::KIT.our_merchant,
            "pay_type": "wechat.scan", "time_end": 1_496_910_905,
        })
    },
    written: Written::Enveloped,
    signatures: |pairs| {
        let signed = pairs.iter().filter(|(name, value)| name != "sign" && !value.is_empty());
        vec![md5(&line(signed))]
    },
};

pub(crate) const JUBAO: Sender = Sender {
    gateway: "jubao",
    number: "out_trade_no",
    state: "status",
    fields: || {
        json!({
            "mch_id": "10502105689001", "out_trade_no": ORDER_NO, "order_sn": "20210217200340112233",
            "pay_channel_id": "201", "body": "天虹龙华店-食品 & 1+1=2", "total_fee": 1250, "status": 2, "attach": "",
            "cash_fee": 1250, "finish_time": "2021-02-17 20:03:40", "nonce_str": "O2r8GjZ46e",
        })
    },
    written: Written::Bare,
    // Plain, or as a gateway signs that does not think of `version` 2 (ruling 9).
    signatures: |pairs| {
        let signed = pairs.iter().filter(|(name, _)| name != "sign");
        let plain: String = signed.flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
        let twice: String = plain.bytes().map(char::from).collect();
        [plain, twice].iter().map(|text| md5(&format!("{KEY}{text}{KEY}"))).collect()
    },
};

pub(crate) const BLUEOCEAN: Sender = Sender {
    gateway: "blueocean",
    number: "out_trade_no",
    state: "trade_state",
    // The table of 002:768-781.
    fields: || {
        json!({
            "bank_type": "CFT", "cash_fee": 1250, "cash_fee_type": "CNY", "fee_type": "HKD", "out_trade_no": ORDER_NO,
            "transaction_id": "P5631VZG299QZN94JD", "time_end": "20190402162714", "total_fee": 1250,
            "trade_type": "NATIVE", "appid": "1000258", "nonce_str": "O2r8GjZ46e",
        })
    },
    written: Written::Bare,
    // With empty fields or without (ruling 8).
    signatures: |pairs| {
        let signed = || pairs.iter().filter(|(name, _)| name != "sign" && name != "key");
        vec![md5(&line(signed())), md5(&line(signed().filter(|(_, value)| !value.is_empty())))]
    },
};

pub(crate) const SENDERS: [Sender; 3] = [POOUL, JUBAO, BLUEOCEAN];

pub(crate) fn md5(text: &str) -> String {
    data_encoding::HEXUPPER.encode(&Md5::digest(text))
}

/// `name=value`, and the key last, joined by `&`.
fn line<'a>(pairs: impl Iterator<Item = &'a (String, String)>) -> String {
    let mut line: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    line.push(format!("key={KEY}"));
    line.join("&")
}

/// Names and texts, sorted. An object or an array is what is printed of it.
pub(crate) fn pairs(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut pairs: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    pairs.sort();
    pairs
}

/// Names and equals signs as [`form`] writes them.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('_', "%5f")
}

pub(crate) fn form(fields: &Value) -> Vec<u8> {
    let escaped = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
                other => format!("%{other:02x}"),
            })
            .collect()
    };
    let pairs: Vec<_> = pairs(fields.as_object().unwrap())
        .into_iter()
        .map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value)))
        .collect();
    pairs.join("&").into_bytes()
}

impl Sender {
    pub(crate) fn kit(&self) -> &'static Kit {
        KITS.into_iter().find(|kit| kit.gateway == self.gateway).expect("who notifies has a kit")
    }

    /// The channel of the order that it notifies of.
    pub(crate) fn channel(&self) -> &'static Channel {
        &self.kit().gateway().descriptor().channels[0]
    }

    pub(crate) fn notifying(&self) -> &'static dyn Notifying {
        named(self.gateway).unwrap().notifying().unwrap()
    }

    /// What the till makes of a body: the order that it names, and what it says of our order.
    pub(crate) fn read(&self, body: &[u8]) -> (Result<String, Unreadable>, Result<Told, Unreadable>) {
        let kit = self.kit();
        let merchant = (kit.trade.merchant, kit.our_merchant);
        let (account, keys) = (account(self.gateway, &[merchant]), keys(&[("key", KEY)]));
        let subject = Subject { order_no: ORDER_NO, channel: self.channel(), gateway_no: None };
        let dealing = dealing(&account, &keys);
        (self.notifying().order_named(dealing, body), self.notifying().read_notification(dealing, &subject, body))
    }

    pub(crate) fn told(&self, fields: &Value) -> Told {
        let (order_no, told) = self.read(&self.seal(fields));
        assert_eq!(order_no.as_deref(), Ok(ORDER_NO), "{}", self.gateway);
        told.unwrap()
    }

    pub(crate) fn with(&self, name: &str, value: Value) -> Value {
        let mut fields = (self.fields)();
        fields[name] = value;
        fields
    }

    /// The notification that these fields make, signed.
    pub(crate) fn signed(&self, fields: &Value) -> Value {
        let mut notification = match self.written {
            Written::Enveloped => {
                json!({ "code": 0, "msg": null, "data": fields, "version": "1.0", "sign_type": "md5" })
            }
            Written::Bare => fields.clone(),
        };
        self.sign(&mut notification);
        notification
    }

    /// Signs a notification, which may bear a signature already. Below the fields of an envelope nothing is signed (1.2, 6), and in
    /// a form nothing lies below.
    pub(crate) fn sign(&self, notification: &mut Value) {
        let mut fields = data_or_all(notification).clone();
        if self.written == Written::Enveloped {
            fields.retain(|_, value| !value.is_object() && !value.is_array());
        }
        let sign = (self.signatures)(&pairs(&fields)).swap_remove(0);
        notification["sign"] = sign.into();
    }

    /// The same as it is sent.
    pub(crate) fn seal(&self, fields: &Value) -> Vec<u8> {
        let notification = self.signed(fields);
        match self.written {
            Written::Enveloped => notification.to_string().into_bytes(),
            Written::Bare => form(&notification),
        }
    }
}
