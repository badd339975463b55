//! What can be asked on the command line, and how is it answered?
//!
//! A thin shell: files or a cluster go into a [`world::World`], `diagnosis` judges, and the verdicts are printed. Nothing is
//! decided here but which workloads are meant and how they look on a terminal.

mod arguments;
mod check;
mod connect;
mod exit;
mod explain;
mod paint;
mod preview;
mod run;
mod snapshot;
mod terminal;
mod wrap;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::arguments::{Arguments, Command};
pub use crate::exit::Exit;
pub use crate::terminal::Terminal;

/// The definition of our resource, as `crd` prints it.
const CRD: &str = include_str!("../../../crds/instrumentation-health.dev_instrumentationhealths.yaml");

/// Runs the program on the process's own arguments and terminal.
pub fn main() -> ExitCode {
    run_with(std::env::args_os(), &mut Terminal::of_process()).into()
}

/// Runs the program. `arguments` begin with the program's name.
pub fn run_with(arguments: impl IntoIterator<Item = OsString>, terminal: &mut Terminal) -> Exit {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() => {
            terminal.complain(&error.render().ansi().to_string());
            return Exit::WrongUsage;
        }
        Err(help) => {
            terminal.say(&help.render().ansi().to_string());
            return Exit::Fine;
        }
    };
    match parsed.command {
        Command::Check(arguments) => check::run(&arguments, terminal),
        Command::Preview(arguments) => preview::run(&arguments, terminal),
        Command::Run(arguments) => run::run(&arguments, terminal),
        Command::Snapshot(arguments) => snapshot::run(&arguments, terminal),
        Command::Explain { reason } => explain::run(reason.as_deref(), terminal),
        Command::Crd => {
            terminal.say(CRD);
            Exit::Fine
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "instrumentation-health", &mut script);
            let _ = terminal.out.write_all(&script);
            Exit::Fine
        }
    }
}
