//! One window, one page, one mark: what any Tauri program costs before it does something.

fn main() {
    tauri::Builder::default().run(tauri::generate_context!()).expect("a window");
}
