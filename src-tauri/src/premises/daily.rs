//! What is done once a business day for as long as a till stays open, at the first quiet moment: the backup, and then raw answers that
//! are old enough go.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use till_core::error::Code;
use till_engine::backup::Daily;
use till_engine::reading::FILE;
use till_engine::settings;
use till_engine::till::Till;

/// How often it is looked whether one is due. A till is quiet that was so at two looks in a row.
const LOOK: Duration = Duration::from_secs(15);

/// How long a till that is never quiet is waited for.
const BUSY: Duration = Duration::from_hours(1);

/// A pause before one that failed is tried again.
const AGAIN: Duration = Duration::from_mins(10);

/// What is known between two looks.
#[derive(Default)]
struct Looked {
    daily: Option<Daily>,
    quiet: bool,
    due_since: Option<Instant>,
    failed_at: Option<Instant>,
}

/// The day on which raw answers were looked through, and for how many days they were kept.
type Cleared = Option<(String, u32)>;

/// Makes backups of the till in `folder` as its settings say, which are read anew each time.
pub(super) async fn back_up(till: Till, folder: PathBuf) {
    let mut looks = tokio::time::interval(LOOK);
    let (mut looked, mut cleared) = (Looked::default(), Cleared::default());
    loop {
        looks.tick().await;
        look(&till, &folder, &mut looked).await;
        clear(&till, &folder, &mut cleared).await;
    }
}

/// Removes raw answers that the settings do not want any longer. After the day's backup, which still holds them.
async fn clear(till: &Till, folder: &Path, cleared: &mut Cleared) {
    let Ok(read) = settings::read(folder) else { return };
    let Some(days) = read.settings.journal.keep_raw_days else { return };
    let today = till.business_day();
    if !till.is_quiet() || *cleared == Some((today.clone(), days)) {
        return;
    }
    if let Some(daily) = Daily::of(&read.settings.backup, till.id())
        && daily.is_due(&today).await
    {
        return;
    }
    match till.remove_old_answers(days).await {
        Ok(removed) => {
            tracing::info!(removed, days, "raw answers that were old enough");
            *cleared = Some((today, days));
        }
        Err(refusal) => till.notice(refusal),
    }
}

async fn look(till: &Till, folder: &Path, looked: &mut Looked) {
    // Settings that cannot be read are told of elsewhere.
    let Ok(read) = settings::read(folder) else { return };
    let daily = Daily::of(&read.settings.backup, till.id());
    if looked.daily != daily {
        *looked = Looked { daily: daily.clone(), ..Looked::default() };
        till.withdraw(Code::BackupFailed);
    }
    let Some(daily) = daily else {
        till.backed_up(None);
        return;
    };
    if let Ok(newest) = daily.newest().await {
        till.backed_up(newest.map(|made| made.at));
    }
    let (today, quiet) = (till.business_day(), till.is_quiet());
    let was_quiet = std::mem::replace(&mut looked.quiet, quiet);
    if !daily.is_due(&today).await {
        looked.due_since = None;
        return;
    }
    let due_since = *looked.due_since.get_or_insert_with(Instant::now);
    let waits = looked.failed_at.is_some_and(|failed| failed.elapsed() < AGAIN);
    if waits || !(quiet && was_quiet || due_since.elapsed() > BUSY) {
        return;
    }
    match daily.make(&folder.join(FILE), &today).await {
        Ok(made) => {
            tracing::info!(file = made.file, head = made.head, "backed up");
            looked.failed_at = None;
            till.withdraw(Code::BackupFailed);
            if let Ok(newest) = daily.newest().await {
                till.backed_up(newest.map(|made| made.at));
            }
        }
        Err(refusal) => {
            looked.failed_at = Some(Instant::now());
            till.notice(daily.failed(&refusal));
        }
    }
}
