//! The journal: its events as a feed, its verification, and files made of it.

use super::arguments::JournalCommand;
use super::exit::Exit;
use super::{Session, backup, bundle, export, latency, stop, verify};
use crate::premises;
use serde_json::json;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::foreign::one_line;
use till_core::words::Label;
use till_engine::backup::Remade;
use till_engine::export::Choice;
use till_engine::reading::{EventLine, Reading};

/// How often a follower looks for new events.
const LOOK: Duration = Duration::from_millis(200);

const REBUILT: Label = Label::new("已重建的记录数：", "已重建的記錄數：", "Rows made anew:");

const KEPT: Label = Label::new(
    "文件已损坏，所有事件已转到新文件；旧文件保留为：",
    "檔案已損毀，所有事件已轉到新檔案；舊檔案保留為：",
    "The file was damaged; every event is in a new one. The old file is kept as:",
);

pub(super) async fn perform(session: &Session, command: JournalCommand) -> Result<Exit, Refusal> {
    match command {
        JournalCommand::List { after, follow } => list(session, after, follow).await,
        JournalCommand::Export { format, output, from, to, accounts, channels, sold_by, states } => {
            let choice = Choice { from, to, accounts, channels, sold_by, states };
            export::perform(session, format, &output, &choice).await
        }
        JournalCommand::Latency { from, to } => latency::perform(session, from.as_deref(), to.as_deref()).await,
        JournalCommand::Bundle { order_no, output } => bundle::perform(session, &order_no, &output).await,
        JournalCommand::Verify { path, export } => verify::perform(session, path, export).await,
        JournalCommand::Backup { path } => backup::back_up(session, &path).await,
        JournalCommand::Restore { path } => backup::restore(session, &path).await,
        JournalCommand::Rebuild => {
            let Remade { rebuilt, kept } = premises::rebuild(&session.place).await?;
            let done = json!({ "rows": rebuilt.rows, "unreadable": rebuilt.unreadable, "kept": kept });
            session.output.line(&done, || {
                let kept = kept.iter().map(|kept| format!("\n{} {kept}", session.output.words(KEPT)));
                format!("{} {}{}", session.output.words(REBUILT), rebuilt.rows, kept.collect::<String>())
            });
            Ok(tell_unreadable(session, &rebuilt.unreadable))
        }
    }
}

/// Names what a rebuild could not read, and says once what that means.
fn tell_unreadable(session: &Session, subjects: &[String]) -> Exit {
    let Some((last, before)) = subjects.split_last() else { return Exit::Done };
    let refusal = |subject: &String| Refusal::of(Code::JournalPartUnreadable).with("part", subject);
    for subject in before {
        session.output.aside(&refusal(subject).sentence(session.output.language).what);
    }
    let last = refusal(last);
    session.output.tell(&last);
    Exit::of(&last)
}

async fn list(session: &Session, after: u64, follow: bool) -> Result<Exit, Refusal> {
    let folder = session.place.folder();
    let mut reading = session.reading().await?;
    let (mut seq, mut exit) = (after, Exit::Done);
    let asked = follow.then(stop::asked);
    loop {
        let page = reading.events(seq).await?;
        for event in &page {
            seq = event.seq;
            if event.fault.is_some() {
                exit = Exit::Journal;
            }
            if !session.output.line(event, || text(event)) {
                return Ok(exit);
            }
        }
        let Some(asked) = &asked else {
            if page.is_empty() {
                return Ok(exit);
            }
            continue;
        };
        if page.is_empty() {
            tokio::select! {
                () = stop::wait(asked.clone()) => return Ok(exit),
                () = tokio::time::sleep(LOOK) => {}
            }
            // What was there when it was opened is all that one which stands still ever shows.
            if reading.till_id().is_empty() || reading.stands_still() {
                reading = Reading::open(&folder).await?;
            }
        }
    }
}

fn text(event: &EventLine) -> String {
    let kind = event.event.as_ref().and_then(|event| {
        let value: serde_json::Value = serde_json::from_str(event.get()).ok()?;
        Some(value.pointer("/event/type")?.as_str()?.to_owned())
    });
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let what = kind.or_else(|| event.fault.clone()).unwrap_or_default();
    let (at, actor, subject) = (or_dash(&event.at), or_dash(&event.actor), or_dash(&event.subject));
    one_line(&format!("{:>6}  {at}  {actor}  {subject}  {what}", event.seq))
}
