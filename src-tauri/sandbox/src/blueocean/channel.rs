//! The values of `payment`, and what each takes and gives (gateways.md 2.6).

/// What a create gives for the customer to pay with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    /// `qrcode`, a text to draw or a page.
    Code,
    /// `mweb_url`, a page for a phone's browser.
    Page,
    /// `app`, parameters for an app.
    App,
    /// `jsapi`, parameters for a page inside WeChat.
    Jsapi,
    /// The payment itself.
    Payment,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) payment: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) trade_type: &'static str,
    pub(crate) gives: Gives,
    /// Texts beyond the common ones that must not be empty.
    pub(crate) required: &'static [&'static str],
    /// Further documented fields.
    pub(crate) optional: &'static [&'static str],
}

/// The fields that every create documents.
pub(crate) const COMMON: &[&str] = &[
    "appid",
    "sign",
    "payment",
    "provider",
    "total_fee",
    "discount",
    "out_trade_no",
    "notify_url",
    "store_id",
    "sub_blue_mch_id",
    "body",
    "attach",
];

/// Every channel's `payment`.
pub(crate) const CHANNELS: &[&str] = &[
    "alipay.qrcode",
    "wechat.qrcode",
    "blueocean.qrcode",
    "unionpay.qrcode",
    "unionpay.link",
    "alipay.wappay",
    "wechat.mweb",
    "micropay",
    "alipay.app",
    "wechat.app",
    "wechat.jsapi",
];

/// Nothing for a `payment` that this gateway does not have.
pub(crate) fn channel(payment: &str) -> Option<Channel> {
    let (payment, provider, trade_type, gives, required, optional): (_, _, _, _, &[&str], &[&str]) = match payment {
        "alipay.qrcode" => ("alipay.qrcode", "alipay", "NATIVE", Gives::Code, &[], &["wallet"]),
        "wechat.qrcode" => ("wechat.qrcode", "wechat", "NATIVE", Gives::Code, &[], &[]),
        "blueocean.qrcode" => ("blueocean.qrcode", "blueocean", "NATIVE", Gives::Code, &[], &[]),
        "unionpay.qrcode" => ("unionpay.qrcode", "unionpay", "NATIVE", Gives::Code, &[], &[]),
        "unionpay.link" => ("unionpay.link", "unionpay", "LINK", Gives::Code, &[], &["wallet"]),
        "alipay.wappay" => ("alipay.wappay", "alipay", "WAPPAY", Gives::Code, &[], &["wallet", "h5_redirect_url"]),
        "wechat.mweb" => ("wechat.mweb", "wechat", "MWEB", Gives::Page, &["spbill_create_ip"], &["h5_redirect_url"]),
        "micropay" => ("micropay", "wechat", "MICROPAY", Gives::Payment, &["code"], &[]),
        "alipay.app" => ("alipay.app", "alipay", "APP", Gives::App, &[], &["wallet", "h5_redirect_url"]),
        "wechat.app" => ("wechat.app", "wechat", "APP", Gives::App, &["sub_appid"], &["wallet"]),
        "wechat.jsapi" => (
            "wechat.jsapi",
            "wechat",
            "JSAPI",
            Gives::Jsapi,
            &["sub_appid", "sub_openid"],
            &["wallet", "h5_redirect_url"],
        ),
        _ => return None,
    };
    Some(Channel { payment, provider, trade_type, gives, required, optional })
}

#[cfg(test)]
mod tests {
    use super::{CHANNELS, channel};

    #[test]
    fn every_announced_channel_exists_under_its_own_name() {
        for name in CHANNELS {
            assert_eq!(channel(name).map(|channel| channel.payment), Some(*name));
        }
    }
}
