//! How much memory does the whole controller take, and when has it judged everything?
//!
//! The controller as a process of its own, on the synthetic API server: watches, world, ledger, writers, metrics.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::api_server;
use crate::cluster::Cluster;
use crate::measure::{Memory, Metrics};

/// Writes a second. The default of 100 would take minutes to write everything first, and nothing is measured by that.
const WRITES: u32 = 1_000;
/// After this, the allocator has given back what it does not use.
const REST: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(300);

/// One run of the controller.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// From the start of the process to the last verdict.
    pub verdicts: Duration,
    /// To the last status written.
    pub written: Duration,
    /// At rest after that.
    pub memory: Memory,
    /// The most while all Pods are listed again.
    pub relist_peak: u64,
    /// Write requests that the relist caused.
    pub relist_writes: f64,
}

/// The controller itself, until it is killed.
pub async fn control(server: &str, listen: SocketAddr) {
    let url = server.parse().expect("the parent gives an address");
    let client = kube::Client::try_from(kube::Config::new(url)).expect("plain HTTP needs no set-up");
    let mut settings = controller::Settings::new(client);
    settings.listen = Some(listen);
    settings.writes_per_second = WRITES;
    controller::run(settings, CancellationToken::new()).await.expect("the controller runs on");
}

/// Starts an API server and a controller and measures the latter.
pub fn run(cluster: Cluster, name: &str) -> Run {
    let (server, port) = start_server(name);
    let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let start = Instant::now();
    let arguments = ["controller", &format!("http://127.0.0.1:{port}"), &listen.to_string()];
    let child = Process(own(&arguments).spawn().expect("the bench starts itself again"));
    let process = child.0.id();
    let wanted = u32::try_from(cluster.workloads).map_or(f64::MAX, f64::from);
    until(listen, "verdicts", |metrics| metrics.sum("evaluations_total", "") >= wanted);
    let verdicts = start.elapsed();
    until(listen, "statuses", |metrics| metrics.sum("writes_total", r#"result="status""#) >= wanted);
    let written = start.elapsed();
    std::thread::sleep(REST);
    let memory = Memory::of(process);
    let before = until(listen, "metrics", |_| true);
    assert_healthy(&before, wanted);

    Memory::reset_peak(process);
    let pods = before.sum("watch_events_total", r#"kind="pods""#);
    api_server::expire(port);
    let again = u32::try_from(cluster.pods).map_or(f64::MAX, f64::from) + pods;
    until(listen, "a relist", |metrics| metrics.sum("watch_events_total", r#"kind="pods""#) >= again);
    std::thread::sleep(Duration::from_secs(2));
    let after = until(listen, "metrics", |_| true);
    let writes = |metrics: &Metrics| metrics.sum("writes_total", "");
    let run = Run {
        verdicts,
        written,
        memory,
        relist_peak: Memory::of(process).peak,
        relist_writes: writes(&after) - writes(&before),
    };
    drop((child, server));
    run
}

fn assert_healthy(metrics: &Metrics, wanted: f64) {
    let healthy = metrics.sum("workloads", r#"healthy="True""#);
    assert!((healthy - wanted).abs() < 0.5, "{healthy} workloads are healthy, not {wanted}");
}

fn until(listen: SocketAddr, what: &str, done: impl Fn(&Metrics) -> bool) -> Metrics {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(metrics) = Metrics::read(listen).filter(&done) {
            return metrics;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("no {what} within {} s", PATIENCE.as_secs());
}

fn start_server(name: &str) -> (Process, u16) {
    let mut server =
        own(&["api-server", name]).stdout(Stdio::piped()).spawn().expect("the bench starts itself again");
    let output = server.stdout.take().expect("asked for");
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("the server says its port");
    (Process(server), line.trim().parse().expect("a port"))
}

fn own(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
    command.args(arguments);
    command
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// A child that ends with its owner.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
