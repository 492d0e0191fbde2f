//! Names of people at the till.

/// The longest name, in characters.
const LONGEST: usize = 40;

/// What actors that are no people are called, wherever one name stands for who acted.
const TAKEN: [&str; 4] = ["owner", "nobody", "engine", "gateway"];

/// The name as it is kept, if it can be one: 1 to 40 characters that can be seen, without a colon.
#[must_use]
pub fn operator_name(typed: &str) -> Option<&str> {
    let name = typed.trim();
    let letters = name.chars().count();
    let seen = |letter: char| !letter.is_control() && !is_invisible(letter) && letter != ':';
    let whole = (1..=LONGEST).contains(&letters) && name.chars().all(seen);
    (whole && !TAKEN.iter().any(|taken| same_name(taken, name))).then_some(name)
}

/// Whether two names are one. Upper and lower case do not make two people.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Letters that take no room or turn the direction: with them two names could look alike.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
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
            assert_eq!(operator_name(typed), Some(name));
        }
        let too_long = "林".repeat(41);
        for bad in ["", "  ", "a:b", "a\nb", "a\u{202e}b", "Lin\u{200b}", "\u{3164}", "Owner", "nobody", &too_long] {
            assert_eq!(operator_name(bad), None, "{bad:?}");
        }
        assert!(same_name("LIN", " lin") && !same_name("lin", "lina"));
    }
}
