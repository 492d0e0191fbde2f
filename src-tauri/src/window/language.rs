//! The language of the windows: the one that this launch was asked for, else that of the settings, else the system's.

use super::shown::Settings;
use std::sync::{Mutex, PoisonError};
use till_core::error::Refusal;
use till_engine::settings::Language;

/// Who has a say in the language.
#[derive(Debug)]
pub(crate) struct Languages {
    /// What the command line named, until somebody chooses another in the window.
    asked: Mutex<Option<Language>>,
    system: Language,
}

impl Languages {
    /// For a launch that was `asked` for a language, on a machine whose system speaks `system`.
    pub(crate) fn new(asked: Option<Language>, system: Language) -> Self {
        Self { asked: Mutex::new(asked), system }
    }

    /// The language that this launch was asked for and still speaks.
    pub(crate) fn asked(&self) -> Option<Language> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The machine's settings as the screens have them.
    pub(crate) fn shown(&self, machine: &till_engine::settings::Settings) -> Settings {
        let shown = Settings::of(machine, self.system);
        Settings { language: self.asked().unwrap_or(shown.language), ..shown }
    }

    /// What the screens have, as it goes into the file. A language that only this launch was asked for is not written down.
    pub(crate) fn machine(
        &self,
        shown: &Settings,
        before: &till_engine::settings::Settings,
    ) -> Result<till_engine::settings::Settings, Refusal> {
        let mut machine = shown.machine(before, self.system)?;
        if self.asked() == Some(shown.language) {
            machine.language = before.language;
        }
        Ok(machine)
    }

    /// Settings with `language` were saved: one that somebody chose there holds from now on.
    pub(crate) fn saved(&self, language: Language) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = asked.filter(|asked| *asked == language);
    }
}

/// The language of the system, where it says one that the till speaks.
pub(crate) fn system_language(said: impl Fn(&str) -> Option<String>) -> Language {
    let name = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|name| said(name)).find(|name| !name.is_empty());
    let name = name.unwrap_or_default().to_lowercase().replace('_', "-");
    if ["zh-hk", "zh-tw", "zh-mo", "zh-hant"].iter().any(|start| name.starts_with(start)) {
        Language::Traditional
    } else if name.starts_with("en") {
        Language::English
    } else {
        Language::Simplified
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_language_is_taken_where_the_till_speaks_it_and_chinese_otherwise() {
        for (said, language) in [
            ("zh_CN.UTF-8", Language::Simplified),
            ("zh_HK.UTF-8", Language::Traditional),
            ("zh_TW", Language::Traditional),
            ("en_GB.UTF-8", Language::English),
            ("C.UTF-8", Language::Simplified),
            ("fr_FR.UTF-8", Language::Simplified),
        ] {
            assert_eq!(system_language(|name| (name == "LANG").then(|| said.to_owned())), language, "{said}");
        }
        let both = |name: &str| match name {
            "LC_ALL" => Some("en_US".to_owned()),
            "LANG" => Some("zh_HK".to_owned()),
            _ => None,
        };
        assert_eq!(system_language(both), Language::English);
        assert_eq!(system_language(|_| None), Language::Simplified);
    }

    #[test]
    fn a_language_of_this_launch_alone_is_not_saved_and_one_that_is_chosen_is() {
        let languages = Languages::new(Some(Language::English), Language::Simplified);
        let before = till_engine::settings::Settings::default();
        let shown = Settings { shop_name: "Corner Shop".to_owned(), ..languages.shown(&before) };
        assert_eq!(shown.language, Language::English);
        let saved = languages.machine(&shown, &before).unwrap();
        assert_eq!((saved.language, saved.shop_name.as_str()), (None, "Corner Shop"));
        languages.saved(shown.language);
        assert_eq!(languages.shown(&saved).language, Language::English);

        let chosen = Settings { language: Language::Traditional, ..shown };
        let saved = languages.machine(&chosen, &saved).unwrap();
        assert_eq!(saved.language, Some(Language::Traditional));
        languages.saved(chosen.language);
        assert_eq!(languages.shown(&saved).language, Language::Traditional);
    }
}
