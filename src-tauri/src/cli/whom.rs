//! Who is meant by a name that was typed, where a list is narrowed to one person's doings.

use super::Session;
use till_core::error::{Code, Refusal};
use till_core::operator::same_name;
use till_core::rights::Actor;
use till_core::words::Label;
use till_engine::reading::Reading;

pub(super) const OWNER: Label = Label::new("店主", "店主", "owner");

/// Who is meant, as the journal names them: a person by any spelling of their name, the owner by the word of any language, and
/// whoever is no person by the journal's word. Where the people cannot be read, that is told, and whoever it names as it was
/// `typed` is meant.
pub(super) async fn whom(session: &Session, reading: &Reading, typed: &str) -> Result<String, Refusal> {
    let owner = Actor::Owner.word();
    // Nobody else can have these names. Another language's word for the owner may be a person's name.
    let words = [owner.clone(), Actor::Nobody.word(), Actor::Gateway.word()];
    if let Some(word) = words.into_iter().find(|word| same_name(word, typed)) {
        return Ok(word);
    }
    let unread = match reading.person(typed).await {
        Ok(Some(name)) => return Ok(name),
        Ok(None) => false,
        Err(refusal) if refusal.code == Code::JournalPartUnreadable => {
            session.output.tell(&refusal);
            true
        }
        Err(refusal) => return Err(refusal),
    };
    if [OWNER.zh_cn, OWNER.zh_hk, OWNER.en].iter().any(|word| same_name(word, typed)) {
        return Ok(owner);
    }
    if unread { Ok(typed.to_owned()) } else { Err(Refusal::of(Code::NothingSoNamed).with("name", typed)) }
}
