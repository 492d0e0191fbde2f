//! Pictures of the window: kept under `target/screenshots`, and small ones for the documents.

use super::driver::Window;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder};
use std::path::{Path, PathBuf};

/// `target/screenshots`, whatever the profile.
pub fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("this test's own path");
    let folder = test.ancestors().nth(3).expect("target/PROFILE/deps/TEST").join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The page in front as PNG, once it has painted what it holds.
async fn photograph(window: &Window) -> Vec<u8> {
    let painted = "await document.fonts.ready; await Promise.all(document.getAnimations().map((one) => one.finished));
        await new Promise((paint) => requestAnimationFrame(() => requestAnimationFrame(paint))); return true";
    window.run_async(painted, vec![]).await;
    screenshot(window).await.expect("a picture")
}

/// WebKit's driver takes its picture after the next paint, and a still page that is drawn by the processor never paints again:
/// meanwhile one dot of no colour changes.
async fn screenshot(window: &Window) -> Result<Vec<u8>, fantoccini::error::CmdError> {
    let begin = "
        const dot = document.body.appendChild(document.createElement('i'));
        dot.id = 'paints';
        dot.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 1px; height: 1px';
        let on = false;
        dot.timer = setInterval(() => (dot.style.background = (on = !on) ? 'rgb(0 0 0 / 0.002)' : 'none'), 20);
        return true;";
    let end = "
        const dot = document.getElementById('paints');
        clearInterval(dot.timer);
        dot.remove();
        return true;";
    window.run(begin, vec![]).await;
    let png = window.client.screenshot().await;
    window.run(end, vec![]).await;
    png
}

/// The page in front, once it has painted what it holds.
pub async fn take(window: &Window) -> DynamicImage {
    image::load_from_memory(&photograph(window).await).expect("a PNG")
}

/// What a phone reads from the code painted in the element with this `data-testid`.
pub async fn read_code(window: &Window, test_id: &str) -> Option<String> {
    window.see(test_id).await;
    let page = take(window).await;
    let body = "const box = document.querySelector(`[data-testid='${arguments[0]}']`).getBoundingClientRect();
        return [box.left, box.top, box.width, box.height].map((side) => Math.round(side * devicePixelRatio))";
    let place = window.run(body, vec![test_id.into()]).await;
    let [left, top, width, height]: [u32; 4] = serde_json::from_value(place).expect("a place on the page");
    let code = page.crop_imm(left, top, width, height).to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
        code.get_pixel(u32::try_from(x).expect("within"), u32::try_from(y).expect("within")).0[0]
    });
    // Not everything that looks like the corners of a code is one.
    prepared.detect_grids().iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

/// Keeps a picture of the page in front under this name.
pub async fn keep(window: &Window, name: &str) {
    let png = photograph(window).await;
    std::fs::write(folder().join(format!("{name}.png")), png).expect("written");
}

/// Keeps a picture of what a failing test saw. Where it lies, or why there is none.
pub(super) async fn keep_failure(window: &Window, what: &str) -> String {
    let name: String =
        what.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).take(60).collect();
    let path = folder().join(format!("failed-{name}.png"));
    match screenshot(window).await {
        Ok(png) => std::fs::write(&path, png).map_or_else(|error| error.to_string(), |()| path.display().to_string()),
        Err(error) => error.to_string(),
    }
}

/// Writes a picture as small as PNG makes it without loss.
pub fn write(picture: &DynamicImage, path: &Path) {
    let picture = picture.to_rgb8();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
        .write_image(&picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8)
        .expect("a PNG");
    std::fs::write(path, png).expect("written");
}
