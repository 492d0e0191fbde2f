//! Against a real gnome-keyring on a D-Bus session of its own. Needs the packages dbus, gnome-keyring, libsecret-tools.

#[expect(unreachable_pub, reason = "the journeys use the same file")]
#[path = "../../../../../tests/src/session.rs"]
mod session;

use super::*;
use session::{Keyring as Daemon, Session};
use std::process::Command;
use std::time::Instant;

const ROLE: &str = "TILL_TEST_KEYRING_SESSION";

/// Whether this is the inner run. The outer one runs the test once more, in a session with an empty home, and passes
/// if that passes.
fn inside_a_session() -> bool {
    if std::env::var_os(ROLE).is_some() {
        return true;
    }
    let session = Session::begin();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", std::thread::current().name().unwrap(), "--nocapture"])
        .env(ROLE, "1")
        .envs(session.variables())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .status()
        .unwrap();
    assert!(status.success());
    false
}

/// A keyring in the session that this process is in.
fn unlocked() -> Daemon {
    Daemon::open(Vec::new())
}

fn secret(bytes: &[u8]) -> SecretSlice<u8> {
    SecretSlice::from(bytes.to_vec())
}

async fn stored(keyring: &OsKeyring, user: &str) -> Option<Vec<u8>> {
    keyring.get(user).await.unwrap().map(|secret| secret.expose_secret().to_vec())
}

async fn until_ready(keyring: &OsKeyring) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while let Err(fault) = keyring.status().await {
        assert!(Instant::now() < deadline, "never ready: {fault}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn secrets_are_stored_replaced_read_by_others_and_removed() {
    if !inside_a_session() {
        return;
    }
    let _daemon = unlocked();
    let keyring = OsKeyring::new();
    until_ready(&keyring).await;
    let user = "T1/acc_1/key";
    assert_eq!(stored(&keyring, user).await, None);
    keyring.delete(user).await.unwrap();
    keyring.set(user, &secret(b"first")).await.unwrap();
    keyring.set("T1/acc_2/key", &secret(b"another")).await.unwrap();
    keyring.set(user, &secret(b"second")).await.unwrap();
    assert_eq!(stored(&keyring, user).await.unwrap(), b"second");
    let tool = Command::new("secret-tool")
        .args(["lookup", "service", "tillkeeper", "username", user])
        .output()
        .expect("secret-tool (package libsecret-tools) is needed");
    assert_eq!(tool.stdout, b"second");
    let der: Vec<u8> = (0..2_400_u32).map(|n| u8::try_from(n % 256).unwrap()).collect();
    keyring.set(user, &secret(&der)).await.unwrap();
    assert_eq!(stored(&OsKeyring::new(), user).await.unwrap(), der, "another process would read the same");
    keyring.delete(user).await.unwrap();
    assert_eq!(stored(&keyring, user).await, None);
    assert_eq!(stored(&keyring, "T1/acc_2/key").await.unwrap(), b"another");
}

#[tokio::test]
async fn a_locked_keyring_says_so_at_once_and_serves_when_it_is_unlocked() {
    if !inside_a_session() {
        return;
    }
    let daemon = unlocked();
    let keyring = OsKeyring::new();
    until_ready(&keyring).await;
    keyring.set("T1/a/key", &secret(b"kept")).await.unwrap();
    assert!(OsKeyring::new().is_open().await);
    daemon.lock();
    let begun = Instant::now();
    assert_eq!(keyring.status().await, Err(KeyringFault::Locked));
    assert_eq!(keyring.get("T1/a/key").await.unwrap_err(), KeyringFault::Locked);
    assert_eq!(keyring.set("T1/a/key", &secret(b"x")).await, Err(KeyringFault::Locked));
    assert_eq!(keyring.delete("T1/a/key").await, Err(KeyringFault::Locked));
    assert_eq!(OsKeyring::new().status().await, Err(KeyringFault::Locked));
    assert!(!keyring.is_open().await);
    assert!(begun.elapsed() < Duration::from_secs(5), "nobody may wait for a prompt");
    // With an empty password the keyring opens by itself when its service starts anew.
    drop(daemon);
    let _daemon = unlocked();
    until_ready(&keyring).await;
    assert!(keyring.is_open().await);
    assert_eq!(stored(&keyring, "T1/a/key").await.unwrap(), b"kept");
}

#[tokio::test]
async fn a_service_that_comes_later_or_is_restarted_is_found() {
    if !inside_a_session() {
        return;
    }
    let keyring = OsKeyring::new();
    for _ in 0..2 {
        let KeyringFault::Absent(sentence) = keyring.status().await.unwrap_err() else { panic!() };
        assert!(!sentence.is_empty());
        assert!(matches!(keyring.get("T1/a/key").await, Err(KeyringFault::Absent(_))));
    }
    let daemon = unlocked();
    until_ready(&keyring).await;
    keyring.set("T1/a/key", &secret(b"kept")).await.unwrap();
    drop(daemon);
    assert!(matches!(keyring.get("T1/a/key").await, Err(KeyringFault::Absent(_))));
    let _daemon = unlocked();
    until_ready(&keyring).await;
    assert_eq!(stored(&keyring, "T1/a/key").await.unwrap(), b"kept");
}

/// Runs itself once more without a session bus.
#[tokio::test]
async fn without_a_session_bus_the_keyring_is_absent_and_says_why() {
    const BARE: &str = "TILL_TEST_NO_BUS";
    if std::env::var_os(BARE).is_none() {
        let empty = tempfile::tempdir().unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", std::thread::current().name().unwrap(), "--nocapture"])
            .env(BARE, "1")
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", empty.path().join("bus").display()))
            .env("XDG_RUNTIME_DIR", empty.path())
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let keyring = OsKeyring::new();
    let KeyringFault::Absent(sentence) = keyring.status().await.unwrap_err() else { panic!() };
    assert!(sentence.contains(' '), "{sentence}");
    assert!(matches!(keyring.set("T1/a/key", &secret(b"x")).await, Err(KeyringFault::Absent(_))));
}

#[tokio::test]
async fn a_keyring_that_hangs_is_given_up_at_the_deadline_and_used_again_afterwards() {
    let keyring = OsKeyring::with_deadline(Duration::from_millis(50));
    let (go, wait) = channel::<()>();
    let hanging = keyring.ask(move |_| {
        wait.recv().unwrap();
        Ok(())
    });
    assert_eq!(hanging.await, Err(KeyringFault::Failed("no answer within 0 s".into())));
    let behind = keyring.ask(|_| -> Result<(), _> { panic!("nobody waits for this any more") });
    assert!(behind.await.is_err());
    go.send(()).unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while keyring.ask(|_| Ok(7)).await != Ok(7) {
        assert!(Instant::now() < deadline);
    }
}

#[test]
fn errors_that_carry_a_secret_do_not_show_it() {
    let shown = fault(Error::BadEncoding(b"MARKED".to_vec()));
    assert_eq!(shown, KeyringFault::Failed("the stored secret is malformed".into()));
    let shown = fault(Error::BadDataFormat(b"MARKED".to_vec(), Box::new(std::io::Error::other("MARKED"))));
    assert!(!format!("{shown:?}").contains("MARKED"));
}
