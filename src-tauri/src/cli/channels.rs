//! Ways to pay, as the gateways describe them.

use super::Session;
use super::exit::Exit;
use serde_json::{Value, json};
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::{Channel, Descriptor, ExtraField};
use till_core::gateway::{REGISTRY, named};
use till_core::money::{Currency, Money};
use till_core::words::Language;
use till_engine::view::AccountView;

/// Lists the channels of one account, or of every gateway.
pub(super) async fn list(session: &Session, account: Option<&str>) -> Result<Exit, Refusal> {
    let Some(name) = account else {
        for gateway in REGISTRY {
            print(session, gateway.descriptor(), None);
        }
        return Ok(Exit::Done);
    };
    let account = session.reading().await?.account(name).await?;
    let gateway =
        named(&account.gateway).ok_or_else(|| Refusal::of(Code::UnknownGateway).with("name", &account.gateway))?;
    print(session, gateway.descriptor(), Some(&account));
    Ok(Exit::Done)
}

fn print(session: &Session, descriptor: &Descriptor, account: Option<&AccountView>) {
    let language = session.output.language;
    let yes = |name: &str| account.is_some_and(|account| account.fields.get(name).is_some_and(|value| value == "yes"));
    let offered = |channel: &&Channel| {
        account.is_none_or(|account| channel.needs.is_none_or(|field| account.fields.contains_key(field)))
    };
    for channel in descriptor.channels.iter().filter(offered) {
        let fields = || channel.fields.iter().filter(|field| !field.unless.is_some_and(yes));
        let value = || {
            json!({
                "gateway": descriptor.name,
                "account": account.map(|account| &account.name),
                "channel": channel.name,
                "wallet": channel.wallet,
                "label": channel.label.in_language(language),
                "presented": channel.presented,
                "limit": limit(descriptor, channel).to_string(),
                "limit_minor": channel.limit_minor,
                "note": channel.note.map(|note| note.in_language(language)),
                "page_note": channel.page.map(|page| page.note.in_language(language)),
                "fields": fields().map(|field| described(field, language)).collect::<Vec<Value>>(),
            })
        };
        session.output.line(&value(), || {
            let mut needed = String::new();
            let mut before = None;
            for field in fields() {
                let asked = if field.required || field.either.is_some() { "" } else { "?" };
                // Fields of one group stand together: one of them is enough.
                let apart = if field.either.is_some() && field.either == before { " | " } else { "  " };
                needed.extend([apart, field.name, asked, "=", field.label.in_language(language)]);
                needed.extend(field.kind.choices().map(|choices| format!(" [{}]", choices.join("|"))));
                before = field.either;
            }
            format!("{}  {}  {}{needed}", descriptor.name, channel.name, channel.label.in_language(language))
        });
    }
}

fn limit(descriptor: &Descriptor, channel: &Channel) -> Money {
    let currency = descriptor.currencies.first().copied().unwrap_or(Currency::Cny);
    Money { minor: channel.limit_minor, currency }
}

fn described(field: &ExtraField, language: Language) -> Value {
    json!({
        "name": field.name,
        "label": field.label.in_language(language),
        "kind": field.kind,
        "required": field.required,
        "either": field.either,
        "max_chars": field.max_chars,
    })
}
