//! What a command prints: for people, or one JSON object a line.

use super::exit::Exit;
use super::next;
use serde::Serialize;
use serde_json::json;
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::{Arc, OnceLock};
use till_core::error::{Refusal, Sentences};
use till_core::foreign::seen;
use till_core::words::{Label, Language};
use till_engine::till::cause_of;

const UNWRITTEN: Label = Label::new(
    "写不进标准输出：{cause}。打印出来的内容不完整。收款和退款不会因此停下，结果记在流水里（order list）：不要因此再做一次。",
    "無法寫入標準輸出：{cause}。已輸出的內容並不完整。收款和退款不會因此停止，結果記錄於流水（order list）：切勿因此再做一次。",
    "Standard output could not be written: {cause}. What was printed is not whole. That stops no sale and no refund; what \
     became of one stands in the journal (order list). Do not make it anew because of this.",
);

/// Takes everything off a terminal: what it shows, then what has scrolled away above.
const WIPE: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

/// Where and how it is printed.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) json: bool,
    pub(super) language: Language,
    /// The program as it was called, with the options by which a further command means the same till.
    pub(super) called: String,
    /// Why a result could not be written, the first time. A reader who has gone is no fault.
    unwritten: Arc<OnceLock<ErrorKind>>,
}

impl Output {
    pub(super) fn new(json: bool, language: Language, called: String) -> Self {
        Self { json, language, called, unwritten: Arc::default() }
    }

    /// One result: the object, or the text for people. False once nobody reads any more, or it cannot be written.
    pub(super) fn line(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> bool {
        if !self.json {
            return self.is_out(say(&mut io::stdout().lock(), &harmless(&text())));
        }
        self.announce(value)
    }

    /// A code that is drawn for people: its colours are ours, and a terminal obeys them.
    pub(super) fn draw(&self, drawn: &str) -> bool {
        self.is_out(say(&mut io::stdout().lock(), drawn))
    }

    /// Takes what was printed off the terminal again. False where nothing takes it back: it went elsewhere, or to a program.
    pub(super) fn wipe(&self) -> bool {
        let mut screen = io::stdout().lock();
        !self.json && screen.is_terminal() && screen.write_all(WIPE).and_then(|()| screen.flush()).is_ok()
    }

    /// One JSON object, for people too.
    pub(super) fn announce(&self, value: &impl Serialize) -> bool {
        let line = serde_json::to_string(value).map_err(io::Error::from);
        self.is_out(line.and_then(|line| say(&mut io::stdout().lock(), &line)))
    }

    /// Whether a result was written. What else than a reader who has gone kept it from being so stops nothing: the end tells.
    pub(super) fn is_out(&self, written: io::Result<()>) -> bool {
        let Err(error) = written else { return true };
        if error.kind() != ErrorKind::BrokenPipe {
            tracing::warn!(%error, "standard output");
            self.unwritten.get_or_init(|| error.kind());
        }
        false
    }

    /// What the process ends with where its command ended with `exit`: one whose results could not be written has not succeeded,
    /// unless it `moved_money`. Whoever is told that this failed does it again.
    pub(super) fn end(&self, exit: Exit, moved_money: bool) -> Exit {
        let Some(kind) = self.unwritten.get() else { return exit };
        let cause = cause_of(*kind).label();
        self.aside(&self.words(UNWRITTEN).replace("{cause}", self.words(cause)));
        if exit == Exit::Done && !moved_money { Exit::Machine } else { exit }
    }

    /// Something for people that is no result.
    #[expect(clippy::unused_self, reason = "all that is printed is printed by an output")]
    pub(super) fn aside(&self, text: &str) {
        // There is no better place for it.
        let _unheard = say(&mut io::stderr().lock(), &harmless(text));
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

/// A text without what a terminal obeys, but for the breaks between its lines. Those are ours: what is not ours is put on one line
/// where a text is put together.
fn harmless(text: &str) -> String {
    text.chars().map(|letter| if letter == '\n' { letter } else { seen(letter) }).collect()
}

/// Writes a line, all the way.
fn say(to: &mut impl Write, line: &str) -> io::Result<()> {
    writeln!(to, "{line}").and_then(|()| to.flush())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_in_a_text_but_the_breaks_between_its_lines() {
        let told = harmless("12.50 HKD\n  “\u{1b}[2J\r\u{9b}H\t\u{7f}\u{202e}\u{2028}余额不足”");
        let fffd = "\u{fffd}";
        assert_eq!(told, format!("12.50 HKD\n  “{fffd}[2J{fffd}{fffd}H{fffd}{fffd}{fffd}{fffd}余额不足”"));
    }
}
