//! What can be wrong with a file of goods and prices, as people are told: what, in which line, and what to do. The words of whatever
//! read the file are for the log.

use crate::words::Label;

/// What is wrong with a file of goods and prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Its path does not begin at a root.
    RelativePath,
    /// It is longer than a catalogue may be.
    TooLong,
    /// Its reading came to no end.
    BrokeOff,
    /// The first line of a table does not name each column once.
    Columns,
    /// A line of a table has more or fewer values than the first one.
    Values,
    /// A price of a table is no whole number.
    Price,
    /// It begins like JSON and is none.
    NotJson,
    /// Goods in JSON lack a field, or have one that is of another kind.
    Fields,
    /// An id is empty.
    NoId,
    /// A price is below zero.
    BelowZero,
    /// An id stands twice, so that it would have two prices.
    Twice,
}

impl Wrong {
    /// Everything that can be wrong.
    pub const ALL: [Self; 11] = [
        Self::RelativePath,
        Self::TooLong,
        Self::BrokeOff,
        Self::Columns,
        Self::Values,
        Self::Price,
        Self::NotJson,
        Self::Fields,
        Self::NoId,
        Self::BelowZero,
        Self::Twice,
    ];

    /// The word in facts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RelativePath => "relative_path",
            Self::TooLong => "too_long",
            Self::BrokeOff => "broke_off",
            Self::Columns => "columns",
            Self::Values => "values",
            Self::Price => "price",
            Self::NotJson => "not_json",
            Self::Fields => "fields",
            Self::NoId => "no_id",
            Self::BelowZero => "below_zero",
            Self::Twice => "twice",
        }
    }

    /// Reads the word in facts.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wrong| wrong.word() == word)
    }

    /// For people, with `{line}` for the number of the line where something is wrong in one.
    #[must_use]
    pub const fn label(self) -> Label {
        match self {
            Self::RelativePath => Label::new(
                "商品目录写的不是完整路径。请填写完整的路径，再检查账户。",
                "商品目錄所寫的不是完整路徑。請填寫完整的路徑，再檢查帳戶。",
                "The catalogue is not named by a full path. Type the whole path, then check the account.",
            ),
            Self::TooLong => Label::new(
                "商品目录超过 4 MB。请只保留在售的商品和 id、name、price 三列。",
                "商品目錄超過 4 MB。請只保留在售的商品及 id、name、price 三欄。",
                "The catalogue is longer than 4 MB. Leave only what is for sale and the columns id, name and price in it.",
            ),
            Self::BrokeOff => Label::new(
                "商品目录没有读完。请再检查一次账户。",
                "商品目錄未能讀畢。請再檢查一次帳戶。",
                "The catalogue was not read to its end. Check the account once more.",
            ),
            Self::Columns => Label::new(
                "商品目录第 {line} 行没有把 id、name、price 三列各写一次。请在首行写上这三个列名。",
                "商品目錄第 {line} 行沒有把 id、name、price 三欄各寫一次。請在首行寫上這三個欄名。",
                "Line {line} of the catalogue does not name the columns id, name and price once each. Name them in the first line.",
            ),
            Self::Values => Label::new(
                "商品目录第 {line} 行的列数和首行不同。请补齐或删去，值里有逗号的要用双引号括起来。",
                "商品目錄第 {line} 行的欄數與首行不同。請補齊或刪去，值內有逗號的須用雙引號括起來。",
                "Line {line} of the catalogue has more or fewer values than the first one. Complete or shorten it; a value with a comma stands in quotes.",
            ),
            Self::Price => Label::new(
                "商品目录第 {line} 行的价格不是整数分。请用分来写，2.50 元写成 250。",
                "商品目錄第 {line} 行的價錢不是整數分。請以分書寫，2.50 元寫成 250。",
                "The price in line {line} of the catalogue is not a whole number of fen. Write it in fen: 2.50 yuan is 250.",
            ),
            Self::NotJson => Label::new(
                "商品目录第 {line} 行不是正确的 JSON。请改正那里的括号、引号或逗号，或者改用 CSV。",
                "商品目錄第 {line} 行不是正確的 JSON。請改正該處的括號、引號或逗號，或改用 CSV。",
                "Line {line} of the catalogue is not right JSON. Mend its brackets, quotes or commas, or use CSV.",
            ),
            Self::Fields => Label::new(
                "商品目录第 {line} 行的商品少了 id、name 或 price，或者有一项写得不对。id 和 name 要写成带引号的文字，price 要写成不带引号的整数分。",
                "商品目錄第 {line} 行的商品欠缺 id、name 或 price，或有一項寫得不對。id 和 name 須寫成加引號的文字，price 須寫成不加引號的整數分。",
                "Goods in line {line} of the catalogue lack id, name or price, or one of these is of the wrong kind. Write id and name in quotes, and price as a whole number of fen without.",
            ),
            Self::NoId => Label::new(
                "商品目录第 {line} 行的商品没有编号。请填写 id。",
                "商品目錄第 {line} 行的商品沒有編號。請填寫 id。",
                "The goods in line {line} of the catalogue have no id. Fill it in.",
            ),
            Self::BelowZero => Label::new(
                "商品目录第 {line} 行的价格小于零。请写零或更多。",
                "商品目錄第 {line} 行的價錢小於零。請寫零或以上。",
                "The price in line {line} of the catalogue is below zero. Write zero or more.",
            ),
            Self::Twice => Label::new(
                "商品目录第 {line} 行的编号在前面已经有了。请改掉其中一个，或者删去多余的一行。",
                "商品目錄第 {line} 行的編號在前面已有。請更改其中一個，或刪去多餘的一行。",
                "The id in line {line} of the catalogue stands further up already. Change one of them, or take out the line that is too much.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn everything_that_can_be_wrong_is_told_in_every_language_with_its_line_and_what_to_do() {
        let of_the_whole_file = [Wrong::RelativePath, Wrong::TooLong, Wrong::BrokeOff];
        for wrong in Wrong::ALL {
            assert_eq!(Wrong::from_word(wrong.word()), Some(wrong));
            for language in [Language::ZhCn, Language::ZhHk, Language::En] {
                let said = wrong.label().in_language(language);
                assert_eq!(said.contains("{line}"), !of_the_whole_file.contains(&wrong), "{said}");
                let sentences = said.split(['。', '.']).filter(|sentence| sentence.chars().count() > 4).count();
                assert!(sentences >= 2, "what is wrong, and what to do: {said}");
                assert_eq!(said.is_ascii(), language == Language::En, "{said}");
            }
        }
        assert_eq!(Wrong::from_word("invalid digit found in string"), None);
    }
}
