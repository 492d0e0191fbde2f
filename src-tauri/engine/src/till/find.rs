//! Finding orders and telling their story.

use super::commit::rfc3339;
use super::dealing::OnLoopback;
use super::show::mark;
use super::sought::{PAGE, next_page};
use super::{Inner, Till, fault_of_storage};
use crate::day_head::removed;
use crate::reading::spans_of;
use crate::storage::{OrderRow, OrderSearch, StoredEvent};
use crate::view::{Mark, OrderLine, OrderPage, OrderQuery, SpansView, Timeline, TimelineEntry};
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use till_core::error::{Code, Refusal};
use till_core::gateway::descriptor::Wallet;
use till_core::gateway::{self};
use till_core::journal::{self, Event};
use till_core::money::{Currency, Money};
use till_core::order::State;
use till_core::order::event::OrderEvent;
use till_core::order::latency::Spans;
use till_core::order::proof::Proof;
use till_core::rights::{Action, Actor};

impl Till {
    /// One page of orders, newest first.
    pub async fn orders(&self, actor: &Actor, query: &OrderQuery) -> Result<OrderPage, Refusal> {
        self.permit(actor, Action::Read)?;
        let search = self.inner.search(query)?;
        let rows = self.inner.seams.storage.orders(&search).await.map_err(|fault| fault_of_storage(&fault))?;
        let next = next_page(&rows, |row| (row.created_at, &row.order_no));
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let mark = self.inner.mark_of_row(&row).await;
            lines.push(self.inner.line(row, mark));
        }
        Ok(OrderPage { rows: lines, next })
    }

    /// An order's events with what a person reads in them.
    pub async fn timeline(&self, actor: &Actor, order_no: &str) -> Result<Timeline, Refusal> {
        self.permit(actor, Action::Read)?;
        let order = self.order(order_no).await?;
        let stream = self.inner.seams.storage.stream(&journal::order_subject(order_no)).await;
        let events = stream.map_err(|fault| fault_of_storage(&fault))?;
        let first = events.first().map_or(0, |event| event.at.wall);
        let asked_minor = order.order.amount_minor;
        let till = self.inner.seams.storage.stream(journal::TILL).await.unwrap_or_default();
        let removals: Vec<(i64, u32)> = removed(&till).collect();
        let entries = events.iter().map(|event| entry(event, first, asked_minor, &removals)).collect();
        Ok(Timeline { order, spans: spans_shown(spans_of(&events)), entries })
    }

    /// A raw answer of a gateway by its SHA-256 in hex, as text.
    pub async fn raw_answer(&self, actor: &Actor, sha256: &str) -> Result<Option<String>, Refusal> {
        self.permit(actor, Action::Read)?;
        let bytes = HEXLOWER.decode(sha256.as_bytes()).ok();
        let Some(hash) = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) else {
            return Err(Refusal::of(Code::BadRequest).with("reason", "sha256"));
        };
        let raw = self.inner.seams.storage.raw(&hash).await.map_err(|fault| fault_of_storage(&fault))?;
        Ok(raw.map(|raw| String::from_utf8_lossy(&raw).into_owned()))
    }
}

impl Inner {
    fn search(&self, query: &OrderQuery) -> Result<OrderSearch, Refusal> {
        let sought = self.sought(query.after.as_deref(), query.day.as_deref(), &query.text)?;
        // A payment may have come on the day after the sale began: a time that was typed is looked for on its own.
        let day = sought.day.filter(|_| sought.when.is_none());
        Ok(OrderSearch {
            number: sought.number,
            amount_minor: sought.amount_minor,
            states: query.states.iter().map(|state| state.word().to_owned()).collect(),
            from: day.map(|(from, _)| from),
            until: day.map(|(_, until)| until),
            happened: sought.when,
            attention: query.attention_only.then_some(true),
            sold_by: query.sold_by.clone(),
            after: sought.after,
            limit: PAGE,
            ..OrderSearch::default()
        })
    }

    /// The mark of a row's order. Only where an account was at a real gateway and at none does the order itself have to
    /// tell; one that cannot be read does not keep the others from the list.
    pub(super) async fn mark_of_row(&self, row: &OrderRow) -> Option<Mark> {
        if self.training {
            return Some(Mark::Training);
        }
        match self.registry.was_on_loopback(&row.account_id) {
            OnLoopback::Never => None,
            OnLoopback::Always => Some(Mark::NotARealGateway),
            OnLoopback::Sometimes => {
                let read = self.read_order(&row.order_no).await.ok();
                read.and_then(|(order, _)| mark(order.draft.mark.as_deref()))
            }
        }
    }

    fn line(&self, row: OrderRow, mark: Option<Mark>) -> OrderLine {
        let currency = Currency::from_code(&row.currency).unwrap_or(Currency::Cny);
        let money = |minor: i64| Money { minor, currency }.to_string();
        let at = |wall: i64| rfc3339(wall, self.seams.clock.offset_minutes(wall));
        OrderLine {
            wallet: wallet_of(&row.gateway, &row.channel),
            amount: money(row.amount_minor),
            currency: row.currency.clone(),
            state: State::from_word(&row.state).unwrap_or(State::Disputed),
            late: row.late,
            attention: row.attention.as_deref().and_then(attention_of),
            refunded: money(row.refunded_minor),
            gateway_no: row.gateway_no,
            created_at: at(row.created_at),
            paid_at: row.paid_at.map(at),
            mark,
            marked_by_hand: row.by_hand.is_some(),
            order_no: row.order_no,
            sale: row.sale,
            account: row.account,
            channel: row.channel,
        }
    }
}

fn wallet_of(gateway: &str, channel: &str) -> Wallet {
    gateway::named(gateway)
        .and_then(|gateway| gateway.descriptor().channels.iter().find(|known| known.name == channel))
        .map_or(Wallet::Other, |channel| channel.wallet)
}

fn attention_of(word: &str) -> Option<till_core::order::Attention> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

fn spans_shown(spans: Spans) -> SpansView {
    let ms = |span: Option<i64>| span.map(|span| span / 1_000);
    SpansView {
        answered_ms: ms(spans.answered),
        painted_ms: ms(spans.painted),
        paid_ms: ms(spans.paid),
        known_ms: ms(spans.known),
    }
}

/// `asked_minor`: what the order asks for, minor units. `removals`: see [`removed`].
fn entry(stored: &StoredEvent, first: i64, asked_minor: i64, removals: &[(i64, u32)]) -> TimelineEntry {
    let event = journal::read(&stored.payload);
    let value = serde_json::from_slice::<serde_json::Value>(&stored.payload).unwrap_or_default();
    let event_value = value.get("event").cloned().unwrap_or_default();
    let kind = match &event {
        Ok(Event::Order { event }) => event.word(),
        Ok(Event::Till { .. } | Event::Account { .. } | Event::Operators { .. } | Event::Limits { .. }) | Err(_) => {
            "unreadable"
        }
    };
    let proof = if let Ok(Event::Order { event: OrderEvent::Paid { reported, .. } }) = &event {
        Some(Proof::of(&reported.report, asked_minor))
    } else {
        None
    };
    let mut facts = BTreeMap::new();
    flatten(&event_value, &mut facts);
    // A notification answers no question, so no time passed until it was answered.
    if facts.get("took").is_some_and(|took| took == "0") {
        facts.remove("took");
    }
    TimelineEntry {
        seq: stored.seq,
        at: rfc3339(stored.at.wall, stored.at.offset_minutes),
        since_ms: stored.at.wall.saturating_sub(first) / 1_000,
        actor: stored.actor.clone(),
        kind: kind.to_owned(),
        proof,
        raw: facts.remove("raw"),
        raw_kept_days: removals.iter().find(|(until, _)| stored.at.wall < *until).map(|(_, days)| *days),
        facts,
        hash: HEXLOWER.encode(&stored.hash),
    }
}

/// Plain values of an event by their last name.
fn flatten(value: &serde_json::Value, facts: &mut BTreeMap<String, String>) {
    let serde_json::Value::Object(fields) = value else { return };
    for (name, value) in fields {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::Object(_) => flatten(value, facts),
            serde_json::Value::String(text) => {
                facts.insert(name.clone(), text.clone());
            }
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::Array(_) => {
                facts.insert(name.clone(), value.to_string());
            }
        }
    }
}
