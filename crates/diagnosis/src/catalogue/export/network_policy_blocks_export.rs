//! H6: a `NetworkPolicy` closes the way to the collector.

use std::collections::BTreeSet;
use std::net::IpAddr;

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Lookup, NetworkPolicy, Pod, PodShape, ServicePort, StringMap};

use super::{judge, shape, who};
use crate::case::Case;
use crate::catalogue::address::{Destination, ServiceName};
use crate::catalogue::endpoint::Export;
use crate::catalogue::receiver::{Reach, port_of, reach};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `NetworkPolicyBlocksExport`.
pub static CAUSE: Cause = Cause {
    code: "IH-H006",
    reason: "NetworkPolicyBlocksExport",
    summary: "A NetworkPolicy lets no telemetry out of the Pods, or none into the collector.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the NetworkPolicies at both ends; whether the network plugin applies them does not show, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[
        InputKind::Instrumentations,
        InputKind::NetworkPolicies,
        InputKind::Services,
        InputKind::EndpointSlices,
        InputKind::Nodes,
    ],
    page: include_str!("network_policy_blocks_export.md"),
    check,
};

/// The policies that close the way, and which way.
struct Closed {
    policies: Vec<String>,
    direction: &'static str,
    /// What they do not let through: `TCP port 4318`.
    what: String,
}

/// What looks names up; TCP is for long answers only.
const DNS: &str = "UDP port 53 (DNS)";

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    // Policies only add to what is allowed: one that is not seen may open the way.
    if !case.knows(InputKind::NetworkPolicies) || !case.knows(InputKind::Pods) {
        return Vec::new();
    }
    let Some(wrong) = judge(case, |export| Some((Severity::Error, closed(case, export)?))) else {
        return Vec::new();
    };
    let (export, Closed { policies, direction, what }) = (wrong.export, wrong.what);
    let (first, namespace) = (policies.first().cloned().unwrap_or_default(), &case.subject.id.namespace);
    let of = if direction == "egress" { "out of the Pod" } else { "into the collector" };
    let other_end = match &export.destination {
        _ if what == DNS => "the cluster's DNS",
        Destination::Service(_) => "the collector",
        _ => "where the endpoint leads",
    };
    let mut found = Found::new(&CAUSE, wrong.severity, Certainty::Likely)
        .message(format!(
            "{} sends to {}, but no {direction} rule of NetworkPolicy {} lets {what} {of}.",
            who(case, export),
            export.value.text,
            policies.join(", ")
        ))
        .remedy(
            format!("Allow {what} between namespace {namespace} and {other_end} in a NetworkPolicy; see"),
            format!(
                "kubectl -n {} describe networkpolicy {}",
                first.split('/').next().unwrap_or_default(),
                first.split('/').nth(1).unwrap_or_default()
            ),
        )
        .because(export.object(case), export.field(), &export.value.text);
    for policy in &policies {
        found = found.because(
            format!("NetworkPolicy/{policy}"),
            format!("spec.{direction}"),
            format!("no rule for {what}"),
        );
    }
    vec![found.pods(wrong.pods)]
}

fn closed(case: &Case<'_>, export: &Export) -> Option<Closed> {
    let sender = shape(case, export)?;
    // Policies do not hold for Pods in the node's network, and never for the way to the node itself.
    if sender.spec.host_network {
        return None;
    }
    match &export.destination {
        Destination::Service(name) => closed_inside(case, export, sender, name),
        Destination::External => {
            closed_outside(case, export, sender, None).or_else(|| nameless(case, sender))
        }
        Destination::Literal => {
            let address = export.address.as_ref()?.host.parse().ok()?;
            closed_outside(case, export, sender, Some(address))
        }
        _ => None,
    }
}

fn closed_inside(case: &Case<'_>, export: &Export, sender: &PodShape, name: &ServiceName) -> Option<Closed> {
    let Reach::Answers(service) = reach(case, export) else { return None };
    if service.spec.selector.is_empty() {
        return nameless(case, sender);
    }
    let receivers = case.cluster.pods_with_labels(&name.namespace, &service.spec.selector);
    let receivers: Vec<&Pod> = receivers.into_iter().filter(|pod| !pod.deleted).collect();
    let Lookup::Found(there) = case.cluster.namespace(&name.namespace) else { return None };
    let Lookup::Found(here) = case.namespace else { return None };
    let ends = Ends {
        case,
        sender,
        name,
        there: &there.metadata.metadata.labels,
        here: &here.metadata.metadata.labels,
        listed: port_of(service, export.port()),
        port: i32::from(export.port()?),
        in_cloud: may_be_cloud(case),
    };
    let ways: Vec<Option<Closed>> = receivers.iter().map(|pod| ends.closed_to(pod)).collect();
    // One open way is enough.
    if ways.is_empty() || ways.iter().any(Option::is_none) {
        return nameless(case, sender);
    }
    ways.into_iter().flatten().next()
}

/// Whether no policy lets the Pods send to an address, or where only a name is known, to any address outside the cluster.
fn closed_outside(
    case: &Case<'_>,
    export: &Export,
    sender: &PodShape,
    address: Option<IpAddr>,
) -> Option<Closed> {
    let port = i32::from(export.port()?);
    let means = |peer: &facts::PolicyPeer| match (&peer.ip_block, address) {
        (Some(block), Some(address)) => block.may_mean(address),
        (Some(_), None) => true,
        // An address may be that of a Pod.
        (None, address) => address.is_some(),
    };
    let policies = closing(case, &case.subject.id.namespace, of_sender(sender), |policy| {
        let allows = |rule: &facts::PolicyRule| {
            rule.allows_port(port, &[]) && (rule.peers.is_empty() || rule.peers.iter().any(means))
        };
        policy.spec.egress.iter().any(allows)
    })?;
    Some(Closed { policies, direction: "egress", what: format!("TCP port {port}") })
}

/// Whether no policy lets the Pods look up a name, wherever that might be answered.
fn nameless(case: &Case<'_>, sender: &PodShape) -> Option<Closed> {
    let allows = |policy: &NetworkPolicy| policy.spec.egress.iter().any(facts::PolicyRule::allows_dns);
    let policies = closing(case, &case.subject.id.namespace, of_sender(sender), allows)?;
    Some(Closed { policies, direction: "egress", what: DNS.to_owned() })
}

/// Policies that restrict what the sender may reach.
fn of_sender(sender: &PodShape) -> impl Fn(&NetworkPolicy) -> bool {
    |policy| policy.restricts_egress() && policy.selects(&sender.labels)
}

/// Whether the machines may be those of a cloud: one names its provider, or not all can be seen.
fn may_be_cloud(case: &Case<'_>) -> bool {
    !case.knows(InputKind::Nodes) || case.cluster.nodes().iter().any(|node| !node.spec.provider_id.is_empty())
}

struct Ends<'k, 'c> {
    case: &'k Case<'c>,
    sender: &'k PodShape,
    name: &'k ServiceName,
    there: &'k StringMap,
    here: &'k StringMap,
    listed: Option<&'k ServicePort>,
    port: i32,
    in_cloud: bool,
}

impl Ends<'_, '_> {
    fn closed_to(&self, receiver: &Pod) -> Option<Closed> {
        let shape = &*receiver.shape;
        if shape.spec.host_network {
            return None;
        }
        let (numbers, names) = self.ports(shape);
        let own = &*self.case.subject.id.namespace;
        let allows_port =
            |rule: &facts::PolicyRule| numbers.iter().any(|number| rule.allows_port(*number, &names));
        let egress = |policy: &NetworkPolicy| {
            policy.spec.egress.iter().any(|rule| {
                let peer = |peer: &facts::PolicyPeer| {
                    peer.may_mean(own, &self.name.namespace, self.there, &shape.labels, self.in_cloud)
                };
                allows_port(rule) && (rule.peers.is_empty() || rule.peers.iter().any(peer))
            })
        };
        let ingress = |policy: &NetworkPolicy| {
            policy.spec.ingress.iter().any(|rule| {
                let peer = |peer: &facts::PolicyPeer| {
                    peer.may_mean(&self.name.namespace, own, self.here, &self.sender.labels, self.in_cloud)
                };
                allows_port(rule) && (rule.peers.is_empty() || rule.peers.iter().any(peer))
            })
        };
        let what = format!("TCP port {}", numbers.iter().next_back().copied().unwrap_or(self.port));
        if let Some(policies) = closing(self.case, own, of_sender(self.sender), egress) {
            return Some(Closed { policies, direction: "egress", what });
        }
        let into = |policy: &NetworkPolicy| policy.restricts_ingress() && policy.selects(&shape.labels);
        let policies = closing(self.case, &self.name.namespace, into, ingress)?;
        Some(Closed { policies, direction: "ingress", what })
    }

    /// Numbers and names of the port at the receiving Pod. The Service's own number is allowed as well: some network
    /// plug-ins judge before the address is translated.
    fn ports<'s>(&self, shape: &'s PodShape) -> (BTreeSet<i32>, Vec<&'s str>) {
        let target = self.listed.map(|listed| &listed.target_port);
        let declared = shape.spec.containers.iter().flat_map(|container| &container.ports);
        let mut numbers = BTreeSet::from([self.port]);
        let number = target.and_then(serde_json::Value::as_i64).and_then(|number| i32::try_from(number).ok());
        numbers.extend(number);
        let mut names = Vec::new();
        for port in declared {
            let by_name = port
                .name
                .as_deref()
                .is_some_and(|name| target.and_then(serde_json::Value::as_str) == Some(name));
            if by_name || numbers.contains(&port.container_port) {
                numbers.insert(port.container_port);
                names.extend(port.name.as_deref());
            }
        }
        (numbers, names)
    }
}

/// The policies that are about a Pod, where none of them allows the traffic. None where it is allowed.
fn closing(
    case: &Case<'_>,
    namespace: &str,
    concerns: impl Fn(&NetworkPolicy) -> bool,
    allows: impl Fn(&NetworkPolicy) -> bool,
) -> Option<Vec<String>> {
    let policies = case.cluster.network_policies_in(namespace);
    let concerned: Vec<_> = policies.into_iter().filter(|policy| concerns(policy)).collect();
    if concerned.is_empty() || concerned.iter().any(|policy| allows(policy)) {
        return None;
    }
    Some(concerned.iter().map(|policy| format!("{namespace}/{}", policy.metadata.name)).collect())
}
