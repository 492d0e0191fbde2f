//! What the control surface can be told.

use serde::{Deserialize, Serialize};

use crate::dialect::Dialect;
use crate::dingdang::Speech;
use crate::fault::{Fault, Scope};
use crate::notify::Notifications;
use crate::stage::Down;
use crate::trade::{Item, TradeState};
use crate::wallet::{Manner, Purse};

/// One command. The route is its name, the body its fields; an absent `order_no` means the newest trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Command {
    Pay {
        #[serde(default)]
        order_no: Option<String>,
    },
    Decline {
        #[serde(default)]
        order_no: Option<String>,
    },
    Dawdle {
        #[serde(default)]
        order_no: Option<String>,
    },
    Unpay {
        #[serde(default)]
        order_no: Option<String>,
    },
    Close {
        #[serde(default)]
        order_no: Option<String>,
    },
    Reverse {
        #[serde(default)]
        order_no: Option<String>,
    },
    Refund {
        #[serde(default)]
        order_no: Option<String>,
    },
    SetState {
        #[serde(default)]
        order_no: Option<String>,
        state: TradeState,
    },
    Forget {
        #[serde(default)]
        order_no: Option<String>,
    },
    Fault {
        #[serde(default)]
        operation: Scope,
        #[serde(default)]
        order_no: Option<String>,
        #[serde(default = "once")]
        times: u64,
        fault: Fault,
    },
    ClearFaults {},
    Faults {},
    Down {
        how: Down,
    },
    Up {},
    CloseFloor {
        seconds: i64,
    },
    ReverseFloor {
        seconds: i64,
    },
    MintCode {
        #[serde(default)]
        manner: Manner,
        #[serde(default)]
        purse: Purse,
    },
    SettleRefund {
        #[serde(default)]
        refund_no: Option<String>,
    },
    FailRefund {
        #[serde(default)]
        refund_no: Option<String>,
    },
    AutoRefund {
        #[serde(default)]
        after_ms: Option<u64>,
    },
    Skew {
        seconds: i64,
    },
    TakesAnyTime {
        on: bool,
    },
    AutoPay {
        #[serde(default)]
        after_ms: Option<u64>,
    },
    Coupon {
        #[serde(default)]
        minor: Option<i64>,
    },
    BeijingRural {
        on: bool,
    },
    Channels {
        enabled: Vec<String>,
    },
    Currency {
        code: String,
    },
    JubaoSigns {
        on: bool,
    },
    Tickets {
        #[serde(default)]
        hold_s: Option<u32>,
    },
    Notifications(Notifications),
    Notify {
        #[serde(default)]
        order_no: Option<String>,
    },
    Notified {},
    VoiceOrder {
        #[serde(default)]
        trade_no: Option<String>,
        items: Vec<Item>,
        #[serde(default)]
        partner: Option<String>,
    },
    Speak(Speech),
    NotifyRefund {
        refund_no: String,
    },
    GiveBack {
        order_no: String,
    },
    Dialect {
        dialect: Dialect,
    },
    DialectSeed {
        seed: u64,
        #[serde(default)]
        restless: bool,
    },
    Settings {},
    Trades {},
    Refunds {},
    Codes {},
    Received {
        #[serde(default)]
        after: u64,
    },
    Creates {},
}

fn once() -> u64 {
    1
}

impl Command {
    /// Whether a `GET` may ask it: it changes nothing.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Faults {}
                | Self::Settings {}
                | Self::Trades {}
                | Self::Refunds {}
                | Self::Codes {}
                | Self::Received { .. }
                | Self::Creates {}
                | Self::Notified {}
        )
    }
}
