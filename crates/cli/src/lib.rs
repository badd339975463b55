//! What can be asked on the command line, and how is it answered?
//!
//! A thin shell: files or a cluster go into a [`world::World`], `diagnosis` judges, and the verdicts are printed. Nothing is
//! decided here but which workloads are meant and how they look on a terminal.

mod arguments;
mod check;
mod completions;
mod connect;
mod exit;
mod explain;
mod man;
mod paint;
mod preview;
mod run;
mod snapshot;
mod terminal;
mod wrap;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

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
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match parse(&arguments) {
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
        Command::Man { folder } => man::run(folder.as_deref(), terminal),
        Command::Completions { shell } => {
            let _ = terminal.out.write_all(completions::script(shell).as_bytes());
            Exit::Fine
        }
    }
}

/// Every command and flag, for whoever wants to know them without running anything.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// kubectl runs a plugin by this name for `kubectl instrumentation-health`.
const PLUGIN: &str = "kubectl-instrumentation_health";

/// Reads the arguments. As a plugin of kubectl, help calls the program as its user does.
fn parse(arguments: &[OsString]) -> Result<Arguments, clap::Error> {
    let called = arguments.first().map(Path::new).and_then(Path::file_stem);
    let command = match called {
        Some(name) if name == PLUGIN => command().bin_name("kubectl instrumentation-health"),
        _ => command(),
    };
    Arguments::from_arg_matches(&command.try_get_matches_from(arguments)?)
}
