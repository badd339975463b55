//! A13: the operator lacks a right, so that its answer does not come in time.

use std::sync::Arc;

use api::{Certainty, ConditionType, Severity};
use facts::InputKind;

use crate::case::Case;
use crate::catalogue::left_behind::{run, who};
use crate::catalogue::time::{Lack, explained};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `OperatorRbacIncomplete`.
pub static CAUSE: Cause = Cause {
    code: "IH-A013",
    reason: "OperatorRbacIncomplete",
    summary: "An operator installed by Helm may not read Secrets, and waits for one until the API server gives up.",
    condition: ConditionType::Injected,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Likely],
    sight: Sight::Always(
        "the operator was installed by Helm, and the Instrumentation names a Secret; the operator's rights themselves are not read, so it is likely, not certain",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("operator_rbac_incomplete.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if !case.operator.by_helm {
        return Vec::new();
    }
    let Some(all) = explained(case, waits_for_secret) else { return Vec::new() };
    let (instrumentation, secret) = &all.what;
    let Some(operator) = &case.operator.deployment else { return Vec::new() };
    vec![
        Found::new(&CAUSE, all.severity, Certainty::Likely)
            .message(format!(
                "{} {} without the {} agent: Instrumentation {instrumentation} names Secret {secret}, and an operator installed by Helm may by default read no Secrets: its answer comes too late.",
                who(case, &all.pods),
                run(&all.pods),
                case.languages_phrase()
            ))
            .remedy(
                format!(
                    "helm upgrade with manager.createRbacPermissions=true, then restart {}; check the right with",
                    case.subject.id.slug()
                ),
                format!(
                    "kubectl auth can-i list secrets -A --as=system:serviceaccount:{}:{}",
                    operator.namespace,
                    service_account(case).unwrap_or_else(|| operator.name.clone())
                ),
            )
            .because(format!("Instrumentation/{instrumentation}"), "spec.exporter.tls.secretName", secret)
            .because(
                case.object_name(&operator.kind, &operator.namespace, &operator.name),
                "metadata.labels[app.kubernetes.io/managed-by]",
                "Helm",
            )
            .pods(all.pods),
    ]
}

/// The Secret that the operator would look for, where nothing else explains the Pod. Helm's `ClusterRole` has no right on
/// Secrets without `manager.createRbacPermissions` (chart 0.122.0), and the first read then blocks until the API server
/// gives up; the Secret need not be missing.
fn waits_for_secret(lack: &Lack<'_, '_>) -> Option<(String, Arc<str>)> {
    let decision = lack.group.decision.as_ref().filter(|_| lack.is_unexplained() && lack.group.is_bare())?;
    decision.languages.iter().find_map(|language| {
        let instrumentation = language.instrumentation.as_ref()?;
        let secret = &instrumentation.spec.exporter.tls.as_ref()?.secret_name;
        (!secret.is_empty()).then(|| (instrumentation.full_name(), secret.clone()))
    })
}

fn service_account(case: &Case<'_>) -> Option<Arc<str>> {
    let deployment = case.cluster.workload(case.operator.deployment.as_ref()?).found()?;
    deployment.template.spec.service_account_name.clone()
}
