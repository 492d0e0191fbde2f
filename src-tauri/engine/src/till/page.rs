//! The customer's page of an order: where it is, what is on it, and the customer's wish to know.
//!
//! The address has a random part that is kept with the order, so a restart keeps the link, whoever knows the number alone has no
//! way in, and nothing has to be looked for but the order that it names.

use super::life::{Message, Published};
use super::show::mark;
use super::{Inner, Till};
use crate::view::Mark;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::BASE32_NOPAD;
use std::sync::Arc;
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::gateway::bridge::{Arguments, Bridge};
use till_core::gateway::descriptor::Channel;
use till_core::money::Money;
use till_core::order::Order;
use till_core::order::page::{self, Standing};
use tokio::sync::oneshot;

/// Where pages lie under the public address, before the link.
const PAGES: &str = "/pay/";

/// Random bytes of a link: 160 bits.
const SECRET_BYTES: usize = 20;

/// How long a customer waits for its answer. The page looks again by itself.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a customer sees of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPage {
    /// Our number.
    pub order_no: String,
    /// Who sells.
    pub shop: String,
    /// What is sold.
    pub body: String,
    /// What is asked for.
    pub amount: Money,
    /// How it stands.
    pub standing: Standing,
    /// The bridge that opens the payment, and what it is called with, while the customer may pay.
    pub call: Option<(Bridge, Arguments)>,
    /// Who signs it, where the bridge wants that.
    pub official: Option<Official>,
    /// No real money.
    pub mark: Option<Mark>,
}

/// The official account that signs a page, and what it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Official {
    /// The merchant's word for the account at the gateway.
    pub account: String,
    /// Where its ticket is had.
    pub ticket_url: String,
    /// The page's own address.
    pub page: String,
}

impl Till {
    /// Whether orders made now get a page of their own.
    #[must_use]
    pub fn serves_pages(&self) -> bool {
        self.inner.public_address.read().is_some()
    }

    /// The page that a link leads to; nothing where there is none, or it is over. A fault of the journal is a refusal.
    pub async fn pay_page(&self, link: &str) -> Result<Option<PayPage>, Refusal> {
        let Some(order) = self.inner.order_of_link(link).await? else { return Ok(None) };
        let Some(standing) = page::standing(&order, self.inner.seams.clock.now()) else { return Ok(None) };
        Ok(Some(PayPage {
            order_no: order.no().to_owned(),
            shop: self.inner.profile.read().shop_name.clone(),
            body: order.draft.body.clone(),
            amount: order.amount(),
            standing,
            call: page::call(&order),
            official: self.inner.official(&order),
            mark: mark(order.draft.mark.as_deref()),
        }))
    }

    /// Asks the gateway for a customer who wants to know, and waits a moment for the answer. Not more often than a gateway can bear,
    /// however often a customer wants to know: what is wanted too soon is asked a little later, once. An order that has ended unpaid
    /// is asked about like an open one.
    pub async fn ask_for_customer(&self, order_no: &str) {
        let (done, over) = oneshot::channel();
        let pressed = self.inner.seams.clock.now();
        // Only what is paid, or cannot be asked about, has no task; one that begins again asks by itself. Whoever waits in vain
        // sees what holds until now.
        if self.inner.send(order_no, Message::AskForCustomer(pressed, done)).is_ok() {
            let _late = tokio::time::timeout(PATIENCE, over).await;
        }
    }
}

impl Inner {
    /// The address of a new order's page, where its channel leads to one and the receiver can be reached from outside.
    pub(super) fn page_of(&self, channel: &Channel, order_no: &str) -> Result<Option<String>, Refusal> {
        let Some(public) = self.public_address.read().clone().filter(|_| channel.leads_to_a_page()) else {
            return Ok(None);
        };
        let secret = BASE32_NOPAD.encode(&self.random::<SECRET_BYTES>()?).to_ascii_lowercase();
        Ok(Some(format!("{public}{PAGES}{order_no}-{secret}")))
    }

    /// By the account as the order was made with it, like everything about an order.
    fn official(&self, order: &Order) -> Option<Official> {
        let page = order.draft.page.clone().filter(|_| order.bridge == Some(Bridge::HongKong))?;
        let party = self.registry.of_draft(&order.draft).ok()?;
        let ticket_url = party.account.field("ticket_url")?.to_owned();
        Some(Official { account: party.account.name.clone(), ticket_url, page })
    }

    async fn order_of_link(&self, link: &str) -> Result<Option<Arc<Order>>, Refusal> {
        let Some((order_no, _)) = link.split_once('-').filter(|(order_no, _)| is_number(order_no)) else {
            return Ok(None);
        };
        let order = match self.published(order_no) {
            Some(published) => Arc::clone(&published.order),
            None => match self.read_order(order_no).await {
                Ok((order, _)) => Arc::new(order),
                Err(refusal) if refusal.code == Code::UnknownOrder => return Ok(None),
                Err(refusal) => return Err(refusal),
            },
        };
        let its_own = order.draft.page.as_deref().and_then(|page| page.rsplit('/').next());
        let same = its_own.is_some_and(|own| verify_slices_are_equal(own.as_bytes(), link.as_bytes()).is_ok());
        Ok(Some(order).filter(|_| same))
    }

    fn published(&self, order_no: &str) -> Option<Arc<Published>> {
        self.live.lock().get(order_no).map(|live| Arc::clone(&live.published))
    }
}

fn is_number(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use till_core::gateway::descriptor::URL_LIMIT;
    use till_core::number::{Kind, number};
    use till_core::time::Moment;

    #[test]
    fn the_longest_address_of_a_page_is_one_that_gateways_take() {
        let order_no = number(Kind::Order, Moment { wall: 0, boot: 0 }, "7H3PX", [0xff; 8]);
        let secret = BASE32_NOPAD.encode(&[0xff; SECRET_BYTES]);
        let behind = format!("{PAGES}{order_no}-{secret}").len();
        assert!(crate::settings::PUBLIC_LIMIT + behind <= URL_LIMIT, "{behind}");
        assert!(is_number(&order_no) && !is_number("../x") && !is_number(""));
    }
}
