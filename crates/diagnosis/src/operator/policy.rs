//! Do `NetworkPolicies` let the API server reach the operator?
//!
//! The API server is no Pod of the cluster network: only a rule without peers, or one with addresses, can mean it. Many
//! network plugins let it pass all the same, so that a closed port is no proof.

use std::sync::Arc;

use facts::{ClusterView, NetworkPolicy, PolicyRule, Service, Workload};
use jiff::Timestamp;

use super::deployment::{ports, target_number};

/// A port of the operator's Pods that policies close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedPort {
    /// Namespace of the policy.
    pub namespace: Arc<str>,
    /// Name of the policy; the first by name where several select the Pods.
    pub policy: Arc<str>,
    /// When that policy was created.
    pub created: Option<Timestamp>,
    /// Whether that policy has rules of ingress, to which one can be added.
    pub has_rules: bool,
    /// The port of the Pods.
    pub port: i32,
}

/// Whether the port behind a Service's port is closed for the API server.
pub(super) fn closed_port(
    cluster: &dyn ClusterView,
    service: &Service,
    port: i32,
    deployment: Option<&Workload>,
) -> Option<ClosedPort> {
    let template = &deployment?.template;
    let namespace = &service.metadata.namespace;
    let policies: Vec<&NetworkPolicy> = cluster
        .network_policies_in(namespace)
        .into_iter()
        .filter(|policy| policy.restricts_ingress() && policy.selects(&template.labels))
        .collect();
    let first = policies.first()?;
    let target = service.spec.ports.iter().find(|known| known.port == port)?;
    let declared = ports(template);
    let number = target_number(target, &declared)?;
    let names: Vec<&str> =
        declared.iter().filter(|(declared, _)| *declared == number).map(|(_, name)| *name).collect();
    let admits = |rule: &PolicyRule| {
        rule.allows_port(number, &names)
            && (rule.peers.is_empty() || rule.peers.iter().any(|peer| peer.ip_block.is_some()))
    };
    if policies.iter().flat_map(|policy| &policy.spec.ingress).any(admits) {
        return None;
    }
    let metadata = &first.metadata;
    Some(ClosedPort {
        namespace: namespace.clone(),
        policy: metadata.name.clone(),
        created: metadata.creation_timestamp,
        has_rules: !first.spec.ingress.is_empty(),
        port: number,
    })
}
