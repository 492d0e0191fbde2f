//! What a command prints: for people, or one JSON object a line.

use super::exit::Exit;
use super::next;
use serde::Serialize;
use serde_json::json;
use std::io::{self, IsTerminal as _, Write};
use till_core::error::{Refusal, Sentences};
use till_core::words::{Label, Language};

/// Takes everything off a terminal: what it shows, then what has scrolled away above.
const WIPE: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

/// Where and how it is printed.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) json: bool,
    pub(super) language: Language,
    /// The program as it was called, with the options by which a further command means the same till.
    pub(super) called: String,
}

impl Output {
    /// One result: the object, or the text for people. False once nobody reads any more.
    pub(super) fn line(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> bool {
        if !self.json {
            return say(&mut io::stdout().lock(), &text());
        }
        self.announce(value)
    }

    /// Takes what was printed off the terminal again. False where nothing takes it back: it went elsewhere, or to a program.
    pub(super) fn wipe(&self) -> bool {
        let mut screen = io::stdout().lock();
        !self.json && screen.is_terminal() && screen.write_all(WIPE).and_then(|()| screen.flush()).is_ok()
    }

    /// One JSON object, for people too.
    #[expect(clippy::unused_self, reason = "all that is printed is printed by an output")]
    pub(super) fn announce(&self, value: &impl Serialize) -> bool {
        match serde_json::to_string(value) {
            Ok(line) => say(&mut io::stdout().lock(), &line),
            Err(error) => say(&mut io::stderr().lock(), &error.to_string()),
        }
    }

    /// Something for people that is no result.
    #[expect(clippy::unused_self, reason = "all that is printed is printed by an output")]
    pub(super) fn aside(&self, text: &str) {
        say(&mut io::stderr().lock(), text);
    }

    /// A label of ours for people, beside the results.
    pub(super) fn note(&self, label: Label) {
        self.aside(self.words(label));
    }

    /// Tells people that a list has nothing in it. For programs no line says so.
    pub(super) fn none(&self, label: Label) {
        if !self.json {
            self.note(label);
        }
    }

    pub(super) fn words(&self, label: Label) -> &'static str {
        label.in_language(self.language)
    }

    /// Something that people should know and that stopped nothing.
    pub(super) fn tell(&self, notice: &Refusal) {
        let Sentences { what, money, next } = notice.sentence(self.language);
        self.aside(&format!("{what}\n{money}\n{next}"));
        for line in next::lines(notice, &self.called, self.language) {
            self.aside(&format!("  {line}"));
        }
    }

    /// Why it was not done. Gives what the process ends with.
    pub(super) fn refuse(&self, refusal: &Refusal) -> Exit {
        if self.json {
            let Sentences { what, money, next } = refusal.sentence(self.language);
            self.announce(&json!({
                "error": { "code": refusal.code, "message": what, "money": money, "next": next }
            }));
        } else {
            self.tell(refusal);
        }
        Exit::of(refusal)
    }
}

/// Writes a line. A reader who has gone is no fault; what cannot be written otherwise has no better place either.
fn say(to: &mut impl Write, line: &str) -> bool {
    writeln!(to, "{line}").and_then(|()| to.flush()).is_ok()
}
