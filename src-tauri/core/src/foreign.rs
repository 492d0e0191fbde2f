//! Text that is not ours, on a line of ours.
//!
//! One rule wherever such a text stands in a line that people read: each character that ends a line, steers a terminal, shows
//! nothing or turns the direction of what stands beside it is shown as U+FFFD.

use crate::operator::is_blank;

/// Whether a letter ends a line or steers the terminal that shows it.
pub(crate) fn ends_a_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Whether a letter shows nothing, takes no room or turns the direction. How the picture before it is drawn is seen.
pub(crate) fn is_hidden(letter: char) -> bool {
    is_blank(letter) && !matches!(letter, '\u{fe0e}' | '\u{fe0f}')
}

/// Whether a letter is shown as it is.
#[must_use]
pub fn is_seen(letter: char) -> bool {
    !ends_a_line(letter) && !is_hidden(letter)
}

/// A letter as it is shown.
#[must_use]
pub fn seen(letter: char) -> char {
    if is_seen(letter) { letter } else { char::REPLACEMENT_CHARACTER }
}

/// A text as it is shown, on one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.chars().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_line_steers_a_terminal_or_turns_what_stands_beside_it() {
        let steering = "\0\u{7}\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{9d}\u{2028}\u{2029}";
        let hidden = "\u{ad}\u{200b}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}\u{e0041}";
        for letter in steering.chars().chain(hidden.chars()) {
            assert_eq!(one_line(&format!("a{letter}b")), "a\u{fffd}b", "{letter:?}");
        }
        for plain in ["余额不足", "“not enough” [2J", "a\u{a0}b\u{3000}c", "\u{2764}\u{fe0f}", ""] {
            assert_eq!(one_line(plain), plain);
        }
    }
}
