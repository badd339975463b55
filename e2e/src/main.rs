//! `bed`: starts the test bed in the foreground, or only builds its programs.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match e2e::cli::Arguments::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bed: {}", e2e::cli::explain(&error));
            ExitCode::FAILURE
        }
    }
}
