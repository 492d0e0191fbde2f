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
    /// It is no text in UTF-8.
    NotUtf8,
    /// What is read back is not what was written.
    Differs,
    /// A program keeps its folder in step with others elsewhere.
    Synced,
    /// What was written does not verify.
    NotWhole,
    /// The newest one is too old.
    Old,
    /// Anything else.
    Other,
}

impl FileCause {
    /// Every cause.
    pub const ALL: [Self; 13] = [
        Self::NotThere,
        Self::NotAllowed,
        Self::NotAFolder,
        Self::AFolder,
        Self::InUse,
        Self::Full,
        Self::TooSlow,
        Self::NotUtf8,
        Self::Differs,
        Self::Synced,
        Self::NotWhole,
        Self::Old,
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
            Self::NotUtf8 => "not_utf8",
            Self::Differs => "differs",
            Self::Synced => "synced",
            Self::NotWhole => "not_whole",
            Self::Old => "old",
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
            Self::NotUtf8 => Label::new("不是 UTF-8 文本", "不是 UTF-8 文字", "no text in UTF-8"),
            Self::Differs => {
                Label::new("读回来的和写进去的不同", "讀回的與寫入的不同", "what is read back is not what was written")
            }
            Self::Synced => Label::new(
                "由同步软件管理的文件夹",
                "由同步程式管理的資料夾",
                "the folder is kept in step by another program",
            ),
            Self::NotWhole => Label::new("流水没有通过核验", "流水沒有通過核驗", "the journal does not verify"),
            Self::Old => Label::new("昨天和今天都没有", "昨天和今天都沒有", "there is none of yesterday or today"),
            Self::Other => Label::new("系统不让读写", "系統不容許讀寫", "the system refused"),
        }
    }
}
