//! The channels and the fields that each one documents (gateways.md 1.3 and ruling 11).

/// How the customer reaches the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// `code_url` and `code_img_url`.
    Code,
    /// `token_id` and `pay_url` (001:104-105).
    PayUrl,
    /// `token_id`, and `pay_url` if the dialect says so (003:106-110).
    Token,
    /// `token_id`, `pay_info`, and `pay_url` if the dialect says so (000:100-102).
    PayInfo,
    /// The payment itself: the till presents the customer's code (gateways.md 1.3).
    Payment,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) pay_type: &'static str,
    /// Texts beyond the common ones that must not be empty.
    pub(crate) required: &'static [&'static str],
    /// Further documented fields.
    pub(crate) optional: &'static [&'static str],
    pub(crate) gives: Gives,
}

/// The fields that every create documents. A payment code's has no `notify_url`.
pub(crate) const COMMON: &[&str] = &[
    "pay_type",
    "version",
    "sign_type",
    "merchant_id",
    "mch_trade_id",
    "device_info",
    "body",
    "attach",
    "total_fee",
    "spbill_create_ip",
    "time_start",
    "time_expire",
    "nonce_str",
    "sign",
];

/// Every channel's `pay_type`.
pub const CHANNELS: &[&str] = &[
    "wechat.scan",
    "alipay.scan",
    "qq.scan",
    "wechat.jsurl",
    "alipay.jsapi",
    "qq.jsapi",
    "wechat.micro",
    "alipay.micro",
    "qq.micro",
];

/// Nothing for a `pay_type` that this gateway does not have.
pub(crate) fn channel(pay_type: &str) -> Option<Channel> {
    let (pay_type, required, optional, gives): (_, &[&str], &[&str], _) = match pay_type {
        "wechat.scan" => ("wechat.scan", &[], &[], Gives::Code),
        "alipay.scan" => ("alipay.scan", &["subject"], &[], Gives::Code),
        "qq.scan" => ("qq.scan", &["device_info"], &[], Gives::Code),
        "wechat.jsurl" => (
            "wechat.jsurl",
            &[],
            &["sub_appid", "sub_openid", "goods_tag", "limit_pay", "settle_type", "callback_url"],
            Gives::PayUrl,
        ),
        "alipay.jsapi" => (
            "alipay.jsapi",
            &[],
            &["buyer_id", "buyer_logon_id", "goods_tag", "limit_pay", "settle_type", "op_user_id", "product_id"],
            Gives::Token,
        ),
        "qq.jsapi" => ("qq.jsapi", &[], &["sign_agentno", "callback_url"], Gives::PayInfo),
        "wechat.micro" => (
            "wechat.micro",
            &["auth_code"],
            &["op_user_id", "store_id", "op_device_id", "goods_tag", "settle_type"],
            Gives::Payment,
        ),
        "alipay.micro" => (
            "alipay.micro",
            &["auth_code", "device_info", "subject"],
            &["scene", "op_user_id", "store_id", "op_device_id", "goods_tag", "settle_type"],
            Gives::Payment,
        ),
        "qq.micro" => (
            "qq.micro",
            &["auth_code", "device_info"],
            &["op_user_id", "store_id", "op_device_id", "goods_tag", "Is_D0"],
            Gives::Payment,
        ),
        _ => return None,
    };
    Some(Channel { pay_type, required, optional, gives })
}

#[cfg(test)]
mod tests {
    use super::{CHANNELS, channel};

    #[test]
    fn every_announced_channel_exists_under_its_own_name() {
        for name in CHANNELS {
            assert_eq!(channel(name).map(|channel| channel.pay_type), Some(*name));
        }
    }
}
