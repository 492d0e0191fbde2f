//! Names of people at the till.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// The longest name, in characters.
const LONGEST: usize = 40;

/// What actors that are no people are called, wherever one name stands for who acted.
const TAKEN: [&str; 4] = ["owner", "nobody", "engine", "gateway"];

/// The name as it is kept, if it can be one: 1 to 40 characters that can be seen, without a colon. One way to write a letter
/// is kept of those that look the same, and one space of any run of spaces.
#[must_use]
pub fn operator_name(typed: &str) -> Option<String> {
    let name = ComposingNormalizerBorrowed::new_nfc().normalize(typed.trim()).into_owned();
    let seen = name.chars().all(|letter| !letter.is_control() && !is_blank(letter));
    let name = single_spaced(&name);
    let folded = folded(&name);
    let whole = (1..=LONGEST).contains(&name.chars().count()) && seen && !folded.contains(':');
    (whole && !TAKEN.contains(&folded.as_str())).then_some(name)
}

/// Whether two names are one. Upper and lower case do not make two people.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Whether two names are one or differ only in spaces, in how the same letters are written, or in letters of the Latin, the Greek
/// and the Cyrillic script that have the same shape: nobody could tell the two people apart. Shapes that other scripts share are
/// not found out.
#[must_use]
pub fn alike(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// What is left of a name without case, widths, ways to write a letter, scripts that share a shape, and all that is blank.
fn folded(name: &str) -> String {
    let compatible = ComposingNormalizerBorrowed::new_nfkc();
    let visible: String = name.chars().map(|letter| if is_blank(letter) { ' ' } else { letter }).collect();
    let caseless = compatible.normalize(&visible).to_uppercase().to_lowercase();
    let bare = DecomposingNormalizerBorrowed::new_nfkd();
    bare.normalize(&caseless).chars().map(shape).filter(|letter| !letter.is_whitespace()).collect()
}

/// The Latin letter that a small Greek or Cyrillic letter, or its capital, cannot be told from.
fn shape(letter: char) -> char {
    match letter {
        '\u{3b1}' | '\u{430}' => 'a',
        '\u{3b2}' | '\u{432}' => 'b',
        '\u{3f2}' | '\u{441}' => 'c',
        '\u{501}' => 'd',
        '\u{3b5}' | '\u{435}' => 'e',
        '\u{3b7}' | '\u{43d}' | '\u{4bb}' => 'h',
        // The palochka is a capital in all names of it: its small letter looks like one that nobody types.
        '\u{3b9}' | '\u{456}' | '\u{4cf}' => 'i',
        '\u{3f3}' | '\u{458}' => 'j',
        '\u{3ba}' | '\u{43a}' => 'k',
        '\u{3bc}' | '\u{43c}' => 'm',
        '\u{3bd}' => 'n',
        '\u{3bf}' | '\u{43e}' => 'o',
        '\u{3c1}' | '\u{440}' => 'p',
        '\u{51b}' => 'q',
        '\u{455}' => 's',
        '\u{3c4}' | '\u{442}' => 't',
        '\u{475}' => 'v',
        '\u{51d}' => 'w',
        '\u{3c7}' | '\u{445}' => 'x',
        '\u{3c5}' | '\u{443}' | '\u{4af}' => 'y',
        '\u{3b6}' => 'z',
        other => other,
    }
}

fn single_spaced(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters that show nothing, take no room or turn the direction.
pub(crate) fn is_blank(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{16fe4}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_to_forty_letters_that_can_be_seen() {
        let forty = "林".repeat(40);
        for (typed, name) in [(" 林小姐 ", "林小姐"), ("Mei Lin", "Mei Lin"), (forty.as_str(), forty.as_str())] {
            assert_eq!(operator_name(typed).as_deref(), Some(name));
        }
        let too_long = "林".repeat(41);
        for bad in ["", "  ", "a:b", "a\nb", "a\u{202e}b", "Lin\u{200b}", "\u{3164}", "Owner", "nobody", &too_long] {
            assert_eq!(operator_name(bad), None, "{bad:?}");
        }
        assert!(same_name("LIN", " lin") && !same_name("lin", "lina"));
    }

    #[test]
    fn what_looks_the_same_is_kept_the_same() {
        for (typed, name) in [
            ("Jose\u{301}", "Jos\u{e9}"),
            ("Mei\u{a0}Lin", "Mei Lin"),
            ("Mei  Lin", "Mei Lin"),
            ("\u{3000}林\u{3000}小姐\u{2009}", "林 小姐"),
        ] {
            assert_eq!(operator_name(typed).as_deref(), Some(name), "{typed:?}");
        }
    }

    #[test]
    fn nobody_is_blank_has_a_colon_of_any_width_or_is_called_like_an_actor_that_is_no_person() {
        for bad in
            ["\u{2800}", "Lin\u{2800}", "\u{115f}", "\u{1160}", "\u{ffa0}", "\u{1d159}", "a\u{ff1a}b", "a\u{fe55}b"]
        {
            assert_eq!(operator_name(bad), None, "{bad:?}");
        }
        for bad in ["\u{ff2f}wner", "O wner", "OWNER", "\u{24de}wner", "gatewa\u{ff59}", "\u{43e}wner", "\u{395}ngine"]
        {
            assert_eq!(operator_name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn names_are_alike_that_differ_in_case_width_spaces_or_what_is_blank() {
        for (one, other) in [
            ("Jos\u{e9}", "JOSE\u{301}"),
            ("Mei Lin", "mei\u{a0}\u{a0}lin"),
            ("Mei", "\u{ff2d}ei"),
            ("Mei", "Mei\u{2800}"),
            ("Stra\u{df}", "STRASS"),
            ("Mei Lin", "MeiLin"),
            ("Lin", "L in"),
            ("\u{6797}\u{5c0f}\u{59d0}", "\u{6797} \u{5c0f}\u{3000}\u{59d0}"),
        ] {
            assert!(alike(one, other), "{one:?} {other:?}");
        }
        assert!(!alike("Mei Lin", "Mei Ling") && !alike("Jos\u{e9}", "Jose"));
    }

    #[test]
    fn names_are_alike_whose_letters_have_one_shape_in_latin_greek_and_cyrillic() {
        for (one, other) in [
            ("Manager", "\u{41c}anager"),
            ("Manager", "M\u{430}n\u{430}ger"),
            ("COP", "\u{421}\u{41e}\u{420}"),
            ("Nina", "\u{39d}ina"),
            ("Zo\u{eb}", "Zo\u{451}"),
            ("Tom", "\u{422}\u{3bf}\u{43c}"),
        ] {
            assert!(alike(one, other), "{one:?} {other:?}");
        }
        for (one, other) in [("Анна", "Инна"), ("Mei", "Май"), ("林", "森")] {
            assert!(!alike(one, other), "{one:?} {other:?}");
        }
        let kept = operator_name("\u{410}\u{43d}\u{43d}\u{430}");
        assert_eq!(kept.as_deref(), Some("Анна"), "a name of one script stays as it was typed");
    }
}
