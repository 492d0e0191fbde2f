//! Accounts at gateways, and their secrets.

use super::arguments::{AccountCommand, Change, fields};
use super::engine::{self, Followed};
use super::exit::Exit;
use super::{Session, doctor, input};
use till_core::account::AccountChange;
use till_core::error::Refusal;
use till_core::words::{Label, Language};
use till_engine::request::{Reply, Request};
use till_engine::view::AccountView;

const MISSING: Label = Label::new("还缺", "尚欠", "still needs");
const RETIRED: Label = Label::new("已停用", "已停用", "out of use");
const TYPE_IT: Label = Label::new(
    "请输入“{name}”的 {field}，然后按 Enter（不显示）：",
    "請輸入「{name}」的 {field}，然後按 Enter（不顯示）：",
    "Enter {field} of “{name}” and press Enter (it is not shown):",
);
const NONE: Label = Label::new("没有在用的收款账户。", "沒有使用中的收款帳戶。", "There is no account in use.");

pub(super) async fn perform(session: &Session, command: AccountCommand) -> Result<Exit, Refusal> {
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
    Ok(if followed == Followed::Answered { Exit::Done } else { Exit::NotYet })
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
    }
    if account.retired {
        text.extend([format!("\n  {}", RETIRED.in_language(language))]);
    } else if !account.missing.is_empty() {
        text.extend([format!("\n  {}: {}", MISSING.in_language(language), account.missing.join(", "))]);
    }
    text
}
