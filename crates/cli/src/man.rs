//! How do the manual pages come about?
//!
//! From the definition of the arguments, so that they say what `--help` says.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Writes a page for the program and one for each of its commands into a folder, or prints that of the program.
pub fn run(folder: Option<&Path>, terminal: &mut Terminal) -> Exit {
    let written = match folder {
        Some(folder) => std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
            .map_err(|error| format!("cannot write manual pages to {}: {error}", folder.display())),
        None => Man::new(Arguments::command())
            .render(&mut terminal.out)
            .map_err(|error| format!("cannot print the manual page: {error}")),
    };
    match written {
        Ok(()) => Exit::Fine,
        Err(problem) => {
            terminal.error(&problem, None);
            Exit::CouldNotCheck
        }
    }
}
