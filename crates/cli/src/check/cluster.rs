//! How does a live cluster become something to judge?

use controller::{ListError, Listing, Scope, Unparsable, certificates_into, list_into};
use diagnosis::OperatorState;
use facts::{ClusterView, InputKind, Lookup, Readability};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client, Config};
use world::World;

use crate::arguments::CheckArguments;
use crate::check::depth::look_closer;
use crate::check::error::CheckError;
use crate::check::{Gathered, installed};
use crate::connect::{chain, config};
use crate::terminal::Terminal;

/// A cluster, and which of its workloads are meant.
pub struct Cluster {
    client: Client,
    server: String,
    /// Namespace of the workloads; none: all.
    pub namespace: Option<String>,
}

/// Waits for an answer of the cluster.
pub fn block_on<T>(question: impl Future<Output = T>) -> Result<T, CheckError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CheckError::Start(error.to_string()))?;
    Ok(runtime.block_on(question))
}

/// Lists everything that a diagnosis reads. Only reads.
pub fn gather(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Gathered, CheckError> {
    block_on(list(arguments, terminal))?
}

async fn list(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Gathered, CheckError> {
    let CheckArguments { context, namespace, all_namespaces, .. } = arguments;
    let cluster = Cluster::connect(context.as_deref(), namespace.as_deref(), *all_namespaces).await?;
    let mut world = World::new();
    let odd = cluster.read(&mut world, None, terminal).await?;
    cluster.require_pods(world.readability(InputKind::Pods)).await?;
    check_namespace(&world, cluster.namespace.as_deref())?;
    cluster.read_certificates(&OperatorState::discover(&world), &mut world).await?;
    if arguments.read_keys || arguments.probe_admission {
        let namespace = cluster.namespace.as_deref();
        look_closer(&mut world, &cluster.client, namespace, arguments, terminal).await?;
    }
    let now = Timestamp::now();
    terminal.progress("judging …");
    Ok(Gathered {
        world,
        now,
        namespace: cluster.namespace,
        left_out: odd.iter().map(|object| format!("{object}; left out")).collect(),
        remarks: installed::remarks(&cluster.client, now).await,
        asks_for_rights: true,
        origins: input::Origins::default(),
    })
}

impl Cluster {
    /// The cluster of a context, by default the current one, and a namespace, by default that of the context.
    pub async fn connect(
        context: Option<&str>,
        namespace: Option<&str>,
        all_namespaces: bool,
    ) -> Result<Self, CheckError> {
        Self::of(config(context).await?, namespace, all_namespaces)
    }

    /// The same of a configuration that is at hand.
    pub fn of(config: Config, namespace: Option<&str>, all_namespaces: bool) -> Result<Self, CheckError> {
        let namespace = match (namespace, all_namespaces) {
            (_, true) => None,
            (Some(namespace), _) => Some(namespace.to_owned()),
            (None, false) => Some(config.default_namespace.clone()),
        };
        let server = config.cluster_url.to_string();
        let client = Client::try_from(config).map_err(|error| CheckError::Start(chain(&error)))?;
        Ok(Self { client, server, namespace })
    }

    /// Reads what may be read of these kinds (none: of all); answers the objects that do not parse.
    pub async fn read(
        &self,
        listing: &mut impl Listing,
        kinds: Option<&'static [InputKind]>,
        terminal: &mut Terminal,
    ) -> Result<Vec<Unparsable>, CheckError> {
        let scope = Scope { fallback_namespace: self.namespace.clone(), kinds };
        let progress = |kind: InputKind, count: usize| {
            terminal.progress(&format!("reading {}: {count}", kind.plural()));
        };
        let listed = list_into(listing, &self.client, &scope, progress).await;
        listed.map_err(|error| unreachable(&self.server, &error))
    }

    /// Reads the certificates that the operator's webhooks serve. Answers `namespace/name` of Secrets that may not be read.
    pub async fn read_certificates(
        &self,
        operator: &OperatorState,
        listing: &mut impl Listing,
    ) -> Result<Vec<String>, CheckError> {
        let secrets = operator.certificate_secrets();
        let forbidden = certificates_into(listing, &self.client, &secrets).await;
        let forbidden = forbidden.map_err(|error| unreachable(&self.server, &error))?;
        Ok(forbidden.into_iter().map(|(namespace, name)| format!("{namespace}/{name}")).collect())
    }

    /// Without Pods there is nothing to judge: says who may not read them, as the API server puts it.
    pub async fn require_pods(&self, pods: &Readability) -> Result<(), CheckError> {
        if !matches!(pods, Readability::Unreadable { .. }) {
            return Ok(());
        }
        let (client, namespace) = (&self.client, self.namespace.as_deref());
        let (api, place): (Api<Pod>, _) = match namespace {
            Some(namespace) => {
                (Api::namespaced(client.clone(), namespace), format!(" in namespace {namespace:?}"))
            }
            None => (Api::all(client.clone()), String::new()),
        };
        let why = match api.list_metadata(&ListParams::default().limit(1)).await {
            Err(kube::Error::Api(status)) => user_of(&status.message)
                .map_or_else(|| "forbidden".to_owned(), |user| format!("forbidden for user {user:?}")),
            _ => "forbidden".to_owned(),
        };
        let needed = match namespace {
            Some(namespace) => format!(
                "get, list on pods (core), and better on all that `check` reads; try: kubectl auth can-i list pods -n {namespace}"
            ),
            None => "get, list on pods (core) in all namespaces, or name one: check -n NAMESPACE".to_owned(),
        };
        Err(CheckError::List { what: format!("pods{place}"), why, needed: Some(needed) })
    }
}

/// The user in the API server's words: `pods is forbidden: User "ci-bot" cannot list resource …`.
fn user_of(message: &str) -> Option<&str> {
    message.split_once("User \"")?.1.split('"').next()
}

fn unreachable(server: &str, error: &ListError) -> CheckError {
    let needed = match &error.source {
        kube::Error::Api(status) if status.code == 401 => {
            Some("credentials that the API server accepts".to_owned())
        }
        kube::Error::Api(_) => None,
        _ => Some(format!("an answer of the API server at {server}")),
    };
    let why = match &error.source {
        kube::Error::Api(status) => status.message.clone(),
        other => chain(other).trim_start_matches("ServiceError: ").to_owned(),
    };
    CheckError::List { what: error.kind.plural().to_owned(), why, needed }
}

/// Says so where there is no such namespace.
fn check_namespace(world: &World, namespace: Option<&str>) -> Result<(), CheckError> {
    let Some(name) = namespace else { return Ok(()) };
    match world.namespace(name) {
        Lookup::Absent => {
            let mut others: Vec<String> =
                world.workloads().into_iter().map(|id| id.namespace.to_string()).collect();
            others.dedup();
            Err(CheckError::NoSuchNamespace { name: name.to_owned(), others })
        }
        Lookup::Found(_) | Lookup::Unknown => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_read_from_the_refusal() {
        let message = r#"pods is forbidden: User "ci-bot" cannot list resource "pods" in API group "" in the namespace "shop""#;
        assert_eq!(user_of(message), Some("ci-bot"));
        assert_eq!(user_of("forbidden"), None);
    }
}
