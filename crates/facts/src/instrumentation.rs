//! What does an `Instrumentation` (`opentelemetry.io/v1alpha1`) tell the operator to inject?

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::environment::EnvVar;
use crate::language::Language;
use crate::managed_fields::ManagedMetadata;
use crate::metadata::{Metadata, null_as_default, null_as_empty};
use crate::object::Kind;
use crate::string_map::StringMap;

/// An `Instrumentation` as stored. Values that are only copied into a Pod stay JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instrumentation {
    /// Metadata with managedFields.
    pub metadata: ManagedMetadata,
    /// Spec.
    #[serde(deserialize_with = "null_as_default")]
    pub spec: InstrumentationSpec,
    /// Status.
    #[serde(deserialize_with = "null_as_default")]
    pub status: InstrumentationStatus,
}

impl Kind for Instrumentation {
    const API_VERSION: &'static str = "opentelemetry.io/v1alpha1";
    const KIND: &'static str = "Instrumentation";
    const PLURAL: &'static str = "instrumentations";
    fn metadata(&self) -> &Metadata {
        &self.metadata.metadata
    }
}

impl Instrumentation {
    /// `namespace/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.metadata().namespace, self.metadata().name)
    }
}

/// Spec of an `Instrumentation` (`apis/v1alpha1/instrumentation_types.go`, operator v0.158.0).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstrumentationSpec {
    /// Where telemetry goes.
    #[serde(deserialize_with = "null_as_default")]
    pub exporter: Exporter,
    /// Resource attributes.
    #[serde(deserialize_with = "null_as_default")]
    pub resource: ResourceSpec,
    /// Propagators, in order.
    #[serde(deserialize_with = "null_as_empty")]
    pub propagators: Box<[Arc<str>]>,
    /// Sampler.
    #[serde(deserialize_with = "null_as_default")]
    pub sampler: SamplerSpec,
    /// Defaults.
    #[serde(deserialize_with = "null_as_default")]
    pub defaults: Defaults,
    /// Environment for every language.
    #[serde(deserialize_with = "null_as_empty")]
    pub env: Box<[EnvSource]>,
    /// Java.
    #[serde(deserialize_with = "null_as_default")]
    pub java: LanguageSpec,
    /// Node.js.
    #[serde(deserialize_with = "null_as_default")]
    pub nodejs: LanguageSpec,
    /// Python.
    #[serde(deserialize_with = "null_as_default")]
    pub python: LanguageSpec,
    /// .NET.
    #[serde(deserialize_with = "null_as_default")]
    pub dotnet: LanguageSpec,
    /// Go.
    #[serde(deserialize_with = "null_as_default")]
    pub go: LanguageSpec,
    /// Apache HTTP server.
    #[serde(deserialize_with = "null_as_default")]
    pub apache_httpd: LanguageSpec,
    /// nginx.
    #[serde(deserialize_with = "null_as_default")]
    pub nginx: LanguageSpec,
    /// Pull policy of the agent images (operator ≥ 0.121).
    #[serde(deserialize_with = "null_as_default")]
    pub image_pull_policy: Arc<str>,
    /// Security context of the agent init containers (operator ≥ 0.150).
    pub init_container_security_context: Option<Value>,
}

impl InstrumentationSpec {
    /// The block of a language; none for SDK, which has none.
    pub fn language(&self, language: Language) -> Option<&LanguageSpec> {
        match language {
            Language::Java => Some(&self.java),
            Language::NodeJs => Some(&self.nodejs),
            Language::Python => Some(&self.python),
            Language::DotNet => Some(&self.dotnet),
            Language::Go => Some(&self.go),
            Language::ApacheHttpd => Some(&self.apache_httpd),
            Language::Nginx => Some(&self.nginx),
            Language::Sdk => None,
        }
    }
}

/// `spec.exporter`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exporter {
    /// OTLP endpoint.
    #[serde(deserialize_with = "null_as_default")]
    pub endpoint: Arc<str>,
    /// TLS material, taken from the Pod's namespace.
    pub tls: Option<ExporterTls>,
}

/// `spec.exporter.tls` (operator ≥ 0.111).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExporterTls {
    /// Secret with certificates.
    #[serde(rename = "secretName", deserialize_with = "null_as_default")]
    pub secret_name: Arc<str>,
    /// `ConfigMap` with the CA certificate.
    #[serde(rename = "configMapName", deserialize_with = "null_as_default")]
    pub config_map_name: Arc<str>,
    /// CA file, in the above or absolute.
    #[serde(deserialize_with = "null_as_default")]
    pub ca_file: Arc<str>,
    /// Client certificate file.
    #[serde(deserialize_with = "null_as_default")]
    pub cert_file: Arc<str>,
    /// Client key file.
    #[serde(deserialize_with = "null_as_default")]
    pub key_file: Arc<str>,
}

/// `spec.resource`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceSpec {
    /// Attributes added to every Pod.
    pub resource_attributes: StringMap,
    /// Whether UIDs are added.
    #[serde(rename = "addK8sUIDAttributes", deserialize_with = "null_as_default")]
    pub add_k8s_uid_attributes: bool,
}

/// `spec.sampler`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamplerSpec {
    /// `parentbased_traceidratio` and so on.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: Arc<str>,
    /// Argument of the sampler.
    #[serde(deserialize_with = "null_as_default")]
    pub argument: Arc<str>,
}

/// `spec.defaults`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Defaults {
    /// Whether `app.kubernetes.io/*` labels become resource attributes.
    #[serde(deserialize_with = "null_as_default")]
    pub use_labels_for_resource_attributes: bool,
}

/// An environment variable of an Instrumentation; its source is copied as it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvSource {
    /// Name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: Arc<str>,
    /// Literal value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Arc<str>>,
    /// Source of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_from: Option<Value>,
}

impl From<&EnvSource> for EnvVar {
    fn from(source: &EnvSource) -> Self {
        let value_from =
            source.value_from.clone().and_then(|from| serde_json::from_value(from).ok()).map(Arc::new);
        Self { name: source.name.clone(), value: source.value.clone(), value_from }
    }
}

/// The block of one language; fields that a language lacks stay empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LanguageSpec {
    /// Agent image.
    #[serde(deserialize_with = "null_as_default")]
    pub image: Arc<str>,
    /// Environment for this language only.
    #[serde(deserialize_with = "null_as_empty")]
    pub env: Box<[EnvSource]>,
    /// Resources of the agent container: read for Java only.
    pub resources: Option<Value>,
    /// Resources of the agent container: read for every language but Java.
    pub resource_requirements: Option<Value>,
    /// Limit of the agent's emptyDir, as a quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_limit_size: Option<Value>,
    /// Claim in place of the emptyDir (operator ≥ 0.112).
    pub volume_claim_template: Option<Value>,
    /// Java: extension images.
    #[serde(deserialize_with = "null_as_empty")]
    pub extensions: Box<[JavaExtension]>,
    /// Go: security context of the sidecar (operator ≥ 0.150).
    pub security_context: Option<Value>,
    /// Apache: version of the server.
    #[serde(deserialize_with = "null_as_default")]
    pub version: Arc<str>,
    /// Apache: folder of the configuration.
    #[serde(deserialize_with = "null_as_default")]
    pub config_path: Arc<str>,
    /// nginx: file of the configuration.
    #[serde(deserialize_with = "null_as_default")]
    pub config_file: Arc<str>,
    /// Apache and nginx: settings of the module.
    #[serde(deserialize_with = "null_as_empty")]
    pub attrs: Box<[EnvSource]>,
}

/// An image with extensions of the Java agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JavaExtension {
    /// Image.
    #[serde(deserialize_with = "null_as_default")]
    pub image: Arc<str>,
    /// Folder in the image.
    #[serde(deserialize_with = "null_as_default")]
    pub dir: Arc<str>,
}

/// Status of an `Instrumentation` (operator ≥ 0.150).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstrumentationStatus {
    /// Language → why its image was not raised.
    pub upgrade_blocked_versions: StringMap,
}
