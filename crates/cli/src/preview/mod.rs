//! What would the operator make of these manifests?

mod diff;
mod error;
mod gather;
mod remarks;
mod yaml;

use std::collections::BTreeSet;

use ::preview::{Preview, Previewer, Standing};

use crate::arguments::{PreviewArguments, PreviewOutput};
use crate::exit::Exit;
use crate::paint::{BOLD, YELLOW};
use crate::preview::error::PreviewError;
use crate::preview::gather::{Gathered, gather};
use crate::preview::remarks::Around;
use crate::terminal::Terminal;
use crate::wrap::wrap;

pub use crate::preview::gather::parse_version;

/// Runs `preview`.
pub fn run(arguments: &PreviewArguments, terminal: &mut Terminal) -> Exit {
    match preview(arguments, terminal) {
        Ok(exit) => exit,
        Err(error) => {
            terminal.progress_done();
            terminal.error(&error.to_string(), error.needed().as_deref());
            Exit::CouldNotCheck
        }
    }
}

fn preview(arguments: &PreviewArguments, terminal: &mut Terminal) -> Result<Exit, PreviewError> {
    let Gathered { mut world, manifests, operator, refused, mut left_out, mut remarks, now } =
        gather(arguments, terminal)?;
    terminal.progress_done();
    let around = Around { by: gather::operator_in_words(&operator), live: arguments.live };
    let made = Previewer::new(&mut world, &manifests, operator, &refused, now).all();
    let mut previews: Vec<Preview> = Vec::new();
    for one in made {
        match one {
            Ok(preview) => previews.push(preview),
            Err(error) => left_out.push(error.to_string()),
        }
    }
    left_out.extend(refused.iter().map(ToString::to_string));
    if previews.is_empty() && left_out.is_empty() {
        return Err(PreviewError::NothingToPreview { found: error::kinds(&manifests) });
    }
    for line in &left_out {
        terminal.complain(&wrap(&format!("{YELLOW}warning:{YELLOW:#} "), "  ", line));
    }
    let unknown: BTreeSet<&str> =
        previews.iter().filter(|p| !p.namespace_known).map(|preview| &*preview.id.namespace).collect();
    if !unknown.is_empty() {
        let names = unknown.into_iter().collect::<Vec<_>>().join(", ");
        remarks.push(format!(
            "nothing is known of namespace {names}: what the annotations of a Namespace ask for or override is left out"
        ));
    }
    for remark in &remarks {
        terminal.complain(&wrap(&format!("{BOLD}note:{BOLD:#} "), "  ", remark));
    }
    terminal.say(&match arguments.output {
        PreviewOutput::Yaml => yaml::documents(&previews, &around),
        PreviewOutput::Diff => diff::report(&previews, &around),
    });
    Ok(exit(&previews, !left_out.is_empty()))
}

fn exit(previews: &[Preview], is_incomplete: bool) -> Exit {
    match previews.iter().map(Preview::standing).max() {
        Some(Standing::Lacking) => Exit::Failing,
        Some(Standing::Unknown) => Exit::CouldNotCheck,
        _ if is_incomplete => Exit::CouldNotCheck,
        _ => Exit::Fine,
    }
}
