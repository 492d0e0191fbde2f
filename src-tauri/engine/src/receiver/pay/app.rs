//! Which app a customer's phone opened the page in, and what a bridge needs of the page.

use till_core::gateway::bridge::Bridge;
use till_core::words::Label;

/// Whether a browser of that name is the app whose bridge it is.
pub(super) fn has_bridge(bridge: Bridge, user_agent: &str) -> bool {
    match bridge {
        // Other browsers of the same maker name themselves `MQQBrowser`, and so does WeChat.
        Bridge::Qq => user_agent.split_ascii_whitespace().any(|word| word.starts_with("QQ/")),
        Bridge::Alipay => user_agent.contains("AlipayClient"),
        Bridge::Wechat | Bridge::HongKong => user_agent.contains("MicroMessenger"),
    }
}

/// What the app is called.
pub(super) fn name(bridge: Bridge) -> Label {
    match bridge {
        Bridge::Qq => Label::new("手机 QQ", "手機 QQ", "QQ"),
        Bridge::Alipay => Label::new("支付宝", "支付寶", "Alipay"),
        Bridge::Wechat | Bridge::HongKong => Label::new("微信", "微信", "WeChat"),
    }
}

/// The word that the page's script knows it by.
pub(super) fn word(bridge: Bridge) -> &'static str {
    match bridge {
        Bridge::Qq => "qq",
        Bridge::Alipay => "alipay",
        Bridge::Wechat => "wechat",
        Bridge::HongKong => "hong_kong",
    }
}

/// The script that brings the bridge, where the app does not (ruling 24, 000:114; ruling 27, 002:722), over https.
pub(super) fn script(bridge: Bridge) -> Option<&'static str> {
    match bridge {
        Bridge::Qq => Some("https://pub.idqqimg.com/qqmobile/qqapi.js?_bid=152"),
        Bridge::HongKong => Some("https://res.wx.qq.com/open/js/jweixin-1.2.0.js"),
        Bridge::Alipay | Bridge::Wechat => None,
    }
}

/// Further sources of that page alone: its script, without the query, which no policy may hold; and the schemes by which apps take
/// a page's calls through frames. No document names these; they lead to nothing but the app itself.
pub(super) fn policy(bridge: Bridge) -> (&'static str, &'static str) {
    match bridge {
        Bridge::Qq => (" https://pub.idqqimg.com/qqmobile/qqapi.js", "jsbridge: mqqapi:"),
        Bridge::Alipay => ("", "alipaybridge: alipays:"),
        Bridge::Wechat => ("", "weixin: wvjbscheme:"),
        Bridge::HongKong => (" https://res.wx.qq.com/open/js/jweixin-1.2.0.js", "weixin: wvjbscheme:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_known_by_its_browsers_name() {
        let phone =
            "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0 Mobile";
        let named = |more: &str| {
            let agent = format!("{phone} {more}");
            [Bridge::Qq, Bridge::Alipay, Bridge::Wechat, Bridge::HongKong].map(|bridge| has_bridge(bridge, &agent))
        };
        assert_eq!(named("V1_AND_SQ_8.9.28 QQ/8.9.28.10155 NetType/WIFI"), [true, false, false, false]);
        assert_eq!(named("AlipayDefined AlipayClient/10.3.80 Language/zh-Hans"), [false, true, false, false]);
        assert_eq!(named("MQQBrowser/6.2 MicroMessenger/8.0.33.2320 Language/zh_CN"), [false, false, true, true]);
        assert_eq!(named("MQQBrowser/13.6 Safari/537.36"), [false; 4]);
        assert_eq!(named("Safari/537.36"), [false; 4]);
    }
}
