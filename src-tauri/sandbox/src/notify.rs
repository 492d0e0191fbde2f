//! What the pretend gateways send by themselves once a trade is paid (rulings 16 to 18), with whatever faults strike. Only to
//! this machine: whoever names another address is never written to.

use std::future::pending;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::WriteHalf;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::dingdang::Speech;
use crate::fault::{Fault, strike_notification};
use crate::stage::{Book, Stage};
use crate::{blueocean, dingdang, jubao, pooul};

/// So long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// So many notifications are remembered.
const KEPT: usize = 2_000;

/// How notifications are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// Whether a payment is notified at all.
    pub on: bool,
    /// How many of the same are sent at once.
    pub copies: usize,
    /// Jubao and BlueOcean write JSON, not a form.
    pub json: bool,
    /// Pooul and BlueOcean say how the trade stands, which no table of theirs lists (001:165).
    pub state: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { on: true, copies: 1, json: false, state: false }
    }
}

/// One notification that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notified {
    /// The merchant's number of the trade.
    pub order_no: String,
    /// Where it went.
    pub url: String,
    /// What it said.
    pub body: String,
    /// The header in which Dingdang signs.
    #[serde(default)]
    pub authorization: Option<String>,
    /// The text that came back; nothing if no answer came.
    pub answer: Option<String>,
    /// Whether the merchant signed it; nothing where it bears no signature.
    #[serde(default)]
    pub signed: Option<bool>,
}

/// What is to be sent.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// That a trade is paid.
    Payment(String),
    /// How a refund stands.
    Refund(String),
    /// What a customer orders by voice.
    Order(Box<Speech>),
}

/// What is sent, and where to.
struct Parcel {
    order_no: String,
    url: String,
    letter: Letter,
    delay_ms: u64,
    pace: Option<Pace>,
}

/// How slowly a body is sent.
#[derive(Clone, Copy)]
struct Pace {
    bytes: usize,
    pause: Duration,
}

/// What comes back.
struct Heard {
    body: String,
    authorization: Option<String>,
}

/// A notification that is ready to leave.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    /// The header in which Dingdang signs.
    pub(crate) authorization: Option<String>,
}

impl Letter {
    /// These fields as a form, or as JSON.
    pub(crate) fn of(fields: &Map<String, Value>, json: bool) -> Self {
        if json {
            let body = Value::Object(fields.clone()).to_string();
            return Self { content_type: "application/json; charset=utf-8", body, authorization: None };
        }
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(&text(value)))).collect();
        Self { content_type: "application/x-www-form-urlencoded", body: pairs.join("&"), authorization: None }
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b' ' => "+".to_owned(),
            b'-' | b'.' | b'_' | b'*' => char::from(byte).to_string(),
            plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Sends what is asked for until the stage ends.
pub(crate) async fn send_all(stage: Arc<Stage>, mut outbox: UnboundedReceiver<Due>) {
    let sending = async {
        while let Some(due) = outbox.recv().await {
            let Some((parcel, copies)) = stage.with(|book| write(book, &due)) else { continue };
            let (due, parcel) = (Arc::new(due), Arc::new(parcel));
            for _ in 0..copies {
                tokio::spawn(send(Arc::clone(&stage), Arc::clone(&due), Arc::clone(&parcel)));
            }
        }
    };
    stage.unless_stopped(sending).await;
}

async fn send(stage: Arc<Stage>, due: Arc<Due>, parcel: Arc<Parcel>) {
    stage.pause(parcel.delay_ms).await;
    let sent = tokio::time::timeout(PATIENCE, post(&parcel.url, &parcel.letter, parcel.pace)).await;
    let heard = sent.ok().and_then(Result::ok);
    stage.with(|book| {
        let signature = heard.as_ref().and_then(|heard| Some((&heard.body, heard.authorization.as_ref()?)));
        let signed = signature.map(|(body, header)| book.is_the_partners(body, header));
        if let (Due::Order(speech), Some(heard), Some(true)) = (&*due, &heard, signed) {
            book.ordered(speech, &heard.body);
        }
        book.note_notified(Notified {
            order_no: parcel.order_no.clone(),
            url: parcel.url.clone(),
            body: parcel.letter.body.clone(),
            authorization: parcel.letter.authorization.clone(),
            answer: heard.map(|heard| heard.body),
            signed,
        });
    });
}

/// What is sent and how often; nothing if there is nobody to send it to, or if a fault loses it.
fn write(book: &mut Book, due: &Due) -> Option<(Parcel, usize)> {
    let (order_no, mut url) = match due {
        Due::Payment(order_no) => (order_no.clone(), book.kept.trades.get(order_no)?.notify_url.clone()),
        Due::Refund(refund_no) => {
            let order_no = book.kept.refunds.get(refund_no)?.order_no.clone();
            let url = book.kept.trades.get(&order_no)?.notify_url.clone();
            (order_no, url)
        }
        Due::Order(speech) => (String::new(), speech.partner.clone()),
    };
    authority(&url)?;
    let struck = strike_notification(&mut book.faults, &order_no);
    let fault = struck.fault.as_ref();
    if matches!(fault, Some(Fault::DropBefore | Fault::DropAfter)) {
        return None;
    }
    book.answers += 1;
    let mut letter = match due {
        Due::Order(speech) => {
            url.push_str("/create");
            dingdang::create(book, speech, fault)
        }
        Due::Refund(refund_no) => {
            let refund = book.kept.refunds.get(refund_no).filter(|refund| refund.gateway == dingdang::NAME)?;
            url.push_str("/refund");
            dingdang::refund(book, book.kept.trades.get(&order_no)?, refund, fault)
        }
        Due::Payment(_) => {
            let trade = book.kept.trades.get(&order_no)?;
            match trade.gateway.as_str() {
                pooul::NAME => pooul::notification(book, trade, fault),
                jubao::NAME => jubao::notification(book, trade, fault),
                blueocean::NAME => blueocean::notification(book, trade, fault),
                dingdang::NAME => {
                    url.push_str("/ship");
                    dingdang::ship(book, trade, fault)
                }
                _ => return None,
            }
        }
    };
    letter.body = match fault {
        Some(Fault::Truncated) => letter.body.chars().take(letter.body.chars().count() / 2).collect(),
        Some(Fault::Empty) => String::new(),
        Some(Fault::Garbage) => "\u{0}\u{9d}\u{80}{\u{c3}(".to_owned(),
        Some(Fault::Huge { bytes }) => " ".repeat(*bytes) + &letter.body,
        _ => letter.body,
    };
    let pace = match fault {
        Some(&Fault::Trickle { bytes, ms }) => Some(Pace { bytes, pause: Duration::from_millis(ms) }),
        _ => None,
    };
    let copies = book.settings.notifications.copies;
    Some((Parcel { order_no, url, letter, delay_ms: struck.delay_ms, pace }, copies))
}

impl Book {
    pub(crate) fn note_notified(&mut self, notified: Notified) {
        if self.notified.len() >= KEPT {
            self.notified.pop_front();
        }
        self.notified.push_back(notified);
    }
}

/// Host and port of an address of this machine.
fn authority(url: &str) -> Option<&str> {
    let authority = url.strip_prefix("http://")?.split('/').next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
    let ours = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    ours.then_some(authority)
}

/// One request on one connection; its answer, which may come before the whole request was sent.
async fn post(url: &str, letter: &Letter, pace: Option<Pace>) -> io::Result<Heard> {
    let authority = authority(url).ok_or(io::ErrorKind::InvalidInput)?;
    let path = url.get("http://".len() + authority.len()..).filter(|path| !path.is_empty()).unwrap_or("/");
    let Letter { content_type, body, authorization } = letter;
    let signature = authorization.as_ref().map(|header| format!("Authorization: {header}\r\n")).unwrap_or_default();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: {content_type}\r\n{signature}\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(authority).await?;
    let (mut incoming, mut outgoing) = stream.split();
    let sending = async {
        write_request(&mut outgoing, &head, body, pace).await?;
        pending::<io::Result<()>>().await
    };
    let mut answer = Vec::new();
    tokio::select! {
        biased;
        all = incoming.read_to_end(&mut answer) => {
            all?;
        }
        failed = sending => failed?,
    }
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let named = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("authorization").then(|| value.trim().to_owned())
    };
    Ok(Heard { body: body.to_owned(), authorization: head.lines().find_map(named) })
}

/// Everything at once, or the body at its own pace.
async fn write_request(to: &mut WriteHalf<'_>, head: &str, body: &str, pace: Option<Pace>) -> io::Result<()> {
    let Some(Pace { bytes, pause }) = pace else { return to.write_all([head, body].concat().as_bytes()).await };
    to.write_all(head.as_bytes()).await?;
    for piece in body.as_bytes().chunks(bytes.max(1)) {
        tokio::time::sleep(pause).await;
        to.write_all(piece).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Letter, authority, escaped};
    use serde_json::json;

    #[test]
    fn nobody_but_this_machine_is_written_to() {
        for (url, expected) in [
            ("http://127.0.0.1:81/notify/pooul/main", Some("127.0.0.1:81")),
            ("http://[::1]:81/", Some("[::1]:81")),
            ("http://localhost:81", Some("localhost:81")),
            ("https://127.0.0.1:81/", None),
            ("http://127.0.0.1.example.com:81/", None),
            ("http://192.168.1.2:81/", None),
            ("", None),
        ] {
            assert_eq!(authority(url), expected, "{url}");
        }
    }

    #[test]
    fn a_form_is_escaped() {
        assert_eq!(escaped("a b+天&=%"), "a+b%2B%E5%A4%A9%26%3D%25");
        let fields = json!({ "a": 1, "b": "x y" });
        assert_eq!(Letter::of(fields.as_object().unwrap(), false).body, "a=1&b=x+y");
    }
}
