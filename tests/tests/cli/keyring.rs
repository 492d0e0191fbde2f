//! Tills that take money keep their keys in the system's keyring: a real one, none, and a locked one.

use crate::shop::{SALE, Stage, bare, program, run, run_with};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A bus that starts no services by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A desktop session with an open gnome-keyring and an empty home.
struct Session {
    home: TempDir,
    address: String,
    bus: Child,
    daemon: Child,
}

impl Session {
    fn begin() -> Self {
        let home = tempfile::tempdir().unwrap();
        let runtime = home.path().join("runtime");
        std::fs::create_dir(&runtime).unwrap();
        std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let config = home.path().join("bus.conf");
        std::fs::write(&config, BUS).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address", "--config-file"])
            .arg(&config)
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon (package dbus) is needed");
        let mut address = String::new();
        BufReader::new(bus.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        let address = address.trim().to_owned();
        let mut daemon = Command::new("gnome-keyring-daemon");
        daemon.args(["--unlock", "--components=secrets", "--foreground"]).stdin(Stdio::piped()).stdout(Stdio::null());
        for (name, value) in variables(home.path(), &address) {
            daemon.env(name, value);
        }
        let mut daemon = daemon.spawn().expect("gnome-keyring-daemon (package gnome-keyring) is needed");
        daemon.stdin.take().unwrap().write_all(b"\n").unwrap();
        let session = Self { home, address, bus, daemon };
        let deadline = Instant::now() + Duration::from_secs(20);
        while !session.call("ReadAlias", &["string:default"]).contains("/collection/") {
            assert!(Instant::now() < deadline, "the keyring never came up");
            std::thread::sleep(Duration::from_millis(20));
        }
        session
    }

    /// Asks the keyring's service something; what it says.
    fn call(&self, method: &str, arguments: &[&str]) -> String {
        let said = Command::new("dbus-send")
            .arg(format!("--bus={}", self.address))
            .args(["--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
            .arg(format!("org.freedesktop.Secret.Service.{method}"))
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8_lossy(&said.stdout).into_owned()
    }

    fn lock(&self) {
        self.call("Lock", &["array:objpath:/org/freedesktop/secrets/collection/login"]);
    }

    /// The program in this session, printing JSON, for a till that takes money.
    fn till(&self, data: &Path, arguments: &[&str]) -> tokio::process::Command {
        let mut command = bare(data);
        command.arg("--json").args(arguments);
        for (name, value) in variables(self.home.path(), &self.address) {
            command.env(name, value);
        }
        command
    }
}

fn variables(home: &Path, address: &str) -> [(&'static str, String); 5] {
    let at = |name: &str| home.join(name).display().to_string();
    [
        ("DBUS_SESSION_BUS_ADDRESS", address.to_owned()),
        ("HOME", at("")),
        ("XDG_RUNTIME_DIR", at("runtime")),
        ("XDG_DATA_HOME", at("data")),
        ("XDG_CONFIG_HOME", at("config")),
    ]
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in [&mut self.daemon, &mut self.bus] {
            // It may have ended by itself.
            let _ended = child.kill();
            child.wait().unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_goes_from_standard_input_into_the_keyring_and_sells_from_there() {
    let (session, stage, data) = (Session::begin(), Stage::start().await, tempfile::tempdir().unwrap());
    stage.sandbox.control().auto_pay(Some(200)).await.unwrap();
    let account = stage.account();
    let arguments: Vec<&str> = account.iter().map(String::as_str).collect();
    assert_eq!(run(session.till(data.path(), &arguments)).await.code, Some(0));
    let incomplete = run(session.till(data.path(), &SALE)).await;
    assert_eq!((incomplete.code, incomplete.refusal()), (Some(2), "account_incomplete"));
    let set = run_with(session.till(data.path(), &["account", "secret", "outside", "key"]), stage.key.as_bytes()).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    let sale = run(session.till(data.path(), &SALE)).await;
    assert_eq!((sale.code, &sale.last()["mark"]), (Some(0), &"not_a_real_gateway".into()), "{sale:?}");
    let examined = run(session.till(data.path(), &["doctor"])).await;
    assert_eq!(examined.code, Some(0), "{examined:?}");
    for entry in std::fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let key = stage.key.as_bytes();
            assert!(!bytes.windows(key.len()).any(|window| window == key), "{}", entry.path().display());
        }
    }

    session.lock();
    let locked = run(session.till(data.path(), &SALE)).await;
    assert_eq!((locked.code, locked.refusal()), (Some(5), "keyring_locked"), "{locked:?}");
    let listed = run(session.till(data.path(), &["order", "list"])).await;
    assert_eq!((listed.code, listed.lines.len()), (Some(0), 1), "reading needs no keyring");
}

#[tokio::test]
async fn without_a_keyring_service_selling_says_what_to_install_and_training_sells() {
    let data = tempfile::tempdir().unwrap();
    let mut real = bare(data.path());
    real.args(["--json"]).args(["account", "add", "pooul", "mine"]);
    let refused = run(real).await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "keyring_absent"), "{refused:?}");
    assert!(refused.last()["error"]["next"].as_str().unwrap().contains("gnome-keyring"), "{refused:?}");
    let mut doctor = bare(data.path());
    doctor.args(["--json", "doctor"]);
    let examined = run(doctor).await;
    let keyring = examined.lines.iter().find(|line| line["what"] == "keyring").unwrap();
    assert_eq!((examined.code, &keyring["fault"]["code"]), (Some(5), &"keyring_absent".into()));
    assert!(program().is_file());
    let mut training = bare(data.path());
    training.args(["--json", "--training", "sale", "practice", "wechat.scan", "12.50", "--play-customer"]);
    let sale = run(training).await;
    assert_eq!((sale.code, &sale.last()["state"]), (Some(0), &"paid".into()), "{sale:?}");
}
