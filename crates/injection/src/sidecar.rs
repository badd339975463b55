//! Does the Pod get a collector beside it?
//!
//! This runs before the languages, and an error here ends the request (`pkg/sidecar/{podmutator,pod}.go`, v0.158.0).

use std::sync::Arc;

use facts::{ClusterView, Lookup, SIDECAR_INJECT};

use crate::annotation::{Request, effective_value};
use crate::go_text::quote;
use crate::lookup::not_watched;
use crate::operator::OperatorConfig;
use crate::releases::{Release, Rule};
use crate::request::PodRequest;
use crate::units::{Unit, Units};

/// Name of the collector sidecar.
pub const SIDECAR_CONTAINER: &str = "otc-container";

/// What becomes of the collector sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sidecar {
    /// Nothing is asked.
    NotRequested,
    /// `false`: an existing one is removed.
    Refused {
        /// Whether there was one.
        removed: bool,
    },
    /// There is one already.
    Present,
    /// One is added.
    Added {
        /// Namespace of the collector.
        namespace: Arc<str>,
        /// Name of the collector.
        name: Arc<str>,
        /// Whether it is an init container.
        native: bool,
    },
    /// None can be chosen; the operator logs it and goes on with the languages.
    NotSelected(SidecarProblem),
    /// The collector cannot be had; the request ends.
    Failed,
    /// Cannot be told, because collectors cannot be read.
    Unknown,
}

/// Why no collector is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SidecarProblem {
    /// `true`, and no collector of mode `sidecar` in the namespace.
    None,
    /// `true`, and several.
    Several,
    /// The named one has another mode.
    NotSidecar,
}

/// Why the request ends at the sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SidecarError {
    /// The named collector does not exist.
    NotFound {
        /// Its namespace.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
    /// Its namespace is not watched by the operator. No name: the collectors were to be listed.
    NotWatched {
        /// The namespace.
        namespace: Arc<str>,
        /// The name.
        name: Option<Arc<str>>,
    },
}

impl SidecarError {
    /// The operator's own words.
    pub fn operator_text(&self) -> String {
        match self {
            Self::NotFound { name, .. } => {
                format!("OpenTelemetryCollector.opentelemetry.io {} not found", quote(name))
            }
            Self::NotWatched { namespace, name } => not_watched(namespace, name.as_deref()),
        }
    }
}

impl SidecarProblem {
    /// The operator's own words.
    pub fn operator_text(self) -> &'static str {
        match self {
            Self::None => "no OpenTelemetry Collector instances available",
            Self::Several => {
                "multiple OpenTelemetry Collector instances available, cannot determine which one to select"
            }
            Self::NotSidecar => "the OpenTelemetry Collector's mode is not set to sidecar",
        }
    }
}

/// Decides about the sidecar, and follows what it changes.
pub(crate) fn decide(
    request: &PodRequest<'_>,
    namespace_annotations: &facts::StringMap,
    cluster: &dyn ClusterView,
    operator: &OperatorConfig,
    units: &mut Units<'_>,
) -> Result<Sidecar, SidecarError> {
    let value = effective_value(namespace_annotations, &request.shape.annotations, SIDECAR_INJECT);
    if value.is_empty() {
        return Ok(Sidecar::NotRequested);
    }
    let present = is_present(units, operator.release);
    let wanted = match Request::parse(value) {
        Request::Nothing => {
            if present {
                units.init.retain(|unit| {
                    unit.name != SIDECAR_CONTAINER || !operator.release.follows(Rule::NativeSidecar)
                });
                units.containers.retain(|unit| unit.name != SIDECAR_CONTAINER);
            }
            return Ok(Sidecar::Refused { removed: present });
        }
        _ if present => return Ok(Sidecar::Present),
        Request::Default => only_one_in(request.namespace, cluster, operator)?,
        Request::Named { namespace, name } => {
            named(namespace.unwrap_or(request.namespace), name, cluster, operator)?
        }
    };
    if let Sidecar::Added { native, .. } = wanted {
        if native {
            units.init.push(Unit::made(SIDECAR_CONTAINER));
        } else {
            units.containers.push(Unit::made(SIDECAR_CONTAINER));
        }
    }
    Ok(wanted)
}

fn is_present(units: &Units<'_>, release: Release) -> bool {
    units.container(SIDECAR_CONTAINER).is_some()
        || (release.follows(Rule::NativeSidecar) && units.init_container(SIDECAR_CONTAINER).is_some())
}

fn only_one_in(
    namespace: &str,
    cluster: &dyn ClusterView,
    operator: &OperatorConfig,
) -> Result<Sidecar, SidecarError> {
    if !operator.watches(namespace) {
        return Err(SidecarError::NotWatched { namespace: namespace.into(), name: None });
    }
    let collectors = cluster.collectors_in(namespace);
    let sidecars: Vec<_> = collectors.iter().filter(|collector| &*collector.spec.mode == "sidecar").collect();
    let known = cluster.readability_in(facts::InputKind::Collectors, namespace).is_exhaustive();
    Ok(match sidecars.as_slice() {
        [] if known => Sidecar::NotSelected(SidecarProblem::None),
        [] => Sidecar::Unknown,
        [one] => added(&one.metadata.namespace, &one.metadata.name, operator),
        _ => Sidecar::NotSelected(SidecarProblem::Several),
    })
}

fn named(
    namespace: &str,
    name: &str,
    cluster: &dyn ClusterView,
    operator: &OperatorConfig,
) -> Result<Sidecar, SidecarError> {
    if !operator.watches(namespace) {
        return Err(SidecarError::NotWatched { namespace: namespace.into(), name: Some(name.into()) });
    }
    match cluster.collector(namespace, name) {
        Lookup::Found(collector) if &*collector.spec.mode == "sidecar" => {
            Ok(added(namespace, name, operator))
        }
        Lookup::Found(_) => Ok(Sidecar::NotSelected(SidecarProblem::NotSidecar)),
        Lookup::Absent => Err(SidecarError::NotFound { namespace: namespace.into(), name: name.into() }),
        Lookup::Unknown => Ok(Sidecar::Unknown),
    }
}

fn added(namespace: &str, name: &str, operator: &OperatorConfig) -> Sidecar {
    let native = operator.release.follows(Rule::NativeSidecar);
    Sidecar::Added { namespace: namespace.into(), name: name.into(), native }
}
