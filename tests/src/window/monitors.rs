//! A screen of two monitors, of which the second can be unplugged. GTK goes by outputs, and Xvfb has one: this one is Xorg's
//! dummy driver, with a window manager, without which nothing fills a monitor.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// What the X server cannot do without.
pub(super) const SERVER_NEEDS: &str =
    "a display (it needs the packages xserver-xorg-core and xserver-xorg-video-dummy)";

/// What the window manager cannot do without.
pub(super) const MANAGER_NEEDS: &str = "it manages windows (it needs the package openbox)";

const FIRST: &str = "DUMMY0";
const SECOND: &str = "DUMMY1";
const SECOND_MODE: &str = "1024x768";

/// The X server. Its first monitor is of the size given, one of X's standard ones.
pub(super) fn server(folder: &Path, (width, height): (u32, u32)) -> Command {
    let config = folder.join("xorg.conf");
    // It leaves the cards and keyboards of the machine around alone.
    let settings = format!(
        r#"
        Section "ServerFlags"
            Option "AutoAddDevices" "false"
            Option "AutoAddGPU" "false"
        EndSection
        Section "Device"
            Identifier "card"
            Driver "dummy"
            VideoRam 16384
        EndSection
        Section "Monitor"
            Identifier "monitor"
            HorizSync 5-1000
            VertRefresh 5-200
        EndSection
        Section "Screen"
            Identifier "screen"
            Device "card"
            Monitor "monitor"
            DefaultDepth 24
            SubSection "Display"
                Modes "{width}x{height}"
            EndSubSection
        EndSection
        "#
    );
    std::fs::write(&config, settings).expect("the X server's settings");
    let mut server = Command::new("Xorg");
    server.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-novtswitch", "-sharevts"]);
    server.arg("-config").arg(config).arg("-logfile").arg(folder.join("Xorg.log"));
    server
}

/// The window manager. It says `ready`.
pub(super) fn manager() -> Command {
    let mut manager = Command::new("openbox");
    manager.args(["--sm-disable", "--startup", "echo ready"]);
    manager
}

/// Plugs the second monitor in, right of the first.
pub(super) fn plug(environment: &[(OsString, OsString)]) {
    xrandr(environment, &["--addmode", SECOND, SECOND_MODE]);
    xrandr(environment, &["--output", SECOND, "--mode", SECOND_MODE, "--right-of", FIRST]);
    // The driver calls an output connected when it is asked again after its mode was set; GTK leaves out what is not.
    xrandr(environment, &["--query"]);
}

/// Pulls the second monitor out.
pub(super) fn unplug(environment: &[(OsString, OsString)]) {
    xrandr(environment, &["--output", SECOND, "--off"]);
}

fn xrandr(environment: &[(OsString, OsString)], arguments: &[&str]) {
    let mut xrandr = Command::new("xrandr");
    xrandr.env_clear().envs(environment.iter().map(|(key, value)| (key, value))).args(arguments);
    let said = xrandr.output().expect("xrandr starts (it needs the package x11-xserver-utils)");
    assert!(said.status.success(), "xrandr {arguments:?}: {said:?}");
}
