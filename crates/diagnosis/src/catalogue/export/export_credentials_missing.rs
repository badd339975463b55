//! H5: the backend wants to know who sends, and is not told.

use api::{Certainty, ConditionType, Severity};
use facts::{EnvVar, Pod};

use super::{judge, sender, who};
use crate::case::Case;
use crate::catalogue::address::{Destination, is_private_name};
use crate::catalogue::endpoint::Export;
use crate::catalogue::environment::{Environment, is_own};
use crate::catalogue::remedy::named;
use crate::catalogue::targets::targets;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;

/// `ExportCredentialsMissing`.
pub static CAUSE: Cause = Cause {
    code: "IH-H005",
    reason: "ExportCredentialsMissing",
    summary: "Telemetry goes to a backend outside the cluster without credentials, or their Secret is missing.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Hint],
    sight: Sight::Always(
        "an endpoint outside the cluster without headers is a hint; a Secret that keeps the container from starting is certain",
    ),
    since: "0.1.0",
    reads: &[],
    page: include_str!("export_credentials_missing.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let refused = secret_missing(case);
    if refused.is_empty() { without_headers(case) } else { refused }
}

/// The container cannot be created, because a variable from the Instrumentation refers to what is not there.
fn secret_missing<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for target in targets(case) {
        for pod in target.pods().iter().copied() {
            let status = pod.status.container(target.name);
            let Some(waiting) = status.and_then(|status| status.state.waiting.as_ref()) else { continue };
            if &*waiting.reason != "CreateContainerConfigError" {
                continue;
            }
            let injected = |var: &&EnvVar| !is_own(case.template, target.name, &var.name);
            let missing = |var: &EnvVar| {
                let (kind, name, _) = reference(var)?;
                is_missing(&waiting.message, kind, name).then_some(())
            };
            let Some(var) = target.container.env.iter().filter(injected).find(|var| missing(var).is_some())
            else {
                continue;
            };
            pods.push(pod);
            first.get_or_insert((pod, target.name, var, waiting.message.clone(), target.language));
        }
    }
    let Some((pod, container, var, message, language)) = first else { return Vec::new() };
    let Some((kind, name, key)) = reference(var) else { return Vec::new() };
    let namespace = &case.subject.id.namespace;
    let (object, file) = (harmless::word(name), harmless::word(&format!("--from-file={key}=./{key}")));
    let command = match kind {
        "Secret" => {
            format!("kubectl -n {namespace} create secret generic {object} {file}")
        }
        _ => format!("kubectl -n {namespace} create configmap {object} {file}"),
    };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "Container {container} of Pod {} cannot be created: {} from {} is taken from {kind} {name}, key {key}, which namespace {namespace} lacks.",
                pod.name,
                var.name,
                named(case, language)
            ))
            .remedy("Create it", command)
            .because(format!("Pod/{}", pod.name), format!("status.containerStatuses[{container}].state.waiting"), message)
            .because(format!("Pod/{}", pod.name), format!("spec.containers[{container}].env[{}].valueFrom", var.name), format!("{kind} {name}, key {key}"))
            .pods(pods),
    ]
}

fn reference(var: &EnvVar) -> Option<(&'static str, &str, &str)> {
    let from = var.value_from.as_deref()?;
    let secret = from.secret_key_ref.as_ref().map(|key| ("Secret", &*key.name, &*key.key));
    secret.or_else(|| from.config_map_key_ref.as_ref().map(|key| ("ConfigMap", &*key.name, &*key.key)))
}

/// The kubelet's words: `secret "x" not found`, `couldn't find key k in Secret ns/x` (`pkg/kubelet/kubelet_pods.go`, 1.36).
fn is_missing(message: &str, kind: &str, name: &str) -> bool {
    let whole = format!("{} \"{name}\" not found", kind.to_lowercase());
    message.contains(&whole)
        || (message.contains("couldn't find key")
            && message.contains(&format!("{kind} "))
            && message.ends_with(&format!("/{name}")))
}

/// Vendors want a key in a header; a collector of one's own may not. So a hint, and for `https` only.
fn without_headers<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(wrong) = judge(case, |export| anonymous(case, export).then_some((Severity::Warning, ()))) else {
        return Vec::new();
    };
    let export = wrong.export;
    vec![
        Found::new(&CAUSE, Severity::Warning, Certainty::Hint)
            .message(format!(
                "{} sends to {} outside the cluster without any header or client certificate; backends mostly want a key.",
                who(case, export),
                export.value.text
            ))
            .remedy(
                format!("If it wants one, set OTEL_EXPORTER_OTLP_HEADERS from a Secret in spec.env of {}, then", named(case, export.language)),
                case.restart_command(),
            )
            .because(export.object(case), export.field(), &export.value.text)
            .because(export.object(case), format!("spec.containers[{}].env[OTEL_EXPORTER_OTLP_HEADERS]", export.container), "not set")
            .pods(wrong.pods),
    ]
}

fn anonymous(case: &Case<'_>, export: &Export) -> bool {
    let Some(address) = &export.address else { return false };
    let outside =
        export.destination == Destination::External && address.is_https() && !is_private_name(&address.host);
    let Some(container) = sender(case, export).filter(|_| outside) else { return false };
    let env = Environment::new(container, &case.subject.id.namespace, case.cluster);
    let java = export.language == facts::Language::Java;
    let signal = export.signal.word();
    let known = [
        "OTEL_EXPORTER_OTLP_HEADERS".to_owned(),
        format!("OTEL_EXPORTER_OTLP_{signal}_HEADERS"),
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE".to_owned(),
        format!("OTEL_EXPORTER_OTLP_{signal}_CLIENT_CERTIFICATE"),
    ];
    !known.iter().any(|name| env.setting(name, java).is_some())
}
