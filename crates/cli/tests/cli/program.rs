//! Runs the program inside the test.

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use anstream::StripStream;
use cli::{Exit, Terminal};

/// What came out.
#[derive(Debug)]
pub struct Ran {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

/// Runs the program with these arguments, and nothing on standard input.
pub fn run(arguments: &[&str]) -> Ran {
    run_with_input(arguments, io::empty())
}

/// Runs the program with these arguments and this standard input.
pub fn run_with_input(arguments: &[&str], input: impl Read + 'static) -> Ran {
    run_as("instrumentation-health", arguments, input)
}

/// Runs the program, called by this name.
pub fn run_as(called: &str, arguments: &[&str], input: impl Read + 'static) -> Ran {
    let (out, err) = (Kept::default(), Kept::default());
    let mut terminal = Terminal {
        input: Box::new(input),
        out: Box::new(StripStream::new(Box::new(out.clone()) as Box<dyn Write>)),
        err: Box::new(StripStream::new(Box::new(err.clone()) as Box<dyn Write>)),
        is_watched: false,
    };
    let arguments = std::iter::once(called).chain(arguments.iter().copied());
    let exit = cli::run_with(arguments.map(Into::into), &mut terminal);
    Ran { exit, out: out.text(), err: err.text() }
}

/// The file of a recorded cluster.
pub fn snapshot(scenario: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../input/scenarios").join(scenario);
    folder.join("snapshot.json.gz").display().to_string()
}

/// A folder with files in it, removed when dropped.
pub fn files(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let path = folder.path().to_owned();
    (folder, path)
}

/// Whether a program of others is on this machine. Where it is not, says loudly what is not tested: past the test runner, which keeps
/// what passing tests print to itself.
pub fn is_installed(program: &str, untested: &str, install: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        let _ = writeln!(io::stderr(), "NOT TESTED: {untested}: {program} is missing; install {install}");
    }
    is_there
}

/// A reader over a text.
pub fn text(text: impl Into<String>) -> Cursor<Vec<u8>> {
    Cursor::new(text.into().into_bytes())
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
