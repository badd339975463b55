//! What do the programs say that read what this repository gives people?

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::Error;
use crate::bed::reader;
use crate::cli::explain;

/// What one of the programs of `e2e/testbed/readers` says of this input; an error, with all that it says, where it is not content.
pub fn read(program: &str, arguments: &[&Path], input: &str) -> Result<String, String> {
    let ended = run(program, arguments, input).map_err(|error| explain(&error))?;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    if ended.status.success() { Ok(said) } else { Err(said + &String::from_utf8_lossy(&ended.stderr)) }
}

fn run(program: &str, arguments: &[&Path], input: &str) -> Result<Output, Error> {
    let failed = |source| Error::Spawn { program: program.to_owned(), source };
    let mut reader = Command::new(reader(program)?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    // One that does not want its input ends before it has taken it.
    let _ = reader.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
    reader.wait_with_output().map_err(failed)
}
