//! Tillkeeper 掌柜: a desktop cashier. Without a subcommand it opens the window; with one it needs no display.

mod cli;
mod premises;
mod qr;
mod spoken;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    let code = cli::run(std::env::args_os());
    premises::end_log();
    code
}
