//! The program `instrumentation-health`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
