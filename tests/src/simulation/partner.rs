//! Dingdang's calls on their way to the till: lost, late, several times at once, cut short by a crash, and made again.

use super::book;
use super::gateway::{About, HOUSES};
use super::operation::Telling;
use super::staff::boss;
use super::wire::{Dialect, Letter, Replied, Spoil, letter, reply};
use super::world::{H, MIN, S, Stage, World};
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, StatusCode};
use std::net::{Ipv4Addr, SocketAddr};
use till_core::rights::Actor;
use till_engine::receiver::Peer;
use till_engine::till::Till;
use tower::ServiceExt;

/// From where the gateway calls. Everybody else does so from somewhere else.
const GATEWAY: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// Makes the calls that are owed, those of the runs before, too, as long as this run lasts.
pub async fn post(stage: Stage) {
    let bell = stage.still().run.post.clone();
    loop {
        let calls = {
            let mut world = stage.now();
            let run = world.run.number;
            world.platform.calls.taken_up(run)
        };
        for id in calls {
            tokio::spawn(carry(stage.clone(), id));
        }
        bell.notified().await;
    }
}

/// Makes one call until it is answered with yes.
async fn carry(stage: Stage, id: u64) {
    loop {
        let (letter, at) = {
            let mut world = stage.now();
            let Some((letter, attempts)) = world.platform.calls.owed(id) else { return };
            let waits = world.waits(attempts);
            (letter, world.now + waits)
        };
        stage.until(at).await;
        let replied = bring(&stage, &letter, GATEWAY).await;
        let mut world = stage.now();
        if is_done(&mut world, &letter, replied.as_ref()) {
            return world.is_answered(id);
        }
        world.is_not_answered(id);
    }
}

/// Whether the gateway has what it wanted.
fn is_done(world: &mut World, letter: &Letter, replied: Option<&Replied>) -> bool {
    match (&letter.about, replied) {
        (About::Speech(place), Some(Replied::Taken(Some(order_no)))) => world.gets_number(*place, order_no),
        (_, Some(Replied::Taken(_))) => true,
        (_, Some(Replied::Refused(_) | Replied::TurnedAway) | None) => false,
    }
}

/// A call comes to the till. None: it is lost, or its reply is, or nobody waits for that any more.
async fn bring(stage: &Stage, letter: &Letter, from: Ipv4Addr) -> Option<Replied> {
    let (call, due, patience) = {
        let mut world = stage.now();
        let fair = world.fair;
        if !fair && world.chance.permille(60) {
            world.tell(format_args!("partner -> till {:?} {:?}: lost", letter.about, letter.spoil));
            return None;
        }
        let routes = world.run.receiver.clone()?;
        let (proofs, at) = letter.proofs_at(world.gateway_seconds());
        let due = letter.due(world.is_now_for_the_till(at));
        book::called(&mut world, letter, due);
        let mut request = Request::post(format!("/dingdang/{}/{}", letter.account, letter.interface()));
        for proof in &proofs {
            request = request.header(AUTHORIZATION, proof);
        }
        let mut request = request.body(Body::from(letter.body.clone())).expect("a request");
        request.extensions_mut().insert(ConnectInfo(Peer(SocketAddr::from((from, 4_000)))));
        let patience = if !fair && world.chance.permille(80) { world.chance.between(0, 20_000) } else { H };
        (routes.oneshot(request), due, world.now + patience)
    };
    let response = tokio::select! {
        response = call => response.expect("an answer"),
        () = stage.until(patience) => {
            stage.now().tell(format_args!("partner -> till {:?}: the caller is gone", letter.about));
            return None;
        }
    };
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let mut world = stage.now();
    let proof = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let replied = match reply(proof, &body) {
        Ok(replied) if head.status == StatusCode::OK => replied,
        wrong => {
            world.fail("a reply as it is documented", format!("{:?}: {} {wrong:?}", letter.about, head.status));
            return None;
        }
    };
    world.tell(format_args!("partner -> till {:?} {:?}: {due:?} {replied:?}", letter.about, letter.spoil));
    let what = match &replied {
        Replied::Taken(_) => "calls taken",
        Replied::Refused(_) => "calls refused",
        Replied::TurnedAway => "calls turned away",
    };
    *world.network.counts.entry(what).or_default() += 1;
    book::replied(&mut world, letter, due, &replied);
    let lost = !world.fair && world.chance.permille(120);
    (!lost).then_some(replied)
}

/// A customer says what they want: the gateway calls until it has a number, or somebody calls in its name.
pub fn speak(stage: &Stage, account: usize, fen: i64, spoil: Spoil, copies: usize) {
    let about = {
        let mut world = stage.now();
        let about = About::Speech(world.says(account, fen));
        if spoil == Spoil::No {
            world.owes(&about);
        }
        about
    };
    let copies = if spoil == Spoil::No { copies - 1 } else { copies };
    send(stage, &about, spoil, copies);
}

/// Somebody calls about a recent order of Dingdang's.
pub fn call(stage: &Stage, place: usize, telling: Telling, spoil: Spoil, copies: usize) {
    let about = {
        let world = stage.now();
        let platform = &world.platform;
        let newest = || platform.elsewhere.iter().rev();
        let paid = |no: &&String| platform.trades[*no].ever_paid;
        match telling {
            Telling::Speech => platform.calls.speeches.len().checked_sub(place + 1).map(About::Speech),
            Telling::Paid => newest().filter(paid).nth(place).cloned().map(About::Paid),
            Telling::Back => {
                let of_theirs = |no: &&String| world.is_called_by(&platform.returns[*no].order_no);
                platform.returns.keys().rev().filter(of_theirs).nth(place).cloned().map(About::Back)
            }
            Telling::Beyond => {
                let order = newest().filter(paid).nth(place).cloned();
                order.map(|no| About::BackElsewhere(no.clone(), platform.trades[&no].minor + 1))
            }
        }
    };
    if let Some(about) = about {
        send(stage, &about, spoil, copies);
    }
}

/// So many copies of one call, at once or when something may have changed.
fn send(stage: &Stage, about: &About, spoil: Spoil, copies: usize) {
    let (letter, delay, from) = {
        let mut world = stage.now();
        let Some(letter) = letter(&mut world, about, spoil) else { return };
        let chance = &mut world.chance;
        let delay = match chance.below(10) {
            0 => chance.between(MIN, H),
            1..=3 => chance.between(S, MIN),
            _ => chance.between(0, S),
        };
        let anybody = Ipv4Addr::from_bits(0xc633_6400 + u32::try_from(chance.below(256)).expect("a byte"));
        (letter, delay, if spoil == Spoil::No { GATEWAY } else { anybody })
    };
    for _ in 0..copies {
        let (stage, letter) = (stage.clone(), letter.clone());
        tokio::spawn(async move {
            let at = stage.now().now + delay;
            stage.until(at).await;
            let replied = bring(&stage, &letter, from).await;
            // Two copies of a first call may bring the number; who hears it first has the customer pay.
            is_done(&mut stage.now(), &letter, replied.as_ref());
        });
    }
}

/// Faults are over: the till learns how its clock stands, and every call that is owed is answered with yes.
pub async fn settle(stage: &Stage, till: &Till) {
    for (account, _) in HOUSES.into_iter().filter(|(_, dialect)| *dialect == Dialect::Dingdang) {
        // Not every answer tells the time.
        for _ in 0..8 {
            let known = stage.still().book.orders.values().find(|told| told.account_name == account).cloned();
            let done = match known {
                Some(told) => {
                    stage.now().book.person_asked(&told.order_no);
                    till.ask(&Actor::Owner, &told.order_no).await.map(drop)
                }
                None => till.check_account(&boss(stage, till), account).await.map(drop),
            };
            stage.now().tell(format_args!("asks at {account}: {:?}", done.err().map(|refusal| refusal.code)));
            let at = stage.now().now + 5 * S;
            stage.until(at).await;
        }
    }
    for _ in 0..90 {
        if stage.now().platform.calls.is_done() {
            return;
        }
        let at = stage.now().now + MIN;
        stage.until(at).await;
    }
    let mut world = stage.now();
    let first = world.platform.calls.first();
    world.fail("every call is answered in the end", format!("{first:?}"));
}

/// Whatever was said is said once more: each call is taken, whatever has become of its order, and none makes another one.
pub async fn all(stage: &Stage) {
    let every: Vec<About> = {
        let world = stage.still();
        let speeches = world.platform.calls.speeches.iter().enumerate();
        let ordered = speeches.filter(|(_, speech)| speech.order_no.is_some()).map(|(place, _)| About::Speech(place));
        let paid = world.platform.elsewhere.iter().filter(|no| world.platform.trades[*no].ever_paid);
        let backs = world.platform.returns.keys().cloned().map(About::Back);
        let elsewhere = world.platform.calls.elsewhere.iter().cloned();
        let elsewhere = elsewhere.map(|(order_no, minor)| About::BackElsewhere(order_no, minor));
        ordered.chain(paid.cloned().map(About::Paid)).chain(backs).chain(elsewhere).collect()
    };
    for about in every {
        let letter = letter(&mut stage.now(), &about, Spoil::No);
        let Some(letter) = letter else { continue };
        if !matches!(bring(stage, &letter, GATEWAY).await, Some(Replied::Taken(_))) {
            stage.now().fail("a call that should be taken", format!("{about:?}"));
        }
    }
    let mut world = stage.now();
    let is_told = |(order_no, minor): &(String, i64)| {
        let told = world.book.orders.get(order_no);
        told.is_some_and(|told| told.was_told_elsewhere(*minor))
    };
    let elsewhere = world.platform.calls.elsewhere.iter();
    let untold: Vec<_> = elsewhere.filter(|back| !is_told(back)).cloned().collect();
    if !untold.is_empty() {
        world.fail("money that went back without the till is told", format!("{untold:?}"));
    }
}
