//! Does the address that telemetry (or an admission request) is sent to exist, and does anybody answer there?

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::annotation::INJECT_KEYS;
use crate::metadata::{Metadata, null_as_default, null_as_empty};
use crate::object::Kind;
use crate::string_map::StringMap;

/// The part of a Service that is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Metadata.
    pub metadata: Metadata,
    /// Spec.
    pub spec: ServiceSpec,
}

impl Service {
    /// Whether Pods with these labels are behind it.
    pub fn selects(&self, labels: &StringMap) -> bool {
        !self.spec.selector.is_empty() && labels.has_all(&self.spec.selector)
    }

    /// Whether an annotation stands on it that would ask for injection on a Pod; nobody reads it here.
    pub fn asks_in_vain(&self) -> bool {
        INJECT_KEYS.iter().any(|key| self.metadata.annotations.contains_key(key))
    }
}

impl Kind for Service {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Service";
    const PLURAL: &'static str = "services";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Spec of a Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceSpec {
    /// `ClusterIP`, `ExternalName` and so on; `ClusterIP` where unset.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Arc<str>,
    /// Name that an `ExternalName` Service stands for.
    #[serde(deserialize_with = "null_as_default")]
    pub external_name: Arc<str>,
    /// Address; `None` for headless Services.
    #[serde(rename = "clusterIP", deserialize_with = "null_as_default")]
    pub cluster_ip: Arc<str>,
    /// Ports.
    #[serde(deserialize_with = "null_as_empty")]
    pub ports: Box<[ServicePort]>,
    /// Labels of the Pods behind it; empty where its endpoints are made by hand.
    pub selector: StringMap,
}

/// A port of a Service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Arc<str>,
    /// Port that clients use.
    pub port: i32,
    /// Port of the Pods: a number or a name.
    pub target_port: Value,
    /// `TCP`, `UDP` or `SCTP`; `TCP` where unset.
    #[serde(deserialize_with = "null_as_default")]
    pub protocol: Arc<str>,
}

/// An `EndpointSlice` as it comes from the API.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointSlice {
    /// Metadata; the label `kubernetes.io/service-name` says of which Service.
    pub metadata: Metadata,
    /// Endpoints.
    #[serde(deserialize_with = "null_as_empty")]
    pub endpoints: Box<[Endpoint]>,
}

impl Kind for EndpointSlice {
    const API_VERSION: &'static str = "discovery.k8s.io/v1";
    const KIND: &'static str = "EndpointSlice";
    const PLURAL: &'static str = "endpointslices";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl EndpointSlice {
    /// The Service it belongs to.
    pub fn service(&self) -> Option<&str> {
        self.metadata.labels.get("kubernetes.io/service-name")
    }

    /// Number of addresses that are ready. An unknown readiness counts as ready (`discovery/v1` `EndpointConditions`).
    pub fn ready(&self) -> usize {
        let ready = |endpoint: &&Endpoint| endpoint.conditions.ready != Some(false);
        self.endpoints.iter().filter(ready).map(|endpoint| endpoint.addresses.len()).sum()
    }
}

/// One endpoint of a slice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// Addresses.
    #[serde(deserialize_with = "null_as_empty")]
    pub addresses: Box<[Arc<str>]>,
    /// Conditions.
    #[serde(deserialize_with = "null_as_default")]
    pub conditions: EndpointConditions,
}

/// Conditions of an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointConditions {
    /// Whether it takes traffic.
    pub ready: Option<bool>,
}

/// What is kept of all slices of one Service: whether anybody answers. Scaling a Service from 3 to 40 changes nothing here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Whether at least one slice exists.
    pub slices: bool,
    /// Whether at least one address is ready.
    pub ready: bool,
}
