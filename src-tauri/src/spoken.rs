//! The language of the system.

use till_core::words::Language;

/// The one that the system names by `said`, where the till speaks it; else simplified Chinese.
pub(crate) fn spoken(said: impl Fn(&str) -> Option<String>) -> Language {
    let name = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| said(name)).find(|name| !name.is_empty());
    let name = name.unwrap_or_default().to_lowercase().replace('_', "-");
    if ["zh-hk", "zh-tw", "zh-mo", "zh-hant"].iter().any(|start| name.starts_with(start)) {
        Language::ZhHk
    } else if name.starts_with("en") {
        Language::En
    } else {
        Language::ZhCn
    }
}
