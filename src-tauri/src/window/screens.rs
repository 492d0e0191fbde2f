//! Which monitor the customer's window is on, and what follows when monitors come and go.

use tauri::Monitor;
use till_engine::settings::CustomerWindow;

/// A monitor, by its place: names are not told everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Left edge in pixels.
    pub(crate) x: i32,
    /// Top edge in pixels.
    pub(crate) y: i32,
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
}

impl Screen {
    /// The place of a monitor.
    pub(crate) fn of(monitor: &Monitor) -> Self {
        let (corner, size) = (monitor.position(), monitor.size());
        Self { x: corner.x, y: corner.y, width: size.width, height: size.height }
    }
}

/// What is to be done about the customer's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Nothing.
    Nothing,
    /// Open it, or put it onto the monitor that is there now.
    Open,
    /// Its monitor is gone: close it, and say so.
    Close,
}

/// What was seen when it was last looked.
#[derive(Debug, Default)]
pub(crate) struct Screens {
    looked: bool,
    other: Option<Screen>,
    opened_on: Option<Screen>,
}

impl Screens {
    /// The window was opened on a monitor of its own, or beside the cashier's.
    pub(crate) fn opened_on(&mut self, screen: Option<Screen>) {
        self.opened_on = screen;
    }

    /// `other` is the monitor that the cashier's window is not on. A person who closed the window is not contradicted:
    /// it opens by itself at launch and when a monitor comes.
    pub(crate) fn look(&mut self, other: Option<Screen>, open: bool, wanted: CustomerWindow) -> Act {
        let came = other.is_some() && self.other.is_none();
        let launch = !std::mem::replace(&mut self.looked, true);
        self.other = other;
        if open && self.opened_on.is_some() && other.is_none() {
            self.opened_on = None;
            return Act::Close;
        }
        let moved = open && self.opened_on.is_some() && self.opened_on != other;
        let opens = match wanted {
            CustomerWindow::Auto => came,
            CustomerWindow::Always => came || launch,
            CustomerWindow::Never => false,
        };
        if moved || opens { Act::Open } else { Act::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CustomerWindow::{Always, Auto, Never};

    const SECOND: Screen = Screen { x: 1920, y: 0, width: 1024, height: 768 };

    #[test]
    fn at_launch_the_window_opens_as_the_settings_want_it() {
        for (wanted, other, act) in [
            (Auto, Some(SECOND), Act::Open),
            (Auto, None, Act::Nothing),
            (Always, Some(SECOND), Act::Open),
            (Always, None, Act::Open),
            (Never, Some(SECOND), Act::Nothing),
            (Never, None, Act::Nothing),
        ] {
            assert_eq!(Screens::default().look(other, false, wanted), act, "{wanted:?} {other:?}");
        }
    }

    #[test]
    fn a_monitor_that_goes_takes_the_window_along_once_and_brings_it_back() {
        let mut screens = Screens::default();
        assert_eq!(screens.look(Some(SECOND), false, Auto), Act::Open);
        screens.opened_on(Some(SECOND));
        assert_eq!(screens.look(Some(SECOND), true, Auto), Act::Nothing);
        assert_eq!(screens.look(None, true, Auto), Act::Close);
        assert_eq!(screens.look(None, false, Auto), Act::Nothing);
        assert_eq!(screens.look(Some(SECOND), false, Auto), Act::Open);
    }

    #[test]
    fn a_window_that_a_person_closed_stays_closed_while_nothing_changes() {
        let mut screens = Screens::default();
        assert_eq!(screens.look(Some(SECOND), false, Auto), Act::Open);
        screens.opened_on(Some(SECOND));
        assert_eq!(screens.look(Some(SECOND), false, Auto), Act::Nothing);
    }

    #[test]
    fn a_window_that_was_opened_on_the_only_monitor_stays_there() {
        let mut screens = Screens::default();
        assert_eq!(screens.look(None, false, Auto), Act::Nothing);
        screens.opened_on(None);
        assert_eq!(screens.look(None, true, Auto), Act::Nothing);
    }

    #[test]
    fn a_window_follows_when_its_monitor_moves() {
        let mut screens = Screens::default();
        screens.look(Some(SECOND), false, Auto);
        screens.opened_on(Some(SECOND));
        assert_eq!(screens.look(Some(Screen { y: 300, ..SECOND }), true, Auto), Act::Open);
    }
}
