//! The system's input method, which would keep a scanner's keys and an amount's digits from the cashier's window: it is there
//! only while a field that takes words has the focus.

use tauri::WebviewWindow;

#[cfg(all(unix, not(target_os = "macos")))]
thread_local! {
    /// What a web view had before it was taken away. All of it lives on the main thread.
    static PUT_ASIDE: std::cell::RefCell<Option<webkit2gtk::InputMethodContext>> = const { std::cell::RefCell::new(None) };
}

/// Takes the input method away from the cashier's window, or gives it back. Keys that an input method takes do not reach a page
/// of WebKitGTK at all: nobody there could tell a scan from silence.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn allow(window: &WebviewWindow, on: bool) -> tauri::Result<()> {
    use webkit2gtk::{InputMethodContextExt, WebViewExt};
    window.with_webview(move |view| {
        let view = view.inner();
        PUT_ASIDE.with_borrow_mut(|aside| {
            if on {
                if let Some(context) = aside.take() {
                    view.set_input_method_context(Some(&context));
                }
            } else if let Some(context) = view.input_method_context() {
                // Left with the focus it would go on taking keys, from outside the web view.
                context.reset();
                context.notify_focus_out();
                *aside = Some(context);
                view.set_input_method_context(None::<&webkit2gtk::InputMethodContext>);
            }
        });
    })
}

/// Other systems' web views tell their pages of every key, also of those that an input method takes.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn allow(_: &WebviewWindow, _: bool) -> tauri::Result<()> {
    Ok(())
}
