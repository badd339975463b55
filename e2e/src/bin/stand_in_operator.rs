//! The stand-in operator as a program with the command line of the real one: a test double for `OTEL_OPERATOR_BIN`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match e2e::operator::serve(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stand-in operator: {}", e2e::cli::explain(&error));
            ExitCode::FAILURE
        }
    }
}
