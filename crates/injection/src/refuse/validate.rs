//! Is the Pod valid?
//!
//! `pkg/apis/core/validation/validation.go` of kube-apiserver v1.36.3: `ValidateVolumes`, `validateContainers`,
//! `validateInitContainers`, `ValidateEnv`, `ValidateVolumeMounts`, as far as an injection can break them.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::compute::Amounts;
use super::{security_context, windows};

/// A field that the API server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path, for example `spec.containers[0].env[2].valueFrom`.
    pub path: String,
    /// What is wrong.
    pub problem: FieldProblem,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldProblem {
    /// Nothing is given.
    Required,
    /// `valueFrom` beside a value.
    ValueAndReference,
    /// `valueFrom` that names no source.
    NoSource,
    /// The name of a `ConfigMap` or Secret that is not allowed.
    SourceName(String),
    /// A pull policy that does not exist.
    PullPolicy(String),
    /// A request beyond the limit of its resource.
    RequestBeyondLimit {
        /// The request.
        request: String,
        /// The resource.
        resource: String,
        /// Its limit.
        limit: String,
    },
    /// A mount of a volume that does not exist.
    VolumeNotFound(String),
    /// A mount path that another mount has.
    MountPathTaken(String),
    /// A name that another volume or container has.
    NameTaken(String),
    /// A name of a variable that is not allowed.
    VariableName(String),
    /// A name of a volume that is not allowed.
    VolumeName(String),
    /// Not for Windows Pods.
    Windows,
    /// Privileged, but privileges must not grow; with the whole security context, as the API server writes it.
    PrivilegedWithoutEscalation(String),
    /// A shared process namespace beside the node's.
    ProcessNamespaces,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.problem {
            FieldProblem::Required => write!(f, "{path}: Required value"),
            FieldProblem::ValueAndReference => {
                write!(f, "{path}: Invalid value: \"\": may not be specified when `value` is not empty")
            }
            FieldProblem::NoSource => write!(
                f,
                "{path}: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, \
                 `secretKeyRef` or `fileKeyRef`"
            ),
            FieldProblem::SourceName(name) => write!(
                f,
                "{path}: Invalid value: {name:?}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
                 characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used \
                 for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ),
            FieldProblem::PullPolicy(policy) => write!(
                f,
                "{path}: Unsupported value: {policy:?}: supported values: \"Always\", \"IfNotPresent\", \"Never\""
            ),
            FieldProblem::RequestBeyondLimit { request, resource, limit } => write!(
                f,
                "{path}: Invalid value: {request:?}: must be less than or equal to {resource} limit of {limit}"
            ),
            FieldProblem::VolumeNotFound(name) => write!(f, "{path}: Not found: {name:?}"),
            FieldProblem::MountPathTaken(mount) => {
                write!(f, "{path}: Invalid value: {mount:?}: must be unique")
            }
            FieldProblem::NameTaken(name) => write!(f, "{path}: Duplicate value: {name:?}"),
            FieldProblem::VariableName(name) => write!(
                f,
                "{path}: Invalid value: {name:?}: a valid environment variable name must consist only of printable ASCII \
                 characters other than '='"
            ),
            FieldProblem::VolumeName(name) => write!(
                f,
                "{path}: Invalid value: {name:?}: a lowercase RFC 1123 label must consist of lower case alphanumeric \
                 characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', \
                 regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ),
            FieldProblem::Windows => write!(f, "{path}: Forbidden: cannot be set for a windows pod"),
            FieldProblem::PrivilegedWithoutEscalation(context) => write!(
                f,
                "{path}: Invalid value: {context}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            ),
            FieldProblem::ProcessNamespaces => write!(
                f,
                "{path}: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled"
            ),
        }
    }
}

/// Everything that is wrong with a Pod, in the API server's order.
pub(super) fn validate(pod: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let volumes = validate_volumes(pod, &mut errors);
    let mut names = BTreeSet::new();
    for list in ["containers", "initContainers"] {
        for (index, container) in items(&pod["spec"][list]).enumerate() {
            validate_container(
                container,
                &format!("spec.{list}[{index}]"),
                &volumes,
                &mut names,
                &mut errors,
            );
        }
    }
    let spec = &pod["spec"];
    if spec["shareProcessNamespace"] == true && spec["hostPID"] == true {
        let path = "spec.securityContext.shareProcessNamespace".to_owned();
        errors.push(FieldError { path, problem: FieldProblem::ProcessNamespaces });
    }
    windows::validate(pod, &mut errors);
    errors
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// The volumes that mounts can refer to.
fn validate_volumes<'a>(pod: &'a Value, errors: &mut Vec<FieldError>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (index, volume) in items(&pod["spec"]["volumes"]).enumerate() {
        let name = text(volume, "name");
        let problem = if name.is_empty() {
            Some(FieldProblem::Required)
        } else if !is_label(name) {
            Some(FieldProblem::VolumeName(name.to_owned()))
        } else if names.contains(name) {
            Some(FieldProblem::NameTaken(name.to_owned()))
        } else {
            None
        };
        match problem {
            Some(problem) => errors.push(FieldError { path: format!("spec.volumes[{index}].name"), problem }),
            None => {
                names.insert(name);
            }
        }
    }
    names
}

fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_label_of_any_length(name)
}

fn is_label_of_any_length(name: &str) -> bool {
    let is_word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|c| is_word(*c))
        && bytes.last().is_some_and(|c| is_word(*c))
        && bytes.iter().all(|c| is_word(*c) || *c == b'-')
}

fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label_of_any_length)
}

fn validate_container<'a>(
    container: &'a Value,
    path: &str,
    volumes: &BTreeSet<&str>,
    names: &mut BTreeSet<&'a str>,
    errors: &mut Vec<FieldError>,
) {
    let name = text(container, "name");
    if text(container, "image").is_empty() && name != crate::sidecar::SIDECAR_CONTAINER {
        errors.push(FieldError { path: format!("{path}.image"), problem: FieldProblem::Required });
    }
    for (index, var) in items(&container["env"]).enumerate() {
        validate_variable(var, &format!("{path}.env[{index}]"), errors);
    }
    let mut mount_paths = BTreeSet::new();
    for (index, mount) in items(&container["volumeMounts"]).enumerate() {
        let path = format!("{path}.volumeMounts[{index}]");
        let (volume, mount_path) = (text(mount, "name"), text(mount, "mountPath"));
        if !volumes.contains(volume) {
            let problem = FieldProblem::VolumeNotFound(volume.to_owned());
            errors.push(FieldError { path: format!("{path}.name"), problem });
        }
        if mount_path.is_empty() {
            errors.push(FieldError { path: format!("{path}.mountPath"), problem: FieldProblem::Required });
        }
        if !mount_paths.insert(mount_path) {
            let problem = FieldProblem::MountPathTaken(mount_path.to_owned());
            errors.push(FieldError { path: format!("{path}.mountPath"), problem });
        }
    }
    let policy = text(container, "imagePullPolicy");
    if !matches!(policy, "" | "Always" | "IfNotPresent" | "Never") {
        let problem = FieldProblem::PullPolicy(policy.to_owned());
        errors.push(FieldError { path: format!("{path}.imagePullPolicy"), problem });
    }
    validate_requests(container, path, errors);
    let context = &container["securityContext"];
    if context["privileged"] == true && context["allowPrivilegeEscalation"] == false {
        let problem = FieldProblem::PrivilegedWithoutEscalation(security_context::written(context));
        errors.push(FieldError { path: format!("{path}.securityContext"), problem });
    }
    if !names.insert(name) {
        let problem = FieldProblem::NameTaken(name.to_owned());
        errors.push(FieldError { path: format!("{path}.name"), problem });
    }
}

/// Where several requests are beyond their limits, the API server names them in random order; here they are sorted.
fn validate_requests(container: &Value, path: &str, errors: &mut Vec<FieldError>) {
    let Amounts { requests, limits } = Amounts::of(container);
    for (resource, request) in &requests {
        let Some(limit) = limits.get(resource).filter(|limit| request.exceeds(**limit)) else { continue };
        let problem = FieldProblem::RequestBeyondLimit {
            request: request.to_string(),
            resource: resource.clone(),
            limit: limit.to_string(),
        };
        errors.push(FieldError { path: format!("{path}.resources.requests"), problem });
    }
}

fn validate_variable(var: &Value, path: &str, errors: &mut Vec<FieldError>) {
    let name = text(var, "name");
    if name.is_empty() {
        errors.push(FieldError { path: format!("{path}.name"), problem: FieldProblem::Required });
    } else if !name.bytes().all(|c| matches!(c, b' '..=b'~') && c != b'=') {
        let problem = FieldProblem::VariableName(name.to_owned());
        errors.push(FieldError { path: format!("{path}.name"), problem });
    }
    let Some(from) = var["valueFrom"].as_object() else { return };
    let path = format!("{path}.valueFrom");
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        let Some(reference_to) = from.get(reference).filter(|reference| reference.is_object()) else {
            continue;
        };
        let name = text(reference_to, "name");
        if !is_subdomain(name) {
            let problem = FieldProblem::SourceName(name.to_owned());
            errors.push(FieldError { path: format!("{path}.{reference}.name"), problem });
        }
        if text(reference_to, "key").is_empty() {
            let path = format!("{path}.{reference}.key");
            errors.push(FieldError { path, problem: FieldProblem::Required });
        }
    }
    let has_source = from.values().any(|source| !source.is_null());
    let has_value = !text(var, "value").is_empty();
    let problem = match (has_source, has_value) {
        (false, _) => FieldProblem::NoSource,
        (true, true) => FieldProblem::ValueAndReference,
        (true, false) => return,
    };
    errors.push(FieldError { path, problem });
}
