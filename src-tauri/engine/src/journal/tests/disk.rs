//! Disks that are full or read-only: real ones, in memory. Root ignores permissions, so chmod would prove nothing.

use std::process::Command;

use super::*;
use till_core::error::Code;

/// A disk of one megabyte in memory.
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let disk = Self(folder);
        disk.mount(&["-t", "tmpfs", "-o", "size=1m", "tmpfs"]);
        disk
    }

    fn mount(&self, options: &[&str]) {
        let done = Command::new("mount").args(options).arg(self.0.path()).output().expect("mount can be started");
        assert!(
            done.status.success(),
            "this test needs to mount a small disk in memory and may not: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).output());
    }
}

async fn count(journal: &Journal) -> u64 {
    u64::try_from(journal.after(0, 2_000).await.unwrap().len()).unwrap()
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room() {
    let disk = Disk::new();
    let path = disk.0.path().join("journal.sqlite");
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![1; 300_000]).unwrap();
    let journal = open(&path).unwrap().journal;
    let payload = "x".repeat(2_000);
    let mut stored = 0;
    let fault = loop {
        match journal.append(vec![append("till", stored, &[&payload])]).await {
            Ok(_) => stored += 1,
            Err(fault) => break fault,
        }
        assert!(stored < 1_000, "a megabyte does not hold this");
    };
    assert_eq!(fault, StorageFault::DiskFull);
    assert!(stored > 0);
    assert_eq!(count(&journal).await, stored, "reading goes on");
    let together = tokio::join!(
        journal.append(vec![append("till", stored, &[&payload])]),
        journal.append(vec![append("order/1", 0, &[&payload])]),
    );
    assert_eq!(together, (Err(StorageFault::DiskFull), Err(StorageFault::DiskFull)));

    std::fs::remove_file(&ballast).unwrap();
    journal.append(vec![append("till", stored, &[&payload])]).await.expect("there is room again");
    drop(journal);
    let journal = open(&path).unwrap().journal;
    assert_eq!(count(&journal).await, stored + 1);
}

#[tokio::test]
async fn a_backup_onto_a_full_disk_says_so_and_leaves_nothing_there() {
    let disk = Disk::new();
    let place = Place::new();
    let journal = place.open();
    for seen in 0..40 {
        journal.append(vec![append("till", seen, &["x".repeat(40_000).as_str()])]).await.unwrap();
    }
    let output = disk.0.path().join("backup.sqlite");
    let refusal = crate::backup::back_up(&place.path, &output).await.unwrap_err();
    assert_eq!(refusal.code, Code::FileFailed);
    assert_eq!(
        (refusal.facts["cause"].as_str(), refusal.facts["file"].clone()),
        ("full", output.display().to_string())
    );
    assert_eq!(std::fs::read_dir(disk.0.path()).unwrap().count(), 0, "no half file");
    journal.append(vec![append("till", 40, &["x"])]).await.expect("the journal is on another disk");
}

#[tokio::test]
async fn an_export_onto_a_full_disk_says_so_of_its_own_folder_and_leaves_nothing_there() {
    use crate::export::{Choice, Format, Progress, export};
    let disk = Disk::new();
    let place = Place::new();
    let journal = place.open();
    for seen in 0..40 {
        let text = format!(r#"{{"x":"{}"}}"#, "x".repeat(40_000));
        journal.append(vec![append("till", seen, &[&text])]).await.unwrap();
    }
    let reading = crate::reading::Reading::open_file(&place.path).await.unwrap();
    for format in [Format::Csv, Format::Xlsx, Format::JsonLines] {
        let output = disk.0.path().join("export");
        let choice = Choice::default();
        // A workbook is packed as it is written: the same text over and over would fit.
        std::fs::write(disk.0.path().join("ballast"), vec![1; if format == Format::Xlsx { 1_040_000 } else { 10 }])
            .unwrap();
        let refusal =
            export(&reading, &output, (format, &choice), ("test", None), &Progress::default()).await.unwrap_err();
        assert_eq!(refusal.code, Code::FileFailed, "{format:?}");
        assert_eq!((refusal.facts["cause"].as_str(), &refusal.facts["file"]), ("full", &output.display().to_string()));
        assert_eq!(std::fs::read_dir(disk.0.path()).unwrap().count(), 1, "no half folder of {format:?}");
    }
    journal.append(vec![append("till", 40, &["x"])]).await.expect("the journal is on another disk");
}

#[tokio::test]
async fn a_full_disk_makes_no_journal() {
    let disk = Disk::new();
    let mut ballast = 1_100_000;
    while std::fs::write(disk.0.path().join("ballast"), vec![1; ballast]).is_err() {
        ballast -= 4_096;
    }
    assert_eq!(open(&disk.0.path().join("journal.sqlite")).unwrap_err(), StorageFault::DiskFull);
}

#[tokio::test]
async fn a_read_only_folder_refuses_writing_and_still_reads() {
    let disk = Disk::new();
    let path = disk.0.path().join("journal.sqlite");
    let journal = open(&path).unwrap().journal;
    journal.append(vec![append("till", 0, &["x"])]).await.unwrap();
    drop(journal);
    disk.mount(&["-o", "remount,ro"]);
    assert!(matches!(open(&path), Err(StorageFault::ReadOnly(_))));
    assert!(matches!(open(&disk.0.path().join("new.sqlite")), Err(StorageFault::ReadOnly(_))));
    let journal = Journal::open_read_only(&path).unwrap();
    assert_eq!(journal.after(0, 10).await.unwrap().len(), 1);
    assert!(super::super::verify(&path, super::super::Checks::default()).unwrap().ok);
}

#[tokio::test]
async fn a_reader_sees_what_a_writer_beside_it_has_stored() {
    let place = Place::new();
    let journal = place.open();
    journal.append(vec![append("till", 0, &["x"])]).await.unwrap();
    let beside = Journal::open_read_only(&place.path).unwrap();
    assert_eq!(beside.after(0, 10).await.unwrap().len(), 1);
    journal.append(vec![append("till", 1, &["y"])]).await.unwrap();
    assert_eq!(beside.after(0, 10).await.unwrap().len(), 2);
}
