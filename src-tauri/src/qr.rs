//! A text as a QR code that a screen draws as one path, read back from what is drawn before anybody sees it.

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use specta::Type;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Light modules around the code on each side.
const QUIET: usize = 4;

/// Modules of a finder pattern, the squares in three of the corners.
const FINDER: usize = 7;

/// How many codes are remembered.
const KEPT: usize = 512;

/// A QR code as a drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct QrPicture {
    /// Modules per side, with the quiet zone.
    pub(crate) size: u32,
    /// SVG path of the dark modules, one unit a module.
    pub(crate) path: String,
}

/// Why there is no code. Nothing may be shown in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QrFault {
    /// The text does not fit into a QR code.
    TooLong,
    /// The drawing does not read as the text.
    NotReadBack,
}

impl fmt::Display for QrFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the text does not fit into a QR code",
            Self::NotReadBack => "the QR code does not read back as its text",
        })
    }
}

impl std::error::Error for QrFault {}

/// Dark modules side by side, in modules from the corner of the quiet zone.
struct Run {
    x: usize,
    y: usize,
    length: usize,
}

/// Draws `text` with error correction M, and reads the drawing back.
pub(crate) fn draw(text: &str) -> Result<QrPicture, QrFault> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrFault::TooLong)?;
    let size = code.width().saturating_add(2 * QUIET);
    let runs = runs(&code);
    if read_back(size, &runs).as_deref() != Some(text) {
        return Err(QrFault::NotReadBack);
    }
    Ok(QrPicture { size: u32::try_from(size).map_err(|_| QrFault::TooLong)?, path: path(&runs) })
}

fn runs(code: &QrCode) -> Vec<Run> {
    let colors = code.to_colors();
    let mut runs = Vec::new();
    for (y, row) in colors.chunks(code.width()).enumerate() {
        let mut x = QUIET;
        for modules in row.chunk_by(|one, next| one == next) {
            if modules.first() == Some(&Color::Dark) {
                runs.push(Run { x, y: y.saturating_add(QUIET), length: modules.len() });
            }
            x = x.saturating_add(modules.len());
        }
    }
    runs
}

fn path(runs: &[Run]) -> String {
    let drawn = |Run { x, y, length }: &Run| format!("M{x} {y}h{length}v1h-{length}z");
    runs.iter().map(drawn).collect::<Vec<_>>().concat()
}

/// What a scanner reads in a drawing. A scanner searches for the three finder patterns and the light around; here they are
/// looked at where they must be, which is quicker than searching and forgives less.
fn read_back(size: usize, runs: &[Run]) -> Option<String> {
    let mut dark = vec![false; size.checked_mul(size)?];
    for Run { x, y, length } in runs {
        let start = y.checked_mul(size)?.checked_add(*x)?;
        dark.get_mut(start..start.checked_add(*length)?)?.fill(true);
    }
    let is_dark = |x: usize, y: usize| dark.get(y.saturating_mul(size).saturating_add(x)).copied().unwrap_or(false);
    let end = size.checked_sub(QUIET)?;
    let inside = QUIET..end;
    let quiet = (0..size).all(|y| (0..size).all(|x| !is_dark(x, y) || (inside.contains(&x) && inside.contains(&y))));
    let far = end.checked_sub(FINDER)?;
    let found = [(QUIET, QUIET), (far, QUIET), (QUIET, far)].iter().all(|&(left, top)| {
        let right = |x, y| is_dark(left.saturating_add(x), top.saturating_add(y)) == in_finder(x, y);
        (0..FINDER).all(|y| (0..FINDER).all(|x| right(x, y)))
    });
    if !quiet || !found {
        return None;
    }
    let modules = rqrr::SimpleGrid::from_func(end.checked_sub(QUIET)?, |x, y| {
        is_dark(x.saturating_add(QUIET), y.saturating_add(QUIET))
    });
    rqrr::Grid::new(modules).decode().ok().map(|(_, text)| text)
}

/// A finder pattern: a dark ring around a dark square.
fn in_finder(x: usize, y: usize) -> bool {
    let ring = [x, y].iter().any(|at| *at == 0 || at.saturating_add(1) == FINDER);
    ring || [x, y].iter().all(|at| (2..=4).contains(at))
}

/// Codes that were drawn lately: an open order is shown again with every change.
#[derive(Debug, Default)]
pub(crate) struct Pictures(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_text: HashMap<Arc<str>, Result<QrPicture, QrFault>>,
    oldest_first: VecDeque<Arc<str>>,
}

impl Pictures {
    /// The picture of `text`, and whether it was drawn just now.
    pub(crate) fn of(&self, text: &str) -> (Result<QrPicture, QrFault>, bool) {
        if let Some(known) = self.kept().by_text.get(text) {
            return (known.clone(), false);
        }
        let drawn = draw(text);
        let name: Arc<str> = text.into();
        let mut kept = self.kept();
        if kept.by_text.insert(Arc::clone(&name), drawn.clone()).is_none() {
            kept.oldest_first.push_back(name);
        }
        if kept.oldest_first.len() > KEPT
            && let Some(oldest) = kept.oldest_first.pop_front()
        {
            kept.by_text.remove(&oldest);
        }
        (drawn, true)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Links as the wallets have them, from short to long.
    fn links() -> Vec<String> {
        let starts = ["weixin://wxpay/bizpayurl?pr=", "https://qr.alipay.com/", "http://127.0.0.1:41234/phone/"];
        let letters: Vec<char> = "aZ09k_-Q7".chars().collect();
        let link = |start: &str, length: usize| {
            let rest = letters.iter().cycle().take(length.saturating_sub(start.len()));
            start.chars().chain(rest.copied()).collect()
        };
        (20..=400).step_by(19).flat_map(|length| starts.map(|start| link(start, length))).collect()
    }

    /// Pixels of a path, by a reader that knows nothing of how it was made.
    fn pixels(picture: &QrPicture, scale: usize) -> Vec<Vec<bool>> {
        let size = usize::try_from(picture.size).unwrap();
        let mut dark = vec![vec![false; size * scale]; size * scale];
        for run in picture.path.split('M').skip(1) {
            let (corner, rest) = run.split_once('h').unwrap();
            let (x, y) = corner.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let length: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            assert_eq!(rest, format!("{length}v1h-{length}z"));
            for row in &mut dark[y * scale..(y + 1) * scale] {
                row[x * scale..(x + length) * scale].fill(true);
            }
        }
        dark
    }

    #[test]
    fn every_link_of_20_to_400_characters_is_read_from_the_path_that_a_screen_draws() {
        for link in links() {
            let picture = draw(&link).unwrap();
            let dark = pixels(&picture, 5);
            let image = image::GrayImage::from_fn(picture.size * 5, picture.size * 5, |x, y| {
                image::Luma([if dark[usize::try_from(y).unwrap()][usize::try_from(x).unwrap()] { 0 } else { 255 }])
            });
            let (width, height) = (usize::try_from(image.width()).unwrap(), usize::try_from(image.height()).unwrap());
            let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
                image.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
            });
            let grids = prepared.detect_grids();
            let (meta, text) = grids[0].decode().unwrap();
            assert_eq!(text, link);
            assert_eq!(meta.ecc_level, 0, "error correction M is 0 on the wire: {link}");
        }
    }

    #[test]
    fn four_light_modules_surround_every_code() {
        let picture = draw("weixin://wxpay/bizpayurl?pr=abcdefg").unwrap();
        let dark = pixels(&picture, 1);
        let size = dark.len();
        let quiet = |at: usize| at < 4 || at >= size - 4;
        for (y, row) in dark.iter().enumerate() {
            for (x, module) in row.iter().enumerate() {
                assert!(!module || !(quiet(x) || quiet(y)), "{x} {y}");
            }
        }
        assert!(dark[4][4] && dark[4][size - 5] && dark[size - 5][4], "the three corners begin beside it");
    }

    #[test]
    fn a_drawing_that_lost_modules_is_not_taken_for_its_text() {
        let text = "https://qr.alipay.com/bax03431ljhokirwl38f00a7";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let (size, mut broken) = (code.width() + 2 * QUIET, runs(&code));
        assert_eq!(read_back(size, &broken).as_deref(), Some(text));
        broken.retain(|run| run.y < QUIET + 9 || run.x < QUIET + 9);
        assert_eq!(read_back(size, &broken), None);
    }

    #[test]
    fn a_drawing_without_a_corner_or_with_a_spot_beside_it_is_not_shown() {
        let text = "https://qr.alipay.com/bax03431ljhokirwl38f00a7";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let size = code.width() + 2 * QUIET;
        for (x, y) in [(QUIET, QUIET), (size - QUIET - 3, QUIET), (QUIET + 2, size - QUIET - 5)] {
            let mut broken = runs(&code);
            broken.retain(|run| !(run.y == y && (run.x..run.x + run.length).contains(&x)));
            assert_eq!(read_back(size, &broken), None, "{x} {y}");
        }
        let mut spotted = runs(&code);
        spotted.push(Run { x: 1, y: 9, length: 1 });
        assert_eq!(read_back(size, &spotted), None);
    }

    #[test]
    fn a_text_that_fits_no_code_is_a_fault_and_is_drawn_only_once() {
        let pictures = Pictures::default();
        let long = "x".repeat(3_000);
        assert_eq!(pictures.of(&long), (Err(QrFault::TooLong), true));
        assert_eq!(pictures.of(&long), (Err(QrFault::TooLong), false));
    }

    #[test]
    fn what_was_shown_lately_is_not_drawn_again_and_the_memory_is_bounded() {
        let pictures = Pictures::default();
        let (first, drawn) = pictures.of("first");
        assert!(drawn);
        assert_eq!(pictures.of("first"), (first, false));
        let too_long = "x".repeat(3_000);
        for number in 0..KEPT {
            assert_eq!(pictures.of(&format!("{number}{too_long}")), (Err(QrFault::TooLong), true));
        }
        assert_eq!(pictures.kept().by_text.len(), KEPT);
        assert!(pictures.of("first").1, "the oldest was let go");
    }
}
