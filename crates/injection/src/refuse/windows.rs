//! What must a Windows Pod not have?
//!
//! `pkg/apis/core/validation/validation.go` `validateWindows`, kube-apiserver v1.36.3, for Pods with `spec.os.name: windows`.

use serde_json::Value;

use super::validate::{FieldError, FieldProblem};
use super::visit;

/// Fields of a Pod's security context, in the API server's order.
const POD_FIELDS: [&str; 8] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
];
/// Fields of a container's security context, in the API server's order.
const CONTAINER_FIELDS: [&str; 10] = [
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

pub(super) fn validate(pod: &Value, errors: &mut Vec<FieldError>) {
    let spec = &pod["spec"];
    if spec["os"]["name"] != "windows" {
        return;
    }
    let mut forbid = |path: String| errors.push(FieldError { path, problem: FieldProblem::Windows });
    let context = &spec["securityContext"];
    let is_set = |object: &Value, field: &str| !object[field].is_null();
    for field in &POD_FIELDS[..5] {
        if is_set(context, field) {
            forbid(format!("spec.securityContext.{field}"));
        }
    }
    if is_set(spec, "shareProcessNamespace") {
        forbid("spec.shareProcessNamespace".to_owned());
    }
    for field in &POD_FIELDS[5..] {
        if is_set(context, field) {
            forbid(format!("spec.securityContext.{field}"));
        }
    }
    for (path, container) in visit(pod) {
        for field in CONTAINER_FIELDS {
            if is_set(&container["securityContext"], field) {
                forbid(format!("{path}.securityContext.{field}"));
            }
        }
    }
}
