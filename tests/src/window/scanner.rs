//! A hand scanner on the screen of a stage: a keyboard whose keys come from the X server, as fast as a scanner's do, with the
//! server's times on them.

use super::frame;
use std::time::{Duration, Instant, SystemTime};
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Keycode, Window};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// How the keys follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// In one piece: the server stamps them as it deals with them, and however busy the machine is, nothing tears them apart.
    InOnePiece,
    /// As from a scanner on USB, which reports each key down and up, every 4 ms. For measuring, where nothing else runs.
    Usb,
}

impl Pace {
    /// From key to key, milliseconds.
    fn between_ms(self) -> u32 {
        match self {
            Self::InOnePiece => 0,
            Self::Usb => 8,
        }
    }
}

const ENTER: u32 = 0xff0d;
const SHIFT: u32 = 0xffe1;

/// Types digits and letters and then Enter into the window of process `pid` whose title begins with `title`. When
/// Enter went down.
pub(super) fn burst(display: &str, pid: u32, title: &str, (text, pace): (&str, Pace)) -> SystemTime {
    let (screen, number) = x11rb::connect(Some(display)).expect("a screen");
    let root = screen.setup().roots[number].root;
    let found = frame::of_process(&screen, root, pid, title).expect("the screen answers");
    let [window] = found[..] else { panic!("{} windows of {pid} begin with {title:?}", found.len()) };
    focus(&screen, window);
    let keys = Keys::of(&screen);
    // Signs of the first 256 are named by their own numbers.
    for (at, sign) in text.chars().map(u32::from).enumerate() {
        let (key, shifted) = keys.find(sign);
        let mut after = if at == 0 { 0 } else { pace.between_ms() };
        let held = shifted.then(|| keys.find(SHIFT).0);
        if let Some(shift) = held {
            send(&screen, KEY_PRESS_EVENT, shift, after);
            after = 0;
        }
        send(&screen, KEY_PRESS_EVENT, key, after);
        send(&screen, KEY_RELEASE_EVENT, key, 0);
        held.iter().for_each(|shift| send(&screen, KEY_RELEASE_EVENT, *shift, 0));
    }
    if pace == Pace::Usb {
        screen.sync().expect("it has typed");
    }
    let (enter, _) = keys.find(ENTER);
    let pressed = SystemTime::now();
    send(&screen, KEY_PRESS_EVENT, enter, 0);
    send(&screen, KEY_RELEASE_EVENT, enter, 0);
    screen.sync().expect("it has typed");
    pressed
}

/// Without a window manager nobody gives a window the keyboard.
fn focus(screen: &RustConnection, window: Window) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let focused = screen.get_input_focus().expect("asked").reply().expect("the screen answers").focus;
        // Toolkits give the keyboard on to a window inside the one that is seen.
        let parent = screen.query_tree(focused).ok().and_then(|asked| asked.reply().ok()).map(|tree| tree.parent);
        if focused == window || parent == Some(window) {
            return;
        }
        let asked = screen.set_input_focus(InputFocus::PARENT, window, CURRENT_TIME).expect("asked");
        asked.check().expect("the window takes the keyboard");
        assert!(Instant::now() < deadline, "the window does not take the keyboard");
        std::thread::sleep(Duration::from_millis(15));
    }
}

/// A key that the server lets go off `after_ms` behind what was sent before it.
fn send(screen: &RustConnection, what: u8, key: Keycode, after_ms: u32) {
    screen.xtest_fake_input(what, key, after_ms, x11rb::NONE, 0, 0, 0).expect("sent").ignore_error();
}

/// Which key stands for a sign.
struct Keys {
    first: Keycode,
    width: usize,
    signs: Vec<u32>,
}

impl Keys {
    fn of(screen: &RustConnection) -> Self {
        let (first, last) = (screen.setup().min_keycode, screen.setup().max_keycode);
        let asked = screen.get_keyboard_mapping(first, last - first + 1).expect("asked");
        let mapping = asked.reply().expect("the screen answers");
        Self { first, width: usize::from(mapping.keysyms_per_keycode), signs: mapping.keysyms }
    }

    /// The key, and whether Shift must be held.
    fn find(&self, sign: u32) -> (Keycode, bool) {
        let found = |place: usize| self.signs.iter().skip(place).step_by(self.width).position(|one| *one == sign);
        let key = |at: usize| self.first + Keycode::try_from(at).expect("a keycode");
        match (found(0), found(1)) {
            (Some(at), _) => (key(at), false),
            (None, Some(at)) => (key(at), true),
            (None, None) => panic!("no key for {sign:#x}"),
        }
    }
}
