//! What stands between a till and selling: keyring, disk, settings, clock and gateways, each looked at once; and the receiver.

use crate::backup::Daily;
use crate::keyring::Keyring;
use crate::reading::Reading;
use crate::settings;
use crate::till::{Till, fault_of_file, fault_of_keyring, fault_of_settings, reception_at_rest};
use crate::view::Finding;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_core::time::SECOND;

/// Below this much free space, in bytes, a till should not go on for long.
const LITTLE_SPACE: u64 = 64 << 20;

/// How long the first backup in a folder may be waited for.
const FIRST_BACKUP: Duration = Duration::from_hours(1);

/// The fact of a finding that is neither well nor a fault: why it is not known how the thing stands.
const NOT_KNOWN: &str = "not_known";

/// A clock that differs from a gateway's by more seconds than this is wrong.
const CLOCK_OFF_S: i64 = 5;

/// Looks at everything that concerns `folder`, and at the gateways of `till` where there is one.
pub async fn examine(folder: &Path, keyring: &dyn Keyring, till: Option<&Till>, actor: &Actor) -> Vec<Finding> {
    let mut findings = vec![keyring_of(keyring).await, disk(folder), settings_of(folder)];
    let Some(till) = till else { return findings };
    let mut gateways = Vec::new();
    for account in till.accounts() {
        gateways.push(match till.check_account(actor, &account.name).await {
            Ok(finding) => finding,
            Err(refusal) => unfit(format!("gateway:{}", account.name), refusal),
        });
    }
    findings.extend(with_clock(gateways));
    findings.extend(till.examine_receiver(actor).await.unwrap_or_else(|refusal| vec![unfit("receiver", refusal)]));
    findings
}

/// What there is to say of the receiver where no till could be opened. Facts: `state`, and where it is to listen and to be reached.
/// Nothing where the settings cannot be read: another finding says that.
#[must_use]
pub fn receiver_at_rest(folder: &Path) -> Option<Finding> {
    Some(reception_at_rest(&settings::read(folder).ok()?.settings.receiver))
}

/// Whether the keyring serves.
pub async fn keyring_of(keyring: &dyn Keyring) -> Finding {
    match keyring.status().await {
        Ok(()) => fit("keyring", BTreeMap::new()),
        Err(fault) => unfit("keyring", fault_of_keyring(&fault)),
    }
}

/// How much space is left for the journal. Fact: `free_bytes`, where the system says it.
#[must_use]
pub fn disk(folder: &Path) -> Finding {
    // A till that is not there yet will be made on the disk of what is.
    let there = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(folder);
    match free_bytes(there) {
        Ok(None) => fit("disk", BTreeMap::new()),
        Ok(Some(free)) => {
            let facts = BTreeMap::from([("free_bytes".to_owned(), free.to_string())]);
            let well = free >= LITTLE_SPACE;
            Finding { what: "disk".to_owned(), well, facts, fault: (!well).then(|| space_low(free)) }
        }
        Err(error) => unfit("disk", fault_of_file(there.display(), &error)),
    }
}

fn space_low(free: u64) -> Refusal {
    Refusal::of(Code::DiskLow).with("left", format!("{} MB", free / 1_000_000))
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> std::io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> std::io::Result<Option<u64>> {
    Ok(None)
}

/// Whether `settings.toml` can be read. Fact: `unknown`, the keys that this program does not know.
#[must_use]
pub fn settings_of(folder: &Path) -> Finding {
    match settings::read(folder) {
        Ok(read) if read.unknown.is_empty() => fit("settings", BTreeMap::new()),
        // They are kept, and are no fault: an older or newer version may know them.
        Ok(read) => fit("settings", BTreeMap::from([("unknown".to_owned(), read.unknown.join(", "))])),
        Err(fault) => unfit("settings", fault_of_settings(&fault)),
    }
}

/// The finding of the clock, and then those of `gateways`, none of which says once more what that one says for all.
#[must_use]
pub fn with_clock(gateways: Vec<Finding>) -> Vec<Finding> {
    let clock = clock(&gateways);
    let without_remark = |mut finding: Finding| {
        if finding.well {
            finding.fault = None;
        }
        finding
    };
    std::iter::once(clock).chain(gateways.into_iter().map(without_remark)).collect()
}

/// How this machine's clock stands to those of gateways that answered. Fact: `ahead_s`, seconds that this machine is ahead, or
/// `not_known` where no answer bore their time.
#[must_use]
pub fn clock(gateways: &[Finding]) -> Finding {
    let ahead = gateways
        .iter()
        .filter_map(|finding| finding.facts.get("gateway_ahead_s")?.parse::<i64>().ok())
        .map(i64::saturating_neg)
        .max_by_key(|seconds| seconds.saturating_abs());
    let what = "clock".to_owned();
    let Some(ahead) = ahead else {
        let facts = BTreeMap::from([(NOT_KNOWN.to_owned(), "no_gateway_time".to_owned())]);
        return Finding { what, well: false, facts, fault: None };
    };
    let facts = BTreeMap::from([("ahead_s".to_owned(), ahead.to_string())]);
    let fault = clocks_apart(ahead);
    Finding { what, well: fault.is_none(), facts, fault }
}

/// What there is to say of two clocks of which one is `ahead_s` ahead; nothing where that is little.
pub(crate) fn clocks_apart(ahead_s: i64) -> Option<Refusal> {
    (ahead_s.saturating_abs() > CLOCK_OFF_S).then(|| clock_off_by(ahead_s))
}

/// Seconds that a gateway's clock is ahead of this machine's, as far as an exchange of `took` microseconds can tell, in the middle of
/// which they lay `ahead_s` apart; 0 where they may agree: when in it the answer was written nobody knows, and its time is in whole
/// seconds.
pub(crate) fn known_ahead_s(ahead_s: i64, took: i64) -> i64 {
    let doubt = (took / 2).saturating_add(2 * SECOND);
    if ahead_s.saturating_abs().saturating_mul(SECOND) > doubt { ahead_s } else { 0 }
}

/// Whether it could not be found out how the thing stands: it is not well, and nothing is wrong with it either.
#[must_use]
pub fn is_unknown(finding: &Finding) -> bool {
    !finding.well && finding.facts.contains_key(NOT_KNOWN)
}

/// This machine's clock and a gateway's lie so many seconds apart.
#[must_use]
pub fn clock_off_by(seconds: i64) -> Refusal {
    Refusal::of(Code::ClockWrong).with("seconds", seconds.saturating_abs())
}

/// How the daily backups of the till in `folder` stand, where any are to be made. `notices`: of the till that runs, as far as they are
/// known. Facts: `folder`, `made_at`, or `due` where the first one may still be waited for.
pub async fn backup(folder: &Path, notices: &[Refusal]) -> Option<Finding> {
    let settings = settings::read(folder).ok()?.settings;
    let newly_set = is_newly_set(folder);
    let reading = Reading::open(folder).await.ok()?;
    let daily = Daily::of(&settings.backup, reading.till_id())?;
    let folder = ("folder".to_owned(), daily.folder().display().to_string());
    let newest = match daily.newest().await {
        Ok(newest) => newest,
        Err(refusal) => {
            return Some(Finding { facts: BTreeMap::from([folder]), ..unfit("backup", refusal) });
        }
    };
    let recent = newest.as_ref().is_some_and(|made| made.day >= reading.yesterday());
    let may_be_due = newest.is_none() && newly_set;
    let of_it = |notice: &&Refusal| notice.code == Code::BackupFailed && notice.facts.get("folder") == Some(&folder.1);
    let fault = match notices.iter().find(of_it) {
        Some(failed) => Some(failed.clone()),
        None if recent => None,
        None if may_be_due => daily.try_folder(&reading.yesterday()).await.err(),
        None => Some(daily.late()),
    };
    let well = fault.is_none();
    let due = (well && may_be_due).then(|| ("due".to_owned(), "first_backup".to_owned()));
    let made_at = newest.map(|made| ("made_at".to_owned(), reading.moment(made.at.as_microsecond())));
    let facts = std::iter::once(folder).chain(made_at).chain(due).collect();
    Some(Finding { what: "backup".to_owned(), well, facts, fault })
}

/// Whether the settings changed so lately that a running till may not have made the first backup: it waits so long to be quiet.
fn is_newly_set(folder: &Path) -> bool {
    let changed = folder.join(settings::FILE).metadata().and_then(|file| file.modified());
    changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age < FIRST_BACKUP))
}

/// What of the journal in `folder` cannot be read, of all that a running till goes by. Nothing where a journal cannot be opened:
/// another finding says that.
pub async fn journal(folder: &Path) -> Vec<Finding> {
    let Ok(reading) = Reading::open(folder).await else { return Vec::new() };
    let found = match reading.unreadable().await {
        Ok(found) => found,
        Err(refusal) => vec![refusal],
    };
    let named = |refusal: Refusal| {
        let part = refusal.facts.get("part").map(|part| format!("journal:{part}"));
        unfit(part.unwrap_or_else(|| "journal".to_owned()), refusal)
    };
    found.into_iter().map(named).collect()
}

fn fit(what: &str, facts: BTreeMap<String, String>) -> Finding {
    Finding { what: what.to_owned(), well: true, facts, fault: None }
}

/// Something that is wrong, and why.
#[must_use]
pub fn unfit(what: impl Into<String>, refusal: Refusal) -> Finding {
    Finding { what: what.into(), well: false, facts: BTreeMap::new(), fault: Some(refusal) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[tokio::test]
    async fn a_first_backup_is_due_only_where_the_folder_takes_it_and_no_running_till_has_failed() {
        let (till, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let set = |folder: &Path| {
            let text = format!("[backup]\nfolder = '{}'\n", folder.display());
            fs::write(till.path().join(settings::FILE), text).unwrap();
        };
        let failed = |folder: &Path| {
            let refusal = Refusal::of(Code::BackupFailed);
            refusal.with("folder", folder.display()).with("cause", "full")
        };
        set(backups.path());
        for notices in [vec![], vec![failed(till.path()), Refusal::of(Code::DiskLow)]] {
            let due = backup(till.path(), &notices).await.unwrap();
            assert_eq!((due.well, due.facts["due"].as_str(), due.fault), (true, "first_backup", None), "{notices:?}");
        }
        assert_eq!(fs::read_dir(backups.path()).unwrap().count(), 0, "looking leaves nothing");
        let noticed = backup(till.path(), &[failed(backups.path())]).await.unwrap();
        assert_eq!((noticed.well, noticed.facts.get("due")), (false, None));
        assert_eq!(noticed.fault, Some(failed(backups.path())));
        fs::create_dir(backups.path().join(".stfolder")).unwrap();
        let synced = backup(till.path(), &[]).await.unwrap();
        assert_eq!((synced.well, synced.facts.get("due")), (false, None));
        assert_eq!(synced.fault.unwrap().facts["cause"], "synced");
        if cfg!(target_os = "linux") {
            // Nobody can make a file there, whatever rights they have.
            set(Path::new("/proc/self"));
            let unwritable = backup(till.path(), &[]).await.unwrap();
            assert_eq!((unwritable.well, unwritable.facts.get("due")), (false, None));
            assert_eq!(unwritable.fault.unwrap().code, Code::BackupFailed);
        }
    }

    #[test]
    fn clocks_differ_by_what_half_an_exchange_and_whole_seconds_cannot_explain() {
        for (took_ms, ahead, known) in
            [(7_000, 3, 0), (7_000, -5, 0), (7_000, 6, 6), (40, -2, 0), (40, -3, -3), (30_000, -16, 0)]
        {
            assert_eq!(known_ahead_s(ahead, took_ms * SECOND / 1_000), known, "{took_ms} {ahead}");
        }
    }
}
