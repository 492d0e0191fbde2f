//! A desktop session in small: an empty home, a bus that starts nothing by itself, and a keyring where one is wanted.
//!
//! Needs nothing but the packages dbus and gnome-keyring; the engine's own tests include this file.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The settings of a bus that starts nothing by itself: no portal mounts anything, no second keyring answers.
pub const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// How long the keyring may take to come up.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a program of a session finds in its environment.
pub type Variables = Vec<(&'static str, OsString)>;

/// A process that ends with this value.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A session. It ends when it is dropped.
pub struct Session {
    home: TempDir,
    address: String,
    _bus: Held,
}

impl Session {
    /// A session with an empty home.
    pub fn begin() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let config = home.path().join("bus.conf");
        std::fs::write(&config, BUS).expect("the bus's settings");
        std::fs::create_dir(home.path().join("runtime")).expect("a folder");
        private(&home.path().join("runtime"));
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--nofork", "--print-address", "--config-file"]).arg(&config).stdout(Stdio::piped());
        let mut bus = bus.spawn().expect("dbus-daemon (package dbus) is needed");
        let mut address = String::new();
        BufReader::new(bus.stdout.as_mut().expect("piped")).read_line(&mut address).expect("an address");
        Self { home, address: address.trim().to_owned(), _bus: Held(bus) }
    }

    /// What its programs find in their environment.
    pub fn variables(&self) -> Variables {
        let at = |name: &str| self.home.path().join(name).into_os_string();
        vec![
            ("DBUS_SESSION_BUS_ADDRESS", self.address.clone().into()),
            ("HOME", at("")),
            ("XDG_RUNTIME_DIR", at("runtime")),
            ("XDG_DATA_HOME", at("data")),
            ("XDG_CONFIG_HOME", at("config")),
            ("XDG_CACHE_HOME", at("cache")),
        ]
    }
}

fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
}

/// A keyring service with an open keyring. It ends when it is dropped; what it holds is there for the next one.
pub struct Keyring {
    variables: Variables,
    _service: Held,
}

impl Keyring {
    /// Starts it in the session of `variables`; without any, in the one that this process is in. It is ready when this returns.
    pub fn open(variables: Variables) -> Self {
        let mut service = Command::new("gnome-keyring-daemon");
        service.args(["--unlock", "--components=secrets", "--foreground"]).envs(variables.iter().cloned());
        let service = service.stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        let mut service = service.expect("gnome-keyring-daemon (package gnome-keyring) is needed");
        service.stdin.take().expect("piped").write_all(b"\n").expect("it listens");
        let keyring = Self { variables, _service: Held(service) };
        let deadline = Instant::now() + PATIENCE;
        while !keyring.call("ReadAlias", "string:default").contains("/collection/") {
            assert!(Instant::now() < deadline, "the keyring never came up");
            std::thread::sleep(Duration::from_millis(20));
        }
        keyring
    }

    /// Locks it, as a desktop does.
    pub fn lock(&self) {
        self.call("Lock", "array:objpath:/org/freedesktop/secrets/collection/login");
    }

    /// Asks the service something; what it says.
    fn call(&self, method: &str, argument: &str) -> String {
        let mut ask = Command::new("dbus-send");
        ask.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"]);
        ask.arg(format!("org.freedesktop.Secret.Service.{method}")).arg(argument);
        let said = ask.envs(self.variables.iter().cloned()).output().expect("dbus-send starts");
        String::from_utf8_lossy(&said.stdout).into_owned()
    }
}
