//! Other processes beside the window: what they say goes as a line through the engine's desk, and so do its answers.

use super::back::Givers;
use super::staff::Who;
use super::world::Stage;
use serde_json::{from_value, to_value};
use till_core::error::Refusal;
use till_engine::request::{Claim, Desk, Errand, Hidden, Reply, Request, answer};
use till_engine::till::Till;
use tokio::sync::{mpsc, watch};

/// Asks for `request` with the PINs that `givers` have now; all that is answered.
pub async fn ask(stage: &Stage, till: &Till, givers: Givers, request: Request) -> Result<Vec<Reply>, Refusal> {
    let claim = |who: Who| {
        let (name, world) = (who.name()?, stage.still());
        let person = world.book.people.all.get(name)?;
        Some(Claim { name: name.to_owned(), pin: Hidden::new(person.pin.clone().into_bytes()) })
    };
    let (first, second) = (claim(givers.by), givers.second.and_then(claim));
    let errand = to_value(Errand { first, second, request }).expect("a line");
    let errand: Errand = from_value(errand).expect("what was written can be read");
    let (leaving, left) = watch::channel(false);
    let desk = Desk::new(till.clone(), left, None);
    let (replies, mut said) = mpsc::channel(1);
    let work = async {
        answer(&desk, &errand, &replies).await;
        drop(replies);
    };
    let read = async {
        let mut all = vec![];
        while let Some(reply) = said.recv().await {
            match from_value(to_value(reply).expect("a line")).expect("what was written can be read") {
                Reply::Refused(refusal) => return Err(refusal),
                reply => all.push(reply),
            }
        }
        Ok(all)
    };
    let ((), heard) = tokio::join!(work, read);
    drop(leaving);
    heard
}
