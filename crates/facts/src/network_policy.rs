//! Which traffic may leave or reach a Pod?

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ip_block::IpBlock;
use crate::metadata::{Metadata, null_as_default, null_as_empty};
use crate::object::Kind;
use crate::selector::LabelSelector;
use crate::string_map::StringMap;

/// The part of a `NetworkPolicy` that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkPolicy {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: NetworkPolicySpec,
}

impl Kind for NetworkPolicy {
    const API_VERSION: &'static str = "networking.k8s.io/v1";
    const KIND: &'static str = "NetworkPolicy";
    const PLURAL: &'static str = "networkpolicies";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Spec of a `NetworkPolicy`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicySpec {
    /// Pods of its namespace that it is about; empty selects all.
    #[serde(deserialize_with = "null_as_default")]
    pub pod_selector: LabelSelector,
    /// `Ingress`, `Egress`.
    #[serde(deserialize_with = "null_as_empty")]
    pub policy_types: Box<[Arc<str>]>,
    /// What may reach the Pods.
    #[serde(deserialize_with = "null_as_empty")]
    pub ingress: Box<[PolicyRule]>,
    /// What the Pods may reach.
    #[serde(deserialize_with = "null_as_empty")]
    pub egress: Box<[PolicyRule]>,
}

/// One thing that a policy allows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyRule {
    /// The other end (`to` or `from`); empty allows any.
    #[serde(alias = "to", alias = "from", deserialize_with = "null_as_empty")]
    pub peers: Box<[PolicyPeer]>,
    /// Ports; empty allows any.
    #[serde(deserialize_with = "null_as_empty")]
    pub ports: Box<[PolicyPort]>,
}

/// The other end of allowed traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPeer {
    /// Pods, of the policy's namespace where no `namespace_selector` stands.
    pub pod_selector: Option<LabelSelector>,
    /// Namespaces.
    pub namespace_selector: Option<LabelSelector>,
    /// Addresses.
    pub ip_block: Option<IpBlock>,
}

/// A port of allowed traffic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyPort {
    /// `TCP` where unset.
    #[serde(deserialize_with = "null_as_default")]
    pub protocol: Arc<str>,
    /// Number or name of a container's port; null allows any.
    pub port: Value,
    /// Last port of a range.
    pub end_port: Option<i32>,
}

impl NetworkPolicy {
    /// Whether it is about Pods with these labels.
    pub fn selects(&self, labels: &StringMap) -> bool {
        self.spec.pod_selector.matches(labels)
    }

    /// Whether it restricts what its Pods may reach (`policyTypes` as the API server defaults them).
    pub fn restricts_egress(&self) -> bool {
        if self.spec.policy_types.is_empty() {
            return !self.spec.egress.is_empty();
        }
        self.spec.policy_types.iter().any(|kind| &**kind == "Egress")
    }

    /// Whether it restricts what may reach its Pods.
    pub fn restricts_ingress(&self) -> bool {
        self.spec.policy_types.is_empty() || self.spec.policy_types.iter().any(|kind| &**kind == "Ingress")
    }
}

impl PolicyRule {
    /// Whether it allows TCP on a port that the other end calls by this number or one of these names.
    pub fn allows_port(&self, number: i32, names: &[&str]) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|port| port.is_tcp() && port.is(number, names))
    }

    /// Whether it lets names be looked up somewhere, over UDP or TCP. Pods of a cluster's DNS may listen on 5353 (OpenShift).
    pub fn allows_dns(&self) -> bool {
        let is_dns = |port: &PolicyPort| {
            [53, 5353].iter().any(|number| port.is(*number, &["dns", "dns-tcp", "dns-udp", "domain"]))
        };
        self.ports.is_empty() || self.ports.iter().any(is_dns)
    }
}

impl PolicyPort {
    fn is_tcp(&self) -> bool {
        matches!(&*self.protocol, "" | "TCP")
    }

    fn is(&self, number: i32, names: &[&str]) -> bool {
        match &self.port {
            Value::Null => true,
            Value::String(name) => names.contains(&name.as_str()) || name.parse() == Ok(number),
            port => port.as_i64().is_some_and(|first| {
                (first..=self.end_port.map_or(first, i64::from)).contains(&i64::from(number))
            }),
        }
    }
}

impl PolicyPeer {
    /// Whether Pods with these labels in that namespace are meant, for a policy of `own` namespace. Private addresses are
    /// taken to mean anybody: which address a Pod has is not kept. In a cloud Pods may have those that carriers share.
    pub fn may_mean(
        &self,
        own: &str,
        namespace: &str,
        namespace_labels: &StringMap,
        labels: &StringMap,
        in_cloud: bool,
    ) -> bool {
        if let Some(block) = &self.ip_block {
            return block.may_mean_pods(in_cloud);
        }
        let namespace_fits = match &self.namespace_selector {
            Some(selector) => selector.matches(namespace_labels),
            None => own == namespace,
        };
        namespace_fits && self.pod_selector.as_ref().is_none_or(|selector| selector.matches(labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_over_either_protocol() {
        for (rule, want) in [
            (r"{}", true),
            (r#"{"ports":[{"port":53,"protocol":"UDP"}]}"#, true),
            (r#"{"ports":[{"port":"dns","protocol":"UDP"}]}"#, true),
            (r#"{"ports":[{"port":5353,"protocol":"UDP"}]}"#, true),
            (r#"{"ports":[{"protocol":"UDP"}]}"#, true),
            (r#"{"ports":[{"port":4318}]}"#, false),
        ] {
            let read: PolicyRule = serde_json::from_str(rule).unwrap();
            assert_eq!(read.allows_dns(), want, "{rule}");
        }
    }

    #[test]
    fn ports_are_numbers_names_and_ranges() {
        for (rule, want) in [
            (r"{}", true),
            (r#"{"ports":[{"port":4318,"protocol":"TCP"}]}"#, true),
            (r#"{"ports":[{"port":4318,"protocol":"UDP"}]}"#, false),
            (r#"{"ports":[{"port":4000,"endPort":5000}]}"#, true),
            (r#"{"ports":[{"port":"otlp-http"}]}"#, true),
            (r#"{"ports":[{"port":53}]}"#, false),
        ] {
            let read: PolicyRule = serde_json::from_str(rule).unwrap();
            assert_eq!(read.allows_port(4318, &["otlp-http"]), want, "{rule}");
        }
    }

    #[test]
    fn a_peer_without_namespace_selector_is_in_the_policys_own_namespace() {
        let peer: PolicyPeer = serde_json::from_str(r#"{"podSelector":{}}"#).unwrap();
        let none = StringMap::default();
        assert!(peer.may_mean("shop", "shop", &none, &none, false));
        assert!(!peer.may_mean("shop", "o11y", &none, &none, false));
    }
}
