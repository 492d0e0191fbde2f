//! Machines that are not well: full disks, folders that cannot be written, wrong clocks, settings from elsewhere.

use crate::shop::{Ran, SALE, Shop, Stage, alone, command, furnish, program, run, run_with};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A small disk of its own. Needs the right to mount, as the other tests of full disks do.
struct Disk {
    place: TempDir,
}

impl Disk {
    fn of(size: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], place.path());
        Self { place }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn make_read_only(&self) {
        mount(&["-o", "remount,ro"], self.path());
    }

    fn fill(&self) {
        let full = fs::write(self.path().join("ballast"), vec![0_u8; 16 << 20]).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    }

    /// As full, but for so many bytes.
    fn fill_but(&self, left: u64) {
        self.fill();
        let ballast = fs::File::options().write(true).open(self.path().join("ballast")).unwrap();
        ballast.set_len(ballast.metadata().unwrap().len() - left).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        assert!(Command::new("umount").arg("-l").arg(self.path()).status().unwrap().success());
    }
}

fn mount(arguments: &[&str], place: &Path) {
    let done = Command::new("mount").args(arguments).arg(place).status().unwrap();
    assert!(done.success(), "the tests mount a small disk: run them as root");
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_sent_and_the_sentence_says_what_to_do() {
    let (disk, stage) = (Disk::of("1m"), Stage::start().await);
    furnish(disk.path(), &stage).await;
    disk.fill();
    let sale = run(command(disk.path(), &SALE)).await;
    assert_eq!((sale.code, sale.refusal()), (Some(5), "disk_full"), "{sale:?}");
    assert!(stage.sandbox.control().creates().await.unwrap().is_empty(), "what is not stored is not sent");
    fs::remove_file(disk.path().join("ballast")).unwrap();
    let sale = run(command(disk.path(), &[&SALE[..], &["--no-wait"]].concat())).await;
    assert_eq!(sale.code, Some(0), "with space again it sells: {sale:?}");
}

#[tokio::test]
async fn an_export_that_does_not_fit_leaves_nothing_behind() {
    let (shop, disk) = (Shop::open().await, Disk::of("1m"));
    shop.stage.sandbox.control().auto_pay(Some(0)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(shop.run(&SALE).await.code, Some(0));
    }
    // Where nothing fits, and where the disk is full in the middle of it.
    for left in [0, 8 << 10] {
        disk.fill_but(left);
        for format in ["csv", "xlsx", "jsonl"] {
            let out = disk.path().join("export");
            let exported =
                shop.run(&["journal", "export", "--format", format, "--output", out.to_str().unwrap()]).await;
            assert_eq!((exported.code, exported.refusal()), (Some(5), "file_failed"), "{left} {format} {exported:?}");
            assert!(exported.out.contains("no space is left there"), "{exported:?}");
            assert!(!exported.err.contains("ZipWriter"), "{exported:?}");
            let there: Vec<PathBuf> = fs::read_dir(disk.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert_eq!(there, [disk.path().join("ballast")]);
        }
    }
}

#[tokio::test]
async fn a_read_only_folder_refuses_to_sell_and_is_read_on() {
    let (disk, stage) = (Disk::of("4m"), Stage::start().await);
    furnish(disk.path(), &stage).await;
    let sale = run(command(disk.path(), &[&SALE[..], &["--no-wait"]].concat())).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    disk.make_read_only();
    let refused = run(command(disk.path(), &SALE)).await;
    assert_eq!((refused.code, refused.refusal()), (Some(5), "folder_read_only"), "{refused:?}");
    for reading in [&["order", "list"][..], &["journal", "list"], &["journal", "verify"]] {
        let read = run(command(disk.path(), reading)).await;
        assert_eq!(read.code, Some(0), "{read:?}");
    }
}

/// A folder of somebody who may not do everything, as root may; and the program where that user can run it.
struct Ordinary {
    place: TempDir,
    /// Whether the tests run as root, and `nobody` takes its place.
    as_nobody: bool,
}

impl Ordinary {
    const NOBODY: u32 = 65_534;

    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let as_nobody = fs::metadata("/proc/self").unwrap().uid() == 0;
        fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
        fs::copy(program(), place.path().join("tillkeeper")).unwrap();
        fs::create_dir(place.path().join("data")).unwrap();
        Self { place, as_nobody }
    }

    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// All that is in the folder belongs to that user.
    fn hand_over(&self) {
        if self.as_nobody {
            change("chown", &["-R", &Self::NOBODY.to_string()], &self.data());
        }
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let program = self.place.path().join("tillkeeper");
        let mut command = if self.as_nobody {
            let mut command = tokio::process::Command::new("setpriv");
            let user = Self::NOBODY;
            command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".into(), "--".into()]);
            command.arg(program);
            command
        } else {
            tokio::process::Command::new(program)
        };
        command.args(["--training", "--json"]).args(arguments);
        run(alone(command, &self.data())).await
    }
}

fn change(tool: &str, arguments: &[&str], path: &Path) {
    assert!(Command::new(tool).args(arguments).arg(path).status().unwrap().success(), "{tool} {arguments:?}");
}

#[tokio::test]
async fn a_folder_without_the_right_to_write_refuses_to_sell_and_is_read_on() {
    let (ordinary, stage) = (Ordinary::new(), Stage::start().await);
    furnish(&ordinary.data(), &stage).await;
    ordinary.hand_over();
    let sale = ordinary.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    for what in [&["a-w"][..], &["-R", "a-w"]] {
        change("chmod", what, &ordinary.data().join("training"));
        let refused = ordinary.run(&SALE).await;
        assert_eq!((refused.code, refused.refusal()), (Some(5), "folder_read_only"), "{what:?}: {refused:?}");
        for reading in [&["order", "list"][..], &["journal", "list"], &["journal", "verify"]] {
            let read = ordinary.run(reading).await;
            assert_eq!((read.code, read.lines.is_empty()), (Some(0), false), "{what:?}: {read:?}");
        }
    }
    assert_eq!(stage.sandbox.control().creates().await.unwrap().len(), 1, "the refused sales were never made");
    change("chmod", &["-R", "u+w"], &ordinary.data());
    let sale = ordinary.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "with the right it sells: {sale:?}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_said_and_the_orders_carry_the_gateways_time() {
    let shop = Shop::open().await;
    let control = shop.stage.sandbox.control();
    control.skew(400).await.unwrap();
    let examined = shop.run(&["doctor"]).await;
    let clock = examined.lines.iter().find(|line| line["what"] == "clock").unwrap();
    let ahead: i64 = clock["facts"]["ahead_s"].as_str().unwrap().parse().unwrap();
    assert!((-410..=-390).contains(&ahead) && clock["well"] == false, "{clock}");
    assert_eq!(
        (&clock["fault"]["code"], &clock["fault"]["facts"]["seconds"]),
        (&"clock_wrong".into(), &(-ahead).to_string().into())
    );
    assert_eq!(examined.code, Some(5));
    let alone = shop.run(&["account", "check", "outside"]).await;
    assert_eq!(
        (alone.code, &alone.last()["well"], &alone.last()["fault"]["code"]),
        (Some(0), &true.into(), &"clock_wrong".into()),
        "{alone:?}"
    );
    assert!(!alone.err.contains("s off the gateway's"), "it is said once: {alone:?}");
    let gateway = examined.lines.iter().find(|line| line["what"] == "gateway:outside").unwrap();
    assert!(gateway["well"] == true && gateway["fault"].is_null(), "the clock's finding says it: {gateway}");
    let serve = shop.serve().await;
    assert_eq!(shop.run(&["account", "check", "outside"]).await.code, Some(0));
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    let received = control.received(0).await.unwrap();
    let create = received.iter().find(|one| one.fields.contains_key("time_start")).unwrap();
    let text = |name: &str| create.fields[name].as_str().map(str::to_owned).unwrap_or(create.fields[name].to_string());
    let (start, expire): (i64, i64) = (text("time_start").parse().unwrap(), text("time_expire").parse().unwrap());
    let off = start - create.at_ms / 1_000 - 400;
    assert!((-10..=10).contains(&off), "{off} s from the gateway's clock");
    assert_eq!(expire - start, 300);
    serve.signal("TERM");
    assert_eq!(serve.ends_with().await, Some(0));
}

#[tokio::test]
async fn unknown_settings_are_kept_and_named_and_broken_ones_are_refused_with_5() {
    let shop = Shop::open().await;
    let file = shop.folder().join("settings.toml");
    let written = "# mine\nshop_name = \"茶\"\nfuture_setting = 3 # from a newer version\n";
    fs::write(&file, written).unwrap();
    let examined = shop.run(&["doctor"]).await;
    let settings = examined.lines.iter().find(|line| line["what"] == "settings").unwrap();
    assert_eq!((&settings["well"], &settings["facts"]["unknown"]), (&true.into(), &"future_setting".into()));
    let sale = shop.run(&[&SALE[..], &["--no-wait"]].concat()).await;
    assert_eq!(sale.code, Some(0), "{sale:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    let trade = shop.stage.sandbox.control().trades().await.unwrap().remove(0).trade;
    assert_eq!(trade.body, "茶", "the customer reads the shop's name");
    fs::write(&file, "theme = \"sepia\"").unwrap();
    let sale = shop.run(&SALE).await;
    assert_eq!((sale.code, sale.refusal()), (Some(5), "settings_broken"));
    let expected = format!("The settings cannot be read or written: {}:1 theme", file.display());
    assert_eq!(sale.last()["error"]["message"], expected, "where it is wrong, in no other program's words");
}

#[tokio::test]
async fn a_reader_who_leaves_early_hears_no_complaint() {
    let shop = Shop::open().await;
    let line = format!("{} --training --json journal list | head -n 1", crate::shop::program().display());
    let mut piped = tokio::process::Command::new("sh");
    piped.args(["-c", &line]).env("TILLKEEPER_HOME", shop.data.path());
    let piped = run(piped).await;
    assert_eq!((piped.lines.len(), piped.err.as_str()), (1, ""));
}

#[tokio::test]
async fn a_secret_shows_up_in_no_output_file_or_log() {
    const MARKED: &str = "MARKEDab12cd34ef56ab78cd90ef12ab34";
    let shop = Shop::open().await;
    let set = run_with(shop.command(&["account", "secret", "outside", "key"]), MARKED.as_bytes()).await;
    assert_eq!(set.code, Some(0), "{set:?}");
    let mut said = vec![set];
    for arguments in [
        &SALE[..],
        &["account", "show", "outside"],
        &["account", "check", "outside"],
        &["journal", "list"],
        &["order", "list"],
        &["doctor"],
    ] {
        let mut arguments = arguments.to_vec();
        if arguments[0] == "sale" {
            arguments.push("--no-wait");
        }
        said.push(shop.run(&arguments).await);
    }
    let out = shop.data.path().join("out");
    said.push(shop.run(&["journal", "export", "--format", "jsonl", "--output", out.to_str().unwrap()]).await);
    for ran in &said {
        assert!(!ran.out.contains(MARKED) && !ran.err.contains(MARKED), "{ran:?}");
    }
    assert!(said[2].out.contains("...ab34"), "only the hint is shown");
    let marked = MARKED.as_bytes();
    for file in files(shop.data.path()) {
        // Training's own keyring holds values that are worth nothing, as base64.
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(marked.len()).any(|window| window == marked), "{}", file.display());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}
