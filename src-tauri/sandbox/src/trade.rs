//! One payment as the gateway sees it, and what a wallet may do with it.

use serde::{Deserialize, Serialize};

/// The gateway's state of a trade, as Pooul numbers it (000:294).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub enum TradeState {
    /// 0
    Paid,
    /// 1
    Refunded,
    /// 2
    Unpaid,
    /// 3
    Closed,
    /// 4
    Reversed,
    /// 5
    Revoked,
    /// 6
    Paying,
    /// 7
    Failed,
    /// A number that no document explains; tests set it.
    Other(i64),
}

impl From<i64> for TradeState {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Paid,
            1 => Self::Refunded,
            2 => Self::Unpaid,
            3 => Self::Closed,
            4 => Self::Reversed,
            5 => Self::Revoked,
            6 => Self::Paying,
            7 => Self::Failed,
            other => Self::Other(other),
        }
    }
}

impl From<TradeState> for i64 {
    fn from(state: TradeState) -> Self {
        match state {
            TradeState::Paid => 0,
            TradeState::Refunded => 1,
            TradeState::Unpaid => 2,
            TradeState::Closed => 3,
            TradeState::Reversed => 4,
            TradeState::Revoked => 5,
            TradeState::Paying => 6,
            TradeState::Failed => 7,
            TradeState::Other(other) => other,
        }
    }
}

/// One line of an order: a thing, how many, and what they cost together, in fen (004:45-53).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Item {
    /// The merchant's number of the thing, at most 32 characters.
    pub item_id: String,
    /// How many.
    pub quantity: i64,
    /// Fen, for all of them.
    pub amount: i64,
}

fn cny() -> String {
    "CNY".to_owned()
}

/// One trade. Amounts are integer minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Which pretend gateway holds it, for example `pooul`.
    pub gateway: String,
    /// The merchant's own number, `order_no` of the till.
    pub order_no: String,
    /// The gateway's number.
    pub gateway_no: String,
    /// The wallet's number, known once paid.
    pub wallet_no: Option<String>,
    /// For example `wechat.scan`.
    pub channel: String,
    /// Fen or cents.
    pub amount_minor: i64,
    /// For example `CNY`.
    #[serde(default = "cny")]
    pub currency: String,
    /// The lines of an order made by voice.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Whether the till presented the customer's payment code.
    #[serde(default)]
    pub by_code: bool,
    /// What is bought, as the merchant says.
    pub body: String,
    /// The merchant's own remark, given back as it came.
    pub attach: Option<String>,
    /// The till's number, given back as it came.
    pub device_info: Option<String>,
    /// Where notifications would go.
    pub notify_url: String,
    /// Whom the merchant knows the customer as who ordered by voice.
    #[serde(default)]
    pub user_token: Option<String>,
    /// The last second in which a wallet pays, by the gateway's clock.
    pub expires_at: Option<i64>,
    /// Milliseconds since 1970 by the machine's clock.
    pub created_ms: i64,
    /// Milliseconds since 1970 by the machine's clock.
    pub paid_ms: Option<i64>,
    /// As last set; [`Trade::state_at`] says what is reported.
    pub state: TradeState,
    /// The unguessable part of the phone page's address.
    pub token: String,
    /// Counts the trades of this stage; the newest is the highest.
    pub sequence: u64,
}

/// What the customer's wallet can do with a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Paying,
    Declined,
    Paid,
    Expired,
    Closed,
    GivenBack,
    Unclear,
}

/// What the customer does on the phone page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tap {
    Pay,
    Decline,
    Dawdle,
}

impl Trade {
    /// The reported state. A wallet that dawdles gives up when the trade expires; the trade itself stays unpaid
    /// until it is closed.
    #[must_use]
    pub fn state_at(&self, gateway_s: i64) -> TradeState {
        if self.state == TradeState::Paying && self.expired(gateway_s) { TradeState::Unpaid } else { self.state }
    }

    /// What the customer pays of it where a coupon bears `coupon_minor`, and what the coupon then bears.
    pub(crate) fn borne(&self, coupon_minor: i64) -> (i64, i64) {
        let coupon = coupon_minor.clamp(0, self.amount_minor.max(0));
        (self.amount_minor.saturating_sub(coupon), coupon)
    }

    pub(crate) fn expired(&self, gateway_s: i64) -> bool {
        self.expires_at.is_some_and(|last| gateway_s > last)
    }

    pub(crate) fn standing(&self, gateway_s: i64) -> Standing {
        let open = |standing| if self.expired(gateway_s) { Standing::Expired } else { standing };
        match self.state {
            TradeState::Unpaid => open(Standing::Open),
            TradeState::Paying => open(Standing::Paying),
            TradeState::Failed => open(Standing::Declined),
            TradeState::Paid => Standing::Paid,
            TradeState::Closed => Standing::Closed,
            TradeState::Refunded | TradeState::Reversed => Standing::GivenBack,
            TradeState::Revoked | TradeState::Other(_) => Standing::Unclear,
        }
    }

    /// The customer's wish, as far as a wallet grants it; says whether anything changed. A declined trade may be tried
    /// again unless a payment code began it; a paid one cannot be paid a second time.
    pub(crate) fn tap(&mut self, tap: Tap, wallet_no: String, now_ms: i64, gateway_s: i64) -> bool {
        match (self.standing(gateway_s), tap) {
            (Standing::Declined, Tap::Pay | Tap::Dawdle) if self.by_code => false,
            (Standing::Open | Standing::Paying | Standing::Declined, Tap::Pay) => {
                self.pay(wallet_no, now_ms);
                true
            }
            (Standing::Open | Standing::Paying, Tap::Decline) => {
                self.state = TradeState::Failed;
                true
            }
            (Standing::Open | Standing::Declined, Tap::Dawdle) => {
                self.state = TradeState::Paying;
                true
            }
            (_, Tap::Pay | Tap::Decline | Tap::Dawdle) => false,
        }
    }

    /// Books the payment, whatever came before: a payment may arrive after a close. The first payment's number and
    /// time stay.
    pub(crate) fn pay(&mut self, wallet_no: String, now_ms: i64) {
        self.state = TradeState::Paid;
        self.wallet_no.get_or_insert(wallet_no);
        self.paid_ms.get_or_insert(now_ms);
    }

    /// Back to unpaid, as if no payment had been seen.
    pub(crate) fn unpay(&mut self) {
        self.state = TradeState::Unpaid;
        self.wallet_no = None;
        self.paid_ms = None;
    }
}
