//! How is the controller started, and how does it end?

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use controller::{Extent, LeaseSettings, LoopbackAddress, Settings, logging};
use jiff::SignedDuration;
use kube::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::connect::{NoCluster, chain, config};
use crate::exit::Exit;
use crate::terminal::Terminal;

/// Settings of the controller.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Read only what is in these namespaces, with rights in them and nowhere else. What needs rights in the whole cluster is
    /// not checked: the operator's webhook configuration, CRDs, Nodes
    #[arg(long, env = "INSTRUMENTATION_HEALTH_NAMESPACES", value_name = "NAMESPACE,…", value_delimiter = ',', value_parser = namespace)]
    pub namespaces: Vec<Arc<str>>,
    /// Where /healthz, /readyz and /metrics are served, or `none`
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = listen)]
    pub listen: Listen,
    /// Where the status page is served, a loopback address such as 127.0.0.1:8081, or `none`
    #[arg(long, default_value = "none", value_name = "LISTEN", value_parser = status_page)]
    pub status_page: StatusPage,
    /// Who sends the Events and holds the Lease: the name of the Pod
    #[arg(long, env = "POD_NAME", default_value = "instrumentation-health", value_name = "NAME")]
    pub instance: String,
    /// Elect a leader by the Lease: of several replicas one writes, the others are ready to take over
    #[arg(long, env = "INSTRUMENTATION_HEALTH_LEADER_ELECT")]
    pub leader_elect: bool,
    /// How long the Lease is valid after each renewal, with --leader-elect: how soon after a crash another replica takes over
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = lease_duration)]
    pub lease_duration: Duration,
    /// Namespace of the Lease [default: that of the Pod, or of the kubeconfig context]
    #[arg(long, env = "POD_NAMESPACE", value_name = "NAMESPACE")]
    pub lease_namespace: Option<String>,
    /// Name of the Lease, or `none`. Without --leader-elect it only shows that the controller lives
    #[arg(long, default_value = controller::lease::NAME, value_name = "NAME")]
    pub lease_name: String,
    /// Most write requests a second, Events included
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub writes_per_second: u32,
    /// Most writes at a time
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub write_concurrency: u16,
    /// How long one write request may take
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = duration)]
    pub write_timeout: Duration,
    /// How long changes are collected before workloads are judged
    #[arg(long, default_value = "150ms", value_name = "TIME", value_parser = duration)]
    pub debounce: Duration,
    /// How long writes that are owed may go on after SIGTERM
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = duration)]
    pub grace: Duration,
    /// List in pages even where the API server can stream lists
    #[arg(long)]
    pub no_streaming_lists: bool,
    /// Also read which keys the ConfigMaps and Secrets have that Pods and Instrumentations name; never their values
    #[arg(long)]
    pub read_keys: bool,
    /// Also try to create Pods (dry run) of workloads that lack the agent, to see whether a restart would inject it
    #[arg(long)]
    pub probe_admission: bool,
    /// Where the pages of causes are served, for links in findings
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    pub docs_base_url: String,
    /// Form of the log
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What is logged, as `tracing-subscriber` filters it, for example `debug,kube_client=off`
    #[arg(long, env = "INSTRUMENTATION_HEALTH_LOG", default_value = logging::DEFAULT_FILTER, value_name = "FILTER")]
    pub log: String,
    /// Context of the kubeconfig; in a cluster the Pod's own account is used
    #[arg(long)]
    pub context: Option<String>,
}

/// Where to listen; none: nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(Option<SocketAddr>);

/// Where to serve the status page; none: nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusPage(Option<LoopbackAddress>);

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

fn listen(text: &str) -> Result<Listen, String> {
    if text == "none" {
        return Ok(Listen(None));
    }
    let address =
        text.parse().map_err(|_| "expected ADDRESS:PORT, for example 0.0.0.0:8080, or none".to_owned());
    address.map(|address| Listen(Some(address)))
}

fn lease_duration(text: &str) -> Result<Duration, String> {
    let range = 5..=300;
    let duration = duration(text)?;
    if range.contains(&duration.as_secs()) {
        return Ok(duration);
    }
    Err(format!("expected {} s to {} s", range.start(), range.end()))
}

fn status_page(text: &str) -> Result<StatusPage, String> {
    if text == "none" {
        return Ok(StatusPage(None));
    }
    text.parse().map(|address| StatusPage(Some(address))).map_err(|error| chain(&error))
}

/// A name that a Namespace can have: a DNS label.
fn namespace(text: &str) -> Result<Arc<str>, String> {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_outer = |c: char| is_inner(c) && c != '-';
    let fits = (1..=63).contains(&text.len())
        && text.chars().all(is_inner)
        && text.starts_with(is_outer)
        && text.ends_with(is_outer);
    if fits {
        Ok(text.into())
    } else {
        Err("expected names of Namespaces, for example shop,billing".to_owned())
    }
}

/// A time as people write it: `150ms`, `10s`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<SignedDuration, _> = text.parse();
    let duration = parsed.ok().and_then(|duration| Duration::try_from(duration).ok());
    duration.ok_or_else(|| "expected a time such as 150ms, 10s or 1m".to_owned())
}

/// Runs the controller until SIGTERM or Ctrl-C.
pub fn run(arguments: &RunArguments, terminal: &mut Terminal) -> Exit {
    let format = match arguments.log_format {
        LogFormat::Text => logging::Format::Text,
        LogFormat::Json => logging::Format::Json,
    };
    if let Err(error) = logging::init(format, &arguments.log) {
        terminal.error(&chain(&error), None);
        return Exit::WrongUsage;
    }
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| (error.to_string(), None))
        .and_then(|runtime| runtime.block_on(control(arguments)));
    match ended {
        Ok(()) => Exit::Fine,
        Err((message, needed)) => {
            terminal.error(&message, needed);
            Exit::CouldNotCheck
        }
    }
}

/// What went wrong, and what is needed.
type Trouble = (String, Option<&'static str>);

async fn control(arguments: &RunArguments) -> Result<(), Trouble> {
    let no_cluster = |error: NoCluster| (error.to_string(), Some("a kubeconfig, or the account of a Pod"));
    let config = config(arguments.context.as_deref()).await.map_err(no_cluster)?;
    let client = Client::try_from(config).map_err(|error| (chain(&error), None))?;
    let shutdown = CancellationToken::new();
    stop_on_signal(&shutdown).map_err(|error| (format!("cannot wait for signals: {error}"), None))?;
    let settings = settings(arguments, client).map_err(|message| (message, None))?;
    let running = controller::run(settings, shutdown);
    running.await.map_err(|error| (chain(&error), None))
}

fn settings(arguments: &RunArguments, client: Client) -> Result<Settings, String> {
    Ok(Settings {
        lease: lease(arguments, &client)?,
        client,
        extent: extent(&arguments.namespaces),
        listen: arguments.listen.0,
        status_page: arguments.status_page.0,
        instance: arguments.instance.clone(),
        writes_per_second: arguments.writes_per_second,
        write_concurrency: usize::from(arguments.write_concurrency),
        write_timeout: arguments.write_timeout,
        debounce: arguments.debounce,
        grace: arguments.grace,
        streaming_lists: !arguments.no_streaming_lists,
        read_keys: arguments.read_keys,
        probe_admission: arguments.probe_admission,
        docs_base_url: arguments.docs_base_url.clone(),
    })
}

fn lease(arguments: &RunArguments, client: &Client) -> Result<Option<LeaseSettings>, String> {
    if arguments.lease_name == "none" {
        return if arguments.leader_elect {
            Err("--leader-elect needs a Lease; --lease-name is none".to_owned())
        } else {
            Ok(None)
        };
    }
    let default = LeaseSettings::new(client);
    Ok(Some(LeaseSettings {
        namespace: arguments.lease_namespace.clone().unwrap_or(default.namespace),
        name: arguments.lease_name.clone(),
        elect: arguments.leader_elect,
        duration: arguments.lease_duration,
    }))
}

fn extent(namespaces: &[Arc<str>]) -> Extent {
    let named: BTreeSet<&Arc<str>> = namespaces.iter().collect();
    if named.is_empty() { Extent::Cluster } else { Extent::Namespaces(named.into_iter().cloned().collect()) }
}

/// The first signal asks for the end, a second one does not wait for it.
fn stop_on_signal(shutdown: &CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let shutdown = shutdown.clone();
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if shutdown.is_cancelled() {
                std::process::exit(i32::from(Exit::CouldNotCheck.code()));
            }
            shutdown.cancel();
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_addresses_are_read() {
        assert_eq!(duration("150ms"), Ok(Duration::from_millis(150)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        assert!(duration("-1s").is_err());
        assert!(duration("soon").is_err());
        assert!(lease_duration("15s").is_ok() && lease_duration("2s").is_err());
        assert_eq!(listen("none"), Ok(Listen(None)));
        assert!(listen("0.0.0.0:8080").is_ok());
        assert!(listen("8080").is_err());
        assert_eq!(status_page("none"), Ok(StatusPage(None)));
        assert!(status_page("[::1]:8081").is_ok() && status_page("0.0.0.0:8081").is_err());
        assert_eq!(namespace("shop-eu"), Ok("shop-eu".into()));
        for odd in ["", "Shop", "-shop", "shop/checkout", "shop "] {
            assert!(namespace(odd).is_err(), "{odd}");
        }
        assert_eq!(extent(&[]), Extent::Cluster);
        assert_eq!(
            extent(&["b".into(), "a".into(), "b".into()]),
            Extent::Namespaces(vec!["a".into(), "b".into()])
        );
    }
}
