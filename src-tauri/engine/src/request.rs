//! What a command line asks a running engine for, and what it is answered: in the same process, or over the local socket.
//!
//! Both ways are one function, [`answer`], so that a command that is handed over does what it would have done itself. Who
//! acts is decided here, on the engine's side.

mod desk;
mod hidden;
mod refunds;
mod watch;

pub use desk::{Desk, OpenDesk, Raise, hand_over};
pub use hidden::Hidden;

use crate::till::{Acting, Credentials, Named};
use crate::view::people::{LimitsChange, LimitsView, OperatorView};
use crate::view::refunds::{RefundRequest, RefundView};
use crate::view::{AccountView, Asked, Finding, Item, LiveOrder, SaleRequest};
use refunds::UntilRefund;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use till_core::account::AccountChange;
use till_core::error::{Code, Refusal};
use till_core::order::Attention;
use till_core::rights::{Actor, Role};
use tokio::sync::mpsc::Sender;
use watch::Until;

/// One thing to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Nothing: is anybody there?
    Hello,
    /// Make an order and watch it.
    Sell {
        /// What is sold.
        sale: SaleRequest,
        /// What the scanner read from the customer's phone.
        #[serde(default)]
        payment_code: Option<Hidden>,
        /// To its end; else until its create is over.
        wait: bool,
    },
    /// Watch an order to its end.
    Watch {
        /// Its number.
        order_no: String,
    },
    /// Ask the gateway about an order now.
    Ask {
        /// Its number.
        order_no: String,
    },
    /// Close an order and watch it to its end.
    Close {
        /// Its number.
        order_no: String,
    },
    /// Reverse an order and watch it to its end.
    Reverse {
        /// Its number.
        order_no: String,
    },
    /// Give money back and watch the refund.
    Refund {
        /// What goes back.
        refund: RefundRequest,
        /// To its end; else until it was answered.
        wait: bool,
    },
    /// Send a refund again under its number, and watch it.
    RefundAgain {
        /// The order's number.
        order_no: String,
        /// Its number.
        refund_no: String,
        /// To its end; else until it was answered.
        wait: bool,
    },
    /// Take a refund back that never left.
    WithdrawRefund {
        /// The order's number.
        order_no: String,
        /// Its number.
        refund_no: String,
    },
    /// Watch a refund to its end.
    WatchRefund {
        /// The order's number.
        order_no: String,
        /// Its number.
        refund_no: String,
    },
    /// Take the gateway's number of an order that cannot be asked for by ours.
    NameGatewayNo {
        /// Its number.
        order_no: String,
        /// The gateway's.
        gateway_no: String,
    },
    /// Take in an order that was made elsewhere.
    Adopt {
        /// The account's name.
        account: String,
        /// Its number there.
        named: Named,
        /// Its lines.
        items: Vec<Item>,
    },
    /// Add an account.
    AddAccount {
        /// Its gateway.
        gateway: String,
        /// Its name.
        name: String,
        /// Address and fields.
        change: AccountChange,
    },
    /// Change an account.
    ChangeAccount {
        /// Its name.
        name: String,
        /// Address and fields.
        change: AccountChange,
    },
    /// Put a secret into the keyring.
    SetSecret {
        /// The account's name.
        name: String,
        /// The field.
        field: String,
        /// The secret.
        secret: Hidden,
    },
    /// Take an account out of use.
    RemoveAccount {
        /// Its name.
        name: String,
    },
    /// Try an account against its gateway, without money.
    CheckAccount {
        /// Its name.
        name: String,
    },
    /// Add somebody to the people at the till.
    AddOperator {
        /// Their name.
        name: String,
        /// What they are.
        role: Role,
        /// Their PIN.
        pin: Hidden,
    },
    /// Remove somebody.
    RemoveOperator {
        /// Their name.
        name: String,
    },
    /// Give somebody another PIN.
    SetPin {
        /// Their name.
        name: String,
        /// The new PIN.
        pin: Hidden,
    },
    /// Change what refunds are held to.
    SetLimits {
        /// What is to change.
        change: LimitsChange,
    },
    /// Look whether notifications are received: one finding after the other.
    CheckReceiver,
    /// Bring the window to the front.
    ShowWindow,
}

/// Who somebody says they are, on the way to the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Their name.
    pub name: String,
    /// Their PIN.
    pub pin: Hidden,
}

impl Claim {
    /// As the till tries it.
    pub fn read(&self) -> Result<Credentials, Refusal> {
        let pin = self.pin.text().ok_or_else(|| Refusal::of(Code::BadPin))?;
        Ok(Credentials { name: self.name.clone(), pin })
    }
}

/// A request and who makes it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errand {
    /// Who acts; nobody in particular where absent.
    #[serde(rename = "as")]
    pub first: Option<Claim>,
    /// Who stands beside them.
    pub second: Option<Claim>,
    /// What is to be done.
    #[serde(rename = "do")]
    pub request: Request,
}

impl Errand {
    /// A request of whoever stands at the till.
    #[must_use]
    pub fn of(request: Request) -> Self {
        Self { first: None, second: None, request }
    }
}

/// One value of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Somebody is.
    Here,
    /// An order as it stands now; a sale sends one at each change.
    Order(Box<LiveOrder>),
    /// An order that was to be asked about, and what came of that.
    Asked(Box<Asked>),
    /// A refund as it stands now; one is sent at each change.
    Refund(Box<RefundView>),
    /// A person is told of the refund that is watched; said once.
    Raised(Attention),
    /// An account.
    Account(Box<AccountView>),
    /// What a check found.
    Finding(Finding),
    /// Somebody at the till.
    Operator(Box<OperatorView>),
    /// What refunds are held to.
    Limits(Box<LimitsView>),
    /// The window was brought to the front.
    Shown,
    /// It was not done; why.
    Refused(Refusal),
    /// The engine ends. Whoever has an order can watch it elsewhere; whoever has nothing yet can ask again, for nothing was done.
    Leaving,
}

/// Does what `errand` says and gives the answer to `replies`. An answer that nobody reads any more ends the watching, never the order.
pub async fn answer(desk: &Desk, errand: &Errand, replies: &Sender<Reply>) {
    if desk.is_leaving() {
        return tell(replies, Reply::Leaving).await;
    }
    if let Err(refusal) = answered(desk, errand, replies).await {
        tell(replies, Reply::Refused(refusal)).await;
    }
}

async fn answered(desk: &Desk, errand: &Errand, replies: &Sender<Reply>) -> Result<(), Refusal> {
    let till = desk.till();
    let first = errand.first.as_ref().map(Claim::read).transpose()?;
    let second = errand.second.as_ref().map(Claim::read).transpose()?;
    let Acting { actor, second } = till.acting(first.as_ref(), second.as_ref()).await?;
    let (actor, second) = (&actor, second.as_ref());
    let account = |view: AccountView| Reply::Account(Box::new(view));
    let operator = |view: OperatorView| Reply::Operator(Box::new(view));
    let known = |order: LiveOrder| Reply::Order(Box::new(order));
    match &errand.request {
        Request::Hello => tell(replies, Reply::Here).await,
        Request::Sell { sale, payment_code, wait } => {
            let news = till.news();
            let code = payment_code.as_ref().map(Hidden::payment_code).transpose()?;
            let order = till.sell(actor, sale, code, None).await?;
            let until = if *wait { Until::Ended } else { Until::Created };
            watch::watch(desk, news, order, until, replies).await?;
        }
        Request::Watch { order_no } => {
            let news = till.news();
            let order = till.order(order_no).await?;
            watch::watch(desk, news, order, Until::Ended, replies).await?;
        }
        Request::Ask { order_no } => {
            let asked = while_staying(desk, till.ask(actor, order_no)).await?;
            tell(replies, asked.map_or(Reply::Leaving, |asked| Reply::Asked(Box::new(asked)))).await;
        }
        Request::Close { order_no } => {
            let news = till.news();
            let order = till.close(actor, order_no).await?;
            watch::watch(desk, news, order, Until::Ended, replies).await?;
        }
        Request::Reverse { order_no } => {
            let news = till.news();
            let order = till.reverse(actor, order_no).await?;
            watch::watch(desk, news, order, Until::Ended, replies).await?;
        }
        Request::Refund { refund, wait } => {
            Box::pin(refunds::make(desk, (actor, second), refund, until_refund(*wait), replies)).await?;
        }
        Request::RefundAgain { order_no, refund_no, wait } => {
            let refund = (order_no.as_str(), refund_no.as_str());
            Box::pin(refunds::again(desk, (actor, second), refund, until_refund(*wait), replies)).await?;
        }
        Request::WithdrawRefund { order_no, refund_no } => {
            let news = till.news();
            till.withdraw_refund(actor, order_no, refund_no).await?;
            refunds::watch(desk, news, (order_no, refund_no), UntilRefund::Ended, replies).await?;
        }
        Request::WatchRefund { order_no, refund_no } => {
            refunds::watch(desk, till.news(), (order_no, refund_no), UntilRefund::Ended, replies).await?;
        }
        Request::NameGatewayNo { order_no, gateway_no } => {
            tell(replies, known(till.name_gateway_no(actor, order_no, gateway_no).await?)).await;
        }
        Request::Adopt { account, named, items } => {
            tell(replies, known(till.adopt(actor, account, named, items).await?)).await;
        }
        Request::AddAccount { gateway, name, change } => {
            tell(replies, account(till.add_account(actor, gateway, name, change).await?)).await;
        }
        Request::ChangeAccount { name, change } => {
            tell(replies, account(till.change_account(actor, name, change).await?)).await;
        }
        Request::SetSecret { name, field, secret } => {
            tell(replies, account(till.set_secret(actor, name, field, secret.bytes()).await?)).await;
        }
        Request::RemoveAccount { name } => {
            till.remove_account(actor, name).await?;
            tell(replies, account(till.account(name)?)).await;
        }
        Request::CheckAccount { name } => {
            let finding = while_staying(desk, till.check_account(actor, name)).await?;
            tell(replies, finding.map_or(Reply::Leaving, Reply::Finding)).await;
        }
        Request::AddOperator { name, role, pin } => {
            till.add_operator(actor, name, *role, &new_pin(pin)?).await?;
            tell(replies, operator(till.operator(name)?)).await;
        }
        Request::RemoveOperator { name } => {
            till.remove_operator(actor, name).await?;
            tell(replies, operator(till.operator(name)?)).await;
        }
        Request::SetPin { name, pin } => {
            till.set_pin(actor, name, &new_pin(pin)?).await?;
            tell(replies, operator(till.operator(name)?)).await;
        }
        Request::SetLimits { change } => {
            till.set_limits(actor, |before| change.read(before)).await?;
            tell(replies, Reply::Limits(Box::new(till.people(actor).limits))).await;
        }
        Request::CheckReceiver => check_receiver(desk, actor, replies).await?,
        Request::ShowWindow => {
            desk.show_window()?;
            tell(replies, Reply::Shown).await;
        }
    }
    Ok(())
}

/// What comes of a question, or none where the engine ends before: whoever asked can ask again, elsewhere.
async fn while_staying<T>(
    desk: &Desk,
    question: impl Future<Output = Result<T, Refusal>>,
) -> Result<Option<T>, Refusal> {
    tokio::select! {
        biased;
        answer = question => answer.map(Some),
        () = desk.leaves() => Ok(None),
    }
}

/// Whoever asked may have hung up: that is no fault.
async fn tell(replies: &Sender<Reply>, reply: Reply) {
    let _gone = replies.send(reply).await;
}

async fn check_receiver(desk: &Desk, actor: &Actor, replies: &Sender<Reply>) -> Result<(), Refusal> {
    let Some(findings) = while_staying(desk, desk.till().examine_receiver(actor)).await? else {
        tell(replies, Reply::Leaving).await;
        return Ok(());
    };
    for finding in findings {
        tell(replies, Reply::Finding(finding)).await;
    }
    Ok(())
}

fn until_refund(wait: bool) -> UntilRefund {
    if wait { UntilRefund::Ended } else { UntilRefund::Answered }
}

fn new_pin(pin: &Hidden) -> Result<SecretString, Refusal> {
    pin.text().ok_or_else(|| Refusal::of(Code::BadPin))
}

/// A refusal of input that is not understood.
fn bad_request(reason: impl ToString) -> Refusal {
    Refusal::of(Code::BadRequest).with("reason", reason)
}
