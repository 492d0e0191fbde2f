//! Why a question brought nothing that can be relied on, or a secret cannot be used, as a stable word and as people read it.

use super::Unreadable;
use super::call::NoAnswer;
use super::keys::BadKey;
use crate::words::Label;

/// The word where no question left, or none that was waited for.
pub const NOT_ASKED: &str = "not_asked";

const NOT_ASKED_LABEL: Label =
    Label::new("刚才没有问到网关", "剛才未能查詢網關", "The gateway could not be asked just now");

/// The word where an answer that counts says something else of the order than that it was paid.
pub const NOT_OF_THE_PAYMENT: &str = "not_of_the_payment";

const NOT_OF_THE_PAYMENT_LABEL: Label = Label::new(
    "网关没有说这笔付款原样还在",
    "網關未有表示這筆付款原樣仍在",
    "The gateway does not say that this payment is there as it was",
);

/// Every reason: its word and what people read, without a full stop.
pub fn reasons() -> impl Iterator<Item = (&'static str, Label)> {
    let unanswered = NoAnswer::ALL.into_iter().map(|why| (why.word(), why.label()));
    let unreadable = Unreadable::all().into_iter().map(|why| (why.word(), why.label()));
    let bad_keys = BadKey::ALL.into_iter().map(|bad| (bad.word(), bad.label()));
    unanswered
        .chain(unreadable)
        .chain(bad_keys)
        .chain([(NOT_ASKED, NOT_ASKED_LABEL), (NOT_OF_THE_PAYMENT, NOT_OF_THE_PAYMENT_LABEL)])
}

/// What people read for a reason's word; none where the word is no reason of ours.
#[must_use]
pub fn label_of(word: &str) -> Option<Label> {
    reasons().find(|(reason, _)| *reason == word).map(|(_, label)| label)
}

impl NoAnswer {
    /// Every reason why no answer came.
    pub const ALL: [Self; 5] = [Self::NotSent, Self::Unreachable, Self::TimedOut, Self::TooLarge, Self::Untrusted];

    /// The reason behind a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }

    /// The word in the journal, in facts and in `--json`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::TooLarge => "too_large",
            Self::Untrusted => "untrusted",
        }
    }

    /// Why no answer came.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::NotSent => Label::new(
                "没有发出请求，网址不能用",
                "沒有發出請求，網址不能使用",
                "Nothing was sent, for the address cannot be used",
            ),
            Self::Unreachable => Label::new(
                "连不上网关，或连接中断",
                "無法連接網關，或連線中斷",
                "The gateway could not be reached, or the connection broke off",
            ),
            Self::TimedOut => Label::new("网关没有及时回答", "網關沒有及時回覆", "The gateway gave no answer in time"),
            Self::TooLarge => Label::new("网关的回答太长", "網關的回覆過長", "The gateway's answer was too long"),
            Self::Untrusted => {
                Label::new("网关的证书不可信", "網關的證書不可信", "The gateway's certificate is not trusted")
            }
        }
    }
}

impl Unreadable {
    /// One of each kind, without particulars.
    #[must_use]
    pub const fn all() -> [Self; 10] {
        [
            Self::Status(0),
            Self::Empty,
            Self::NotJson,
            Self::DuplicatedKey,
            Self::Unsigned,
            Self::WrongSignature,
            Self::Stale(0),
            Self::NoState,
            Self::UnknownWord(String::new()),
            Self::BadField(String::new()),
        ]
    }

    /// The word in facts and in `--json`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Empty => "empty",
            Self::NotJson => "not_json",
            Self::DuplicatedKey => "duplicated_key",
            Self::Unsigned => "unsigned",
            Self::WrongSignature => "wrong_signature",
            Self::Stale(_) => "stale",
            Self::NoState => "no_state",
            Self::UnknownWord(_) => "unknown_word",
            Self::BadField(_) => "bad_field",
        }
    }

    /// The status, word or field that it was about, as the gateway sent it.
    #[must_use]
    pub fn particular(&self) -> Option<String> {
        match self {
            Self::Status(status) => Some(status.to_string()),
            Self::UnknownWord(word) => Some(word.clone()),
            Self::BadField(field) => Some(field.clone()),
            Self::Empty
            | Self::NotJson
            | Self::DuplicatedKey
            | Self::Unsigned
            | Self::WrongSignature
            | Self::Stale(_)
            | Self::NoState => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Both places grow with their enum: a variant that is left out of a list does not compile here, or leaves a gap.
    fn place_unanswered(why: NoAnswer) -> usize {
        match why {
            NoAnswer::NotSent => 0,
            NoAnswer::Unreachable => 1,
            NoAnswer::TimedOut => 2,
            NoAnswer::TooLarge => 3,
            NoAnswer::Untrusted => 4,
        }
    }

    fn place_unreadable(why: &Unreadable) -> usize {
        match why {
            Unreadable::Status(_) => 0,
            Unreadable::Empty => 1,
            Unreadable::NotJson => 2,
            Unreadable::DuplicatedKey => 3,
            Unreadable::Unsigned => 4,
            Unreadable::WrongSignature => 5,
            Unreadable::Stale(_) => 6,
            Unreadable::NoState => 7,
            Unreadable::UnknownWord(_) => 8,
            Unreadable::BadField(_) => 9,
        }
    }

    #[test]
    fn every_reason_has_a_word_of_its_own_and_a_sentence_in_three_languages() {
        let unanswered: Vec<usize> = NoAnswer::ALL.into_iter().map(place_unanswered).collect();
        assert_eq!(unanswered, (0..NoAnswer::ALL.len()).collect::<Vec<_>>());
        let unreadable: Vec<usize> = Unreadable::all().iter().map(place_unreadable).collect();
        assert_eq!(unreadable, (0..Unreadable::all().len()).collect::<Vec<_>>());
        let words: BTreeSet<&str> = reasons().map(|(word, _)| word).collect();
        assert_eq!(words.len(), NoAnswer::ALL.len() + Unreadable::all().len() + BadKey::ALL.len() + 2);
        for (word, label) in reasons() {
            assert_eq!(label_of(word), Some(label));
            assert!(
                [label.zh_cn, label.zh_hk, label.en].iter().all(|text| !text.is_empty() && *text != word),
                "{word}"
            );
        }
    }
}
