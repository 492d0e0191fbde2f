//! What signs pages of an official account (ruling 27): a ticket, which the merchant's own server gives at the account's
//! `ticket_url`. It is kept in memory while it holds, and stands neither in the journal nor in the log.

use super::page::PayPage;
use super::{Inner, Till};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::gateway::bridge::Bridge;
use till_core::gateway::call::NoAnswer;
use till_core::gateway::official_account::{PageSignature, Ticket};
use till_core::number;
use till_core::time::{Moment, SECOND};

/// How long is waited for a ticket: a customer looks at an empty page meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);

/// A ticket is not used for the last part of its time: a page that it signs is looked at a little later. Microseconds.
const MARGIN: i64 = 60 * SECOND;

/// A server that gave none is asked again after this long, however many customers want to pay. Microseconds.
const PAUSE: i64 = 5 * SECOND;

/// What the servers gave last, by their addresses. Whoever asks while another one does waits for the same answer.
#[derive(Default)]
pub(super) struct Tickets(Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<Option<Given>>>>>);

/// An answer came, and had none.
const NO_TICKET: &str = "no_ticket";

/// What came of asking for a ticket, and until when it holds.
struct Given {
    ticket: Result<Ticket, &'static str>,
    until: Moment,
}

impl Given {
    fn new(ticket: Result<Ticket, &'static str>, now: Moment) -> Self {
        let holds = match &ticket {
            Ok(ticket) => i64::from(ticket.holds_s).saturating_mul(SECOND).saturating_sub(MARGIN).max(0),
            Err(_) => PAUSE,
        };
        Self { ticket, until: now.plus(holds) }
    }

    fn holds(&self, now: Moment) -> bool {
        self.until.since(now) > 0
    }
}

impl Till {
    /// The signature of an order's page for the Hong Kong wallet, as it was opened: its address and `query`. None where there is no
    /// ticket; then there is a notice, and the log has the reason.
    pub async fn sign_page(&self, order: &PayPage, query: Option<&str>) -> Option<PageSignature> {
        let (Bridge::HongKong, arguments) = order.call.as_ref()? else { return None };
        let official = order.official.as_ref()?;
        let ticket = self.inner.ticket(&official.account, &official.ticket_url).await.ok()?;
        let nonce = number::nonce(self.inner.random().ok()?);
        let seconds = self.inner.seams.clock.now().unix_seconds();
        let address = match query {
            Some(query) => format!("{}?{query}", official.page),
            None => official.page.clone(),
        };
        Some(ticket.sign(arguments.get("appId")?, &nonce, seconds, &address))
    }
}

impl Inner {
    /// The ticket of an account, or a word why there is none.
    pub(super) async fn ticket(&self, account: &str, url: &str) -> Result<Ticket, &'static str> {
        let place = Arc::clone(self.tickets.0.lock().entry(url.to_owned()).or_default());
        let mut given = place.lock().await;
        let now = self.seams.clock.now();
        if let Some(given) = given.as_ref().filter(|given| given.holds(now)) {
            return given.ticket.clone();
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask_for_ticket(url)).await;
        let had = asked.unwrap_or(Err(NoAnswer::TimedOut.word()));
        *given = Some(Given::new(had.clone(), self.seams.clock.now()));
        match &had {
            Ok(_) => self.withdraw(&[Code::TicketNotHad]),
            Err(why) => {
                tracing::warn!(account, why, "no ticket of the official account");
                self.notice(Refusal::of(Code::TicketNotHad).with("name", account));
            }
        }
        had
    }

    /// What was given before is not believed any more.
    pub(super) fn forget_ticket(&self, url: &str) {
        self.tickets.0.lock().remove(url);
    }

    async fn ask_for_ticket(&self, url: &str) -> Result<Ticket, &'static str> {
        let answer = self.seams.transport.get(url).await.map_err(|no_answer| match no_answer {
            NoAnswer::TooLarge => NO_TICKET,
            NoAnswer::NotSent | NoAnswer::Unreachable | NoAnswer::TimedOut | NoAnswer::Untrusted => no_answer.word(),
        })?;
        Ticket::read(&answer).map_err(|_| NO_TICKET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::call::HttpAnswer;

    fn at(seconds: i64) -> Moment {
        Moment { wall: 0, boot: seconds * SECOND }
    }

    fn given(expires_in: u32) -> Given {
        let body = format!(r#"{{"ticket":"t","expires_in":{expires_in}}}"#).into_bytes();
        let answer = HttpAnswer { status: 200, body, date: None, retry_after: None, authorization: None };
        Given::new(Ok(Ticket::read(&answer).unwrap()), at(100))
    }

    #[test]
    fn a_ticket_holds_until_shortly_before_its_end_and_one_that_was_not_had_is_asked_for_again_soon() {
        let holds = |given: &Given, seconds| given.holds(at(seconds));
        let hours = given(7_200);
        assert!(holds(&hours, 100) && holds(&hours, 7_239) && !holds(&hours, 7_240));
        assert!(!holds(&given(60), 100) && !holds(&given(1), 100), "such a one serves once");
        let none = Given::new(Err(NO_TICKET), at(100));
        assert!(holds(&none, 104) && !holds(&none, 105));
    }
}
