//! What can be asked of the `bed` program?

use std::error::Error as _;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::bed::binaries::{Binaries, crane, helm, prometheus, reader};
use crate::{Bed, Error, Options, soak};

/// What a shell expects of a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

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
    Build {
        /// Also what only some tests need: crane, helm, prometheus, and what reads the files that people get
        #[arg(long)]
        all: bool,
    },
    /// Show what instrumentation-health does, on a small shop with nine broken workloads
    Demo {
        /// Leave everything up afterwards, and print the KUBECONFIG to play with
        #[arg(long)]
        keep: bool,
    },
    /// Roll, scale, restart and delete healthy workloads at random: nothing may be reported
    Soak {
        /// How long
        #[arg(long, env = "SOAK_MINUTES", default_value_t = 10.0)]
        minutes: f64,
        /// Number of workloads
        #[arg(long, env = "SOAK_WORKLOADS", default_value_t = 300)]
        workloads: usize,
        /// Changes a second
        #[arg(long, env = "SOAK_RATE", default_value_t = 2.0)]
        rate: f64,
        /// The same seed makes the same changes
        #[arg(long, env = "SOAK_SEED", default_value_t = 1)]
        seed: u64,
    },
}

impl Arguments {
    /// Does what was asked, and stops everything when Ctrl-C or SIGTERM comes; answers the exit code.
    pub async fn run(self) -> Result<ExitCode, Error> {
        // A build blocks; before our handlers are set, a signal simply ends it.
        let binaries = Binaries::locate()?;
        if let Command::Build { all } = self.command {
            if all {
                crane()?;
                helm()?;
                prometheus()?;
                reader("jv")?;
            }
            binaries.directories().for_each(|directory| println!("{}", directory.display()));
            return Ok(ExitCode::SUCCESS);
        }
        let mut interruption = Interruption::new()?;
        tokio::select! {
            done = self.command.run() => match done? {
                Done::Ended(code) => return Ok(code),
                Done::Kept(kept) => {
                    show(&kept.0);
                    interruption.wait().await;
                    eprintln!("stopping");
                    return Ok(ExitCode::SUCCESS);
                }
            },
            () = interruption.wait() => {}
        }
        // What was being done was dropped, and with it its bed.
        eprintln!("stopped");
        Ok(ExitCode::from(INTERRUPTED))
    }
}

/// How a command has ended.
enum Done {
    /// With this exit code.
    Ended(ExitCode),
    /// A bed is to stay up, and with it what plays the operator there.
    Kept(Box<(Bed, Option<crate::operator::StandIn>)>),
}

impl Command {
    async fn run(self) -> Result<Done, Error> {
        match self {
            Self::Build { .. } => Ok(Done::Ended(ExitCode::SUCCESS)),
            Self::Up { name } => Ok(Done::Kept(Box::new((Bed::start(Options::named(name)).await?, None)))),
            Self::Demo { keep } => {
                let (bed, operator) = crate::demo::run().await?;
                Ok(if keep {
                    Done::Kept(Box::new((bed, Some(operator))))
                } else {
                    Done::Ended(ExitCode::SUCCESS)
                })
            }
            Self::Soak { minutes, workloads, rate, seed } => {
                let time = Duration::from_secs_f64(minutes * 60.0);
                let verdict = soak::run(&soak::Settings { workloads, time, rate, seed }).await?;
                println!("{}", verdict.line);
                Ok(Done::Ended(if verdict.is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
            }
        }
    }
}

/// Ctrl-C, or SIGTERM.
struct Interruption {
    interrupt: Signal,
    terminate: Signal,
}

impl Interruption {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(Error::Signals)?,
            terminate: signal(SignalKind::terminate()).map_err(Error::Signals)?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn show(bed: &Bed) {
    println!("export KUBECONFIG={}", bed.kubeconfig().display());
    println!("# kubectl of the same version: {}", bed.kubectl().display());
    println!("# logs: {}; everything runs on; Ctrl-C stops it", bed.logs().display());
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
