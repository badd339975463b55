//! What does the usual way cost: a reflector that keeps every Pod whole?

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Api, Client};

use crate::Result;
use crate::measure::Memory;

/// Makes this program one.
pub const ARGUMENT: &str = "reflector";
/// After this, the allocator has given back what it does not use.
const REST: Duration = Duration::from_secs(12);

/// What it took.
pub struct Plain {
    pub ready: Duration,
    pub memory: Memory,
}

/// Keeps all Pods until it is killed. Says so when it has them.
pub async fn hold() -> Result<()> {
    let client = Client::try_default().await?;
    let (reader, writer) = reflector::store();
    let stream = watcher(Api::<Pod>::all(client), watcher::Config::default());
    let run = stream.default_backoff().reflect(writer).for_each(|_| std::future::ready(()));
    let tell = async {
        let ready = reader.wait_until_ready().await;
        println!("{} Pods, {ready:?}", reader.len());
    };
    tokio::join!(run, tell);
    Ok(())
}

/// Runs one as a process of its own.
pub fn run(kubeconfig: &Path) -> Result<Plain> {
    let start = Instant::now();
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.arg(ARGUMENT).env("KUBECONFIG", kubeconfig).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("the output was asked for")?;
    BufReader::new(output).read_line(&mut String::new())?;
    let ready = start.elapsed();
    std::thread::sleep(REST);
    let memory = Memory::of(child.id());
    child.kill()?;
    child.wait()?;
    Ok(Plain { ready, memory })
}
