//! What may be set?

use std::net::SocketAddr;
use std::time::Duration;

use kube::Client;

use crate::lease::LeaseSettings;
use crate::sources::Extent;
use crate::status_page::LoopbackAddress;

/// Everything that the controller is told from outside.
#[derive(Clone)]
pub struct Settings {
    /// The connection to the API server.
    pub client: Client,
    /// How much of the cluster is read.
    pub extent: Extent,
    /// Where `/healthz`, `/readyz` and `/metrics` are served; `None`: nowhere.
    pub listen: Option<SocketAddr>,
    /// Where the status page is served; `None`: nowhere.
    pub status_page: Option<LoopbackAddress>,
    /// Who sends the Events and holds the Lease: the name of the Pod.
    pub instance: String,
    /// How the Lease is used; `None`: not at all.
    pub lease: Option<LeaseSettings>,
    /// Most write requests a second, Events included.
    pub writes_per_second: u32,
    /// Most writes at a time.
    pub write_concurrency: usize,
    /// How long one write request may take.
    pub write_timeout: Duration,
    /// How long changes are collected before workloads are judged, from the first one on.
    pub debounce: Duration,
    /// How long writes may go on after the end was asked for.
    pub grace: Duration,
    /// Whether first lists are streamed where the API server can; it falls back to pages by itself where it says that it
    /// cannot.
    pub streaming_lists: bool,
    /// Whether keys of `ConfigMap`s and Secrets that something names are read.
    pub read_keys: bool,
    /// Whether creations of Pods are tried, as dry runs.
    pub probe_admission: bool,
    /// Where the pages of causes are served; empty: findings name the command that prints the page.
    pub docs_base_url: String,
}

impl Settings {
    /// The defaults, with this connection.
    pub fn new(client: Client) -> Self {
        Self {
            lease: Some(LeaseSettings::new(&client)),
            client,
            extent: Extent::Cluster,
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 8080))),
            status_page: None,
            instance: "instrumentation-health".to_owned(),
            writes_per_second: 100,
            write_concurrency: 16,
            write_timeout: Duration::from_secs(10),
            debounce: Duration::from_millis(150),
            grace: Duration::from_secs(5),
            streaming_lists: true,
            read_keys: false,
            probe_admission: false,
            docs_base_url: String::new(),
        }
    }
}
