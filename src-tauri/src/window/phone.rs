//! The customer's phone of training: a page of the stage, in a window that may ask the till for nothing.

use super::desk::Desk;
use super::{PHONE, look};
use std::sync::Arc;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindowBuilder};
use till_core::error::{Code, Refusal};

/// Shows `page` in the phone's window, which stays within that page's origin.
pub(crate) fn open(app: &AppHandle, page: &str) -> Result<(), Refusal> {
    let failed =
        |error: tauri::Error| Refusal::of(Code::Unexpected).with("incident", till_engine::log::incident(&error));
    let page: Url = page.parse().map_err(|_| Refusal::of(Code::BadRequest).with("reason", "phone"))?;
    if let Some(window) = app.get_webview_window(PHONE) {
        window.navigate(page).map_err(failed)?;
        return window.set_focus().map_err(failed);
    }
    let home = page.origin();
    let desk = app.state::<Arc<Desk>>();
    let (folder, forgets) = super::window_folder(&desk);
    let window = WebviewWindowBuilder::new(app, PHONE, WebviewUrl::External(page))
        .title("掌柜 · 练习用的手机 / Practice phone")
        .inner_size(420.0, 780.0)
        .min_inner_size(320.0, 560.0)
        .data_directory(folder)
        .incognito(forgets)
        .on_navigation(move |to| to.origin() == home)
        .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
        .on_download(|_, _| false);
    look::draw_plainly(&window.build().map_err(failed)?);
    Ok(())
}
