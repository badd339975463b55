//! What is wrong with instrumentation, here and now?

pub mod block;
pub mod cluster;
mod depth;
mod error;
mod files;
mod filter;
mod installed;
mod judge;
mod junit;
mod list;
mod report;
mod sarif;
mod selection;
mod silence;
mod watch;

use api::Standing;
use jiff::Timestamp;
use world::World;

use crate::arguments::{CheckArguments, FailOn, Output};
use crate::check::judge::{Verdicts, judge};
use crate::check::report::plural;
use crate::check::selection::select;
use crate::exit::Exit;
use crate::paint::{BOLD, YELLOW};
use crate::terminal::Terminal;
use crate::wrap::wrap;

pub use crate::check::error::CheckError;
pub use crate::check::filter::Filter;
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
    /// Where workloads stand in files.
    origins: input::Origins,
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

/// What one look gave.
struct Checked {
    verdicts: Verdicts,
    /// Workloads that ask for injection, before any filter.
    asking: usize,
    /// The time judged by.
    at: Timestamp,
    /// See [`Gathered::left_out`].
    left_out: Vec<String>,
    remarks: Vec<String>,
    origins: input::Origins,
    /// Whether too little could be read to say that all is well.
    is_incomplete: bool,
}

fn look(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Checked, CheckError> {
    let gathered = if arguments.files.is_empty() {
        cluster::gather(arguments, terminal)?
    } else {
        files::gather(arguments, terminal)?
    };
    terminal.progress_done();
    let workloads = select(&gathered.world, gathered.namespace.as_deref(), &arguments.names)?;
    let options = diagnosis::Options { docs_base_url: arguments.docs_base_url.clone(), closer_looks: false };
    let mut verdicts = judge(&gathered.world, &workloads, gathered.now, &options);
    if !gathered.asks_for_rights {
        verdicts.not_checked.clear();
    }
    // Where nothing was found, that must not be because little could be read.
    let is_blind = verdicts.list.is_empty() && !verdicts.not_checked.is_empty();
    let asking = verdicts.list.len();
    arguments.filter.apply(&mut verdicts.list);
    Ok(Checked {
        verdicts,
        asking,
        at: gathered.now,
        is_incomplete: is_blind || !gathered.left_out.is_empty(),
        left_out: gathered.left_out,
        remarks: gathered.remarks,
        origins: gathered.origins,
    })
}

fn check(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Exit, CheckError> {
    if let Some(every) = arguments.watch {
        return watch::follow(arguments, every, terminal);
    }
    let checked = look(arguments, terminal)?;
    let verdicts = &checked.verdicts;
    for line in &checked.left_out {
        terminal.complain(&wrap(&format!("{YELLOW}warning:{YELLOW:#} "), "  ", line));
    }
    match arguments.output {
        Output::Table => table(&checked, arguments, terminal),
        Output::Json => terminal.say(&list::json(verdicts)),
        Output::Yaml => terminal.say(&list::yaml(verdicts)),
        Output::Junit => terminal.say(&junit::junit(verdicts, &checked.left_out, arguments.fail_on)),
        Output::Sarif => terminal.say(&sarif::sarif(verdicts, &checked.origins, &checked.left_out)),
    }
    Ok(exit(verdicts, arguments.fail_on, checked.is_incomplete))
}

fn table(checked: &Checked, arguments: &CheckArguments, terminal: &mut Terminal) {
    if !arguments.quiet {
        for remark in &checked.remarks {
            terminal.complain(&wrap(&format!("{BOLD}note:{BOLD:#} "), "  ", remark));
        }
    }
    let text = if checked.verdicts.list.is_empty() && checked.asking > 0 {
        format!(
            "None of {} asking for injection is meant by the filters.\n",
            plural(checked.asking, "workload")
        )
    } else if arguments.quiet {
        report::summary(&checked.verdicts)
    } else {
        report::report(&checked.verdicts, arguments.verbose)
    };
    terminal.say(&text);
}

fn exit(verdicts: &Verdicts, fail_on: FailOn, is_incomplete: bool) -> Exit {
    if verdicts.list.iter().any(|verdict| fails(verdict.standing, fail_on)) {
        return Exit::Failing;
    }
    if is_incomplete { Exit::CouldNotCheck } else { Exit::Fine }
}

/// Whether a workload that stands so gives exit code 1.
fn fails(standing: Standing, fail_on: FailOn) -> bool {
    match fail_on {
        FailOn::Nothing => false,
        FailOn::Failing => standing == Standing::Failing,
        FailOn::Unknown => standing != Standing::Healthy,
    }
}
