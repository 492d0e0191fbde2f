//! A machine in small for one window: screen, session bus, keyring, home, gateway.

use super::driver::Window;
use super::frame;
use super::monitors;
use super::process::{self, Part, Running};
use super::scanner::{self, Pace};
use crate::session::BUS;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;
use till_sandbox::{Control, Options, Sandbox};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::sync::{Semaphore, SemaphorePermit};

/// A window and its web process keep a core busy while they start: more stages than cores only make all of them slow.
static ROOM: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4))));

static STAGES: AtomicU32 = AtomicU32::new(0);

/// What the machine is like.
#[derive(Clone, Copy, Debug)]
pub struct Bench {
    /// Width and height of the screen in pixels.
    pub screen: (u32, u32),
    /// Whether a second monitor of 1024 by 768 pixels is plugged in right of it, and a window manager runs.
    pub second_monitor: bool,
    /// Whether there is a session bus with an unlocked keyring.
    pub keyring: bool,
}

impl Default for Bench {
    fn default() -> Self {
        Self { screen: (1400, 900), second_monitor: false, keyring: true }
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Said {
    /// The first line of its standard output as JSON.
    pub fn json(&self) -> Value {
        let line = self.out.lines().next().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

/// The lines of a command that goes on. It ends when this is dropped.
pub struct Feed {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Feed {
    /// Waits for a line that is as `seen` says.
    pub async fn until(&mut self, what: &str, within: Duration, seen: impl Fn(&str) -> bool) -> String {
        let hear = async {
            while let Some(line) = self.lines.next_line().await.expect("text") {
                if seen(&line) {
                    return line;
                }
            }
            panic!("it ended before: {what}");
        };
        tokio::time::timeout(within, hear).await.unwrap_or_else(|_| panic!("not within {within:?}: {what}"))
    }
}

/// A stage. Everything on it ends when it is dropped.
pub struct Stage {
    /// The customer's and the gateway's side.
    pub control: Control,
    /// The gateway.
    pub sandbox: Sandbox,
    mark: String,
    environment: Vec<(OsString, OsString)>,
    _parts: Vec<Part>,
    keyring: Option<Part>,
    folder: TempDir,
    _room: SemaphorePermit<'static>,
}

impl Stage {
    /// A machine with a keyring, at a gateway that closes at once.
    pub async fn open() -> Self {
        Self::with(Bench::default()).await
    }

    /// A machine as asked for.
    pub async fn with(bench: Bench) -> Self {
        let room = ROOM.acquire().await.expect("never closed");
        let folder = tempfile::Builder::new().prefix("till").tempdir().expect("a folder");
        let mark = format!("{}-{}", std::process::id(), STAGES.fetch_add(1, Ordering::Relaxed));
        let mut environment = environment(folder.path(), &mark);
        let mut parts = Vec::new();
        let start = |environment: &[(OsString, OsString)], name, program: &mut Command| {
            program.env_clear().envs(environment.iter().map(|(key, value)| (key, value)));
            Part::start(name, folder.path(), program)
        };

        let (mut server, display) = if bench.second_monitor {
            let mut xorg = monitors::server(folder.path(), bench.screen);
            (start(&environment, "Xorg", &mut xorg), monitors::SERVER_NEEDS)
        } else {
            let (width, height) = bench.screen;
            let screen = format!("{width}x{height}x24");
            let mut xvfb = Command::new("Xvfb");
            xvfb.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
            (start(&environment, "Xvfb", &mut xvfb), "a display")
        };
        let number: u32 = server.until(display, |said| said.lines().find_map(|line| line.trim().parse().ok())).await;
        environment.push(("DISPLAY".into(), format!(":{number}").into()));
        parts.push(server);
        if bench.second_monitor {
            monitors::plug(&environment);
            let mut manager = start(&environment, "openbox", &mut monitors::manager());
            let ready = |said: &str| said.lines().any(|line| line == "ready").then_some(());
            manager.until(monitors::MANAGER_NEEDS, ready).await;
            parts.push(manager);
        }

        if bench.keyring {
            let config = folder.path().join("bus.conf");
            std::fs::write(&config, BUS).expect("the bus's settings");
            let mut bus = Command::new("dbus-daemon");
            bus.arg("--config-file").arg(&config).args(["--nofork", "--print-address=1"]);
            let mut bus = start(&environment, "dbus", &mut bus);
            let address = |said: &str| said.lines().find(|line| line.starts_with("unix:")).map(ToOwned::to_owned);
            let address = bus.until("an address", address).await;
            environment.push(("DBUS_SESSION_BUS_ADDRESS".into(), address.into()));
            parts.push(bus);
        }
        let keyring = if bench.keyring { Some(unlocked(folder.path(), &environment).await) } else { None };

        let sandbox = Sandbox::start(Options { close_floor_s: 0, ..Options::default() }).await.expect("a sandbox");
        let control = sandbox.control();
        Self { control, sandbox, mark, environment, _parts: parts, keyring, folder, _room: room }
    }

    /// Locks the keyring, as a desktop does.
    pub fn lock_keyring(&self) {
        let mut ask = Command::new("dbus-send");
        ask.env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        ask.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"]);
        ask.args(["org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/collection/login"]);
        let answer = ask.output().expect("dbus-send starts");
        assert!(process::contains(&answer.stdout, b"collection/login"), "not locked: {answer:?}");
    }

    /// Unlocks it: with an empty password it opens by itself when its service starts anew.
    pub async fn unlock_keyring(&mut self) {
        drop(self.keyring.take());
        self.keyring = Some(unlocked(self.folder(), &self.environment).await);
    }

    /// Plugs the second monitor in again.
    pub fn plug_monitor(&self) {
        monitors::plug(&self.environment);
    }

    /// Pulls the second monitor out.
    pub fn unplug_monitor(&self) {
        monitors::unplug(&self.environment);
    }

    /// The folder of everything on this machine: home, data, and what the parts said.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The till's folder.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The till's processes and every other one of this machine.
    pub fn running(&self) -> Vec<Running> {
        process::marked(&self.mark)
    }

    /// The processes of the till itself.
    pub fn tills(&self) -> Vec<Running> {
        let program = binary();
        self.running().into_iter().filter(|running| running.program == program).collect()
    }

    /// Runs a command of the till to its end, with `input` on its standard input.
    pub async fn command(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = self.till(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the till starts");
        let mut stdin = child.stdin.take().expect("piped");
        // A command that reads nothing may have ended already.
        let _ended = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.expect("the till ends");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn till(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(binary());
        command.env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        command.arg("--data-dir").arg(self.data()).args(arguments).kill_on_drop(true);
        command
    }

    /// Runs a command of the till that must succeed.
    pub async fn done(&self, arguments: &[&str], input: &str) -> Said {
        let said = self.command(arguments, input).await;
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:?}");
        said
    }

    /// Adds the account `main` with the sandbox's credentials on the command line; asks five times a second.
    pub async fn add_account(&self, fields: &[(&str, &str)]) {
        let settings: Vec<String> = [
            ("merchant_id", self.merchant_id().as_str()),
            ("notify_url", "https://shop.example/notify"),
            ("plan.poll_ms", "200"),
            ("plan.close_floor_s", "0"),
        ]
        .iter()
        .filter(|(name, _)| fields.iter().all(|(field, _)| field != name))
        .chain(fields)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
        let address = self.sandbox.base_url();
        let mut arguments = vec!["account", "add", "pooul", "main", "--base-url", &address];
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        self.done(&arguments, "").await;
        self.done(&["account", "secret", "main", "key"], &self.key()).await;
    }

    /// Adds an account at any gateway with the sandbox's credentials on the command line; asks five times a second.
    pub async fn connect(&self, gateway: &str, name: &str, fields: &[(&str, &str)]) {
        let announced = self.sandbox.announcement();
        let here = &announced["gateways"][gateway];
        let secret = |name: &str| {
            let described = till_core::gateway::named(gateway).expect("a gateway").descriptor().fields;
            described.iter().any(|field| field.name == name && field.kind.is_secret())
        };
        let credentials = here["credentials"].as_object().expect("announced");
        let credentials = credentials.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("text")));
        let (secrets, known): (Vec<_>, Vec<_>) = credentials.partition(|(name, _)| secret(name));
        let mut arguments = vec!["account", "add", gateway, name];
        arguments.extend(["--base-url", here["base_url"].as_str().expect("announced")]);
        let usual = known.iter().chain([&("plan.poll_ms", "200")]);
        let usual = usual.filter(|(name, _)| fields.iter().all(|(field, _)| field != name));
        let settings = usual.chain(fields);
        let settings: Vec<String> = settings.map(|(name, value)| format!("{name}={value}")).collect();
        for setting in &settings {
            arguments.extend(["--set", setting]);
        }
        self.done(&arguments, "").await;
        for (field, value) in secrets {
            self.done(&["account", "secret", name, field], value).await;
        }
    }

    /// Starts a command that goes on, and hears its lines.
    pub fn follow(&self, arguments: &[&str]) -> Feed {
        let mut command = self.till(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the till starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Feed { lines, _child: child }
    }

    /// Starts a process of this machine that does nothing, with further environment and arguments. It ends when dropped.
    pub fn idle(&self, environment: &[(&str, &str)], arguments: &[&str]) -> tokio::process::Child {
        let mut command = tokio::process::Command::new("sh");
        command.env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        command.envs(environment.iter().copied()).args(["-c", "read -r line", "sh"]).args(arguments);
        command.kill_on_drop(true).stdin(Stdio::piped()).spawn().expect("a shell")
    }

    /// Waits until the create of an order has reached the gateway.
    pub async fn arrived(&self, order_no: &str) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !self.control.creates().await.expect("counted").contains_key(order_no) {
            assert!(Instant::now() < deadline, "the create of {order_no} did not arrive");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The sandbox's merchant number.
    pub fn merchant_id(&self) -> String {
        self.credential("merchant_id")
    }

    /// The key that goes with it.
    pub fn key(&self) -> String {
        self.credential("key")
    }

    fn credential(&self, name: &str) -> String {
        let announced = self.sandbox.announcement();
        announced["gateways"]["pooul"]["credentials"][name].as_str().expect("announced").to_owned()
    }

    /// Opens the window.
    pub async fn launch(&self) -> Window {
        self.launch_with(&[]).await
    }

    /// Opens the window with further arguments.
    pub async fn launch_with(&self, arguments: &[&str]) -> Window {
        let mut all = vec!["--data-dir".to_owned(), self.data().display().to_string()];
        all.extend(arguments.iter().map(ToString::to_string));
        Window::open(self.folder(), &self.environment, &binary(), &all).await
    }

    /// Opens the window of any program on this machine.
    pub async fn launch_program(&self, program: &Path, arguments: &[String]) -> Window {
        Window::open(self.folder(), &self.environment, program, arguments).await
    }

    /// Closes the cashier's window as the cross in its frame does, and waits until the program has ended. How long that took.
    pub async fn close(&self, window: Window) -> Duration {
        let (pid, display) = (window.pid(), self.display());
        tokio::task::spawn_blocking(move || frame::close(&display, pid, "Tillkeeper")).await.expect("closed");
        window.closed(pid).await
    }

    /// Reads a code with a hand scanner: a burst of keys that ends with Enter, wherever the cashier's window has the focus.
    pub async fn scan(&self, window: &Window, code: &str) {
        self.scan_at(window, code, Pace::InOnePiece).await;
    }

    /// The same at a pace; when Enter went down.
    pub async fn scan_at(&self, window: &Window, code: &str, pace: Pace) -> SystemTime {
        // A hand needs longer to take the scanner than the 300 ms in which a key before a burst may be a piece of it.
        window.run_async("await new Promise((taken) => setTimeout(taken, 400)); return true", vec![]).await;
        let (pid, display, code) = (window.pid(), self.display(), code.to_owned());
        let typed = tokio::task::spawn_blocking(move || scanner::burst(&display, pid, "Tillkeeper", (&code, pace)));
        let ended = typed.await.expect("typed");
        // Nor does a hand press a key right behind it: that would be a scanner's second last key.
        window.run_async("await new Promise((back) => setTimeout(back, 200)); return true", vec![]).await;
        ended
    }

    fn display(&self) -> String {
        let (_, display) = self.environment.iter().find(|(name, _)| name == "DISPLAY").expect("it has a screen");
        display.to_string_lossy().into_owned()
    }

    /// A machine with the account `main`, and its window.
    pub async fn selling() -> (Self, Window) {
        let stage = Self::open().await;
        stage.add_account(&[]).await;
        let window = stage.launch().await;
        window.checkout().ready().await;
        (stage, window)
    }

    /// Kills a process of this machine as a power cut would.
    pub fn kill(&self, pid: u32) {
        process::kill(pid);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The till's children are not ours: they are found by the mark in their environment. While one of them still writes,
        // its folder cannot be taken away.
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let running = process::marked(&self.mark);
            if running.is_empty() || Instant::now() > deadline {
                return;
            }
            for running in running {
                process::kill(running.pid);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Starts a keyring that is open.
async fn unlocked(folder: &Path, environment: &[(OsString, OsString)]) -> Part {
    let mut keyring = Command::new("gnome-keyring-daemon");
    keyring.args(["--unlock", "--components=secrets", "--foreground"]);
    keyring.env_clear().envs(environment.iter().map(|(key, value)| (key, value)));
    let mut keyring = Part::start("keyring", folder, &mut keyring);
    keyring.tell("\n");
    keyring.until("the keyring", |_| keyring_is_there(environment).then_some(())).await;
    keyring
}

/// Only this, so that nothing of the machine around shows through.
fn environment(folder: &Path, mark: &str) -> Vec<(OsString, OsString)> {
    let home = folder.join("home");
    let within = |name: &str| {
        let path = home.join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        path.into_os_string()
    };
    let runtime = within("run");
    private(Path::new(&runtime));
    let text = OsString::from;
    vec![
        (text("TILLKEEPER_STAGE"), text(mark)),
        (text("PATH"), std::env::var_os("PATH").unwrap_or_default()),
        (text("HOME"), home.clone().into_os_string()),
        (text("XDG_CONFIG_HOME"), within("config")),
        (text("XDG_CACHE_HOME"), within("cache")),
        (text("XDG_DATA_HOME"), within("share")),
        (text("XDG_STATE_HOME"), within("state")),
        (text("XDG_RUNTIME_DIR"), runtime),
        (text("TMPDIR"), within("temporary")),
        (text("LANG"), text("C.UTF-8")),
        (text("TZ"), text("Asia/Shanghai")),
        (text("GDK_BACKEND"), text("x11")),
        (text("GSETTINGS_BACKEND"), text("memory")),
        (text("NO_AT_BRIDGE"), text("1")),
        (text("TAURI_AUTOMATION"), text("true")),
        (text("TAURI_WEBVIEW_AUTOMATION"), text("true")),
    ]
}

fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
}

/// Asks the bus, so that no second daemon is started by asking for the name itself.
fn keyring_is_there(environment: &[(OsString, OsString)]) -> bool {
    let mut ask = Command::new("dbus-send");
    ask.env_clear().envs(environment.iter().map(|(key, value)| (key, value)));
    ask.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"]);
    let answer = ask.arg("string:org.freedesktop.secrets").output().expect("dbus-send starts");
    process::contains(&answer.stdout, b"boolean true")
}

/// The till as built beside this test.
pub(super) fn binary() -> PathBuf {
    built("tillkeeper")
}

/// A program of the workspace as built with the one that runs: beside it (PROFILE/bench), or above it (PROFILE/deps/TEST).
pub fn built(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("this program's own path");
    let places = this.ancestors().skip(1).take(2).map(|folder| folder.join(name));
    let found = places.filter_map(|place| place.canonicalize().ok()).next();
    found.unwrap_or_else(|| {
        panic!("{name} is missing beside {}: build it first (cargo build --workspace)", this.display())
    })
}
