//! Processes that end with the test, however it ends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a part of the stage may take to come up.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A part of the stage. It is killed when it is dropped, and by the kernel when this test dies first.
pub(crate) struct Part {
    name: &'static str,
    child: Child,
    said: PathBuf,
}

impl Part {
    /// Starts `program`; what it says goes to `NAME.out` in `folder`.
    pub(crate) fn start(name: &'static str, folder: &Path, program: &mut Command) -> Self {
        let said = folder.join(format!("{name}.out"));
        let out = File::options().create(true).append(true).open(&said).expect("a file for what a part says");
        let err = out.try_clone().expect("the same file");
        let mut held = Command::new("setpriv");
        held.args(["--pdeathsig", "KILL", "--"]).arg(program.get_program()).args(program.get_args()).env_clear();
        for (key, value) in program.get_envs() {
            held.env(key, value.unwrap_or_default());
        }
        let child =
            held.stdin(Stdio::piped()).stdout(out).stderr(err).spawn().unwrap_or_else(|error| {
                panic!("{name} does not start: {error}. `make test` installs what is missing.")
            });
        Self { name, child, said }
    }

    /// Gives it `input` and closes its standard input.
    pub(super) fn tell(&mut self, input: &str) {
        use std::io::Write;
        let mut stdin = self.child.stdin.take().expect("told once");
        stdin.write_all(input.as_bytes()).expect("it listens");
    }

    /// Waits until `ready` makes something of what it said so far.
    pub(crate) async fn until<T>(&mut self, what: &str, ready: impl FnMut(&str) -> Option<T>) -> T {
        self.unless_it_ends(what, ready).await.unwrap_or_else(|ended| panic!("{ended}"))
    }

    /// The same; where it ends before, this is what it said.
    pub(crate) async fn unless_it_ends<T>(
        &mut self,
        what: &str,
        mut ready: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let said = String::from_utf8_lossy(&std::fs::read(&self.said).unwrap_or_default()).into_owned();
            if let Some(found) = ready(&said) {
                return Ok(found);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("{} ended ({status}) before {what}: {said}", self.name));
            }
            assert!(Instant::now() < deadline, "{}: {what} not within {READY_WITHIN:?}: {said}", self.name);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It may be gone already; then there is nothing to do.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A process of the stage as the kernel tells of it.
#[derive(Clone, Debug)]
pub struct Running {
    /// Its number.
    pub pid: u32,
    /// The number of the process that started it.
    pub parent: u32,
    /// The file that it runs.
    pub program: PathBuf,
    /// Its arguments, the program's name first.
    pub arguments: Vec<String>,
    /// Its environment as it was started with, raw.
    pub environment: Vec<u8>,
}

/// Every process whose environment carries `mark`.
pub(super) fn marked(mark: &str) -> Vec<Running> {
    let entries = std::fs::read_dir("/proc").expect("a list of processes");
    entries.flatten().filter_map(|entry| read(&entry.path(), mark)).collect()
}

fn read(folder: &Path, mark: &str) -> Option<Running> {
    let pid = folder.file_name()?.to_str()?.parse().ok()?;
    // A process may end while it is looked at.
    let environment = std::fs::read(folder.join("environ")).ok()?;
    if !contains(&environment, mark.as_bytes()) {
        return None;
    }
    let arguments = std::fs::read(folder.join("cmdline")).ok()?;
    let arguments = String::from_utf8_lossy(&arguments);
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()?;
    let program = std::fs::read_link(folder.join("exe")).ok()?;
    let arguments = arguments.split('\0').filter(|argument| !argument.is_empty()).map(ToOwned::to_owned).collect();
    Some(Running { pid, parent, program, arguments, environment })
}

/// The port of 127.0.0.1 where a process listens, once it does.
pub(super) fn listens_at(pid: u32) -> Option<u16> {
    const LISTENING: &str = "0A";
    let sockets: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .ok()?
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok()?.to_str().map(ToOwned::to_owned))
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let table = std::fs::read_to_string(format!("/proc/{pid}/net/tcp")).ok()?;
    table.lines().find_map(|line| {
        // Its place in the table, its own address, the other's, its state, six columns, and the number of the socket.
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, own, _, LISTENING, _, _, _, _, _, number, ..] = columns[..] else { return None };
        let port = own.split_once(':')?.1;
        sockets.iter().any(|socket| socket == number).then(|| u16::from_str_radix(port, 16).ok()).flatten()
    })
}

/// Ends a process of the stage at once.
pub(super) fn kill(pid: u32) {
    // It may be gone already; then there is nothing to do.
    let _gone = Command::new("kill").args(["-KILL", &pid.to_string()]).stderr(Stdio::null()).status();
}

pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
