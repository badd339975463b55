//! What can be asked of the `bed` program?

use std::error::Error as _;

use tokio::signal::unix::{SignalKind, signal};

use crate::bed::binaries::Binaries;
use crate::{Bed, Error, Options};

/// A real Kubernetes control plane on loopback, for tests and for trying things out.
#[derive(Debug, clap::Parser)]
#[command(name = "bed", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Start a bed, print its KUBECONFIG, stop everything on Ctrl-C
    Up {
        /// Name of the bed: its logs and kubeconfig go to target/bed/NAME-…
        #[arg(long, default_value = "bed")]
        name: String,
    },
    /// Only build the programs of the bed into the cache
    Build,
    /// Show what instrumentation-health does, on a small shop with nine broken workloads
    Demo {
        /// Leave everything up afterwards, and print the KUBECONFIG to play with
        #[arg(long)]
        keep: bool,
    },
}

impl Arguments {
    /// Does what was asked; `up` returns after Ctrl-C or SIGTERM.
    pub async fn run(self) -> Result<(), Error> {
        match self.command {
            Command::Build => {
                let binaries = Binaries::locate()?;
                println!(
                    "{}",
                    binaries
                        .directories()
                        .map(|dir| dir.display().to_string())
                        .collect::<Vec<_>>()
                        .join("\n")
                );
                Ok(())
            }
            Command::Up { name } => up(&name).await,
            Command::Demo { keep } => demo(keep).await,
        }
    }
}

async fn demo(keep: bool) -> Result<(), Error> {
    Binaries::locate()?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let (bed, _operator) = tokio::select! {
        result = crate::demo::run() => result?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    if keep {
        println!("\nexport KUBECONFIG={}", bed.kubeconfig().display());
        println!("# kubectl of the same version: {}", bed.kubectl().display());
        println!("# everything runs on; Ctrl-C stops it");
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    bed.stop();
    Ok(())
}

async fn up(name: &str) -> Result<(), Error> {
    // A build blocks; before our handlers are set, a signal simply ends it.
    Binaries::locate()?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let bed = tokio::select! {
        bed = Bed::start(Options::named(name)) => bed?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    println!("export KUBECONFIG={}", bed.kubeconfig().display());
    println!("# kubectl of the same version: {}", bed.kubectl().display());
    println!("# logs: {}; Ctrl-C stops everything", bed.logs().display());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    eprintln!("stopping");
    bed.stop();
    Ok(())
}

/// An error with all its sources, as one text for a terminal.
pub fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
