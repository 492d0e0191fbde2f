//! A real terminal: PINs and secrets that a person types at it, and a code that is taken off it.

use crate::shop::{DEADLINE, SALE, Shop, program, run_with};
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

/// The program at a terminal of its own, made by `script` (package bsdutils).
struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    shown: String,
    device: String,
}

impl Terminal {
    fn open(shop: &Shop, arguments: &[&str]) -> Self {
        let line = format!("tty; exec {} --training --lang en {}", program().display(), arguments.join(" "));
        let mut script = Command::new("script");
        script.args(["-qefc", &line, "/dev/null"]).env("TILLKEEPER_HOME", shop.data.path());
        for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"] {
            script.env_remove(name);
        }
        let mut child =
            script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script (bsdutils) is needed");
        let (keys, screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut terminal = Self { child, keys, screen, shown: String::new(), device: String::new() };
        terminal.until("\n");
        terminal.device = terminal.shown.trim().to_owned();
        assert!(terminal.device.starts_with("/dev/"), "{}", terminal.device);
        terminal
    }

    /// Reads the screen until it shows this.
    fn until(&mut self, text: &str) {
        let mut bytes = [0; 4096];
        while !self.shown.contains(text) {
            let read = self.screen.read(&mut bytes).unwrap();
            assert!(read > 0, "ended before “{text}”: {}", self.shown);
            self.shown.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    }

    /// Types a line behind this prompt, once nothing that is typed is shown.
    fn answer(&mut self, prompt: &str, line: &str) {
        self.until(prompt);
        let deadline = Instant::now() + DEADLINE;
        loop {
            let asked = Command::new("stty").args(["-a", "-F", &self.device]).output().unwrap();
            if String::from_utf8_lossy(&asked.stdout).contains("-echo ") {
                break;
            }
            assert!(Instant::now() < deadline, "what is typed is shown at “{prompt}”");
        }
        self.keys.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// What stood on the screen in the end. The keyboard stays open: nobody pressed Ctrl-D.
    fn end(mut self) -> String {
        let mut rest = Vec::new();
        self.screen.read_to_end(&mut rest).unwrap();
        self.shown.push_str(&String::from_utf8_lossy(&rest));
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.shown);
        drop(self.keys);
        self.shown
    }
}

#[tokio::test]
async fn what_is_typed_at_a_terminal_is_not_shown_and_enter_ends_it() {
    let shop = Shop::open().await;
    let lin = run_with(shop.command(&["operator", "add", "Lin", "--role", "manager"]), b"2580\n").await;
    assert_eq!(lin.code, Some(0), "{lin:?}");
    let shown = tokio::task::spawn_blocking(move || {
        let mut add = Terminal::open(&shop, &["operator", "add", "Bob", "--role", "cashier", "--operator", "Lin"]);
        add.answer("Enter the PIN of “Lin”:", "2580");
        add.answer("Enter a new PIN for “Bob”", "147258");
        add.answer("Enter it once more:", "147259");
        add.answer("Enter it anew.", "147258");
        let pins = add.shown.matches("once more").count();
        assert!(pins >= 1);
        add.shown = add.shown.replacen("once more", "again", pins);
        add.answer("once more:", "147258");
        let added = add.end();
        let mut secret = Terminal::open(&shop, &["account", "secret", "outside", "key", "--operator", "Lin"]);
        secret.answer("Enter the PIN of “Lin”:", "2580");
        secret.answer("Enter key of “outside”", "0123456789abcdef0123456789abcd77");
        [added, secret.end()]
    });
    let [added, secret] = shown.await.unwrap();
    assert!(added.contains("Bob  cashier") && !added.contains("2580") && !added.contains("14725"), "{added}");
    assert!(secret.contains("key = ") && !secret.contains("2580") && !secret.contains("0123456789"), "{secret}");
}

#[tokio::test]
async fn a_code_that_is_no_longer_to_be_paid_by_is_taken_off_the_terminal_with_all_above_it() {
    let shop = Shop::open().await;
    let shown = tokio::task::spawn_blocking(move || {
        let mut sale = Terminal::open(&shop, &SALE);
        sale.until("▀");
        (sale, shop)
    });
    let (mut sale, shop) = shown.await.unwrap();
    let open = shop.open_orders().await;
    let close = shop.start(&["order", "close", open[0]["order_no"].as_str().unwrap()]);
    let wiped = tokio::task::spawn_blocking(move || {
        sale.until("\x1b[2J\x1b[3J\x1b[H");
        sale
    });
    let sale = wiped.await.unwrap();
    shop.stage.sandbox.control().pay(None).await.unwrap();
    let shown = tokio::task::spawn_blocking(move || sale.end()).await.unwrap();
    let (code, after) = shown.split_once("\x1b[2J\x1b[3J\x1b[H").expect("it is wiped");
    assert!(code.contains('▀') && !after.contains('▀') && !after.contains("\x1b[2J"), "{shown}");
    assert!(after.contains("12.50 CNY  Paid"), "what became of it stands there: {after}");
    assert_eq!(close.ends_with().await, Some(3), "it was paid instead");
}
