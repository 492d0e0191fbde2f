//! Why a file or a folder failed, as people are told: the system's own words are for the log.

use crate::words::Label;

/// What the system's answer about a file or a folder means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileCause {
    /// Nothing is there.
    NotThere,
    /// It may not be read or written.
    NotAllowed,
    /// A folder is needed, and a file is there.
    NotAFolder,
    /// A file is needed, and a folder is there.
    AFolder,
    /// Another program has it.
    InUse,
    /// No space is left where it is.
    Full,
    /// It is written more slowly than the journal grows.
    TooSlow,
    /// What is read back is not what was written.
    Differs,
    /// Anything else.
    Other,
}

impl FileCause {
    /// Every cause.
    pub const ALL: [Self; 9] = [
        Self::NotThere,
        Self::NotAllowed,
        Self::NotAFolder,
        Self::AFolder,
        Self::InUse,
        Self::Full,
        Self::TooSlow,
        Self::Differs,
        Self::Other,
    ];

    /// The word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotThere => "not_there",
            Self::NotAllowed => "not_allowed",
            Self::NotAFolder => "not_a_folder",
            Self::AFolder => "a_folder",
            Self::InUse => "in_use",
            Self::Full => "full",
            Self::TooSlow => "too_slow",
            Self::Differs => "differs",
            Self::Other => "other",
        }
    }

    /// For people.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::NotThere => Label::new("找不到", "找不到", "not found"),
            Self::NotAllowed => Label::new("没有权限", "沒有權限", "not permitted"),
            Self::NotAFolder => Label::new("不是文件夹", "不是資料夾", "not a folder"),
            Self::AFolder => Label::new("是文件夹，不是文件", "是資料夾，不是檔案", "a folder, not a file"),
            Self::InUse => Label::new("已被占用", "已被佔用", "in use"),
            Self::Full => Label::new("那里没有剩余空间", "該處沒有剩餘空間", "no space is left there"),
            Self::TooSlow => Label::new("写得比流水增长还慢", "寫入比流水增長還慢", "slower than the journal grows"),
            Self::Differs => {
                Label::new("读回来的和写进去的不同", "讀回的與寫入的不同", "what is read back is not what was written")
            }
            Self::Other => Label::new("系统不让读写", "系統不容許讀寫", "the system refused"),
        }
    }
}
