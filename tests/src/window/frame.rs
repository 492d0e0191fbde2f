//! What people do to a window from outside it: its frame belongs to the system.

use std::time::{Duration, Instant};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window};
use x11rb::rust_connection::RustConnection;

/// Closes the visible window of process `pid` whose title begins with `title` as the cross in its frame does: the program is
/// asked to close it. Without a window manager nobody stands between.
pub(super) fn close(display: &str, pid: u32, title: &str) {
    let (screen, number) = x11rb::connect(Some(display)).expect("a screen");
    let root = screen.setup().roots[number].root;
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let found = of_process(&screen, root, pid, title).expect("the screen answers");
        if let [window] = found[..] {
            return ask(&screen, window).expect("the screen answers");
        }
        assert!(Instant::now() < deadline, "{} windows of {pid} begin with {title:?}", found.len());
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(super) fn of_process(
    screen: &RustConnection,
    root: Window,
    pid: u32,
    title: &str,
) -> Result<Vec<Window>, ReplyOrIdError> {
    let (of, named) = (atom(screen, "_NET_WM_PID")?, atom(screen, "_NET_WM_NAME")?);
    let mut found = Vec::new();
    for window in screen.query_tree(root)?.reply()?.children {
        // A window may go while it is looked at.
        let Ok(attributes) = screen.get_window_attributes(window)?.reply() else { continue };
        let Ok(owner) = screen.get_property(false, window, of, AtomEnum::CARDINAL, 0, 1)?.reply() else { continue };
        let Ok(name) = screen.get_property(false, window, named, AtomEnum::ANY, 0, 1_024)?.reply() else { continue };
        let its = owner.value32().and_then(|mut values| values.next()) == Some(pid);
        if its && attributes.map_state == MapState::VIEWABLE && name.value.starts_with(title.as_bytes()) {
            found.push(window);
        }
    }
    Ok(found)
}

fn ask(screen: &RustConnection, window: Window) -> Result<(), ReplyOrIdError> {
    let (protocols, delete) = (atom(screen, "WM_PROTOCOLS")?, atom(screen, "WM_DELETE_WINDOW")?);
    let message = ClientMessageEvent::new(32, window, protocols, [delete, CURRENT_TIME, 0, 0, 0]);
    screen.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
    Ok(())
}

fn atom(screen: &RustConnection, name: &str) -> Result<u32, ReplyOrIdError> {
    Ok(screen.intern_atom(false, name.as_bytes())?.reply()?.atom)
}
