//! Accounts at gateways, and their secrets.

use super::arguments::{AccountCommand, Change, fields};
use super::engine::{self, Followed};
use super::exit::Exit;
use super::{Session, doctor, input};
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::gateway::named;
use till_core::rights::{Action, may_keep_accounts};
use till_core::words::{Label, Language};
use till_engine::reading::{OrdersWanted, Reading};
use till_engine::request::{Reply, Request};
use till_engine::view::AccountView;

const MISSING: Label = Label::new("还缺", "尚欠", "still needs");
const RETIRED: Label = Label::new("已停用", "已停用", "out of use");
const TYPE_IT: Label = Label::new(
    "请输入“{name}”的 {field}，然后按 Enter（不显示）：",
    "請輸入「{name}」的 {field}，然後按 Enter（不顯示）：",
    "Enter {field} of “{name}” and press Enter (it is not shown):",
);
const LEFT_OPEN: Label = Label::new(
    "还有 {count} 张未结束的订单无法向网关查询：只有网关的通知，或输入平台的单号（order adopt 订单号 --gateway-no 平台单号），才能得到结果。",
    "仍有 {count} 張未完結的訂單無法向網關查詢：只有網關的通知，或輸入平台的單號（order adopt 訂單編號 --gateway-no 平台單號），才有結果。",
    "Open orders of it that the gateway cannot be asked about: {count}. Only a notification, or the gateway's own number of such an order \
     (order adopt NO --gateway-no NUMBER), brings their end.",
);
const NONE: Label = Label::new("没有在用的收款账户。", "沒有使用中的收款帳戶。", "There is no account in use.");

pub(super) async fn perform(session: &Session, command: AccountCommand) -> Result<Exit, Refusal> {
    let removed = if let AccountCommand::Remove { name } = &command { Some(name.clone()) } else { None };
    let request = match command {
        AccountCommand::List => {
            let reading = session.reading().await?;
            let accounts = reading.accounts().await?;
            if accounts.is_empty() && reading.is_there() {
                session.output.none(NONE);
            }
            for account in accounts {
                print(session, &account);
            }
            return Ok(Exit::Done);
        }
        AccountCommand::Show { name } => {
            print(session, &session.reading().await?.account(&name).await?);
            return Ok(Exit::Done);
        }
        AccountCommand::Check { name } => return check(session, name).await,
        AccountCommand::Add { gateway, name, change } => {
            Request::AddAccount { gateway, name, change: changed(session, change)? }
        }
        AccountCommand::Set { name, change } => Request::ChangeAccount { name, change: changed(session, change)? },
        AccountCommand::Remove { name } => Request::RemoveAccount { name },
        AccountCommand::Secret { name, field } => {
            look_at_right(session).await?;
            let prompt = session.output.words(TYPE_IT).replace("{field}", &field).replace("{name}", &name);
            Request::SetSecret { secret: input::account_secret(session, &prompt, &field)?, name, field }
        }
    };
    let followed = engine::ask(session, request, |reply| {
        if let Reply::Account(account) = reply {
            print(session, &account);
        }
    })
    .await?;
    if followed != Followed::Answered {
        return Ok(Exit::NotYet);
    }
    if let Some(name) = removed {
        match open_orders_of(session, &name).await {
            Ok(0) => {}
            Ok(count) => session.output.aside(&session.output.words(LEFT_OPEN).replace("{count}", &count.to_string())),
            // It was removed all the same.
            Err(refusal) => session.output.tell(&refusal),
        }
    }
    Ok(Exit::Done)
}

async fn open_orders_of(session: &Session, name: &str) -> Result<usize, Refusal> {
    let reading = session.reading().await?;
    let (mut count, mut last) = (0_usize, None);
    loop {
        let page = reading.order_rows(&OrdersWanted::open(), last.as_ref()).await?;
        count = count.saturating_add(page.iter().filter(|row| row.account == name).count());
        let Some(end) = page.into_iter().next_back() else { return Ok(count) };
        last = Some(end);
    }
}

/// Refuses whoever gives no PIN, and may not keep accounts, before they enter a secret. Of anybody else, and where the journal does
/// not tell, the engine decides.
async fn look_at_right(session: &Session) -> Result<(), Refusal> {
    if session.claims() {
        return Ok(());
    }
    let Ok(reading) = Reading::open(&session.place.folder()).await else { return Ok(()) };
    let Ok(visitor) = reading.visitor().await else { return Ok(()) };
    if may_keep_accounts(&visitor, reading.is_training()) {
        return Ok(());
    }
    Err(Refusal::of(Code::MissingRight).with("action", Action::ManageAccounts.word()))
}

fn changed(session: &Session, change: Change) -> Result<AccountChange, Refusal> {
    let fields = fields(change.fields, session.output.language)?;
    Ok(AccountChange { base_url: change.base_url, fields })
}

async fn check(session: &Session, name: String) -> Result<Exit, Refusal> {
    let mut exit = Exit::NotYet;
    engine::ask(session, Request::CheckAccount { name }, |reply| {
        if let Reply::Finding(finding) = reply {
            exit = doctor::print(session, &finding, 0);
        }
    })
    .await?;
    Ok(exit)
}

fn print(session: &Session, account: &AccountView) -> bool {
    session.output.line(account, || text(account, session.output.language))
}

fn text(account: &AccountView, language: Language) -> String {
    let mut text = format!("{}  {}  {}", account.name, account.gateway, account.base_url);
    for (name, value) in account.fields.iter().chain(&account.secrets) {
        text.extend([format!("\n  {name} = {value}")]);
        text.extend(of_a_guess(account, name).map(|help| format!("\n    {}", help.in_language(language))));
    }
    if account.retired {
        text.extend([format!("\n  {}", RETIRED.in_language(language))]);
    } else if !account.missing.is_empty() {
        text.extend([format!("\n  {}: {}", MISSING.in_language(language), account.missing.join(", "))]);
    }
    text
}

/// What a merchant must know of the field that lets the till reverse: that no document tells how.
fn of_a_guess(account: &AccountView, name: &str) -> Option<Label> {
    let descriptor = named(&account.gateway)?.descriptor();
    let switch = descriptor.fields.iter().find(|field| descriptor.reverse_switch == Some(field.name))?;
    switch.help.filter(|_| switch.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn that_reversing_is_a_guess_is_said_below_its_field_and_below_no_other() {
        let account = json!({
            "id": "TA1", "name": "main", "gateway": "pooul", "base_url": "https://gateway.example.com",
            "currency": "CNY", "fields": { "merchant_id": "1", "micro_reverse": "yes" },
            "secrets": { "key": "…d8a1" }, "missing": [], "version": 2, "retired": false,
        });
        let account: AccountView = serde_json::from_value(account).unwrap();
        for (language, guess) in [(Language::En, "guess"), (Language::ZhCn, "推测"), (Language::ZhHk, "推測")] {
            let told = text(&account, language);
            let (above, below) = told.split_once("\n  micro_reverse = yes\n").unwrap();
            let (help, rest) = below.split_once('\n').unwrap();
            assert!(help.starts_with("    ") && help.contains(guess), "{told}");
            assert!(!above.contains(guess) && !rest.contains(guess), "{told}");
        }
    }
}
