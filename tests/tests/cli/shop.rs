//! A training folder whose account leads to a stage of the test's own, and the program run in it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use till_sandbox::{Options, Sandbox};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Nothing here takes longer.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The program, as `cargo build -p tillkeeper` leaves it beside the tests.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let program = folder.join(format!("tillkeeper{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is missing; run: cargo build -p tillkeeper", program.display());
    program
}

/// The program without what this machine would lend it: no session bus, no display, English.
pub fn bare(data: &Path) -> Command {
    alone(Command::new(program()), data)
}

/// A command that runs the program, without what this machine would lend it.
pub fn alone(mut command: Command, data: &Path) -> Command {
    command
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("XDG_RUNTIME_DIR")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env("LANG", "en_US.UTF-8")
        .env("TILLKEEPER_HOME", data)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    /// The JSON lines of standard output.
    pub lines: Vec<Value>,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let out = String::from_utf8(output.stdout.clone()).unwrap();
        let lines = out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Self { code: output.status.code(), lines, out, err: String::from_utf8_lossy(&output.stderr).into_owned() }
    }

    pub fn last(&self) -> &Value {
        self.lines.last().unwrap_or_else(|| panic!("nothing was printed: {self:?}"))
    }

    /// The code of the error that was printed.
    pub fn refusal(&self) -> &str {
        self.last()["error"]["code"].as_str().unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    pub fn states(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line["state"].as_str().unwrap()).collect()
    }
}

/// Runs a command to its end.
pub async fn run(mut command: Command) -> Ran {
    let output = tokio::time::timeout(DEADLINE, command.output()).await.expect("in time").unwrap();
    Ran::of(&output)
}

/// Runs a command that reads `input`.
pub async fn run_with(mut command: Command, input: &[u8]) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).await.unwrap();
    drop(stdin);
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await.expect("in time").unwrap();
    Ran::of(&output)
}

/// A run that goes on beside the test.
pub struct Running {
    pub child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next JSON line; `None` at the end.
    pub async fn line(&mut self) -> Option<Value> {
        self.line_within(DEADLINE).await
    }

    /// The next JSON line, which may take this long.
    pub async fn line_within(&mut self, deadline: Duration) -> Option<Value> {
        let line = tokio::time::timeout(deadline, self.lines.next_line()).await.expect("a line in time").unwrap()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}")))
    }

    /// Lines until one of this state.
    pub async fn until(&mut self, state: &str) -> Value {
        loop {
            let line = self.line().await.unwrap_or_else(|| panic!("ended before {state}"));
            if line["state"] == state {
                return line;
            }
        }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().expect("still running").to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(sent.success());
    }

    pub async fn ends_with(mut self) -> Option<i32> {
        while self.line().await.is_some() {}
        tokio::time::timeout(DEADLINE, self.child.wait()).await.expect("it ends in time").unwrap().code()
    }
}

/// A stage and the credentials that it gave out.
pub struct Stage {
    pub sandbox: Sandbox,
    pub merchant_id: String,
    pub key: String,
}

impl Stage {
    pub async fn start() -> Self {
        let sandbox = Sandbox::start(Options { close_floor_s: 0, ..Options::default() }).await.unwrap();
        let announced = sandbox.announcement();
        let text = |name: &str| announced["gateways"]["pooul"]["credentials"][name].as_str().unwrap().to_owned();
        Self { merchant_id: text("merchant_id"), key: text("key"), sandbox }
    }

    /// Arguments that make the account `outside` of it, asked ten times a second.
    pub fn account(&self) -> Vec<String> {
        let fields = [
            format!("merchant_id={}", self.merchant_id),
            "notify_url=http://127.0.0.1:9/nobody".to_owned(),
            "plan.poll_ms=100".to_owned(),
            "plan.close_floor_s=0".to_owned(),
        ];
        let words = ["account", "add", "pooul", "outside", "--base-url"].map(str::to_owned);
        let mut arguments: Vec<String> = words.into();
        arguments.push(self.sandbox.base_url());
        arguments.extend(fields.into_iter().flat_map(|field| ["--set".to_owned(), field]));
        arguments
    }
}

/// A training till in a folder of its own. Training has the throw-away keyring; what it sells through here is a process
/// apart, as a real gateway is.
pub struct Shop {
    pub data: TempDir,
    pub stage: Stage,
}

impl Shop {
    pub async fn open() -> Self {
        let shop = Self { data: tempfile::tempdir().unwrap(), stage: Stage::start().await };
        furnish(shop.data.path(), &shop.stage).await;
        shop
    }

    /// The till's own folder.
    pub fn folder(&self) -> PathBuf {
        self.data.path().join("training")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        command(self.data.path(), arguments)
    }

    pub async fn run(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments)).await
    }

    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    /// A running `serve` that listens already.
    pub async fn serve(&self) -> Running {
        let mut serve = self.start(&["serve"]);
        assert!(serve.line().await.expect("the first line")["listen"].is_null());
        serve
    }

    /// What has not ended, by the journal.
    pub async fn open_orders(&self) -> Vec<Value> {
        self.run(&["order", "list", "--open"]).await.lines
    }
}

/// The program in training at `data`, printing JSON.
pub fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = bare(data);
    command.args(["--training", "--json"]).args(arguments);
    command
}

/// Gives the training till of `data` the account `outside` of `stage`.
pub async fn furnish(data: &Path, stage: &Stage) {
    let account = stage.account();
    let added = run(command(data, &account.iter().map(String::as_str).collect::<Vec<_>>())).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let mut secret = stage.key.clone().into_bytes();
    secret.push(b'\n');
    let set = run_with(command(data, &["account", "secret", "outside", "key"]), &secret).await;
    assert_eq!((set.code, &set.last()["missing"]), (Some(0), &serde_json::json!([])), "{set:?}");
}

/// A sale of 12.50 through the outside stage.
pub const SALE: [&str; 4] = ["sale", "outside", "wechat.scan", "12.50"];

/// Whether `text` holds the word as one of its own: four digits stand in some hash by chance.
pub fn says(text: &str, word: &str) -> bool {
    text.split(|char: char| !char.is_ascii_alphanumeric()).any(|part| part == word)
}
