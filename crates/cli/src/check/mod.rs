//! What is wrong with instrumentation, here and now?

pub mod block;
pub mod cluster;
mod error;
mod files;
mod judge;
mod list;
mod report;
mod selection;
mod silence;

use jiff::Timestamp;
use world::World;

use crate::arguments::{CheckArguments, FailOn, Output};
use crate::check::judge::{Standing, Verdicts, judge};
use crate::check::selection::select;
use crate::exit::Exit;
use crate::paint::{BOLD, YELLOW};
use crate::terminal::Terminal;
use crate::wrap::wrap;

pub use crate::check::error::CheckError;
pub use crate::check::selection::Name;

/// What verdicts are made from.
pub struct Gathered {
    world: World,
    now: Timestamp,
    /// Namespace whose workloads are meant; none: all.
    namespace: Option<String>,
    /// What was left out because it does not read; each is a reason why nobody can say that all is well.
    left_out: Vec<String>,
    /// What should be known before the verdicts are read.
    remarks: Vec<String>,
    /// Whether more rights would show more: no right would make more of files than they hold.
    asks_for_rights: bool,
}

/// Runs `check`.
pub fn run(arguments: &CheckArguments, terminal: &mut Terminal) -> Exit {
    match check(arguments, terminal) {
        Ok(exit) => exit,
        Err(error) => {
            terminal.progress_done();
            terminal.error(&error.to_string(), error.needed().as_deref());
            Exit::CouldNotCheck
        }
    }
}

fn check(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Exit, CheckError> {
    let gathered = if arguments.files.is_empty() {
        cluster::gather(arguments, terminal)?
    } else {
        files::gather(arguments, terminal)?
    };
    terminal.progress_done();
    for line in &gathered.left_out {
        terminal.complain(&wrap(&format!("{YELLOW}warning:{YELLOW:#} "), "  ", line));
    }
    let workloads = select(&gathered.world, gathered.namespace.as_deref(), &arguments.names)?;
    let options = diagnosis::Options { docs_base_url: arguments.docs_base_url.clone() };
    let mut verdicts = judge(&gathered.world, &workloads, gathered.now, &options);
    if !gathered.asks_for_rights {
        verdicts.not_checked.clear();
    }
    match arguments.output {
        Output::Table => {
            if !arguments.quiet {
                for remark in &gathered.remarks {
                    terminal.complain(&wrap(&format!("{BOLD}note:{BOLD:#} "), "  ", remark));
                }
            }
            let report = if arguments.quiet {
                report::summary(&verdicts)
            } else {
                report::report(&verdicts, arguments.verbose)
            };
            terminal.say(&report);
        }
        Output::Json => terminal.say(&list::json(&verdicts)),
        Output::Yaml => terminal.say(&list::yaml(&verdicts)),
    }
    // Where nothing was found, that must not be because little could be read.
    let is_blind = verdicts.list.is_empty() && !verdicts.not_checked.is_empty();
    Ok(exit(&verdicts, arguments.fail_on, is_blind || !gathered.left_out.is_empty()))
}

fn exit(verdicts: &Verdicts, fail_on: Option<FailOn>, is_incomplete: bool) -> Exit {
    let any =
        |matches: &dyn Fn(Standing) -> bool| verdicts.list.iter().any(|verdict| matches(verdict.standing));
    if any(&|standing| standing == Standing::Failing)
        || (fail_on == Some(FailOn::Unknown) && any(&|standing| standing != Standing::Healthy))
    {
        return Exit::Failing;
    }
    if is_incomplete { Exit::CouldNotCheck } else { Exit::Fine }
}
