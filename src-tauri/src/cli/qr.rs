//! A QR code in a terminal: two modules a character, dark on light whatever the terminal's colours.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code on each side.
const QUIET: usize = 4;

/// Black on white.
const ON: &str = "\u{1b}[30;107m";
const OFF: &str = "\u{1b}[0m";

/// The code of `text` as lines; `None` where it does not fit into a QR code.
pub(super) fn draw(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let side = width.saturating_add(2 * QUIET);
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < width);
        let at = inside(y).zip(inside(x)).map(|(y, x)| y.saturating_mul(width).saturating_add(x));
        at.and_then(|at| colors.get(at)) == Some(&Color::Dark)
    };
    let mut lines = Vec::new();
    for y in (0..side).step_by(2) {
        let half = (0..side).map(|x| match (dark(x, y), dark(x, y.saturating_add(1))) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        lines.push(format!("{ON}{}{OFF}", half.collect::<String>()));
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_reads_what_the_terminal_shows() {
        let link = "http://127.0.0.1:41234/phone/abcdefghijklmnop";
        let drawn = draw(link).unwrap();
        let rows: Vec<Vec<char>> = drawn
            .lines()
            .map(|line| line.trim_start_matches(ON).trim_end_matches(OFF).chars().collect::<Vec<char>>())
            .collect();
        let side = rows[0].len();
        let dark = |x: usize, y: usize| match rows.get(y / 2).map(|row| row[x]) {
            Some('█') => true,
            Some('▀') => y.is_multiple_of(2),
            Some('▄') => !y.is_multiple_of(2),
            _ => false,
        };
        let mut image = rqrr::PreparedImage::prepare_from_bitmap(side * 3, side * 3, |x, y| dark(x / 3, y / 3));
        let (_, text) = image.detect_grids()[0].decode().unwrap();
        assert_eq!(text, link);
    }
}
