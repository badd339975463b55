//! Could the API server call the operator, and for which Pods?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::metadata::{Metadata, null_as_default, null_as_empty};
use crate::object::Kind;
use crate::selector::LabelSelector;

/// A `MutatingWebhookConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MutatingWebhookConfiguration {
    /// Metadata.
    pub metadata: Metadata,
    /// Its entries.
    #[serde(deserialize_with = "null_as_empty")]
    pub webhooks: Box<[Webhook]>,
}

impl Kind for MutatingWebhookConfiguration {
    const API_VERSION: &'static str = "admissionregistration.k8s.io/v1";
    const KIND: &'static str = "MutatingWebhookConfiguration";
    const PLURAL: &'static str = "mutatingwebhookconfigurations";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// One entry of a webhook configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Webhook {
    /// Name, for example `mpod.kb.io`.
    pub name: Arc<str>,
    /// How it is reached.
    pub client_config: WebhookClientConfig,
    /// What it is called for.
    #[serde(deserialize_with = "null_as_empty")]
    pub rules: Box<[WebhookRule]>,
    /// `Ignore` or `Fail`; `Fail` where unset.
    #[serde(deserialize_with = "null_as_default")]
    pub failure_policy: Arc<str>,
    /// Which Namespaces.
    #[serde(deserialize_with = "null_as_default")]
    pub namespace_selector: LabelSelector,
    /// Which objects.
    #[serde(deserialize_with = "null_as_default")]
    pub object_selector: LabelSelector,
    /// CEL expressions that must all be true.
    #[serde(deserialize_with = "null_as_empty")]
    pub match_conditions: Box<[MatchCondition]>,
    /// How long the API server waits, in seconds.
    pub timeout_seconds: Option<i32>,
}

/// How a webhook is reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookClientConfig {
    /// Through a Service.
    pub service: Option<WebhookService>,
    /// By URL.
    pub url: Option<Arc<str>>,
    /// PEM bundle of the CAs that the serving certificate must chain to, in base64.
    #[serde(deserialize_with = "null_as_default")]
    pub ca_bundle: Arc<str>,
}

/// The Service of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookService {
    /// Namespace.
    pub namespace: Arc<str>,
    /// Name.
    pub name: Arc<str>,
    /// Path.
    pub path: Option<Arc<str>>,
    /// Port; 443 where unset.
    pub port: Option<i32>,
}

/// What a webhook is called for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookRule {
    /// API groups.
    #[serde(deserialize_with = "null_as_empty")]
    pub api_groups: Box<[Arc<str>]>,
    /// API versions; empty where they were not kept.
    #[serde(deserialize_with = "null_as_empty")]
    pub api_versions: Box<[Arc<str>]>,
    /// Operations.
    #[serde(deserialize_with = "null_as_empty")]
    pub operations: Box<[Arc<str>]>,
    /// Resources.
    #[serde(deserialize_with = "null_as_empty")]
    pub resources: Box<[Arc<str>]>,
    /// `Cluster`, `Namespaced` or `*`.
    pub scope: Option<Arc<str>>,
}

impl WebhookRule {
    /// Whether Pods being created are among it (`k8s.io/apiserver` `pkg/admission/plugin/webhook/predicates/rules`).
    pub fn covers_pod_creation(&self) -> bool {
        let has = |list: &[Arc<str>], word: &str| list.iter().any(|item| &**item == word || &**item == "*");
        has(&self.operations, "CREATE")
            && has(&self.api_groups, "")
            && (self.api_versions.is_empty() || has(&self.api_versions, "v1"))
            && self.scope.as_deref() != Some("Cluster")
            && self.resources.iter().any(|item| matches!(&**item, "pods" | "*" | "*/*"))
    }
}

/// A CEL expression that decides whether a webhook is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchCondition {
    /// Name.
    pub name: Arc<str>,
    /// Expression.
    pub expression: Arc<str>,
}

/// A `CustomResourceDefinition`, without its schemas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomResourceDefinition {
    /// Metadata.
    pub metadata: Metadata,
    /// Status.
    #[serde(deserialize_with = "null_as_default")]
    pub status: CustomResourceDefinitionStatus,
}

impl Kind for CustomResourceDefinition {
    const API_VERSION: &'static str = "apiextensions.k8s.io/v1";
    const KIND: &'static str = "CustomResourceDefinition";
    const PLURAL: &'static str = "customresourcedefinitions";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Status of a `CustomResourceDefinition`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomResourceDefinitionStatus {
    /// Conditions, `Established` among them.
    #[serde(deserialize_with = "null_as_empty")]
    pub conditions: Box<[Condition]>,
}

/// The certificate with which a webhook's Service answers, as a TLS handshake shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServingCertificate {
    /// Certificate and chain, each as DER, leaf first. Empty where nobody answered.
    pub chain: Vec<Vec<u8>>,
    /// Why there is no chain: connection refused, time-out, no TLS.
    pub error: Option<String>,
}
