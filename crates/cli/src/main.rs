//! The program `instrumentation-health`.

use std::process::ExitCode;

/// Objects of a cluster come and go by the thousand; this allocator gives back what they leave.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::main()
}
