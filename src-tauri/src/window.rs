//! The windows: the cashier's, the customer's, and in training the customer's phone.

mod batch;
mod bindings;
mod customer;
mod desk;
mod exporting;
mod input_method;
mod ipc;
mod language;
mod look;
#[cfg(test)]
mod names;
mod phone;
mod push;
mod screens;
mod shown;

use crate::premises::{self, Where};
use desk::{Desk, Raise};
use language::{Languages, system_language};
use screens::Screens;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use till_core::words::Language;
use till_engine::lock::{self, Lock};
use till_engine::settings::Theme;

/// The cashier's window: the only one with a capability.
const MAIN: &str = "main";
/// The customer's window.
const CUSTOMER: &str = "customer";
/// The phone of training.
const PHONE: &str = "phone";

/// Why the windows could not be shown.
#[derive(Debug)]
pub(crate) enum WindowFault {
    /// No display can be reached.
    NoDisplay,
    /// The system's web view said no.
    System(tauri::Error),
}

impl std::fmt::Display for WindowFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoDisplay => f.write_str("there is no display"),
            Self::System(error) => write!(f, "the window could not be opened: {error}"),
        }
    }
}

impl std::error::Error for WindowFault {}

/// How a window ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It was closed.
    Closed,
    /// This till has a window already, in another process; that one was brought to the front.
    RaisedAnother,
}

/// Shows the till at `place` until its window is closed, in the language that was `asked` for if one was. Nothing is lost by
/// leaving: what is open is taken up at the next launch. Call it on the main thread.
pub(crate) fn run(place: Where, asked: Option<Language>) -> Result<Ended, WindowFault> {
    look::load_plainly();
    if is_taken(&place) && tauri::async_runtime::block_on(premises::raise_running(&place)) {
        return Ok(Ended::RaisedAnother);
    }
    if !has_display() {
        return Err(WindowFault::NoDisplay);
    }
    let asked = asked.and_then(|language| language.tag().parse().ok());
    let languages = Languages::new(asked, system_language(|name| std::env::var(name).ok()));
    let desk = Arc::new(Desk::new(place, languages));
    let commands = bindings::builder();
    let failed: Arc<Mutex<Option<tauri::Error>>> = Arc::default();
    let (fault, leaving) = (Arc::clone(&failed), Arc::clone(&desk));
    let app = tauri::Builder::default()
        .invoke_handler(commands.invoke_handler())
        .manage(Arc::clone(&desk))
        .manage(Mutex::new(Screens::default()))
        .setup(move |app| {
            commands.mount_events(app);
            let app = app.handle();
            begin(app, &desk);
            if let Err(error) = open_main(app, &desk) {
                *fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                app.exit(1);
            }
            Ok(())
        })
        .on_window_event(|window, event| {
            if window.label() == MAIN && matches!(event, WindowEvent::Destroyed) {
                window.app_handle().exit(0);
            }
        })
        .build(tauri::generate_context!())
        .map_err(WindowFault::System)?;
    app.run_return(|_, _| {});
    tauri::async_runtime::block_on(leaving.leave());
    match failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(WindowFault::System(error)),
        None => Ok(Ended::Closed),
    }
}

/// Whether another process has the till. A folder that is not there yet, or cannot be locked, is not taken: opening it says why.
fn is_taken(place: &Where) -> bool {
    matches!(lock::acquire(&place.folder()), Ok(Lock::TakenBy { .. }))
}

/// The premises open while the window does.
fn begin(app: &AppHandle, desk: &Arc<Desk>) {
    let (opening, raise) = (Arc::clone(desk), raise(app));
    tauri::async_runtime::spawn(async move { opening.open(raise).await });
    tauri::async_runtime::spawn(push::run(app.clone(), Arc::clone(desk)));
    tauri::async_runtime::spawn(customer::watch(app.clone()));
}

fn open_main(app: &AppHandle, desk: &Desk) -> tauri::Result<()> {
    let theme = desk.settings().map_or(Theme::System, |settings| settings.theme);
    let (folder, forgets) = window_folder(desk);
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title(title(desk.training()))
        .inner_size(1200.0, 800.0)
        .min_inner_size(1024.0, 700.0)
        .theme(look::native(theme))
        .background_color(look::ground(theme))
        .data_directory(folder)
        .incognito(forgets)
        .on_navigation(is_ours)
        .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
        .on_page_load(|window, page| {
            // A page begins with nothing in focus, also when it is loaded again.
            if page.event() == PageLoadEvent::Started
                && let Err(error) = input_method::allow(&window, false)
            {
                tracing::warn!("the input method may take a scanner's keys: {error}");
            }
        })
        .build()?;
    look::draw_plainly(&window);
    if theme == Theme::System {
        look::repaint(&window, theme);
    }
    Ok(())
}

/// Where a window keeps what its web view stores, and whether that is nothing: a data folder that cannot be written must not
/// keep the window from saying so.
fn window_folder(desk: &Desk) -> (PathBuf, bool) {
    let folder = desk.window_folder();
    match can_keep(&folder) {
        Ok(()) => (folder, false),
        Err(error) => {
            tracing::warn!("the window keeps nothing: {error}");
            (std::env::temp_dir(), true)
        }
    }
}

/// Whether a file can be written there: a folder from before says nothing of the disk now.
fn can_keep(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".probe");
    std::fs::write(&probe, [])?;
    std::fs::remove_file(probe)
}

fn title(training: bool) -> &'static str {
    if training { "Tillkeeper 掌柜 · 训练 Training" } else { "Tillkeeper 掌柜" }
}

/// Whether an address is a page of this program. No window with a capability ever leaves them.
fn is_ours(to: &Url) -> bool {
    to.scheme() == "tauri" || to.host_str() == Some("tauri.localhost")
}

/// What brings the cashier's window to the front when the program is launched once more.
fn raise(app: &AppHandle) -> Raise {
    let app = app.clone();
    Arc::new(move || {
        let Some(window) = app.get_webview_window(MAIN) else { return };
        for done in [window.unminimize(), window.show(), window.set_focus()] {
            if let Err(error) = done {
                tracing::warn!("the window could not be raised: {error}");
            }
        }
    })
}

/// Whether one was named, and it can be opened: later the process would end where it cannot. Where none was named the toolkit would
/// take the one that somebody else looks at.
#[cfg(all(unix, not(target_os = "macos")))]
fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value: std::ffi::OsString| !value.is_empty());
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().any(named) && gtk::init().is_ok()
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn has_display() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_over_a_folder_where_it_can_keep_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let desk = || {
            let place = Where { data_dir: folder.path().to_owned(), training: false, language: None };
            Desk::new(place, Languages::new(None, system_language(|_| None)))
        };
        // A file where the folder would be: nobody can make it, whoever runs this.
        std::fs::write(folder.path().join("window"), "").unwrap();
        assert_eq!(window_folder(&desk()), (std::env::temp_dir(), true));
        std::fs::remove_file(folder.path().join("window")).unwrap();
        assert_eq!(window_folder(&desk()), (folder.path().join("window"), false));
    }
}
