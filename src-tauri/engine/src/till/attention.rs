//! What people do about an order that needs one: mark what they saw proof of, and say that they have dealt with it.

use super::Till;
use super::refund::giver;
use crate::view::LiveOrder;
use crate::view::refunds::MarkRequest;
use till_core::error::{Code, Refusal};
use till_core::money::{Currency, Money};
use till_core::order::Attention;
use till_core::order::decide::Command;
use till_core::order::mark::{HandMark, Marked, may_mark};
use till_core::rights::{Action, Actor, marks_with_two_names};

/// The longest note, in characters.
const NOTE_LIMIT: usize = 200;

impl Till {
    /// Puts a mark beside an order: two people saw proof that the till cannot get. It changes no state, and the asking goes on.
    pub async fn mark_by_hand(
        &self,
        actor: &Actor,
        second: Option<&Actor>,
        order_no: &str,
        request: &MarkRequest,
    ) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::MarkByHand)?;
        let second = self.beside(actor, second)?;
        let Some(second) = second.filter(|second| marks_with_two_names(actor, Some(second))) else {
            let currency = self.inner.current(order_no).await.map_or(Currency::Cny, |order| order.amount().currency);
            let needed = Refusal::of(Code::SecondPersonNeeded).with("above", "0.00");
            return Err(needed.with("currency", currency.code()).with("again", false));
        };
        let note = noted(&request.note)?;
        let order = self.inner.current(order_no).await?;
        let refund_no = request.refund_no.as_deref();
        let refund = match refund_no.map(|no| order.refund(no).ok_or(no)) {
            Some(Err(no)) => return Err(Refusal::of(Code::UnknownRefund).with("refund_no", no)),
            Some(Ok(refund)) => Some(refund),
            None => None,
        };
        let amount_minor = if request.amount.trim().is_empty() {
            match (request.what, refund) {
                (Marked::Paid, _) => order.amount().minor,
                (Marked::Refunded, Some(refund)) => refund.draft.amount_minor,
                (Marked::Refunded, None) => order.left_minor(),
            }
        } else {
            Money::parse(&request.amount, order.amount().currency, i64::MAX)?.minor
        };
        let not_needed = || Refusal::of(Code::MarkNotNeeded).with("order_no", order_no);
        if !may_mark(&order, request.what, amount_minor, refund_no) {
            return Err(not_needed());
        }
        let before = order.marks.len();
        let (what, refund_no) = (request.what, request.refund_no.clone());
        let mark = HandMark { what, amount_minor, refund_no, note, by: giver(actor), second: giver(&second) };
        self.inner.told(order_no, Command::Mark(Box::new(mark)), actor).await?;
        let live = self.order(order_no).await?;
        if live.by_hand.len() > before { Ok(live) } else { Err(not_needed()) }
    }

    /// A person has dealt with what an order needed them for, and says how.
    pub async fn handle_attention(
        &self,
        actor: &Actor,
        order_no: &str,
        attention: Attention,
        note: &str,
    ) -> Result<LiveOrder, Refusal> {
        let actor = &self.permit(actor, Action::HandleAttention)?;
        let note = noted(note)?;
        let order = self.inner.current(order_no).await?;
        if !order.attention.contains(&attention) {
            return Err(Refusal::of(Code::AttentionNotThere).with("order_no", order_no));
        }
        self.inner.told(order_no, Command::Handle(attention, note), actor).await?;
        if attention == Attention::DoublePayment {
            self.inner.dealt_with_double_payment(&order.draft.sale).await;
        }
        self.order(order_no).await
    }
}

/// What a person wrote: one line that is not empty.
fn noted(note: &str) -> Result<String, Refusal> {
    let note = note.trim();
    if note.is_empty() {
        Err(Refusal::of(Code::NoteNeeded))
    } else if note.chars().count() > NOTE_LIMIT || note.chars().any(char::is_control) {
        Err(Refusal::of(Code::ValueDoesNotFit).with("field", "note"))
    } else {
        Ok(note.to_owned())
    }
}
