//! What must a Windows Pod not have?
//!
//! `pkg/apis/core/validation/validation.go` `validateWindows`, kube-apiserver v1.36.3, for Pods with `spec.os.name: windows`.

use serde_json::Value;

use super::validate::{FieldError, FieldProblem};
use super::visit;

/// Fields of a Pod's spec, in the API server's order; a `true` or `false` of the last part says whether it is of the security
/// context.
const POD_FIELDS: [(&str, bool); 15] = [
    ("appArmorProfile", true),
    ("seLinuxOptions", true),
    ("hostUsers", false),
    ("hostPID", false),
    ("hostIPC", false),
    ("seccompProfile", true),
    ("fsGroup", true),
    ("fsGroupChangePolicy", true),
    ("sysctls", true),
    ("shareProcessNamespace", false),
    ("runAsUser", true),
    ("runAsGroup", true),
    ("supplementalGroups", true),
    ("supplementalGroupsPolicy", true),
    ("seLinuxChangePolicy", true),
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
    // These two are plain values, and `false` is the same as nothing.
    let is_nothing = |field: &str, value: &Value| {
        value.is_null() || (matches!(field, "hostPID" | "hostIPC") && *value == false)
    };
    let is_set = |object: &Value, field: &str| !is_nothing(field, &object[field]);
    for (field, is_of_context) in POD_FIELDS {
        if is_of_context && is_set(&spec["securityContext"], field) {
            forbid(format!("spec.securityContext.{field}"));
        } else if !is_of_context && is_set(spec, field) {
            forbid(format!("spec.{field}"));
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
