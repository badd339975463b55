//! To which workload does a Pod belong, as far as the operator sees?
//!
//! `internal/instrumentation/sdk.go` `addParentResourceLabels`, v0.158.0: `ReplicaSet`s and Jobs are looked up for their own
//! owners, everything else is taken as it stands. Only the kind counts, in any spelling, not the API group.

use std::sync::Arc;

use facts::{ClusterView, Lookup, OwnerReference};

use crate::decision::MissingOwner;
use crate::releases::{Release, Rule};
use crate::request::PodRequest;

/// A kind of owner that becomes resource attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnerKind {
    ReplicaSet,
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
}

impl OwnerKind {
    fn parse(kind: &str) -> Option<Self> {
        let kinds = [
            ("replicaset", Self::ReplicaSet),
            ("deployment", Self::Deployment),
            ("statefulset", Self::StatefulSet),
            ("daemonset", Self::DaemonSet),
            ("job", Self::Job),
            ("cronjob", Self::CronJob),
        ];
        kinds.into_iter().find(|(word, _)| kind.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
    }

    /// The word in resource attributes: `k8s.<word>.name`.
    pub(crate) const fn attribute_word(self) -> &'static str {
        match self {
            Self::ReplicaSet => "replicaset",
            Self::Deployment => "deployment",
            Self::StatefulSet => "statefulset",
            Self::DaemonSet => "daemonset",
            Self::Job => "job",
            Self::CronJob => "cronjob",
        }
    }
}

/// An owner of a Pod, or an owner's owner.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    pub(crate) kind: OwnerKind,
    pub(crate) name: Arc<str>,
    pub(crate) uid: Arc<str>,
    /// Whether it was looked up in vain.
    pub(crate) missing: bool,
}

/// Owners and owners' owners, in the order in which the operator finds them.
pub(crate) fn all(
    owners: &[OwnerReference],
    namespace: &str,
    cluster: &dyn ClusterView,
    release: Release,
) -> Vec<Owner> {
    let mut found = Vec::new();
    climb(owners, namespace, cluster, release, &mut found);
    found
}

fn climb(
    owners: &[OwnerReference],
    namespace: &str,
    cluster: &dyn ClusterView,
    release: Release,
    found: &mut Vec<Owner>,
) {
    // Owners that own each other would keep the operator busy for ever; no such thing is made by Kubernetes.
    const MOST: usize = 16;
    for owner in owners {
        let Some(kind) = OwnerKind::parse(&owner.kind) else { continue };
        let looked_up = match kind {
            OwnerKind::ReplicaSet => cluster.owners_of("ReplicaSet", namespace, &owner.name),
            OwnerKind::Job if release.follows(Rule::CronJobs) => {
                cluster.owners_of("Job", namespace, &owner.name)
            }
            _ => Lookup::Unknown,
        };
        let (name, uid) = (owner.name.clone(), owner.uid.clone());
        found.push(Owner { kind, name, uid, missing: looked_up.is_absent() });
        if let (Lookup::Found(parents), true) = (looked_up, found.len() < MOST) {
            climb(parents, namespace, cluster, release, found);
        }
    }
}

/// Owners that are looked up in vain for every target.
pub(crate) fn missing(
    request: &PodRequest<'_>,
    cluster: &dyn ClusterView,
    release: Release,
) -> Vec<MissingOwner> {
    if request.owners.is_empty() {
        return Vec::new();
    }
    all(request.owners, request.namespace, cluster, release)
        .into_iter()
        .filter(|owner| owner.missing)
        .map(|owner| MissingOwner { is_replica_set: owner.kind == OwnerKind::ReplicaSet, name: owner.name })
        .collect()
}
