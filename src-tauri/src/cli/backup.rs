//! Backups of the journal, and putting one in its place.

use super::Session;
use super::exit::Exit;
use crate::premises;
use std::path::Path;
use till_core::error::Refusal;
use till_core::foreign::one_line;
use till_core::money::{Currency, Money};
use till_core::words::{Label, Language};
use till_engine::backup::{self, Lost, Restored};
use till_engine::reading::FILE;

const BACKED_UP: Label = Label::new(
    "已备份并核验，共 {head} 条：{file}",
    "已備份並核驗，共 {head} 項：{file}",
    "Backed up and verified, {head} events: {file}",
);
const RESTORED: Label = Label::new(
    "已恢复：流水现在是 {file} 里到 {until} 为止的 {head} 条。",
    "已還原：流水現為 {file} 內截至 {until} 的 {head} 項。",
    "Restored: the journal now is that of {file}, {head} events up to {until}.",
);
const KEPT: Label = Label::new(
    "原来的流水文件没有删除，保留为：{kept}",
    "原有流水檔案沒有刪除，保留為：{kept}",
    "The file that was there was not deleted; it is kept as {kept}",
);
const OPEN: Label = Label::new(
    "备份里有 {open} 张订单没有结束：下次启动时会向网关查询。",
    "備份內有 {open} 張訂單未結束：下次啟動時會向網關查詢。",
    "Orders that have not ended in the backup: {open}. The gateways are asked about them at the next start.",
);
const NONE_LOST: Label = Label::new(
    "原来的流水里没有哪张订单比备份多出什么。",
    "原有流水內沒有任何訂單比備份多出記錄。",
    "No order of the old journal went further than the backup knows.",
);
const LOST: Label = Label::new(
    "以下订单是备份之后新开的，或者之后有变化，恢复后的流水不知道。钱以网关为准：请逐张到网关的商户后台核对，核对之前不要再收一次，也不要退款。",
    "以下訂單在備份後建立或有變化，還原後的流水並不知道。款項以網關為準：請逐張到網關的商戶後台核對，核對之前切勿再收一次，亦切勿退款。",
    "These orders were made or went on after the backup, and the restored journal does not know that. The gateways hold the money \
     as before: look each one up in the gateway's back office before you ask for the money again or give any back.",
);
const LOST_APART: Label = Label::new(
    "以下订单，原来的流水和备份记的不一样，或者备份里没有；恢复后的流水只按备份。钱以网关为准：请逐张到网关的商户后台核对，核对之前不要再收一次，也不要退款。",
    "以下訂單，原有流水與備份的記錄不同，或備份內沒有；還原後的流水只按備份。款項以網關為準：請逐張到網關的商戶後台核對，核對之前切勿再收一次，亦切勿退款。",
    "The old journal tells these orders otherwise than the backup, or the backup does not know them. The gateways hold the money as \
     before: look each one up in the gateway's back office before you ask for the money again or give any back.",
);
const APART: Label = Label::new(
    "从第 {from} 条起，备份和原来的流水说的不是一回事：两份先对照清楚，再决定相信哪一份。原来的流水保留着。",
    "由第 {from} 項起，備份與原有流水所記並不相同：請先對照兩者，再決定相信哪一份。原有流水已保留。",
    "From event {from} on the backup and the journal that was here tell different stories: compare both before you trust either. The \
     old journal is kept.",
);
const FURTHER: Label = Label::new(
    "原来的流水到第 {seq} 条为止，备份在那之后还有记录：两份先对照清楚，再决定相信哪一份。原来的流水保留着。",
    "原有流水到第 {seq} 項為止，備份在其後仍有記錄：請先對照兩者，再決定相信哪一份。原有流水已保留。",
    "The journal that was here ended with event {seq}, and the backup goes on behind it: compare both before you trust either. The old \
     journal is kept.",
);
const LOST_MAYBE: Label = Label::new(
    "原来的流水有读不出来的部分，可能还有别的订单：{until} 之后收的款和退的款，请到网关的商户后台核对。",
    "原有流水有部分無法讀取，可能還有其他訂單：{until} 之後的收款和退款，請到網關的商戶後台核對。",
    "Part of the old journal cannot be read, so there may be more: look up in the gateway's back office what was paid and given back \
     after {until}.",
);
const LOST_UNKNOWN: Label = Label::new(
    "原来的流水读不出来，说不出备份之后有哪些订单：{until} 之后收的款和退的款，请到网关的商户后台核对，核对之前不要退款。",
    "原有流水無法讀取，未能說明備份後有哪些訂單：{until} 之後的收款和退款，請到網關的商戶後台核對，核對之前切勿退款。",
    "The old journal cannot be read and does not tell which orders came after the backup: look up in the gateway's back office what \
     was paid and given back after {until} before you give any money back.",
);
const NOBODY: Label = Label::new(
    "备份里没有人设过 PIN：现在谁都可以操作，包括退款。请在收款前重新添加店长：operator add … --role manager",
    "備份內沒有人設定過 PIN：現在任何人都可操作，包括退款。請在收款前重新加入店長：operator add … --role manager",
    "By the backup nobody has a PIN: whoever is at the till may do everything now, give money back too. Add the manager again \
     before you sell: operator add … --role manager",
);
const NOT_IN_BACKUP: Label = Label::new("备份里没有", "備份內沒有", "not in the backup");
const IN_BACKUP: Label = Label::new("备份里：{state}", "備份內：{state}", "in the backup: {state}");
const PAID: Label = Label::new("已付 {amount}", "已付 {amount}", "paid {amount}");
const GIVEN_BACK: Label = Label::new("已退 {amount}", "已退 {amount}", "given back {amount}");

/// Backs the till's journal up.
pub(super) async fn back_up(session: &Session, path: &Path) -> Result<Exit, Refusal> {
    let made = backup::back_up(&session.place.folder().join(FILE), path).await?;
    session.output.line(&made, || {
        let said = session.output.words(BACKED_UP).replace("{head}", &made.head.to_string());
        said.replace("{file}", &made.file)
    });
    Ok(Exit::Done)
}

/// Puts a backup in the journal's place.
pub(super) async fn restore(session: &Session, path: &Path) -> Result<Exit, Refusal> {
    let claims = (session.first.as_ref(), session.second.as_ref());
    let restored = premises::restore(&session.place, path, claims).await?;
    session.output.line(&restored, || told(&restored, session.output.language).join("\n"));
    Ok(Exit::Done)
}

fn told(restored: &Restored, language: Language) -> Vec<String> {
    let words = |label: Label| label.in_language(language).replace("{until}", &restored.until);
    let told = words(RESTORED).replace("{head}", &restored.head.to_string());
    let mut lines = vec![told.replace("{file}", &restored.file)];
    if !restored.open.is_empty() {
        lines.push(words(OPEN).replace("{open}", &restored.open.len().to_string()));
    }
    if restored.forgets_people {
        lines.push(words(NOBODY));
    }
    let Some(kept) = &restored.kept else { return lines };
    lines.push(words(KEPT).replace("{kept}", kept));
    lines.extend(restored.differs_after.map(|seq| {
        let label = if restored.old_head == Some(seq) { FURTHER } else { APART };
        words(label).replace("{seq}", &seq.to_string()).replace("{from}", &seq.saturating_add(1).to_string())
    }));
    let apart = restored.differs_after.is_some();
    match &restored.lost {
        None => lines.push(words(LOST_UNKNOWN)),
        Some(lost) => {
            if !lost.is_empty() {
                lines.push(words(if apart { LOST_APART } else { LOST }));
                lines.extend(lost.iter().flat_map(|lost| order(lost, language)));
            } else if restored.lost_is_whole && !apart {
                lines.push(words(NONE_LOST));
            }
            if !restored.lost_is_whole {
                lines.push(words(LOST_MAYBE));
            }
        }
    }
    lines
}

/// An order that the restored journal does not know, or not so far, and its refunds.
fn order(lost: &Lost, language: Language) -> Vec<String> {
    let words = |label: Label| label.in_language(language);
    let money = |label: Label, minor: i64| {
        let amount = Currency::from_code(&lost.currency)
            .map_or_else(|| minor.to_string(), |currency| Money { minor, currency }.to_string());
        words(label).replace("{amount}", &amount)
    };
    let Lost { order_no, amount, currency, account, state, .. } = lost;
    let mut parts = vec![format!("  {order_no}"), format!("{amount} {currency}"), account.clone()];
    parts.push(words(state.label()).to_owned());
    parts.extend(lost.paid_minor.map(|paid| money(PAID, paid)));
    parts.extend((lost.refunded_minor > 0).then(|| money(GIVEN_BACK, lost.refunded_minor)));
    parts.push(match lost.in_backup {
        None => words(NOT_IN_BACKUP).to_owned(),
        Some(state) => words(IN_BACKUP).replace("{state}", words(state.label())),
    });
    let refunds = lost.refunds.iter().map(|refund| {
        format!("    {}  {} {currency}  {}", refund.refund_no, refund.amount, words(refund.state.label()))
    });
    std::iter::once(one_line(&parts.join("  "))).chain(refunds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::order::State;
    use till_core::order::refund::RefundState;
    use till_engine::backup::LostRefund;

    fn restored(lost: Option<Vec<Lost>>, lost_is_whole: bool) -> Restored {
        Restored {
            file: "/usb/b.sqlite".to_owned(),
            till_id: "7H3PX".to_owned(),
            head: 12,
            until: "2026-11-28T22:10:00+08:00".to_owned(),
            old_head: Some(20),
            kept: Some("/till/journal.before-restore-20261129T090000.sqlite".to_owned()),
            open: vec!["TK2".to_owned()],
            lost,
            lost_is_whole,
            differs_after: None,
            forgets_people: false,
        }
    }

    fn paid() -> Lost {
        let refund =
            LostRefund { refund_no: "TR1".to_owned(), amount: "2.00".to_owned(), state: RefundState::Succeeded };
        Lost {
            order_no: "TK1".to_owned(),
            account: "main".to_owned(),
            amount: "12.50".to_owned(),
            currency: "CNY".to_owned(),
            state: State::Paid,
            paid_minor: Some(1_250),
            refunded_minor: 200,
            refunds: vec![refund],
            in_backup: None,
        }
    }

    #[test]
    fn what_a_restore_loses_is_told_by_number_and_amount_or_that_nobody_can_tell() {
        for language in [Language::ZhCn, Language::ZhHk, Language::En] {
            let words = |label: Label| label.in_language(language);
            let text = |restored: &Restored| told(restored, language).join("\n");
            let named = text(&restored(Some(vec![paid()]), true));
            for part in
                ["TK1", "12.50 CNY", "2.00 CNY", "TR1", words(NOT_IN_BACKUP), words(LOST), "journal.before-restore"]
            {
                assert!(named.contains(part), "{part} in {named}");
            }
            assert!(!named.contains(['{', '}']) && !named.contains(words(NONE_LOST)), "{named}");
            let none = text(&restored(Some(vec![]), true));
            assert!(none.contains(words(NONE_LOST)), "{none}");
            let since = |label: Label| words(label).replace("{until}", "2026-11-28T22:10:00+08:00");
            let some = text(&restored(Some(vec![]), false));
            assert!(some.contains(&since(LOST_MAYBE)) && !some.contains(words(NONE_LOST)), "{some}");
            assert!(text(&restored(None, false)).contains(&since(LOST_UNKNOWN)));
            let fresh = Restored { kept: None, ..restored(Some(vec![]), true) };
            assert!(!text(&fresh).contains(words(NONE_LOST)), "nothing was there");
            let apart = text(&Restored { differs_after: Some(7), ..restored(Some(vec![paid()]), true) });
            assert!(apart.contains(&words(APART).replace("{from}", "8")), "{apart}");
            assert!(apart.contains(words(LOST_APART)) && !apart.contains(words(LOST)), "{apart}");
            let further = text(&Restored { differs_after: Some(20), ..restored(Some(vec![]), true) });
            assert!(further.contains(&words(FURTHER).replace("{seq}", "20")), "{further}");
            assert!(!further.contains(words(NONE_LOST)) && !further.contains(['{', '}']), "{further}");
            assert!(!named.contains(words(NOBODY)), "{named}");
            assert!(text(&Restored { forgets_people: true, ..restored(None, false) }).contains(words(NOBODY)));
        }
    }
}
