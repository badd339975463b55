//! How does the demo talk?

use crate::product::kubectl;
use crate::{Bed, Error};

/// Numbers its steps and shows commands with what they print.
#[derive(Debug, Default)]
pub(super) struct Script {
    steps: u32,
}

impl Script {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// One line that says what happens now.
    pub(super) fn step(&mut self, text: &str) {
        self.steps += 1;
        println!("\n[{}] {text}", self.steps);
    }

    /// Runs `kubectl` and shows command and output.
    pub(super) async fn command(&mut self, bed: &Bed, title: &str, arguments: &[&str]) -> Result<(), Error> {
        let printed = kubectl(bed, arguments).await?;
        if !title.is_empty() {
            self.step(title);
        }
        println!("$ kubectl {}\n{printed}", arguments.join(" "));
        Ok(())
    }

    /// Shows a text under a title.
    pub(super) fn print(&mut self, title: &str, text: &str) {
        self.step(title);
        println!("{text}");
    }
}
