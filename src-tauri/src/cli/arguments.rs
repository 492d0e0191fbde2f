//! The command line as people type it (design.md section 8).

use super::bad_request;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::collections::BTreeMap;
use std::path::PathBuf;
use till_core::error::{Refusal, Sentences};
use till_core::money::{Currency, parse_amount};
use till_core::order::State;
use till_core::order::refund::RefundState;
use till_core::words::{Label, Language};
use till_engine::view::Item;

const SET_TWICE: Label = Label::new(
    "--set 对“{field}”给了不止一个值",
    "--set 對「{field}」給了多於一個值",
    "--set gives “{field}” more than one value",
);

/// 掌柜 · a cashier for shops that take QR payments. Without a command it opens the window.
#[derive(Debug, Parser)]
#[command(name = "tillkeeper", version, propagate_version = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) options: Options,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Options of every command, before it or after it.
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// The till's folder (else `TILLKEEPER_HOME`, else the platform's folder for data)
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// The training till: pretend gateways, no real money
    #[arg(long, global = true)]
    pub(super) training: bool,
    /// One JSON object a line on standard output
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The language of sentences
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(super) lang: Option<Tongue>,
    /// Who acts; the first line of standard input is their PIN
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) operator: Option<String>,
    /// Who stands beside them
    #[arg(long, global = true, value_name = "NAME", requires = "operator")]
    pub(super) second: Option<String>,
}

/// A language by its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Tongue {
    #[value(name = "zh-CN")]
    ZhCn,
    #[value(name = "zh-HK")]
    ZhHk,
    #[value(name = "en")]
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::ZhCn => Self::ZhCn,
            Tongue::ZhHk => Self::ZhHk,
            Tongue::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Accounts at gateways
    #[command(subcommand)]
    Account(AccountCommand),
    /// Ways to pay, of every gateway or of one account
    Channels {
        /// The account's name
        account: Option<String>,
    },
    /// Sell something and watch the order
    Sale(Sale),
    /// Orders
    #[command(subcommand)]
    Order(OrderCommand),
    /// Give money back and watch the refund
    Refund(Refund),
    /// Refunds, newest first
    Refunds(Refunds),
    /// The append-only log of everything
    #[command(subcommand)]
    Journal(JournalCommand),
    /// The people at the till and their PINs
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// What refunds are held to
    #[command(subcommand)]
    Limits(LimitsCommand),
    /// No window: asks for open orders until it is ended
    Serve {
        /// Where notifications arrive, as `receiver.listen` of the settings; port 0 takes any
        #[arg(long, value_name = "ADDR")]
        listen: Option<std::net::SocketAddr>,
    },
    /// The pretend gateways alone
    Sandbox {
        /// Where to listen; port 0 takes any
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: std::net::SocketAddr,
    },
    /// Looks at keyring, disk, settings, clock and gateways
    Doctor,
}

impl Command {
    /// Whether somebody's PIN is looked at for it. What only reads, exports or verifies, or needs nothing, leaves standard input alone.
    pub(super) fn looks_at_pins(&self) -> bool {
        match self {
            Self::Account(account) => match account {
                AccountCommand::List | AccountCommand::Show { .. } => false,
                AccountCommand::Add { .. }
                | AccountCommand::Set { .. }
                | AccountCommand::Remove { .. }
                | AccountCommand::Check { .. }
                | AccountCommand::Secret { .. } => true,
            },
            Self::Sale(_) | Self::Refund(_) => true,
            Self::Order(order) => match order {
                OrderCommand::List(_) | OrderCommand::Show { .. } => false,
                OrderCommand::Query { .. }
                | OrderCommand::Close { .. }
                | OrderCommand::Reverse { .. }
                | OrderCommand::Adopt { .. } => true,
            },
            Self::Journal(journal) => match journal {
                JournalCommand::Restore { .. } => true,
                JournalCommand::List { .. }
                | JournalCommand::Export { .. }
                | JournalCommand::Latency { .. }
                | JournalCommand::Bundle { .. }
                | JournalCommand::Verify { .. }
                | JournalCommand::Backup { .. }
                | JournalCommand::Rebuild => false,
            },
            Self::Operator(operator) => !matches!(operator, OperatorCommand::List),
            Self::Limits(limits) => !matches!(limits, LimitsCommand::Show),
            Self::Refunds(_) | Self::Channels { .. } | Self::Serve { .. } | Self::Sandbox { .. } | Self::Doctor => {
                false
            }
        }
    }

    /// Whether money may move by it.
    pub(super) fn moves_money(&self) -> bool {
        match self {
            Self::Sale(_) | Self::Refund(_) | Self::Serve { .. } => true,
            Self::Order(order) => match order {
                OrderCommand::Query { .. }
                | OrderCommand::Close { .. }
                | OrderCommand::Reverse { .. }
                | OrderCommand::Adopt { .. } => true,
                OrderCommand::List(_) | OrderCommand::Show { .. } => false,
            },
            Self::Account(_)
            | Self::Refunds(_)
            | Self::Channels { .. }
            | Self::Journal(_)
            | Self::Operator(_)
            | Self::Limits(_)
            | Self::Sandbox { .. }
            | Self::Doctor => false,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Refund {
    pub(super) order_no: String,
    /// How much; what its lines come to, or without any everything that is left, where absent
    #[arg(allow_negative_numbers = true)]
    pub(super) amount: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(super) reason: String,
    /// A line that goes back: its id, how many, and their amount
    #[arg(long = "item", value_name = "ID:QTY:AMOUNT", value_parser = item)]
    pub(super) items: Vec<Item>,
    /// Send this refund of the order once more, under its own number: one that the gateway does not know or, at Pooul, says failed
    #[arg(long, value_name = "REFUND_NO", conflicts_with_all = ["amount", "reason", "items"])]
    pub(super) again: Option<String>,
    /// Take this refund of the order back; only one that never left
    #[arg(long, value_name = "REFUND_NO", conflicts_with_all = ["amount", "reason", "items", "again"])]
    pub(super) withdraw: Option<String>,
    /// Do not wait for its end
    #[arg(long)]
    pub(super) no_wait: bool,
}

#[derive(Debug, Args)]
pub(super) struct Refunds {
    /// Only refunds that have not ended, or whose end an answer contradicts
    #[arg(long)]
    pub(super) open: bool,
    /// Only refunds in this state; more than one may be named
    #[arg(long = "state", value_name = "STATE", value_parser = refund_state())]
    pub(super) states: Vec<RefundState>,
    /// Only refunds that this person gave, or `owner` (`--operator` says who asks)
    #[arg(long, value_name = "NAME")]
    pub(super) by: Option<String>,
    /// The first business day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) from: Option<String>,
    /// The last business day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) to: Option<String>,
    /// Only refunds with this number or a part of it: the refund's, its order's, or the gateway's of the refund
    #[arg(long, value_name = "N")]
    pub(super) number: Option<String>,
    /// Only refunds of exactly this amount
    #[arg(long, value_name = "AMOUNT", value_parser = minor, allow_negative_numbers = true, conflicts_with = "number")]
    pub(super) amount: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Add an account; its secrets go in with `account secret`
    Add {
        gateway: String,
        name: String,
        #[command(flatten)]
        change: Change,
    },
    /// All accounts in use
    List,
    /// One account
    Show { name: String },
    /// Change fields or the address
    Set {
        name: String,
        #[command(flatten)]
        change: Change,
    },
    /// Take an account out of use for good; the name is not given again
    Remove { name: String },
    /// Ask the gateway about the account's newest order, without any about an unused number: signature, clock, latency
    Check { name: String },
    /// Put a secret, read from standard input, into the keyring
    Secret { name: String, field: String },
}

#[derive(Debug, Args)]
pub(super) struct Change {
    /// The gateway's address; its usual one counts as none of your own
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// A field; an empty value removes it
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = field)]
    pub(super) fields: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(super) struct Sale {
    pub(super) account: String,
    pub(super) channel: String,
    #[arg(allow_negative_numbers = true)]
    pub(super) amount: String,
    /// What the customer reads; the shop's name where absent
    #[arg(long, value_name = "TEXT")]
    pub(super) body: Option<String>,
    /// A field that the channel asks for
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = field)]
    pub(super) fields: Vec<(String, String)>,
    /// A line of the order, for gateways with lines
    #[arg(long = "item", value_name = "ID:QTY:AMOUNT", value_parser = item)]
    pub(super) items: Vec<Item>,
    /// The customer's payment code; `-` reads it from standard input
    #[arg(long, value_name = "CODE")]
    pub(super) payment_code: Option<String>,
    /// Return once the create is answered
    #[arg(long)]
    pub(super) no_wait: bool,
    /// Seconds until the order expires, 60 to 7200
    #[arg(long, value_name = "SECONDS")]
    pub(super) expire: Option<u32>,
    /// In training: somebody pays after three seconds
    #[arg(long)]
    pub(super) play_customer: bool,
}

#[derive(Debug, Args)]
pub(super) struct OrderList {
    /// Only orders that have not ended
    #[arg(long)]
    pub(super) open: bool,
    /// Only orders in this state; more than one may be named
    #[arg(long = "state", value_name = "STATE", value_parser = state())]
    pub(super) states: Vec<State>,
    /// Only orders that this person made, or `owner`, `nobody`, `gateway` (`--operator` says who asks)
    #[arg(long = "sold-by", value_name = "NAME")]
    pub(super) sold_by: Option<String>,
    /// The first business day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) from: Option<String>,
    /// The last business day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(super) to: Option<String>,
    /// Only orders with this number or a part of it: ours, the gateway's, the wallet's, or one of a refund
    #[arg(long, value_name = "N")]
    pub(super) number: Option<String>,
    /// Only orders of exactly this amount
    #[arg(long, value_name = "AMOUNT", value_parser = minor, allow_negative_numbers = true, conflicts_with = "number")]
    pub(super) amount: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub(super) enum OrderCommand {
    /// Orders, newest first
    List(OrderList),
    /// One order, from the journal
    Show { order_no: String },
    /// Ask the gateway now
    Query { order_no: String },
    /// Take the code away and close
    Close { order_no: String },
    /// Take the code away and reverse: a payment that is found before stays (exit code 3), one that is not goes back
    Reverse { order_no: String },
    /// Name the gateway's number of an order, or take in an order that was made elsewhere
    Adopt {
        /// An order's number with `--gateway-no`; an account's name with `--trade-no` or `--transaction-id`
        which: String,
        /// The gateway's number of our order
        #[arg(long, value_name = "N", conflicts_with_all = ["trade_no", "transaction_id", "items"])]
        gateway_no: Option<String>,
        /// The number that the merchant's own system gave it
        #[arg(long, value_name = "N", conflicts_with = "transaction_id")]
        trade_no: Option<String>,
        /// The gateway's number of it
        #[arg(long, value_name = "N")]
        transaction_id: Option<String>,
        /// A line of the order
        #[arg(long = "item", value_name = "ID:QTY:AMOUNT", value_parser = item)]
        items: Vec<Item>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum OperatorCommand {
    /// Add somebody; their PIN is read from standard input
    Add {
        name: String,
        #[arg(long, value_enum)]
        role: Job,
    },
    /// Everybody, removed ones too
    List,
    /// Remove somebody; the name is not given again
    Remove { name: String },
    /// Give somebody another PIN, read from standard input
    Pin {
        name: String,
        /// Without any PIN: only while no window or other command has the till, and every launch tells it for a week
        #[arg(long)]
        lost: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Job {
    Cashier,
    Manager,
}

#[derive(Debug, Subcommand)]
pub(super) enum LimitsCommand {
    /// What holds now
    Show,
    /// Change what is named
    Set(LimitsSet),
}

#[derive(Debug, Args)]
pub(super) struct LimitsSet {
    /// Whose amounts are named; CNY where absent
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub(super) currency: Option<Currency>,
    #[command(flatten)]
    pub(super) wanted: LimitsWanted,
}

// One of them at least: a currency by itself changes nothing. No doc sentence, which would stand in the help of `limits set`.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct LimitsWanted {
    /// The most that one refund may be
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(super) per_refund: Option<String>,
    /// The most that one person may give back in a day
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(super) per_day: Option<String>,
    /// Above this of one order, with what went back of it before, a second person's PIN is asked for
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(super) second_above: Option<String>,
    /// Whether a refund needs a reason
    #[arg(long, value_enum)]
    pub(super) reason: Option<Reason>,
    /// Days after a payment in which it can be refunded
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) window_days: Option<u32>,
    /// Seconds without a touch after which the window asks who is there; 0 for never
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) idle_lock_s: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Reason {
    Required,
    Optional,
}

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Events, oldest first
    List {
        /// Only events behind this one
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        after: u64,
        /// Go on with new events until it is ended
        #[arg(long)]
        follow: bool,
    },
    /// Write orders, refunds and events into a new folder
    Export {
        #[arg(long, value_enum)]
        format: FileFormat,
        #[arg(long, value_name = "FOLDER")]
        output: PathBuf,
        /// The first business day
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<String>,
        /// The last business day
        #[arg(long, value_name = "DAY", value_parser = day)]
        to: Option<String>,
        /// Only orders of this account; more than one may be named
        #[arg(long = "account", value_name = "NAME")]
        accounts: Vec<String>,
        /// Only orders of this channel
        #[arg(long = "channel", value_name = "CHANNEL")]
        channels: Vec<String>,
        /// Only orders that this person made, or `owner`, `nobody`, `gateway` (`--operator` says who exports)
        #[arg(long = "sold-by", value_name = "NAME")]
        sold_by: Vec<String>,
        /// Only orders in this state
        #[arg(long = "state", value_name = "STATE", value_parser = state())]
        states: Vec<State>,
    },
    /// How long the parts of a sale took, by account and business day: half of the orders, and 95 of 100, took no longer
    Latency {
        /// The first business day
        #[arg(long, value_name = "DAY", value_parser = day)]
        from: Option<String>,
        /// The last business day
        #[arg(long, value_name = "DAY", value_parser = day)]
        to: Option<String>,
    },
    /// Write one order's events and the gateway's answers, signed, into a new file
    Bundle {
        order_no: String,
        /// The new file
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Check the chain, the signatures and everything that was made of the events
    Verify {
        /// A journal file, a backup, a bundle, or an export's folder; the till's own journal where absent
        path: Option<PathBuf>,
        /// An export that was made of it: whether the journal still begins as it did then
        #[arg(long, value_name = "FOLDER")]
        export: Option<PathBuf>,
    },
    /// Write a verified copy of the whole journal into a new file
    Backup {
        /// The new file
        path: PathBuf,
    },
    /// Put a backup in the journal's place, with the till closed; the old file is kept beside it
    Restore {
        /// The backup
        path: PathBuf,
    },
    /// Make everything that can be rebuilt from the events anew
    Rebuild,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FileFormat {
    Csv,
    Xlsx,
    Jsonl,
}

fn state() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.map(State::word)).try_map(|word| State::from_word(&word).ok_or(word))
}

fn refund_state() -> impl TypedValueParser<Value = RefundState> {
    PossibleValuesParser::new(RefundState::ALL.map(RefundState::word))
        .try_map(|word| RefundState::from_word(&word).ok_or(word))
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("FIELD=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Fields by their names. Which value of one that is named twice was meant, nobody can tell.
pub(super) fn fields(given: Vec<(String, String)>, language: Language) -> Result<BTreeMap<String, String>, Refusal> {
    let mut fields = BTreeMap::new();
    for (name, value) in given {
        if fields.insert(name.clone(), value).is_some() {
            return Err(bad_request(SET_TWICE.in_language(language).replace("{field}", &name)));
        }
    }
    Ok(fields)
}

/// `tea:2:12.50`: the amount is the whole line's. An id may hold colons.
fn item(text: &str) -> Result<Item, String> {
    let mut parts = text.rsplitn(3, ':');
    let (Some(amount), Some(quantity), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("a line is ID:QTY:AMOUNT, as in cup:2:12.50".to_owned());
    };
    let amount_minor = minor(amount)?;
    let quantity = quantity.parse().ok().filter(|quantity| *quantity > 0).ok_or("QTY is a whole number from 1 on")?;
    if id.is_empty() || id.chars().count() > 32 {
        return Err("ID has 1 to 32 characters".to_owned());
    }
    Ok(Item { id: id.to_owned(), quantity, amount_minor })
}

/// An amount in minor units, written alike in every currency.
fn minor(text: &str) -> Result<i64, String> {
    parse_amount(text, i64::MAX).map_err(|refusal| {
        let Sentences { what, next, money: _ } = Refusal::from(refusal).sentence(Language::En);
        format!("{what} {next}")
    })
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::from_code(&text.to_uppercase()).ok_or_else(|| Currency::ALL.map(Currency::code).join(", "))
}

fn day(text: &str) -> Result<String, String> {
    let day: jiff::civil::Date = text.parse().map_err(|_| "YYYY-MM-DD")?;
    Ok(day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_none_is_refused_with_what_is_wrong_with_it() {
        for (line, wrong) in [
            ("cup:1:0", "The amount is zero."),
            ("cup:1:1,5", "The amount has a comma"),
            ("cup:1:-2", "cannot be negative"),
            ("cup:1:1.234", "two decimals at most"),
            ("cup:1:", "No amount was typed."),
            ("cup:0:1", "QTY is a whole number from 1 on"),
            ("cup:1.5:1", "QTY is a whole number from 1 on"),
            (":1:1", "ID has 1 to 32 characters"),
            ("cup:12.50", "a line is ID:QTY:AMOUNT"),
        ] {
            let told = item(line).err().unwrap_or_else(|| panic!("{line} is taken"));
            assert!(told.contains(wrong), "{line}: {told}");
        }
        assert_eq!(item("a:b:2:12.50"), Ok(Item { id: "a:b".to_owned(), quantity: 2, amount_minor: 1_250 }));
    }
}
