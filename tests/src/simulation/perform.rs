//! One step of a world: what is done at the till, at the gateways and to the machine.

use super::back;
use super::book;
use super::drive::pass;
use super::gateway::HOUSES;
use super::notify;
use super::operation::{Operation, What};
use super::pages;
use super::partner;
use super::persons;
use super::staff::{self, boss};
use super::wire::{Dialect, tail};
use super::world::Stage;
use secrecy::{SecretSlice, SecretString};
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::rights::Actor;
use till_engine::till::Till;
use till_engine::view::{OrderQuery, SaleRequest};

/// Channels through which the till sells; payment codes twice, since they are what is new at a counter.
fn channels(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Pooul => &[
            "wechat.scan",
            "alipay.scan",
            "qq.scan",
            "wechat.jsurl",
            "alipay.jsapi",
            "qq.jsapi",
            "wechat.micro",
            "alipay.micro",
            "qq.micro",
        ],
        Dialect::Jubao => &["101", "201", "other"],
        Dialect::BlueOcean => &[
            "wechat.qrcode",
            "alipay.qrcode",
            "blueocean.qrcode",
            "unionpay.qrcode",
            "unionpay.link",
            "alipay.wappay",
            "wechat.mweb",
            "wechat.jsapi",
            "wechat.app",
            "alipay.app",
            "micropay",
            "micropay",
            "micropay",
        ],
        Dialect::Dingdang => &["voice"],
    }
}

/// Does one step. True: this run is over.
pub async fn perform(stage: &Stage, till: &Till, operation: &Operation) -> bool {
    let now = {
        let mut world = stage.now();
        world.chance = super::chance::Chance::of(operation.salt);
        world.drawn = super::chance::Chance::of(operation.salt ^ 0x5eed);
        world.doubles = super::chance::Chance::of(operation.salt ^ 0x2222);
        world.tell(format_args!("-- {:?}, then {:.3} s", operation.what, operation.then as f64 / 1e6));
        world.now
    };
    let order = |place: usize| {
        let world = stage.still();
        let drafted = &world.book.drafted;
        drafted.len().checked_sub(place + 1).map(|place| drafted[place].clone())
    };
    match operation.what {
        What::Sell { account, channel, fen, expire_s } => {
            sell(stage, till, request(account, channel, fen, expire_s), None);
        }
        What::Further { order: place, channel } => {
            if let Some(no) = order(place) {
                sell(stage, till, further(stage, &no, channel), None);
            }
        }
        What::Overrule(place, channel, who) => {
            if let Some(no) = order(place) {
                let manager = back::overruling(stage, &no, who);
                sell(stage, till, further(stage, &no, channel), Some(manager));
            }
        }
        What::Rush(count) => {
            for place in 0..count {
                sell(stage, till, request(0, place % 3, 100 + i64::try_from(place).unwrap(), Some(60)), None);
            }
        }
        What::Notify(place, copies) => {
            if let Some(no) = order(place) {
                notify::send(stage, till, &no, copies);
            }
        }
        What::Visit(place, visit, copies) => pages::come(stage, place, visit, copies),
        What::Speak { account, fen, spoil, copies } => partner::speak(stage, account, fen, spoil, copies),
        What::Call { place, telling, spoil, copies } => partner::call(stage, place, telling, spoil, copies),
        What::Ask(place) => {
            if let Some(no) = order(place) {
                stage.still().book.person_asked(&no);
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move { expected(&stage, "ask", till.ask(&Actor::Owner, &no).await) });
            }
        }
        What::Close(place) => {
            if let Some(no) = order(place) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move {
                    let result = till.close(&Actor::Owner, &no).await;
                    let fine = result.is_ok();
                    expected(&stage, "close", result);
                    let mut world = stage.now();
                    let told = &world.book.orders[&no];
                    if fine && told.off.is_none() && told.link.is_some() && !told.paid && !told.ended {
                        world.fail("a close that was promised", no);
                    }
                });
            }
        }
        What::Reverse(place) => {
            if let Some(no) = order(place) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move { persons::reverse(&stage, &till, no).await });
            }
        }
        What::Name(place, naming) => {
            if let Some((no, number)) = persons::number(stage, place, naming) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move { persons::name(&stage, &till, &no, &number).await });
            }
        }
        What::OrderElsewhere(account, fen) => persons::order_elsewhere(&mut stage.now(), account, fen),
        What::Adopt { order, by_theirs, lines, twice } => {
            if let Some(adoption) = persons::adoption(stage, order, by_theirs, lines) {
                for _ in 0..1 + usize::from(twice) {
                    let (stage, till, adoption) = (stage.clone(), till.clone(), adoption.clone());
                    tokio::spawn(async move { persons::adopt(&stage, &till, adoption).await });
                }
            }
        }
        What::Refund(..)
        | What::Again(..)
        | What::Withdraw(..)
        | What::Regret(..)
        | What::Mark(..)
        | What::Handle(..)
        | What::Pin(..)
        | What::Guess(..)
        | What::ChangePin(..)
        | What::Hire(..)
        | What::Fire(..)
        | What::Limit(..) => people_do(stage, till, operation.what),
        What::Show(place) => till.put_on_screen(place.and_then(order)),
        What::Wait => {}
        What::Restart { .. } => {
            pass(stage, till, operation.then).await;
            return true;
        }
        What::Crash { after, down } => {
            let mut world = stage.now();
            world.run.crash_after = Some(after);
            world.down = down;
        }
        What::Network(weather, lasts) => {
            let mut world = stage.now();
            world.network.weather = weather;
            world.network.until = now + lasts;
        }
        What::Disk(fault, lasts) => {
            let mut world = stage.now();
            world.disk.fault = Some(fault);
            world.disk.fails_until = now + lasts;
        }
        What::SlowDisk(lasts) => stage.now().disk.slow_until = now + lasts,
        What::Keyring(locked, lasts) => {
            let mut world = stage.now();
            world.ring.locked = locked;
            world.ring.fails_until = now + lasts;
        }
        What::SetClock(by) => {
            let mut world = stage.now();
            world.wall_set += by;
            world.set_forward += by.max(0);
            world.settings += 1;
            world.clocks_change();
        }
        What::GatewayClock(ahead_s) => {
            let mut world = stage.now();
            world.platform.ahead_s = ahead_s;
            world.clocks_change();
        }
        What::ChangeAccount(account, which) => {
            let (name, value) = [
                ("plan.poll_ms", "3000"),
                ("plan.poll_ms", ""),
                ("plan.close_floor_s", "30"),
                ("plan.close_floor_s", ""),
                ("plan.grace_s", "900"),
                ("plan.expire_s", "120"),
                ("plan.reverse_floor_s", "40"),
                ("plan.reverse_floor_s", ""),
            ][which];
            let change =
                AccountChange { fields: [(name.to_owned(), value.to_owned())].into(), ..AccountChange::default() };
            let (stage, till) = (stage.clone(), till.clone());
            tokio::spawn(async move {
                expected(
                    &stage,
                    "account",
                    till.change_account(&boss(&stage, &till), HOUSES[account].0, &change).await,
                );
            });
        }
        What::ChangeKey(account) => {
            let key = {
                let mut world = stage.now();
                let world = &mut *world;
                world.platform.change_key(account, &mut world.chance);
                world.platform.merchants[account].key.clone()
            };
            let (stage, till) = (stage.clone(), till.clone());
            tokio::spawn(async move {
                let secret = SecretSlice::from(key.into_bytes());
                expected(&stage, "key", till.set_secret(&boss(&stage, &till), HOUSES[account].0, "key", &secret).await);
            });
        }
        What::Deed(place, deed) => {
            if let Some(no) = order(place) {
                stage.now().deed(&no, deed);
            }
        }
        What::Read(place) => {
            if let Some(no) = order(place) {
                let (stage, till) = (stage.clone(), till.clone());
                tokio::spawn(async move {
                    let query = OrderQuery { text: tail(&no).to_owned(), ..OrderQuery::default() };
                    let page = till.orders(&Actor::Owner, &query).await;
                    let found = page.as_ref().is_ok_and(|page| page.rows.iter().any(|row| row.order_no == no));
                    let timeline = till.timeline(&Actor::Owner, &no).await;
                    let told = timeline.is_ok_and(|timeline| !timeline.entries.is_empty());
                    let mut world = stage.now();
                    if !(found && told || world.has_struck(Code::Unexpected)) {
                        world.fail("an order that cannot be found", no);
                    }
                });
            }
        }
    }
    if let Err(refusal) = till.look_at_clock().await {
        stage.now().tell(format_args!("clock: {:?}", refusal.code));
    }
    pass(stage, till, operation.then).await;
    false
}

/// What people do about money that goes back, and about themselves.
fn people_do(stage: &Stage, till: &Till, what: What) {
    let twice = matches!(what, What::Refund(_, _, _, true));
    // Now and then from another process. A manager is there, as whoever has no PIN is nobody in particular.
    let elsewhere = stage.still().chance.permille(250);
    let there = |givers: back::Givers| back::Givers { by: staff::Who::Lin, ..givers };
    for time in 0..1 + usize::from(twice) {
        let (stage, till) = (stage.clone(), till.clone());
        let paid = |place| back::paid_order(&stage, place);
        let chosen = match what {
            What::Refund(place, ..) | What::Regret(place, ..) | What::Handle(place, ..) => paid(place),
            What::Mark(place, as_paid, _) if !as_paid => paid(place),
            What::Mark(place, ..) => stage.still().book.drafted.iter().rev().nth(place).cloned(),
            _ => None,
        };
        tokio::spawn(async move {
            match (what, chosen) {
                (What::Refund(_, part, givers, _), Some(no)) if time == 0 && !elsewhere => {
                    back::refund(&stage, &till, &no, part, givers).await;
                }
                (What::Refund(_, part, givers, _), Some(no)) => {
                    back::refund_from_elsewhere(&stage, &till, &no, part, there(givers)).await;
                }
                (What::Again(place, givers), _) if elsewhere => {
                    back::again_from_elsewhere(&stage, &till, place, there(givers)).await;
                }
                (What::Withdraw(place, _), _) if elsewhere => {
                    back::withdraw_from_elsewhere(&stage, &till, place, staff::Who::Lin).await;
                }
                (What::Regret(_, part, givers), Some(no)) => back::regret(&stage, &till, &no, part, givers).await,
                (What::Mark(_, paid, givers), Some(no)) => back::mark(&stage, &till, &no, paid, givers).await,
                (What::Handle(_, which, by), Some(no)) => back::handle(&stage, &till, &no, which, by).await,
                (What::Again(place, givers), _) => back::again(&stage, &till, place, givers).await,
                (What::Withdraw(place, by), _) => back::withdraw(&stage, &till, place, by).await,
                (What::Pin(who, right, to_stay), _) => {
                    staff::type_pin(&stage, &till, who, right, to_stay).await;
                }
                (What::Guess(who), _) => {
                    for _ in 0..7 {
                        staff::type_pin(&stage, &till, who, false, false).await;
                    }
                }
                (What::ChangePin(who, themselves), _) => staff::change_pin(&stage, &till, who, themselves).await,
                (What::Hire(manager), _) => staff::newcomer(&stage, &till, manager).await,
                (What::Fire(who), _) => staff::fire(&stage, &till, who).await,
                (What::Limit(which), _) => staff::set_limits(&stage, &till, which).await,
                _ => {}
            }
        });
    }
}

/// A further order of the sale of `no`.
fn further(stage: &Stage, no: &str, channel: usize) -> SaleRequest {
    let (sale, fen, account) = {
        let world = stage.still();
        let told = &world.book.orders[no];
        (told.sale.clone(), told.minor, HOUSES.iter().position(|(name, _)| *name == told.account_name))
    };
    let account = account.filter(|place| HOUSES[*place].1 != Dialect::Dingdang).unwrap_or(0);
    SaleRequest { sale: Some(sale), ..request(account, channel, fen, None) }
}

fn request(account: usize, channel: usize, fen: i64, expire_s: Option<u32>) -> SaleRequest {
    let (name, dialect) = HOUSES[account];
    let channels = channels(dialect);
    let channel = channels[channel % channels.len()];
    let extra: &[(&str, &str)] = match channel {
        "wechat.jsurl" => &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), ("settle_type", "yes")],
        "wechat.jsapi" => &[("sub_openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")],
        "alipay.jsapi" => &[("buyer_id", "2088123412341234")],
        "other" => &[("pay_channel_id", "304")],
        _ => &[],
    };
    SaleRequest {
        account: name.to_owned(),
        channel: channel.to_owned(),
        amount: format!("{}.{:02}", fen / 100, fen % 100),
        currency: None,
        body: None,
        extra: extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        items: vec![],
        expire_s,
        sale: None,
    }
}

fn sell(stage: &Stage, till: &Till, request: SaleRequest, overrule: Option<Actor>) {
    let code = (request.channel.contains("micro")).then(|| {
        let mut world = stage.now();
        let world = &mut *world;
        let code = world.platform.payment_code(&mut world.chance);
        world.book.codes.entry(code.clone()).or_default().0 += 1;
        code
    });
    let (stage, till) = (stage.clone(), till.clone());
    tokio::spawn(async move {
        let result = till.sell(&Actor::Owner, &request, code.map(SecretString::from), overrule.as_ref()).await;
        if let Ok(live) = &result {
            book::seen(&mut stage.now(), live);
        }
        expected(&stage, "sell", result);
    });
}

/// Tells what came of a command; refusals that no fault explains are wrong.
pub fn expected<T>(stage: &Stage, what: &'static str, result: Result<T, Refusal>) {
    let mut world = stage.now();
    match result {
        Ok(_) => world.tell(format_args!("{what}: done")),
        Err(refusal) => {
            let fine = world.has_struck(refusal.code)
                || match what {
                    "close" => refusal.code == Code::OrderEnded,
                    "reverse" => matches!(refusal.code, Code::GatewayCannot | Code::OrderEnded),
                    "name" => matches!(
                        refusal.code,
                        Code::NotConfirmed
                            | Code::NotVerified
                            | Code::NumberOfAnother
                            | Code::AnswerDoesNotFit
                            | Code::AnswerNamesNoOrder
                            | Code::UnknownOrder
                            | Code::NumberNotNeeded
                            | Code::MissingRight
                    ),
                    "adopt" => matches!(
                        refusal.code,
                        Code::NotConfirmed
                            | Code::NotVerified
                            | Code::SignatureStale
                            | Code::LinesDoNotAddUp
                            | Code::MissingRight
                            | Code::NumberOfAnother
                    ),
                    "account" | "key" => refusal.code == Code::MissingRight,
                    "sell" => {
                        matches!(refusal.code, Code::MissingRight | Code::FurtherOrderNotYet | Code::OtherAmount)
                    }
                    "pin" => matches!(refusal.code, Code::PinWrong | Code::LockedOut | Code::OperatorUnknown),
                    "people" => matches!(
                        refusal.code,
                        Code::MissingRight | Code::LastManager | Code::OperatorUnknown | Code::OperatorNameTaken
                    ),
                    "mark" => matches!(
                        refusal.code,
                        Code::MissingRight | Code::MarkNotNeeded | Code::SecondPersonNeeded | Code::SecondPersonSame
                    ),
                    "refund from elsewhere" | "again from elsewhere" | "withdraw from elsewhere"
                        if matches!(refusal.code, Code::PinWrong | Code::LockedOut | Code::OperatorUnknown) =>
                    {
                        true
                    }
                    "withdraw" | "withdraw from elsewhere" => {
                        matches!(refusal.code, Code::MissingRight | Code::RefundLeft)
                    }
                    "handle" => matches!(refusal.code, Code::MissingRight | Code::AttentionNotThere),
                    "again" | "again from elsewhere"
                        if matches!(refusal.code, Code::RefundNotLookedAt | Code::RefundOrderNotThere) =>
                    {
                        true
                    }
                    "refund" | "refund from elsewhere" | "again" | "again from elsewhere" => matches!(
                        refusal.code,
                        Code::MissingRight
                            | Code::RefundNotPaid
                            | Code::RefundInDispute
                            | Code::RefundOverCeiling
                            | Code::RefundNothingLeft
                            | Code::RefundUnknownBefore
                            | Code::RefundAgainBefore
                            | Code::RefundFailedBefore
                            | Code::RefundFailedAlone
                            | Code::RefundWaitsBefore
                            | Code::RefundOverLimit
                            | Code::RefundOverDay
                            | Code::RefundLinesNeeded
                            | Code::RefundLinesUnknown
                            | Code::RefundLinesDoNotAddUp
                            | Code::RefundLineNotLeft
                            | Code::RefundElsewhere
                            | Code::RefundedElsewhereFirst
                            | Code::RefundNotAgain
                            | Code::SecondPersonNeeded
                            | Code::SecondPersonSame
                    ),
                    _ => false,
                };
            world.tell(format_args!("{what}: {:?} {:?}", refusal.code, refusal.facts.get("why")));
            if !fine {
                world.fail("a refusal without a reason", format!("{what}: {refusal:?}"));
            }
        }
    }
}
