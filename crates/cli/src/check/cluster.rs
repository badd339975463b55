//! How does a live cluster become something to judge?

use controller::{ListError, Scope, Unparsable, list_into};
use facts::{ClusterView, InputKind, Lookup, Readability};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client, Config};
use world::World;

use crate::arguments::CheckArguments;
use crate::check::Gathered;
use crate::check::error::CheckError;
use crate::connect::{chain, config};
use crate::terminal::Terminal;

/// Lists everything that a diagnosis reads. Only reads.
pub fn gather(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Gathered, CheckError> {
    block_on(list(arguments, terminal))?
}

/// Waits for an answer of the cluster.
pub fn block_on<T>(question: impl Future<Output = T>) -> Result<T, CheckError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CheckError::Start(error.to_string()))?;
    Ok(runtime.block_on(question))
}

/// Lists what is to be read of a cluster into a world. Answers the objects that did not parse as well.
pub async fn read(
    config: Config,
    scope: &Scope,
    terminal: &mut Terminal,
) -> Result<(World, Vec<Unparsable>, Client), CheckError> {
    let server = config.cluster_url.to_string();
    let client = Client::try_from(config).map_err(|error| CheckError::Start(chain(&error)))?;
    let mut world = World::new();
    let progress = |kind: InputKind, count: usize| {
        terminal.progress(&format!("reading {}: {count}", kind.plural()));
    };
    let odd = list_into(&mut world, &client, scope, progress)
        .await
        .map_err(|error| unreachable(&server, &error))?;
    Ok((world, odd, client))
}

async fn list(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Gathered, CheckError> {
    let config = config(arguments.context.as_deref()).await?;
    let namespace = match (&arguments.namespace, arguments.all_namespaces) {
        (_, true) => None,
        (Some(namespace), _) => Some(namespace.clone()),
        (None, false) => Some(config.default_namespace.clone()),
    };
    let scope = Scope { fallback_namespace: namespace.clone(), ..Scope::default() };
    let (world, odd, client) = read(config, &scope, terminal).await?;
    let now = Timestamp::now();
    require_pods(&world, &client, namespace.as_deref()).await?;
    check_namespace(&world, namespace.as_deref())?;
    terminal.progress("judging …");
    Ok(Gathered {
        world,
        now,
        namespace,
        left_out: odd.iter().map(|object| format!("{object}; left out")).collect(),
        remarks: Vec::new(),
    })
}

/// Without Pods there is nothing to judge: says who may not read them, as the API server puts it.
async fn require_pods(world: &World, client: &Client, namespace: Option<&str>) -> Result<(), CheckError> {
    if !matches!(world.readability(InputKind::Pods), Readability::Unreadable { .. }) {
        return Ok(());
    }
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
