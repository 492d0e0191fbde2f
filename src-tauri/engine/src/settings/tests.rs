use super::*;
use std::fs;
use std::process::Command;

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), text).unwrap();
    folder
}

fn content(folder: &tempfile::TempDir) -> String {
    fs::read_to_string(folder.path().join(FILE)).unwrap()
}

fn full() -> Settings {
    Settings {
        language: Some(Language::Traditional),
        theme: Theme::Dark,
        shop_name: "掌柜 \"at the corner\"".into(),
        till_name: "T1".into(),
        customer_window: CustomerWindow::Never,
        spbill_create_ip: Some("203.0.113.9".parse().unwrap()),
        log_level: LogLevel::Debug,
        receiver: Receiver::default(),
        backup: Backup { folder: Some("/media/usb/till".into()), keep: 7 },
        journal: Keeping { keep_raw_days: Some(400) },
        training: Training { phone_address: Some("192.168.1.20".parse().unwrap()) },
    }
}

#[test]
fn without_a_file_everything_has_its_default() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read(folder.path()).unwrap(), Read::default());
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &full()).unwrap();
    assert_eq!(read(folder.path()).unwrap(), Read { settings: full(), unknown: vec![] });
    write(folder.path(), &Settings::default()).unwrap();
    assert_eq!(read(folder.path()).unwrap().settings, Settings::default());
}

#[test]
fn the_backups_table_is_read_and_what_cannot_be_is_named() {
    let text =
        "[backup]\nfolder = '/media/usb' # the one at home\nkeep = 14\nlater = 1\n\n[journal]\nkeep_raw_days = 90\n";
    let folder = folder(text);
    let seen = read(folder.path()).unwrap();
    assert_eq!(seen.settings.backup, Backup { folder: Some("/media/usb".into()), keep: 14 });
    assert_eq!((seen.settings.journal.keep_raw_days, seen.unknown), (Some(90), vec!["backup.later".to_owned()]));
    write(folder.path(), &Settings::default()).unwrap();
    assert_eq!(content(&folder), "[backup]\nkeep = 30\nlater = 1\n\n[journal]\n");
    for (text, key) in [
        ("[backup]\nfolder = 'usb'\n", "backup.folder"),
        ("[backup]\nkeep = 0\n", "backup.keep"),
        ("[backup]\nkeep = '7'\n", "backup.keep"),
        ("backup = 3\n", "backup"),
        ("[journal]\nkeep_raw_days = 99999\n", "journal.keep_raw_days"),
        ("[training]\nphone_address = \"till.local\"\n", "training.phone_address"),
        ("training = true\n", "training"),
    ] {
        fs::write(folder.path().join(FILE), text).unwrap();
        let Err(SettingsFault::Wrong { key: wrong, .. }) = read(folder.path()) else { panic!("{text}") };
        assert_eq!(wrong, key);
    }
}

const BY_HAND: &str = "\
# The till by the door
theme = 'light'   # bright there

# a colleague's program reads this
printer = { port = 9100 }
shop_name = \"Corner\"

[later]
colour = \"red\"
";

#[test]
fn the_receivers_table_is_read_and_written_within_its_comments() {
    let text = "[receiver]\nlisten = '127.0.0.1:0' # any port\npublic_address = \"https://pay.example.com/till/\"\nproxy = \"::1\"\nlater = 1\n";
    let folder = folder(text);
    let seen = read(folder.path()).unwrap();
    let receiver = Receiver {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        public_address: Some("https://pay.example.com/till".into()),
        proxy: Some("::1".parse().unwrap()),
    };
    assert_eq!((&seen.settings.receiver, seen.unknown), (&receiver, vec!["receiver.later".to_owned()]));
    let other = Receiver { listen: Some("[::1]:8787".parse().unwrap()), proxy: None, ..receiver };
    write(folder.path(), &Settings { receiver: other.clone(), ..seen.settings }).unwrap();
    let expected = text.replace("'127.0.0.1:0'", "\"[::1]:8787\"").replace("proxy = \"::1\"\n", "");
    assert_eq!(content(&folder), expected);
    assert_eq!(read(folder.path()).unwrap().settings.receiver, other);
}

#[test]
fn a_receivers_table_is_made_where_there_is_none_and_not_for_nothing() {
    let folder = folder("theme = \"dark\" # at night\n\n[later]\ncolour = \"red\"\n");
    let settings = read(folder.path()).unwrap().settings;
    let before = content(&folder);
    write(folder.path(), &settings).unwrap();
    assert_eq!(content(&folder), before);
    let receiver = Receiver { listen: Some("127.0.0.1:8787".parse().unwrap()), ..Receiver::default() };
    write(folder.path(), &Settings { receiver, ..settings }).unwrap();
    assert_eq!(content(&folder), format!("{before}\n[receiver]\nlisten = \"127.0.0.1:8787\"\n"));
}

#[test]
fn an_inline_table_stays_one_line() {
    let folder = folder("receiver = { listen = \"127.0.0.1:8787\" }\n");
    let mut settings = read(folder.path()).unwrap().settings;
    settings.receiver.public_address = Some("https://pay.example.com".into());
    write(folder.path(), &settings).unwrap();
    let expected = "receiver = { listen = \"127.0.0.1:8787\" , public_address = \"https://pay.example.com\" }\n";
    assert_eq!(content(&folder).replace(' ', ""), expected.replace(' ', ""));
    assert_eq!(read(folder.path()).unwrap().settings, settings);
}

#[test]
fn comments_order_and_unknown_keys_survive_two_writes() {
    let folder = folder(BY_HAND);
    let seen = read(folder.path()).unwrap();
    assert_eq!(seen.unknown, ["printer", "later"]);
    let mut settings = seen.settings;
    settings.theme = Theme::Dark;
    write(folder.path(), &settings).unwrap();
    settings.language = Some(Language::English);
    write(folder.path(), &settings).unwrap();
    let expected = BY_HAND
        .replace("'light'", "\"dark\"")
        .replace("shop_name = \"Corner\"\n", "shop_name = \"Corner\"\nlanguage = \"en\"\n");
    assert_eq!(content(&folder), expected);
    assert_eq!(read(folder.path()).unwrap().settings, settings);
}

#[test]
fn writing_what_stands_there_already_changes_no_byte() {
    let folder = folder(BY_HAND);
    let settings = read(folder.path()).unwrap().settings;
    write(folder.path(), &settings).unwrap();
    assert_eq!(content(&folder), BY_HAND);
}

#[test]
fn a_wrong_value_names_its_key_and_line_and_the_file_is_not_overwritten() {
    for (text, key, at) in [
        ("# x\ntheme = \"pink\"\n", "theme", 2),
        ("\n\nlanguage = \"de\"\n", "language", 3),
        ("shop_name = 7\n", "shop_name", 1),
        ("till_name = \"a\\nb\"\n", "till_name", 1),
        ("customer_window = true\n", "customer_window", 1),
        ("a = 1\nspbill_create_ip = \"1.2.3\"\n", "spbill_create_ip", 2),
        ("log_level = \"loud\"\n", "log_level", 1),
        ("[theme]\na = 1\n", "theme", 1),
        ("receiver = 7\n", "receiver", 1),
        ("receiver.listen = \"localhost\"\n", "receiver.listen", 1),
        ("receiver = { public_address = \"pay.example.com\" }\n", "receiver.public_address", 1),
        ("receiver = { proxy = \"127.0.0.1:80\" }\n", "receiver.proxy", 1),
        ("# x\n[receiver]\nlisten = \"127.0.0.1:0\"\n\nproxy = \"proxy\"\n", "receiver.proxy", 5),
        ("[backup]\nfolder = \"/media/usb\"\nkeep = 0\n", "backup.keep", 3),
        ("[backup]\nkeep = 1\n# here\nfolder = \"usb\"\n", "backup.folder", 4),
        ("theme = \"dark\"\n\n[journal]\n# long\nkeep_raw_days = 99999\n", "journal.keep_raw_days", 5),
    ] {
        let folder = folder(text);
        let fault = read(folder.path()).unwrap_err();
        let SettingsFault::Wrong { key: named, line, .. } = &fault else { panic!("{fault:?}") };
        assert_eq!((*named, *line), (key, at), "{fault}");
        assert!(fault.to_string().contains(&format!("settings.toml line {at}: {key} ")), "{fault}");
        assert_eq!(write(folder.path(), &full()).unwrap_err(), fault);
        assert_eq!(content(&folder), text);
    }
}

#[test]
fn a_file_that_is_not_toml_names_the_line_and_is_not_overwritten() {
    for (text, at) in
        [("theme = \"dark\"\nshop_name = Corner\n", 2), ("theme = \"dark\"\ntheme = \"light\"\n", 2), ("=", 1)]
    {
        let folder = folder(text);
        let fault = read(folder.path()).unwrap_err();
        let SettingsFault::Unreadable { line, .. } = &fault else { panic!("{fault:?}") };
        assert_eq!(*line, at, "{fault}");
        assert_eq!(write(folder.path(), &full()).unwrap_err(), fault);
        assert_eq!(content(&folder), text);
    }
}

#[test]
fn a_file_that_is_not_text_is_a_fault_and_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), [0xff, 0xfe, 0x00]).unwrap();
    assert!(matches!(read(folder.path()), Err(SettingsFault::Disk { .. })));
    assert!(matches!(write(folder.path(), &full()), Err(SettingsFault::Disk { .. })));
    assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), [0xff, 0xfe, 0x00]);
}

#[test]
fn what_a_crash_in_the_middle_of_writing_left_is_ignored_and_replaced() {
    let folder = folder(BY_HAND);
    let left = folder.path().join("settings.toml.new");
    fs::write(&left, "theme = \"da").unwrap();
    let mut settings = read(folder.path()).unwrap().settings;
    assert_eq!(settings.theme, Theme::Light);
    settings.theme = Theme::Dark;
    write(folder.path(), &settings).unwrap();
    assert_eq!(read(folder.path()).unwrap().settings.theme, Theme::Dark);
    assert!(!left.exists());
}

#[test]
fn the_words_on_the_wire_are_the_words_in_the_file() {
    let json = serde_json::to_value(full()).unwrap();
    assert_eq!(json["language"], "zh-HK");
    assert_eq!(json["customer_window"], "never");
    assert_eq!(json["spbill_create_ip"], "203.0.113.9");
    assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), full());
    for word in Language::WORDS {
        assert_eq!(Language::from_str(word).unwrap().word(), *word);
        assert_eq!(serde_json::to_value(Language::from_str(word).unwrap()).unwrap(), *word);
    }
}

/// Runs itself once more in a mount namespace, on a disk of one megabyte.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file_whole_and_says_so() {
    const ROLE: &str = "TILL_TEST_SMALL_DISK";
    let Some(small) = std::env::var_os(ROLE) else {
        let folder = tempfile::tempdir().unwrap();
        let name = std::thread::current().name().unwrap().to_owned();
        let status = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-ec"])
            .arg("mount -t tmpfs -o size=1m tmpfs \"$1\"; exec \"$2\" --exact \"$3\" --nocapture")
            .arg("sh")
            .arg(folder.path())
            .arg(std::env::current_exe().unwrap())
            .arg(&name)
            .env(ROLE, folder.path())
            .status()
            .expect("unshare (util-linux) is needed");
        assert!(status.success());
        return;
    };
    let folder = PathBuf::from(small);
    fs::write(folder.join(FILE), BY_HAND).unwrap();
    let filled = fs::write(folder.join("filler"), vec![0; 2 << 20]).unwrap_err();
    assert_eq!(filled.kind(), std::io::ErrorKind::StorageFull, "the disk is not the small one");
    let fault = write(&folder, &full()).unwrap_err();
    assert_eq!(fault, SettingsFault::DiskFull(folder.join(FILE)));
    assert_eq!(fs::read_to_string(folder.join(FILE)).unwrap(), BY_HAND);
    fs::remove_file(folder.join("filler")).unwrap();
    write(&folder, &full()).unwrap();
    assert_eq!(read(&folder).unwrap().settings, full());
}
