//! Refunds and marks by hand, as they leave the engine, and what people ask for about them.

use super::{Item, Mark, Trouble};
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use till_core::gateway::reaction::Said;
use till_core::order::mark::{Marked, Verdict};
use till_core::order::refund::{NotRefundable, RefundState};
use till_core::words::Label;

/// A refund, as `--json` prints it (design.md section 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundView {
    /// Our number of it.
    pub refund_no: String,
    /// The order's number.
    pub order_no: String,
    /// The account's name.
    pub account: String,
    /// The order's channel.
    pub channel: String,
    /// `12.50`.
    pub amount: String,
    /// Minor units.
    #[specta(type = Number)]
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Where it stands.
    pub state: RefundState,
    /// Why the money goes back.
    pub reason: String,
    /// Who gives it: an operator's name, or `owner`.
    pub by: String,
    /// The second person.
    pub second: Option<String>,
    /// Lines, where a gateway goes by lines.
    pub items: Vec<Item>,
    /// The gateway's number of it.
    pub gateway_refund_no: Option<String>,
    /// The error code that left its outcome unknown, quoted.
    pub said: Option<Said>,
    /// When it was asked for last, be it once more under its number.
    pub requested_at: String,
    /// When it left last.
    pub sent_at: Option<String>,
    /// When the gateway said how it ended.
    pub ended_at: Option<String>,
    /// The gateway says that it failed, which is not its end before this: an older sending, never answered, may yet be carried out.
    pub may_succeed_until: Option<String>,
    /// When it is asked for next.
    pub next_query_at: Option<String>,
    /// Questions in a row without a verified answer.
    pub unanswered: u32,
    /// What the last question brought instead of one; nothing where no running till says so.
    pub trouble: Option<Trouble>,
    /// Whether it may be sent again under its number; nothing where no running till says so, which alone knows that of one whose
    /// outcome nobody knows.
    pub can_send_again: Option<bool>,
    /// Whether it failed and is made anew, under a new number: its gateway takes none twice.
    pub can_be_made_anew: bool,
    /// Whether it may be taken back: nothing of it ever left.
    pub can_withdraw: bool,
    /// Whether two people may mark by hand that the money went back.
    pub can_be_marked: bool,
    /// Training, or not a real gateway.
    pub mark: Option<Mark>,
    /// What two people marked of it by hand.
    pub by_hand: Option<String>,
}

/// What can still go back of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Refundable {
    /// `12.50`.
    pub left: String,
    /// Minor units.
    #[specta(type = Number)]
    pub left_minor: i64,
    /// Set aside for refunds that have not ended, minor units.
    #[specta(type = Number)]
    pub reserved_minor: i64,
    /// Marked by hand as given back beside the refunds, minor units: a mark that the gateway contradicts counts until a person
    /// has dealt with that.
    #[specta(type = Number)]
    pub by_hand_minor: i64,
    /// Kept for refunds that failed and are to go out again under their own numbers, minor units.
    #[specta(type = Number)]
    pub kept_minor: i64,
    /// `12.50`, the most that a mark of money given back beside the refunds can say.
    pub markable: String,
    /// Whether lines must be named.
    pub by_lines: bool,
    /// The longest reason, in bytes.
    pub reason_limit: u32,
    /// What has not gone back of each line.
    pub lines: Vec<Item>,
    /// Why nothing can go back at the moment.
    pub not: Option<NotRefundable>,
    /// Where money is given back that the till cannot.
    pub elsewhere: Option<InLanguages>,
    /// `12.50`, what notices told of refunds that are none of the till's and nobody has marked by hand yet; none: nothing.
    pub elsewhere_unmarked: Option<String>,
}

/// A text in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct InLanguages {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    /// Traditional Chinese, Hong Kong.
    #[serde(rename = "zh-HK")]
    pub zh_hk: String,
    /// English.
    pub en: String,
}

impl From<Label> for InLanguages {
    fn from(label: Label) -> Self {
        Self { zh_cn: label.zh_cn.to_owned(), zh_hk: label.zh_hk.to_owned(), en: label.en.to_owned() }
    }
}

/// What two people marked by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ByHandView {
    /// What.
    pub what: Marked,
    /// `12.50`.
    pub amount: String,
    /// The till's refund that the proof is of.
    pub refund_no: Option<String>,
    /// What proof was seen.
    pub note: String,
    /// Who put it.
    pub by: String,
    /// Who stood beside them.
    pub second: String,
    /// When.
    pub at: String,
    /// What the gateway has said of it.
    pub verdict: Verdict,
}

/// What a refund asks for. Whoever names something else than this means another refund than would be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    /// The order's number.
    pub order_no: String,
    /// As typed; empty: everything that is left.
    pub amount: String,
    /// Why.
    pub reason: String,
    /// The lines that go back; empty with an empty amount: all that are left.
    pub items: Vec<Item>,
}

/// What two people want to mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MarkRequest {
    /// What.
    pub what: Marked,
    /// As typed; empty: the order's amount, what is left of it, or the refund's.
    pub amount: String,
    /// The till's refund that the proof is of.
    #[serde(default)]
    pub refund_no: Option<String>,
    /// What proof was seen.
    pub note: String,
}

/// What the list of refunds asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundQuery {
    /// A number or a part of one, or an amount (`12.50`).
    pub text: String,
    /// Only these states; empty: all.
    pub states: Vec<RefundState>,
    /// Only those that this person gave back. Whoever signed beside gave nothing.
    pub by: Option<String>,
    /// A business day, `YYYY-MM-DD`.
    pub day: Option<String>,
    /// From a page's `next`.
    pub after: Option<String>,
}

/// One page of refunds, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefundPage {
    /// The rows.
    pub rows: Vec<RefundView>,
    /// Give this back as `after` for the next page; `None`: that was all.
    pub next: Option<String>,
}
