//! The control surface for Rust: the same commands over HTTP or inside the process.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::command::Command;
use super::{ControlError, TradeView, perform};
use crate::dialect::Dialect;
use crate::dingdang::Speech;
use crate::fault::{Fault, PlannedFault, Scope};
use crate::notify::{Notifications, Notified};
use crate::received::Received;
use crate::refund::Refund;
use crate::stage::{Down, Settings, Stage};
use crate::trade::{Item, TradeState};
use crate::wallet::{Manner, PaymentCode, Purse};

/// A hand inside the stage. An `order_no` of `None` means the newest trade.
#[derive(Clone)]
pub struct Control(Way);

#[derive(Clone)]
enum Way {
    Http { authority: String },
    Inside(Arc<Stage>),
}

/// Anything that may name a trade: `None`, `Some("TK...")` or `"TK..."`.
pub trait Which {
    /// The number, or nothing for the newest trade.
    fn order_no(self) -> Option<String>;
}

impl Which for &str {
    fn order_no(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Which for &String {
    fn order_no(self) -> Option<String> {
        Some(self.clone())
    }
}

impl Which for Option<&str> {
    fn order_no(self) -> Option<String> {
        self.map(ToOwned::to_owned)
    }
}

impl Control {
    /// The control surface of a stage in another process, by its control URL (`http://127.0.0.1:PORT/control`).
    pub fn at(control_url: &str) -> Result<Self, ControlError> {
        let authority = control_url
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_suffix("/control"))
            .filter(|authority| !authority.is_empty() && !authority.contains('/'))
            .ok_or_else(|| ControlError::Unreachable(format!("{control_url} is not a control URL")))?;
        Ok(Self(Way::Http { authority: authority.to_owned() }))
    }

    pub(crate) fn inside(stage: Arc<Stage>) -> Self {
        Self(Way::Inside(stage))
    }

    /// Books the payment whatever state the trade is in.
    pub async fn pay(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Pay { order_no: which.order_no() }).await
    }

    /// State 7.
    pub async fn decline(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Decline { order_no: which.order_no() }).await
    }

    /// State 6.
    pub async fn dawdle(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Dawdle { order_no: which.order_no() }).await
    }

    /// Back to unpaid.
    pub async fn unpay(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Unpay { order_no: which.order_no() }).await
    }

    /// State 3, behind the till's back.
    pub async fn close(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Close { order_no: which.order_no() }).await
    }

    /// State 4.
    pub async fn reverse(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Reverse { order_no: which.order_no() }).await
    }

    /// State 1.
    pub async fn refund(&self, which: impl Which) -> Result<TradeView, ControlError> {
        self.tell(Command::Refund { order_no: which.order_no() }).await
    }

    /// Any state, also one that no document knows.
    pub async fn set_state(&self, which: impl Which, state: TradeState) -> Result<TradeView, ControlError> {
        self.tell(Command::SetState { order_no: which.order_no(), state }).await
    }

    /// As if the create had never arrived; its count stays.
    pub async fn forget(&self, which: impl Which) -> Result<(), ControlError> {
        self.order(Command::Forget { order_no: which.order_no() }).await
    }

    /// The next request that `operation` covers meets the fault.
    pub async fn fault(&self, operation: Scope, fault: Fault) -> Result<(), ControlError> {
        self.fault_times(operation, 1, fault).await
    }

    /// The next `times` requests that `operation` covers meet the fault.
    pub async fn fault_times(&self, operation: Scope, times: u64, fault: Fault) -> Result<(), ControlError> {
        self.order(Command::Fault { operation, order_no: None, times, fault }).await
    }

    /// Like [`Self::fault_times`], for requests about one order.
    pub async fn fault_for(
        &self,
        order_no: &str,
        operation: Scope,
        times: u64,
        fault: Fault,
    ) -> Result<(), ControlError> {
        self.order(Command::Fault { operation, order_no: Some(order_no.to_owned()), times, fault }).await
    }

    /// Takes back all planned faults.
    pub async fn clear_faults(&self) -> Result<(), ControlError> {
        self.order(Command::ClearFaults {}).await
    }

    /// The faults still planned.
    pub async fn faults(&self) -> Result<Vec<PlannedFault>, ControlError> {
        self.tell(Command::Faults {}).await
    }

    /// The gateways are out of reach.
    pub async fn down(&self, how: Down) -> Result<(), ControlError> {
        self.order(Command::Down { how }).await
    }

    /// They are back.
    pub async fn up(&self) -> Result<(), ControlError> {
        self.order(Command::Up {}).await
    }

    /// No close before a trade has this age in seconds.
    pub async fn close_floor(&self, seconds: i64) -> Result<Settings, ControlError> {
        self.tell(Command::CloseFloor { seconds }).await
    }

    /// No reverse before a trade has this age in seconds.
    pub async fn reverse_floor(&self, seconds: i64) -> Result<Settings, ControlError> {
        self.tell(Command::ReverseFloor { seconds }).await
    }

    /// A new payment code, as a customer's wallet shows it.
    pub async fn mint_code(&self, manner: Manner, purse: Purse) -> Result<PaymentCode, ControlError> {
        self.tell(Command::MintCode { manner, purse }).await
    }

    /// All payment codes, newest first.
    pub async fn codes(&self) -> Result<Vec<PaymentCode>, ControlError> {
        self.tell(Command::Codes {}).await
    }

    /// The money is back; `None`: that of the newest refund.
    pub async fn settle_refund(&self, refund_no: Option<&str>) -> Result<Refund, ControlError> {
        self.tell(Command::SettleRefund { refund_no: refund_no.map(ToOwned::to_owned) }).await
    }

    /// The money stays with the merchant; `None`: that of the newest refund.
    pub async fn fail_refund(&self, refund_no: Option<&str>) -> Result<Refund, ControlError> {
        self.tell(Command::FailRefund { refund_no: refund_no.map(ToOwned::to_owned) }).await
    }

    /// Every later refund is done by itself after so many milliseconds, or not.
    pub async fn auto_refund(&self, after_ms: Option<u64>) -> Result<Settings, ControlError> {
        self.tell(Command::AutoRefund { after_ms }).await
    }

    /// All refunds, newest first.
    pub async fn refunds(&self) -> Result<Vec<Refund>, ControlError> {
        self.tell(Command::Refunds {}).await
    }

    /// How far the gateway's clock is ahead, in seconds.
    pub async fn skew(&self, seconds: i64) -> Result<Settings, ControlError> {
        self.tell(Command::Skew { seconds }).await
    }

    /// Dingdang takes requests whatever the time in their signature, or not.
    pub async fn takes_any_time(&self, on: bool) -> Result<Settings, ControlError> {
        self.tell(Command::TakesAnyTime { on }).await
    }

    /// Every later trade is paid by itself after so many milliseconds, or not.
    pub async fn auto_pay(&self, after_ms: Option<u64>) -> Result<Settings, ControlError> {
        self.tell(Command::AutoPay { after_ms }).await
    }

    /// A coupon bears so much of every payment, minor units, and answers say who bore what; or they do not.
    pub async fn coupon(&self, minor: Option<i64>) -> Result<Settings, ControlError> {
        self.tell(Command::Coupon { minor }).await
    }

    /// The merchant's WeChat channel is Beijing Rural Commercial Bank's, or not.
    pub async fn beijing_rural(&self, on: bool) -> Result<Settings, ControlError> {
        self.tell(Command::BeijingRural { on }).await
    }

    /// Only these channels are enabled.
    pub async fn channels(&self, enabled: &[&str]) -> Result<Settings, ControlError> {
        self.tell(Command::Channels { enabled: enabled.iter().map(ToString::to_string).collect() }).await
    }

    /// What BlueOcean trades in, for example `HKD`.
    pub async fn currency(&self, code: &str) -> Result<Settings, ControlError> {
        self.tell(Command::Currency { code: code.to_owned() }).await
    }

    /// Whether Jubao signs its answers.
    pub async fn jubao_signs(&self, on: bool) -> Result<Settings, ControlError> {
        self.tell(Command::JubaoSigns { on }).await
    }

    /// How many seconds a ticket of the official account holds; nothing: its server gives none.
    pub async fn tickets(&self, hold_s: Option<u32>) -> Result<Settings, ControlError> {
        self.tell(Command::Tickets { hold_s }).await
    }

    /// How payments are notified from now on.
    pub async fn notifications(&self, how: Notifications) -> Result<Settings, ControlError> {
        self.tell(Command::Notifications(how)).await
    }

    /// One more notification of a trade, whatever state it is in.
    pub async fn notify(&self, which: impl Which) -> Result<(), ControlError> {
        self.order(Command::Notify { order_no: which.order_no() }).await
    }

    /// The notifications that were sent, oldest first, and what was answered.
    pub async fn notified(&self) -> Result<Vec<Notified>, ControlError> {
        self.tell(Command::Notified {}).await
    }

    /// An order at Dingdang's speaker, under this number of the merchant's or a new one.
    pub async fn voice_order(&self, trade_no: Option<&str>, items: &[Item]) -> Result<TradeView, ControlError> {
        let trade_no = trade_no.map(ToOwned::to_owned);
        self.tell(Command::VoiceOrder { trade_no, items: items.to_vec(), partner: None }).await
    }

    /// The same with the address of the partner that is told what becomes of it.
    pub async fn voice_order_at(&self, partner: &str, items: &[Item]) -> Result<TradeView, ControlError> {
        let partner = Some(partner.to_owned());
        self.tell(Command::VoiceOrder { trade_no: None, items: items.to_vec(), partner }).await
    }

    /// Dingdang has its partner make an order.
    pub async fn speak(&self, speech: Speech) -> Result<(), ControlError> {
        self.order(Command::Speak(speech)).await
    }

    /// One more notice of a refund to Dingdang's partner.
    pub async fn notify_refund(&self, refund_no: &str) -> Result<(), ControlError> {
        self.order(Command::NotifyRefund { refund_no: refund_no.to_owned() }).await
    }

    /// Dingdang gives the money of an order back by itself.
    pub async fn give_back(&self, order_no: &str) -> Result<Refund, ControlError> {
        self.tell(Command::GiveBack { order_no: order_no.to_owned() }).await
    }

    /// How answers are worded.
    pub async fn dialect(&self, dialect: Dialect) -> Result<Settings, ControlError> {
        self.tell(Command::Dialect { dialect }).await
    }

    /// A drawn dialect; `restless`: a new one for every answer.
    pub async fn dialect_seed(&self, seed: u64, restless: bool) -> Result<Settings, ControlError> {
        self.tell(Command::DialectSeed { seed, restless }).await
    }

    /// Everything as set.
    pub async fn settings(&self) -> Result<Settings, ControlError> {
        self.tell(Command::Settings {}).await
    }

    /// All trades, newest first.
    pub async fn trades(&self) -> Result<Vec<TradeView>, ControlError> {
        self.tell(Command::Trades {}).await
    }

    /// One trade.
    pub async fn trade(&self, order_no: &str) -> Result<TradeView, ControlError> {
        let trades = self.trades().await?;
        trades.into_iter().find(|view| view.trade.order_no == order_no).ok_or(ControlError::NoSuchTrade)
    }

    /// What arrived after the entry with this index (0: everything kept), oldest first.
    pub async fn received(&self, after: u64) -> Result<Vec<Received>, ControlError> {
        self.tell(Command::Received { after }).await
    }

    /// How many creates arrived per number, refused and dropped ones too.
    pub async fn creates(&self) -> Result<BTreeMap<String, u64>, ControlError> {
        self.tell(Command::Creates {}).await
    }

    async fn order(&self, command: Command) -> Result<(), ControlError> {
        self.send(command).await.map(drop)
    }

    async fn tell<T: DeserializeOwned>(&self, command: Command) -> Result<T, ControlError> {
        let value = self.send(command).await?;
        serde_json::from_value(value).map_err(|error| ControlError::Unreachable(error.to_string()))
    }

    async fn send(&self, command: Command) -> Result<Value, ControlError> {
        match &self.0 {
            Way::Inside(stage) => perform(stage, command).await,
            Way::Http { authority } => {
                over_http(authority, command).await.map_err(|error| ControlError::Unreachable(error.to_string()))?
            }
        }
    }
}

/// One request on one connection; the server closes it after its answer.
async fn over_http(authority: &str, command: Command) -> std::io::Result<Result<Value, ControlError>> {
    let mut fields = serde_json::to_value(command)?;
    let name = fields.as_object_mut().and_then(|fields| fields.remove("do"));
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    let body = fields.to_string();
    let mut stream = TcpStream::connect(authority).await?;
    let length = body.len();
    let head = format!(
        "POST /control/{name} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    let value: Value = serde_json::from_str(body)?;
    let why = || value.get("error").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(match status {
        "200" => Ok(value),
        "404" => Err(ControlError::NoSuchTrade),
        "400" => Err(ControlError::NotACommand(why())),
        _ => Err(ControlError::Unreachable(why())),
    })
}
