//! A controller in the process of the test, with the rights that `config/` gives it and no others.

use std::net::SocketAddr;
use std::time::Duration;

use api::InstrumentationHealth;
use controller::{LeaseSettings, Settings};
use e2e::Bed;
use e2e::product::{NAMESPACE, SERVICE_ACCOUNT};
use e2e::verdicts::verdicts;
use k8s_openapi::api::events::v1::Event;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// For what happens at once, on a machine that does many things.
pub const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(100);

/// A running controller.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<(), controller::Error>>,
    address: SocketAddr,
}

impl Running {
    /// Starts one.
    pub async fn start(bed: &Bed) -> Self {
        Self::start_with(bed, |settings| settings).await
    }

    /// Starts one with other settings.
    pub async fn start_with(bed: &Bed, change: impl FnOnce(Settings) -> Settings) -> Self {
        let client = bed.client_for(NAMESPACE, SERVICE_ACCOUNT).await.unwrap();
        Self::run(change(Settings::new(client))).await
    }

    /// Starts one with this connection to the API server.
    pub async fn with(client: Client) -> Self {
        Self::run(Settings::new(client)).await
    }

    async fn run(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let lease = settings.lease.unwrap_or_else(|| LeaseSettings::new(&settings.client));
        let lease = LeaseSettings { namespace: NAMESPACE.to_owned(), ..lease };
        let settings = Settings { listen: Some(address), lease: Some(lease), ..settings };
        let stop = CancellationToken::new();
        let task = tokio::spawn(controller::run(settings, stop.clone()));
        Self { stop, task, address }
    }

    /// What a page of it says, with the code.
    pub async fn page(&self, path: &str) -> (u16, String) {
        e2e::page::page(&self.address.to_string(), path).await.unwrap_or_default()
    }

    /// Waits until it says that it is ready.
    pub async fn until_ready(&self) {
        until("ready", async || self.page("/readyz").await.0 == 200).await;
    }

    /// Stops it as SIGTERM does.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Waits for something that comes true.
pub async fn until(what: &str, is: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !is().await {
        assert!(tokio::time::Instant::now() < deadline, "not within {} s: {what}", PATIENCE.as_secs());
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits for the `Healthy` condition of an object in `shop`.
pub async fn until_says(bed: &Bed, name: &str, healthy: &str, reason: &str) {
    let expected = [e2e::verdicts::Verdict::new("shop", name, healthy, reason)];
    e2e::verdicts::until_verdicts(&bed.client(), &expected, PATIENCE).await.unwrap();
}

/// Our Events, as `kind/name reason`, in order of name.
pub async fn our_events(client: &Client) -> Vec<String> {
    let api: Api<Event> = Api::all(client.clone());
    let events = api.list(&ListParams::default()).await.unwrap();
    let ours = events
        .items
        .iter()
        .filter(|event| event.reporting_controller.as_deref() == Some(api::REPORTING_CONTROLLER));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut lines: Vec<String> = ours
        .map(|event| {
            let about = event.regarding.clone().unwrap_or_default();
            format!("{}/{} {}", text(&about.kind), text(&about.name), text(&event.reason))
        })
        .collect();
    lines.sort();
    lines
}

/// Every object of ours with its version: equal twice, nothing was written in between.
pub async fn versions(client: &Client) -> Vec<(String, Option<String>)> {
    let api: Api<InstrumentationHealth> = Api::all(client.clone());
    let objects = api.list(&ListParams::default()).await.unwrap().items;
    assert_eq!(objects.len(), verdicts(client).await.unwrap().len());
    objects.iter().map(|object| (object.name_any(), object.resource_version())).collect()
}
