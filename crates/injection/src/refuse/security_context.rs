//! How does the API server write a security context in a complaint?
//!
//! As the internal type of `pkg/apis/core/types.go`, kube-apiserver v1.36.3: with the names of Go, and with everything that is
//! not set.

use serde_json::{Map, Value};

/// Fields in order, with those of the objects in them.
const FIELDS: [(&str, &[&str]); 12] = [
    ("capabilities", &["add", "drop"]),
    ("privileged", &[]),
    ("seLinuxOptions", &["user", "role", "type", "level"]),
    ("windowsOptions", &["gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName", "hostProcess"]),
    ("runAsUser", &[]),
    ("runAsGroup", &[]),
    ("runAsNonRoot", &[]),
    ("readOnlyRootFilesystem", &[]),
    ("allowPrivilegeEscalation", &[]),
    ("procMount", &[]),
    ("seccompProfile", &["type", "localhostProfile"]),
    ("appArmorProfile", &["type", "localhostProfile"]),
];

pub(super) fn written(context: &Value) -> String {
    let fields = FIELDS.map(|(name, inner)| {
        let value = match context[name].as_object().filter(|_| !inner.is_empty()) {
            Some(object) => object_of(object, name, inner),
            None => context[name].to_string(),
        };
        format!("\"{}\":{value}", go_name(name))
    });
    format!("{{{}}}", fields.join(","))
}

fn object_of(object: &Map<String, Value>, outer: &str, fields: &[&str]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|name| {
            let value = object.get(*name).map_or_else(
                // A text that is no pointer is empty rather than absent.
                || if outer == "seLinuxOptions" { "\"\"".to_owned() } else { "null".to_owned() },
                ToString::to_string,
            );
            format!("\"{}\":{value}", go_name(name))
        })
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn go_name(name: &str) -> String {
    if let Some(rest) = name.strip_prefix("se").filter(|rest| rest.starts_with("Linux")) {
        return format!("SE{rest}");
    }
    if let Some(rest) = name.strip_prefix("gmsa") {
        return format!("GMSA{rest}");
    }
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
