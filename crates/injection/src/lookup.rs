//! Which Instrumentation does a request mean?
//!
//! `internal/instrumentation/podmutator.go` `getInstrumentationInstance`, `selectInstrumentationInstanceFromNamespace`,
//! v0.158.0.

use std::sync::Arc;

use facts::{ClusterView, InputKind, Instrumentation, Lookup, Readability};

use crate::annotation::Request;
use crate::go_text::quote;
use crate::operator::OperatorConfig;

/// Why no Instrumentation can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// `true`, and there is none in the namespace.
    NoneInNamespace,
    /// `true`, and there are several.
    SeveralInNamespace {
        /// Their names.
        names: Vec<Arc<str>>,
    },
    /// The named one does not exist.
    NotFound {
        /// Its namespace.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
    /// The operator does not watch the namespace. No name: `true` was asked.
    NotWatched {
        /// The namespace.
        namespace: Arc<str>,
        /// The name.
        name: Option<Arc<str>>,
    },
    /// The API server does not know Instrumentations.
    CrdMissing,
    /// Cannot be told: Instrumentations cannot be read, or not all of them were supplied.
    Unknown,
}

impl LookupError {
    /// The operator's own words, in its log and in its answer; none where this is our ignorance, not its error.
    pub fn operator_text(&self) -> Option<String> {
        Some(match self {
            Self::NoneInNamespace => "no OpenTelemetry Instrumentation instances available".to_owned(),
            Self::SeveralInNamespace { .. } => {
                "multiple OpenTelemetry Instrumentation instances available, cannot determine which one to select".to_owned()
            }
            Self::NotFound { name, .. } => format!("Instrumentation.opentelemetry.io {} not found", quote(name)),
            Self::NotWatched { namespace, name } => not_watched(namespace, name.as_deref()),
            Self::CrdMissing => {
                r#"no matches for kind "Instrumentation" in version "opentelemetry.io/v1alpha1""#.to_owned()
            }
            Self::Unknown => return None,
        })
    }
}

/// The words of controller-runtime's cache of several namespaces (`pkg/cache/multi_namespace_cache.go`, v0.24.1).
pub(crate) fn not_watched(namespace: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("unable to get: {namespace}/{name} because of unknown namespace for the cache"),
        None => format!("unable to list: {namespace} because of unknown namespace for the cache"),
    }
}

/// Looks up what a request means for a Pod of `namespace`; `None` where nothing is asked.
pub fn look_up(
    request: Request<'_>,
    namespace: &str,
    cluster: &dyn ClusterView,
    operator: &OperatorConfig,
) -> Result<Option<Arc<Instrumentation>>, LookupError> {
    match request {
        Request::Nothing => Ok(None),
        Request::Default => match &operator.static_instrumentation {
            Some(instrumentation) => Ok(Some(instrumentation.clone())),
            None => only_one_in(namespace, cluster, operator).map(Some),
        },
        Request::Named { namespace: other, name } => {
            named(other.unwrap_or(namespace), name, cluster, operator).map(Some)
        }
    }
}

fn only_one_in(
    namespace: &str,
    cluster: &dyn ClusterView,
    operator: &OperatorConfig,
) -> Result<Arc<Instrumentation>, LookupError> {
    if !operator.watches(namespace) {
        return Err(LookupError::NotWatched { namespace: namespace.into(), name: None });
    }
    let readability = cluster.readability_in(InputKind::Instrumentations, namespace);
    if *readability == Readability::NotServed {
        return Err(LookupError::CrdMissing);
    }
    let all = cluster.instrumentations_in(namespace);
    match all.as_slice() {
        // A second one makes it ambiguous whether or not all are known.
        [_, _, ..] => Err(LookupError::SeveralInNamespace {
            names: all.iter().map(|instrumentation| instrumentation.metadata.metadata.name.clone()).collect(),
        }),
        [one] if readability.is_exhaustive() || *readability == Readability::Partial => Ok((*one).clone()),
        [] if readability.is_exhaustive() => Err(LookupError::NoneInNamespace),
        _ => Err(LookupError::Unknown),
    }
}

fn named(
    namespace: &str,
    name: &str,
    cluster: &dyn ClusterView,
    operator: &OperatorConfig,
) -> Result<Arc<Instrumentation>, LookupError> {
    if !operator.watches(namespace) {
        return Err(LookupError::NotWatched { namespace: namespace.into(), name: Some(name.into()) });
    }
    if *cluster.readability(InputKind::Instrumentations) == Readability::NotServed {
        return Err(LookupError::CrdMissing);
    }
    match cluster.instrumentation(namespace, name) {
        Lookup::Found(instrumentation) => Ok(instrumentation.clone()),
        Lookup::Absent => Err(LookupError::NotFound { namespace: namespace.into(), name: name.into() }),
        Lookup::Unknown => Err(LookupError::Unknown),
    }
}
