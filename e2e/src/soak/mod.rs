//! Does the product stay silent about a large cluster in which everything is fine and nothing stands still?
//!
//! Healthy workloads of all languages are rolled, scaled, restarted, deleted and made again at random. Not one finding that is an
//! Error and not one Event of ours may appear, at any time; in the end every workload has to be called healthy. Everything
//! that was done and seen stands in a log.

mod churn;
mod population;
mod watching;

use std::time::Duration;

use tokio::time::{Instant, interval, sleep};

use crate::operator::StandIn;
use crate::product::{Product, kubectl};
use crate::{Bed, Error, Options};
use churn::Churn;
use population::Population;
use watching::{Log, Watching};

/// How long all workloads may take to be called healthy when nothing is changed any more. The bed's kubelets take minutes to start
/// hundreds of Pods at once.
const PATIENCE: Duration = Duration::from_secs(600);

/// How hard the product is tried.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Number of workloads.
    pub workloads: usize,
    /// How long they are changed.
    pub time: Duration,
    /// Changes a second.
    pub rate: f64,
    /// The same seed makes the same changes.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug)]
pub struct Verdict {
    /// Whether nothing was said that should not have been.
    pub is_clean: bool,
    /// One line for people.
    pub line: String,
}

/// Runs a soak on a bed of its own.
pub async fn run(settings: &Settings) -> Result<Verdict, Error> {
    let bed = Bed::start(Options { nodes: 4, ..Options::named("soak") }).await?;
    let _operator = StandIn::install(&bed, &["--enable-go-instrumentation=true"]).await?;
    let product = Product::install(&bed).await?;
    product.start(&bed)?;
    let path = bed.logs().join("soak.log");
    let log = Log::create(&path)?;
    log.line(&format!("{settings:?}"));
    let watching = Watching::of(&bed, &log);

    let mut population = Population::new(settings.workloads);
    bed.apply_yaml(&population::surroundings()).await?;
    // A collector without a ready Pod is worth an Error.
    let (namespace, deployment) = population::COLLECTOR;
    kubectl(&bed, &["-n", namespace, "rollout", "status", deployment, "--timeout=2m"]).await?;
    for workload in &population.workloads {
        bed.apply_yaml(&workload.manifest().to_string()).await?;
    }
    log.line("all workloads are created");
    let unhealthy = until_healthy(&bed, &population, &watching).await?;
    if unhealthy.is_empty() {
        log.line("all workloads are called healthy");
        churn(&bed, settings, &mut population, &log).await?;
    }
    log.line("nothing is changed any more");
    let unhealthy = until_healthy(&bed, &population, &watching).await?;
    for name in &unhealthy {
        log.line(&format!("NOT HEALTHY {name}"));
    }
    let (errors, events) = watching.counts();
    let is_clean = errors == 0 && events == 0 && unhealthy.is_empty();
    let line = format!(
        "soak {}: {} workloads, {} changes in {:.1} minutes, seed {}: {errors} Errors, {events} Events, {} not healthy at the end; log {}",
        if is_clean { "passed" } else { "FAILED" },
        settings.workloads,
        population.changes,
        settings.time.as_secs_f64() / 60.0,
        settings.seed,
        unhealthy.len(),
        path.display(),
    );
    log.line(&line);
    bed.stop();
    Ok(Verdict { is_clean, line })
}

/// Changes something again and again, for as long as was asked.
async fn churn(bed: &Bed, settings: &Settings, population: &mut Population, log: &Log) -> Result<(), Error> {
    let mut churn = Churn::new(bed.client(), settings.seed);
    let mut ticks = interval(Duration::from_secs_f64(1.0 / settings.rate));
    let end = Instant::now() + settings.time;
    while Instant::now() < end {
        ticks.tick().await;
        let done = churn.change(population).await?;
        population.changes += 1;
        log.line(&done);
        bed.check()?;
    }
    Ok(())
}

/// Waits until every workload that is there is called healthy; answers those that are not after all.
async fn until_healthy(
    bed: &Bed,
    population: &Population,
    watching: &Watching,
) -> Result<Vec<String>, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let unhealthy = watching.unhealthy(population);
        if unhealthy.is_empty() || Instant::now() > deadline {
            return Ok(unhealthy);
        }
        bed.check()?;
        sleep(Duration::from_millis(250)).await;
    }
}
