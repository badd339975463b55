//! Which fields does an Instrumentation have?
//!
//! The API server drops the others without a word. The table is that of `apis/v1alpha1/instrumentation_types.go`, v0.158.0.

/// Fields of the spec.
pub const SPEC: &[&str] = &[
    "exporter",
    "resource",
    "propagators",
    "sampler",
    "defaults",
    "env",
    "java",
    "nodejs",
    "python",
    "dotnet",
    "go",
    "apacheHttpd",
    "nginx",
    "imagePullPolicy",
    "initContainerSecurityContext",
];

/// Fields that the blocks of all languages have, but for the resources.
const LANGUAGE: [&str; 4] = ["image", "env", "volumeLimitSize", "volumeClaimTemplate"];

/// Fields of a block of the spec, or of one inside of it; none where any field is possible, or the block is no object.
pub fn fields(block: &str) -> Option<Vec<&'static str>> {
    let language = |own: &[&'static str]| Some(LANGUAGE.iter().chain(own).copied().collect());
    match block {
        "exporter" => Some(vec!["endpoint", "tls"]),
        "exporter.tls" => Some(vec!["secretName", "configMapName", "ca_file", "cert_file", "key_file"]),
        "resource" => Some(vec!["resourceAttributes", "addK8sUIDAttributes"]),
        "sampler" => Some(vec!["type", "argument"]),
        "defaults" => Some(vec!["useLabelsForResourceAttributes"]),
        "java" => language(&["resources", "extensions"]),
        "nodejs" | "python" | "dotnet" => language(&["resourceRequirements"]),
        "go" => language(&["resourceRequirements", "securityContext"]),
        "apacheHttpd" => language(&["resourceRequirements", "version", "configPath", "attrs"]),
        "nginx" => language(&["resourceRequirements", "configFile", "attrs"]),
        _ => None,
    }
}

/// Names that people write for others.
const OTHER_NAMES: [(&str, &str); 16] = [
    ("node", "nodejs"),
    ("nodeJs", "nodejs"),
    ("net", "dotnet"),
    ("dotNet", "dotnet"),
    ("golang", "go"),
    ("apache", "apacheHttpd"),
    ("httpd", "apacheHttpd"),
    ("resources", "resourceRequirements"),
    ("resourceRequirements", "resources"),
    ("volumeSizeLimit", "volumeLimitSize"),
    ("volume", "volumeLimitSize"),
    ("otlp", "exporter"),
    ("propagator", "propagators"),
    ("caFile", "ca_file"),
    ("certFile", "cert_file"),
    ("keyFile", "key_file"),
];

/// The field of a list that was most likely meant.
pub fn meant(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let other = OTHER_NAMES.iter().find(|(other, meant)| *other == name && known.contains(meant));
    other.map(|(_, meant)| *meant).or_else(|| {
        let lower = name.to_lowercase();
        let same = known.iter().find(|known| known.to_lowercase() == lower);
        same.copied().or_else(|| crate::catalogue::nearest::nearest(name, known.iter().copied()))
    })
}
