//! An order as its events told it, and what was heard about it.

use super::{Returned, text};
use crate::simulation::wire::Dialect;
use crate::simulation::world::{S, World};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use till_core::time::Stamp;

/// The longest from a decision to its commit: two slow writes.
pub(super) const SLOWEST: i64 = 2 * S;

/// Who shows a code, as the draft says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shows {
    /// The till.
    #[default]
    Till,
    /// The customer.
    Customer,
    /// Nobody here.
    Nobody,
}

/// An order as its events told it, and what was heard about it.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Our number.
    pub order_no: String,
    /// The sale.
    pub sale: String,
    /// Its gateway called to say that money went back without the till.
    pub(super) back_elsewhere: bool,
    /// What a person was called for of that: minor units by the gateway's number.
    pub(super) elsewhere: BTreeMap<String, i64>,
    /// The account's id and version.
    pub account: (String, u64),
    /// The account's name.
    pub account_name: String,
    /// Its gateway's language.
    pub dialect: Option<Dialect>,
    /// The channel.
    pub channel: String,
    /// Who shows a code.
    pub shows: Shows,
    /// Minor units.
    pub minor: i64,
    /// The currency.
    pub currency: String,
    /// Seconds.
    pub expire_s: i64,
    /// World time.
    pub drafted: i64,
    /// Run.
    pub drafted_in: u32,
    pub(super) forward_then: i64,
    pub(super) settings_then: u32,
    pub(super) intended: bool,
    /// Its create's answer was taken in.
    pub(super) answered: bool,
    /// Creates that left.
    pub creates: u32,
    /// The committed link.
    pub link: Option<String>,
    /// Committed parameters for an app.
    pub parameters: Option<String>,
    /// The address of its own page.
    pub page: Option<String>,
    /// Committed: what its page calls a script bridge with.
    pub given: Option<String>,
    /// When it was paid or ended last, world time, and how often the wall clock had been set by then.
    pub over: Option<(i64, u32)>,
    /// When its last event was stored, world time.
    pub moved: i64,
    /// The gateway's number.
    pub gateway_no: Option<String>,
    /// A person named it.
    pub named: bool,
    /// A gateway's call made it.
    pub ordered: bool,
    /// When the code went off, world time.
    pub off: Option<i64>,
    /// A person wants it reversed.
    pub reverse_asked: bool,
    reverse_asked_at: i64,
    /// The state that the events give.
    pub state: &'static str,
    pub(super) states: BTreeSet<&'static str>,
    /// It has ended unpaid at some time.
    pub ended: bool,
    /// When, by the wall clock.
    pub ended_wall: i64,
    /// How often the wall clock had been set by then.
    pub settings_at_end: u32,
    /// Why it ended last.
    pub end_reason: String,
    /// Booked as paid.
    pub paid: bool,
    /// Paid after an end.
    pub late: bool,
    /// The business day of the payment.
    pub paid_day: String,
    /// When it was booked, world time and by the wall clock.
    pub(super) paid_at: i64,
    pub(super) paid_wall: i64,
    /// Money that goes back.
    pub returns: Vec<Returned>,
    /// What was marked as given back, minor units.
    pub by_hand: i64,
    /// When a part of it was last marked as given back, world time, and how often the wall clock had been set by then.
    pub(super) back_marked: Option<(i64, u32)>,
    /// The gateway contradicts what was marked as given back, and nobody has dealt with that.
    pub(super) doubted: bool,
    /// Somebody marked a refund of it by hand.
    pub refund_marked: bool,
    /// Somebody marked it by hand as paid.
    pub paid_marked: bool,
    /// A manager let a further order of its sale pass although it stood in the way.
    pub overruled: bool,
    /// Somebody marked it by hand: it is looked after from then on.
    pub(super) marked: bool,
    /// Events beyond those of a sale.
    pub(super) may_have: u32,
    /// Attention that somebody has dealt with, or that was settled, and when: world time and by the wall clock.
    pub dealt: BTreeMap<String, (i64, i64)>,
    /// Attention that stands.
    pub attention: BTreeSet<String>,
    /// A close or a reverse was refused, and it is in the journal.
    pub(super) refused: bool,
    /// Reverses that were answered with an error code.
    error_codes: u32,
    /// A close or a reverse was refused by a verified answer, or two reverses by error codes: a code on the till's own screen is
    /// closed from then on.
    pub(super) turned_down: bool,
    /// A reverse may leave.
    pub(super) reverse_intended: bool,
    /// Events.
    pub events: u32,
    /// Answers that contradicted.
    pub contradictions: u32,
    /// The gateway was heard saying that a booked payment is no more.
    pub undone: bool,
    /// A verified paid answer was heard, booked or not.
    pub paid_heard: bool,
    /// "Unpaid", committed, to a question that left after the code was taken off.
    pub(super) confirmed: bool,
    /// Until when a further order of the sale may still come, world time.
    pub(super) further: Option<i64>,
    pub(super) run: ThisRun,
}

/// What counts within one run.
#[derive(Debug, Clone, Default)]
pub(super) struct ThisRun {
    pub(super) last_query: Option<i64>,
    pub(super) credit: u32,
    /// The last question was not answered.
    pub(super) silent: bool,
    /// The question that comes before the first close.
    pub(super) looked: bool,
    pub(super) none: Vec<i64>,
    /// When the question left that was answered last.
    pub(super) answered: Option<i64>,
    /// The gateway spoke of a payment.
    pub(super) paid: bool,
    /// Somebody at its page wants to know how it stands.
    pub(super) customer_waits: bool,
}

impl Told {
    /// design.md section 4, "A sale may have a further order": (a), (b) and (c) for a code on our screen.
    pub(super) fn lets_another(&self) -> bool {
        match self.state {
            "closed" | "reversed" | "failed" => true,
            _ if self.shows != Shows::Till => false,
            "create_unknown" | "awaiting_payment" | "paying" | "expiring" => {
                let given = self.link.is_some() || self.parameters.is_some() || self.pay_page().is_some();
                !given || (self.state != "paying" && self.off.is_some() && self.confirmed)
            }
            _ => false,
        }
    }

    /// It has not ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, "paid" | "closed" | "reversed" | "failed")
    }

    /// Whether its gateway can be asked about it.
    pub(super) fn askable(&self) -> bool {
        self.dialect != Some(Dialect::Jubao) || self.gateway_no.is_some()
    }

    /// It waits for a person who names its number, or for a notification.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        let waits = ["create_unknown", "disputed"].contains(&self.state);
        !self.askable() && waits && self.was_told("cannot_be_asked")
    }

    /// A person was called for that, and nobody has handled it yet.
    #[must_use]
    pub fn stands(&self, attention: &str) -> bool {
        self.attention.contains(attention)
    }

    /// A person was called for that.
    #[must_use]
    pub fn was_told(&self, attention: &str) -> bool {
        self.stands(attention) || self.dealt.contains_key(attention)
    }

    /// A person was called because so much went back without the till.
    #[must_use]
    pub fn was_told_elsewhere(&self, minor: i64) -> bool {
        self.elsewhere.values().any(|told| *told == minor) && self.was_told("refunded_elsewhere")
    }

    pub(super) fn closes(&self) -> bool {
        self.dialect.is_some_and(Dialect::closes)
    }

    /// A close may have waited for its turn when somebody wanted a reverse.
    pub(super) fn may_close_yet(&self, now: i64) -> bool {
        self.shows == Shows::Till && self.reverse_asked && now - self.reverse_asked_at < 30 * S
    }

    /// One event more. `left`: when the question left that it rests on.
    pub(super) fn takes(
        &mut self,
        kind: &str,
        body: &Value,
        at: &Stamp,
        now: i64,
        left: Option<i64>,
        settings: u32,
    ) -> Result<(), String> {
        let attention = text(&body["attention"]);
        let report = &body["reported"]["report"];
        // Beside what contradicts the order a number is nobody's yet.
        let contradicts = ["number", "amount", "merchant", "currency", "customer", "gateway_no"];
        let fits = kind != "disputed" || !contradicts.contains(&body["reason"].as_str().unwrap_or_default());
        let of_report = report["gateway_no"].as_str().filter(|_| fits && report["whose_number"].is_null());
        if let Some(no) = of_report.or(body["gateway_no"].as_str()) {
            self.gateway_no.get_or_insert_with(|| no.to_owned());
        }
        match kind {
            "create_sent" => {
                self.intended = true;
                self.state = "creating";
            }
            "created" => {
                self.answered = true;
                self.link = body["link"].as_str().map(str::to_owned);
                self.parameters = body["parameters"].as_str().map(str::to_owned);
                let given = body["pay_info"].as_str().or(body["parameters"].as_str()).map(str::to_owned);
                self.given = given.filter(|_| body["bridge"].is_string());
                if matches!(self.state, "creating" | "create_unknown") {
                    self.state = "awaiting_payment";
                }
            }
            // A contradiction that came before stands.
            "create_unknown" if self.state != "disputed" => self.state = "create_unknown",
            "unpaid" => {
                self.state = if self.off.is_some() { "expiring" } else { "awaiting_payment" };
                self.confirmed |= self.off.is_some_and(|off| left.is_some_and(|left| left >= off));
            }
            "paying" => {
                self.state = "paying";
                self.confirmed = false;
                // It has two words for a payment code that waits, and says now this, now that.
                let two_words = self.shows == Shows::Customer && self.dialect == Some(Dialect::BlueOcean);
                self.may_have += 2 * u32::from(two_words);
            }
            "paid" => {
                self.late = body["late"].as_bool().unwrap_or_default() || self.late;
                if !self.paid {
                    self.over = Some((now, settings));
                    self.paid_day.clone_from(&at.day);
                    self.paid_at = now;
                    self.paid_wall = at.wall;
                }
                self.paid = true;
                // Nothing can be charged any more that is not booked: what was refused matters no longer.
                self.refused = false;
                self.state = "paid";
                for settled in ["cannot_be_asked", "expired_here", "end_refused", "open_for_a_week"] {
                    self.attention.remove(settled);
                }
            }
            "ended" => {
                self.ended = true;
                self.over = Some((now, settings));
                self.refused = false;
                self.ended_wall = at.wall;
                self.settings_at_end = settings;
                self.end_reason = text(&body["reason"]);
                self.state = match body["state"].as_str() {
                    Some("reversed") => "reversed",
                    Some("failed") => "failed",
                    _ => "closed",
                };
                for settled in ["cannot_be_asked", "end_refused", "open_for_a_week"] {
                    self.attention.remove(settled);
                }
            }
            "disputed" => {
                self.undone |= text(&body["reason"]) == "paid_then_ended";
                self.off.get_or_insert(now);
                self.confirmed = false;
                self.state = "disputed";
            }
            "close_requested" | "reverse_requested" => {
                if kind == "reverse_requested" {
                    (self.reverse_asked, self.reverse_asked_at) = (true, now);
                }
                self.off.get_or_insert(now);
                self.run.credit += 2;
                self.state = "expiring";
            }
            "attention_raised" => {
                // A task that was woken for it asks once.
                self.run.credit += 1;
                self.attention.insert(attention);
                if let Some(minor) = body["elsewhere"]["amount_minor"].as_i64() {
                    self.may_have += 1;
                    self.elsewhere.insert(text(&body["elsewhere"]["refund_no"]), minor);
                }
            }
            "attention_cleared" | "attention_handled" => {
                self.may_have += 2;
                self.attention.remove(&attention);
                self.dealt.insert(attention, (now, at.wall));
            }
            "further_overruled" => {
                self.overruled = true;
                self.may_have += 2;
            }
            // Taken in where money that goes back is told of.
            "refund_requested" | "refund_again" | "refund_sent" | "refund_processing" | "refund_succeeded"
            | "refund_failed" | "refund_unknown" | "refund_disputed" | "refund_withdrawn" | "marked_by_hand"
            | "mark_judged" => {}
            // It is asked again at once, so that the second answer decides.
            "self_contradiction" => self.run.credit += 1,
            "reverse_sent" => self.reverse_intended = true,
            "gateway_no_named" => {
                self.named = true;
                self.run.credit += 2;
                self.attention.remove("cannot_be_asked");
            }
            "close_answered" | "reverse_answered" => {
                // Nobody is charged by what is not there.
                let code = body["said"]["reaction"].as_str().is_some_and(|reaction| reaction != "no_such_order");
                let refused = body["outcome"].as_str() == Some("refused") || code;
                self.refused |= refused && self.shows == Shows::Customer;
                self.turned_down |= body["outcome"].as_str() == Some("refused");
                self.error_codes += u32::from(kind == "reverse_answered" && !body["said"].is_null());
                self.turned_down |= self.error_codes >= 2;
            }
            other => return Err(other.to_owned()),
        }
        Ok(())
    }
}

/// The order that a draft begins.
pub(super) fn drafted(world: &World, draft: &Value, at: &Stamp) -> Told {
    let now = world.now;
    Told {
        order_no: text(&draft["order_no"]),
        sale: text(&draft["sale"]),
        account: (text(&draft["account_id"]), draft["account_version"].as_u64().unwrap_or_default()),
        account_name: text(&draft["account"]),
        dialect: Dialect::of(&text(&draft["gateway"])),
        channel: text(&draft["channel"]),
        shows: match draft["presented"].as_str() {
            Some("consumer") => Shows::Customer,
            Some("elsewhere") => Shows::Nobody,
            _ => Shows::Till,
        },
        minor: draft["amount"]["minor"].as_i64().unwrap_or_default(),
        currency: text(&draft["amount"]["currency"]),
        page: draft["page"].as_str().map(str::to_owned),
        expire_s: draft["expire_s"].as_i64().unwrap_or_default(),
        // Decided then, stored now.
        drafted: match world.wall() - at.wall {
            passed if (0..SLOWEST).contains(&passed) => now - passed,
            // Somebody set the clock in between.
            _ => now - SLOWEST,
        },
        drafted_in: world.run.number,
        forward_then: match world.wall() - at.wall {
            set if set > SLOWEST => world.set_forward - set,
            _ => world.set_forward,
        },
        // Somebody may have set the clock while it was being stored.
        settings_then: world.settings.saturating_sub(u32::from(!(0..SLOWEST).contains(&(world.wall() - at.wall)))),
        state: "drafted",
        events: 1,
        ..Told::default()
    }
}
