//! The command line: everything the till can do, without a display.

mod account;
mod arguments;
mod backup;
mod bundle;
mod by_hand;
mod channels;
mod doctor;
mod engine;
mod exit;
mod export;
mod findings;
mod flaw;
mod input;
mod journal;
mod latency;
mod next;
mod order;
mod output;
mod people;
mod qr;
mod refund;
mod refunds;
mod sale;
mod sandbox;
mod serve;
mod standing;
mod stop;
mod trouble;
mod verify;
mod whom;

use crate::premises::Where;
use crate::spoken::spoken;
use crate::window;
use arguments::{Arguments, Command, Options};
use clap::Parser;
use exit::Exit;
use output::Output;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use till_core::error::{Code, Refusal};
use till_core::words::Label;
use till_core::words::Language;
use till_engine::lock::LockGuard;
use till_engine::reading::Reading;
use till_engine::request::{Claim, Errand, Request};

const RAISED: Label = Label::new(
    "这台收银台已经打开，它的窗口已放到最前面。",
    "這部收銀台已經開啟，它的視窗已移到最前。",
    "This till is open already: its window was brought to the front.",
);

const PIN: Label = Label::new("请输入“{name}”的密码：", "請輸入「{name}」的密碼：", "Enter the PIN of “{name}”:");

const NO_PIN: Label = Label::new(
    "这里应是“{name}”的密码，单独一行，4 到 12 位数字，不全相同；没有算作输错",
    "這裏應是「{name}」的密碼，單獨一行，4 至 12 位數字，不全相同；不算輸錯",
    "the PIN of “{name}” was expected, on a line of its own, 4 to 12 digits, not all the same; it was not counted as a wrong one",
);

const NO_TILL: Label = Label::new("这里没有收银台的数据：", "這裏沒有收銀台的資料：", "There is no till in");

/// How long tasks of the runtime may take to end.
const LAST_TASKS: Duration = Duration::from_secs(3);

/// What every command is told.
struct Session {
    place: Where,
    output: Output,
    /// Who acts.
    first: Option<Claim>,
    /// Who stands beside them.
    second: Option<Claim>,
    /// Locks that are given back when nothing of the till runs any more.
    held: Mutex<Vec<LockGuard>>,
}

impl Session {
    /// Reads the PINs of whoever the options name: the first lines of standard input.
    fn take_claims(&mut self, options: Options) -> Result<(), Refusal> {
        if let Some(name) = options.operator {
            self.first = Some(self.claim(name)?);
        }
        if let Some(name) = options.second {
            self.second = Some(self.claim(name)?);
        }
        Ok(())
    }

    fn claim(&self, name: String) -> Result<Claim, Refusal> {
        let prompt = self.output.words(PIN).replace("{name}", &name);
        let pin = input::line(self, &prompt)?;
        if !input::may_be_pin(&pin) {
            return Err(bad_request(self.output.words(NO_PIN).replace("{name}", &name)));
        }
        Ok(Claim { pin, name })
    }

    /// The till's folder, for reading. Where no till has been, nothing is read, and people are told.
    async fn reading(&self) -> Result<Reading, Refusal> {
        let reading = Reading::open(&self.place.folder()).await?;
        if !reading.is_there() {
            self.tell_of_nothing();
        }
        Ok(reading)
    }

    /// Tells people that there is no till in the folder: its name may be mistyped.
    fn tell_of_nothing(&self) {
        if !self.output.json {
            self.output.aside(&format!("{} {}", self.output.words(NO_TILL), self.place.folder().display()));
        }
    }

    /// Whether somebody said who they are.
    fn claims(&self) -> bool {
        self.first.is_some()
    }

    /// `request`, of whoever acts here.
    fn errand(&self, request: Request) -> Errand {
        Errand { first: self.first.clone(), second: self.second.clone(), request }
    }

    fn keep(&self, guard: LockGuard) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(guard);
    }
}

/// Does what the arguments say; without a command, opens the window.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let given: Vec<OsString> = arguments.collect();
    let arguments = match Arguments::try_parse_from(&given) {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&given, &error).into(),
    };
    let options = &arguments.options;
    let mut output = Output::new(options.json, language(options, None), next::called(given.first(), options));
    let moves_money = arguments.command.as_ref().is_some_and(Command::moves_money);
    let exit = carry_out(&mut output, arguments);
    output.end(exit, moves_money).into()
}

/// Does what the arguments say. How it ended, whether or not that could be printed.
fn carry_out(output: &mut Output, Arguments { options, command }: Arguments) -> Exit {
    let place = match Where::of(options.data_dir.clone(), options.training, options.lang.map(Into::into)) {
        Ok(place) => place,
        Err(refusal) => return output.refuse(&refusal),
    };
    output.language = language(&options, Some(&place));
    let Some(command) = command else { return show(output, place, options.lang.map(Into::into)) };
    let mut session =
        Session { place, output: output.clone(), first: None, second: None, held: Mutex::new(Vec::new()) };
    if command.looks_at_pins()
        && let Err(refusal) = session.take_claims(options)
    {
        return output.refuse(&refusal);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.aside(&error.to_string());
            return Exit::Unexpected;
        }
    };
    let done = runtime.block_on(perform(&session, command));
    runtime.shutdown_timeout(LAST_TASKS);
    drop(session);
    done.unwrap_or_else(|refusal| output.refuse(&refusal))
}

/// The window, until it is closed; in the language that was `asked` for, if one was.
fn show(output: &Output, place: Where, asked: Option<Language>) -> Exit {
    match window::run(place, asked) {
        Ok(window::Ended::Closed) => Exit::Done,
        Ok(window::Ended::RaisedAnother) => {
            output.aside(output.words(RAISED));
            Exit::Done
        }
        Err(window::WindowFault::NoDisplay) => output.refuse(&Refusal::of(Code::NoDisplay)),
        Err(fault @ window::WindowFault::System(_)) => {
            output.aside(&fault.to_string());
            Exit::Machine
        }
    }
}

async fn perform(session: &Session, command: Command) -> Result<Exit, Refusal> {
    match command {
        Command::Account(command) => account::perform(session, command).await,
        Command::Channels { account } => channels::list(session, account.as_deref()).await,
        Command::Sale(sale) => sale::sell(session, sale).await,
        Command::Refund(asked) => refund::refund(session, asked).await,
        Command::Refunds(asked) => refunds::list(session, asked).await,
        Command::Order(command) => order::perform(session, command).await,
        Command::Journal(command) => journal::perform(session, command).await,
        Command::Operator(command) => people::operator(session, command).await,
        Command::Limits(command) => people::limits(session, command).await,
        Command::Serve { listen } => serve::serve(session, listen).await,
        Command::Sandbox { listen } => sandbox::play(session, listen).await,
        Command::Doctor => doctor::examine(session).await,
    }
}

/// The language asked for, else that of the settings, else the system's where the till speaks it.
fn language(options: &Options, place: Option<&Where>) -> Language {
    let set = || {
        let settings = place?.read_settings().ok()?.settings;
        settings.language.and_then(|language| Language::from_tag(language.word()))
    };
    options.lang.map(Into::into).or_else(set).unwrap_or_else(|| spoken(|name| std::env::var(name).ok()))
}

/// The language that `--lang` names among arguments that are not understood as a whole.
fn named(given: &[OsString]) -> Option<Language> {
    let words: Vec<&str> = given.iter().filter_map(|word| word.to_str()).collect();
    let behind = words.iter().zip(words.iter().skip(1)).find(|(word, _)| **word == "--lang").map(|(_, tag)| *tag);
    Language::from_tag(behind.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang=")))?)
}

/// What clap says: help and version are results, everything else is refused input.
fn misunderstood(given: &[OsString], error: &clap::Error) -> Exit {
    use clap::error::ErrorKind;
    let language = named(given).unwrap_or_else(|| spoken(|name| std::env::var(name).ok()));
    let output = Output::new(given.iter().any(|word| word == "--json"), language, String::new());
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        output.is_out(error.print().and_then(|()| io::stdout().flush()));
        return output.end(Exit::Done, false);
    }
    if !output.json {
        let _gone = error.print();
        return Exit::Refused;
    }
    let said = error.to_string();
    // What is wrong, without the usage behind it.
    let wrong =
        said.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:")).filter(|line| !line.is_empty());
    let reason = wrong.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned();
    let exit = output.refuse(&Refusal::of(Code::BadRequest).with("reason", reason));
    output.end(exit, false)
}

/// Input that is not understood.
fn bad_request(reason: impl ToString) -> Refusal {
    Refusal::of(Code::BadRequest).with("reason", reason)
}
