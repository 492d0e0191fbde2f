//! Light and dark, where the system draws.

use tauri::utils::config::Color;
use tauri::{AppHandle, Manager, Theme as Native, WebviewWindow};
use till_engine::settings::Theme;

/// The page's own ground, so that nothing flashes before it is painted.
const PAPER: Color = Color(0xf6, 0xf4, 0xee, 0xff);
const NIGHT: Color = Color(0x16, 0x17, 0x14, 0xff);

/// What a window is told; nothing where it follows the system.
pub(crate) fn native(theme: Theme) -> Option<Native> {
    match theme {
        Theme::System => None,
        Theme::Light => Some(Native::Light),
        Theme::Dark => Some(Native::Dark),
    }
}

/// The ground of a window that is not painted yet.
pub(crate) fn ground(theme: Theme) -> Color {
    match theme {
        Theme::Dark => NIGHT,
        Theme::System | Theme::Light => PAPER,
    }
}

/// Takes over a theme in every window.
pub(crate) fn apply(app: &AppHandle, theme: Theme) {
    app.set_theme(native(theme));
    for window in app.webview_windows().values() {
        repaint(window, theme);
    }
}

/// Has the toolkit load no graphics library for windows that [`draw_plainly`] does not draw with it: that would take a fifteenth
/// of the start. Who sets the variable (it is GTK's own) is obeyed. For the beginning of the process: an environment is no place
/// for two threads.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn load_plainly() {
    if let Err(error) = webkit2gtk::glib::setenv("GDK_GL", "disable", false) {
        tracing::debug!("the windows open the costly way: {error}");
    }
}

/// Other systems' toolkits decide for themselves.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn load_plainly() {}

/// Has a window drawn by the processor. Nothing in a till moves but a countdown: a graphics pipeline would cost a third of the
/// memory, and on machines without a graphics card time as well.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn draw_plainly(window: &WebviewWindow) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    let told = window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    });
    if let Err(error) = told {
        tracing::debug!("{} is drawn the costly way: {error}", window.label());
    }
}

/// Other systems' web views decide for themselves.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn draw_plainly(_: &WebviewWindow) {}

/// A window that follows the system is asked what that is.
pub(crate) fn repaint(window: &WebviewWindow, theme: Theme) {
    let dark = match theme {
        Theme::System => window.theme().is_ok_and(|theme| theme == Native::Dark),
        Theme::Light => false,
        Theme::Dark => true,
    };
    if let Err(error) = window.set_background_color(Some(if dark { NIGHT } else { PAPER })) {
        tracing::debug!("no ground under {}: {error}", window.label());
    }
}
