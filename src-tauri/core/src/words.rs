//! Words in every language of the till.

use serde::{Deserialize, Serialize};

/// A language of the screens and of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type, Default)]
pub enum Language {
    /// Simplified Chinese, the default.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// Traditional Chinese as written in Hong Kong.
    #[serde(rename = "zh-HK")]
    ZhHk,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// The tag as written on the command line and in `settings.toml`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::ZhHk => "zh-HK",
            Self::En => "en",
        }
    }

    /// Reads a tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::ZhCn, Self::ZhHk, Self::En].into_iter().find(|language| language.tag() == tag)
    }
}

/// One text in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, specta::Type)]
pub struct Label {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: &'static str,
    /// Traditional Chinese.
    #[serde(rename = "zh-HK")]
    pub zh_hk: &'static str,
    /// English.
    pub en: &'static str,
}

impl Label {
    /// The same thing said in each language.
    #[must_use]
    pub const fn new(zh_cn: &'static str, zh_hk: &'static str, en: &'static str) -> Self {
        Self { zh_cn, zh_hk, en }
    }

    /// A name that is written alike everywhere.
    #[must_use]
    pub const fn same(text: &'static str) -> Self {
        Self { zh_cn: text, zh_hk: text, en: text }
    }

    /// The text in `language`.
    #[must_use]
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::ZhCn => self.zh_cn,
            Language::ZhHk => self.zh_hk,
            Language::En => self.en,
        }
    }
}
