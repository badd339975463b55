//! Who lives on the bed while it is soaked?

use serde_json::{Value, json};

use crate::play::{ANNOTATION, ContainerPlay, Exit, Play};

/// Namespaces over which the workloads are spread.
const NAMESPACES: usize = 10;
/// Where the collector is.
const COLLECTOR_NAMESPACE: &str = "soak-observability";
/// Its namespace and Deployment.
pub(super) const COLLECTOR: (&str, &str) = (COLLECTOR_NAMESPACE, "deployment/otel-collector");

/// Language, its annotation's value and what it needs besides: web servers speak gRPC, the others HTTP.
const LANGUAGES: [(&str, &str, &[(&str, &str)]); 8] = [
    ("java", "default", &[]),
    ("nodejs", "default", &[]),
    ("python", "default", &[]),
    ("dotnet", "default", &[]),
    ("go", "default", &[("otel-go-auto-target-exe", "/app/server")]),
    ("sdk", "default", &[]),
    ("nginx", "grpc", &[]),
    ("apache-httpd", "grpc", &[]),
];

/// Everybody.
#[derive(Debug)]
pub(super) struct Population {
    pub workloads: Vec<Workload>,
    /// How often something was changed.
    pub changes: usize,
}

/// A workload, as it is meant to be.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub kind: &'static str,
    pub namespace: String,
    pub name: String,
    language: usize,
    /// Raised by every new release.
    pub release: u32,
    pub replicas: u32,
    /// Whether it is there now.
    pub exists: bool,
}

impl Population {
    /// So many workloads, all there.
    pub(super) fn new(count: usize) -> Self {
        Self { workloads: (0..count).map(Workload::new).collect(), changes: 0 }
    }
}

impl Workload {
    fn new(number: usize) -> Self {
        let kind = match number % 12 {
            9 => "StatefulSet",
            10 => "DaemonSet",
            11 => "CronJob",
            _ => "Deployment",
        };
        // A Job with a Go agent never ends, which is worth an Error of its own.
        let languages = if kind == "CronJob" { 4 } else { LANGUAGES.len() };
        let language = (number / 12 + number) % languages;
        Self {
            kind,
            namespace: format!("soak-{}", number % NAMESPACES),
            name: format!("{}-{number}", LANGUAGES[language].0),
            language,
            release: 1,
            replicas: u32::from(!number.is_multiple_of(3)) + 1,
            exists: true,
        }
    }

    /// Whether its number of replicas can be set.
    pub(super) fn scales(&self) -> bool {
        matches!(self.kind, "Deployment" | "StatefulSet")
    }

    /// Its name among the objects of the product.
    pub(super) fn object(&self) -> (String, String) {
        (self.namespace.clone(), format!("{}-{}", self.kind.to_lowercase(), self.name))
    }

    /// The object as it is to be applied.
    pub(super) fn manifest(&self) -> Value {
        let template = self.template();
        let selector = json!({"matchLabels": {"app": self.name}});
        let spec = match self.kind {
            "CronJob" => json!({
                "schedule": "* * * * *",
                "jobTemplate": {"spec": {"template": template}},
            }),
            "DaemonSet" => json!({"selector": selector, "template": template}),
            "StatefulSet" => json!({"selector": selector, "template": template, "replicas": self.replicas,
                                    "serviceName": self.name}),
            _ => json!({"selector": selector, "template": template, "replicas": self.replicas}),
        };
        let api_version = if self.kind == "CronJob" { "batch/v1" } else { "apps/v1" };
        let metadata = json!({"name": self.name, "namespace": self.namespace});
        json!({"apiVersion": api_version, "kind": self.kind, "metadata": metadata, "spec": spec})
    }

    fn template(&self) -> Value {
        let (language, instrumentation, more) = LANGUAGES[self.language];
        let mut annotations =
            json!({(format!("instrumentation.opentelemetry.io/inject-{language}")): instrumentation});
        for (key, value) in more {
            annotations[format!("instrumentation.opentelemetry.io/{key}")] = json!(value);
        }
        // A name that tells no runtime, as its version would be taken for that of the runtime.
        let image = format!("registry.example.com/soak/shop:1.{}.0", self.release);
        let mut spec =
            json!({"terminationGracePeriodSeconds": 1, "containers": [{"name": "app", "image": image}]});
        if self.kind == "CronJob" {
            let ends = ContainerPlay {
                exit: Some(Exit { code: 0, after: Some(3.0), ..Exit::default() }),
                ..ContainerPlay::default()
            };
            annotations[ANNOTATION] = json!(Play::of("app", ends).annotation());
            spec["restartPolicy"] = json!("Never");
        }
        json!({"metadata": {"labels": {"app": self.name}, "annotations": annotations}, "spec": spec})
    }
}

/// Namespaces, a collector, and two Instrumentations in each namespace.
pub(super) fn surroundings() -> String {
    let namespace = |name: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let metadata = json!({"name": "otel-collector", "namespace": COLLECTOR_NAMESPACE});
    let labels = json!({"app": "otel-collector"});
    let container = json!({"name": "otc", "image": "registry.example.com/otel/collector:0.158.0"});
    let mut items = vec![
        namespace(COLLECTOR_NAMESPACE),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {
            "replicas": 2, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": labels, "ports": [
            {"name": "otlp-grpc", "port": 4317}, {"name": "otlp-http", "port": 4318}]}}),
    ];
    for name in (0..NAMESPACES).map(|number| format!("soak-{number}")) {
        items.push(namespace(&name));
        for (instrumentation, port) in [("default", 4318), ("grpc", 4317)] {
            let endpoint = format!("http://otel-collector.{COLLECTOR_NAMESPACE}.svc.cluster.local:{port}");
            items.push(json!({
                "apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation",
                "metadata": {"name": instrumentation, "namespace": name},
                "spec": {"exporter": {"endpoint": endpoint}, "propagators": ["tracecontext", "baggage"]},
            }));
        }
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}
