//! Where is output written to?

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal as _, Read, Write};

use crate::paint::{BOLD, RED};

/// The program's ends. What is written to a pipe that nobody reads any more is dropped without a word: `| head` is no error.
pub struct Terminal {
    /// Standard input.
    pub input: Box<dyn Read>,
    /// Standard output, which takes the colours out where they are not wanted.
    pub out: Box<dyn Write>,
    /// Standard error, likewise.
    pub err: Box<dyn Write>,
    /// Whether somebody watches standard error, and wants to see progress.
    pub is_watched: bool,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("is_watched", &self.is_watched).finish_non_exhaustive()
    }
}

impl Terminal {
    /// That of this process. Colours only on terminals, and only where `NO_COLOR` is not set.
    pub fn of_process() -> Self {
        Self {
            input: Box::new(io::stdin()),
            out: Box::new(anstream::stdout()),
            err: Box::new(anstream::stderr()),
            is_watched: io::stderr().is_terminal(),
        }
    }

    /// Writes to standard output.
    pub fn say(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    /// Writes to standard error.
    pub fn complain(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Says what failed, and what is needed for it to work.
    pub fn error(&mut self, message: &str, needed: Option<&str>) {
        let mut text = format!("{RED}error:{RED:#} {message}\n");
        if let Some(needed) = needed {
            let _ = writeln!(text, "  {BOLD}needed:{BOLD:#} {needed}");
        }
        self.complain(&text);
    }

    /// Shows how far something is, on a line that the next one replaces.
    pub fn progress(&mut self, text: &str) {
        if self.is_watched {
            self.complain(&format!("\r\x1b[K{text}"));
        }
    }

    /// Takes the progress line away.
    pub fn progress_done(&mut self) {
        self.progress("");
    }
}
