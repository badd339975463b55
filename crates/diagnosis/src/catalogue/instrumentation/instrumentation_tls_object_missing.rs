//! B7: the Instrumentation names TLS material that the Pod's namespace lacks.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Lookup, Pod, PodPhase};
use injection::{Marks, Outcome};

use crate::case::Case;
use crate::catalogue::blocked;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;
use crate::progress::{Progress, progress};

/// `InstrumentationTlsObjectMissing`.
pub static CAUSE: Cause = Cause {
    code: "IH-B007",
    reason: "InstrumentationTlsObjectMissing",
    summary: "The Secret or ConfigMap with TLS material is missing in the Pod's namespace.",
    condition: ConditionType::InstrumentationResolved,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always(
        "the Event FailedMount of the Pod; before there is a Pod, the Secret or ConfigMap itself, where that may be read",
    ),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::Secrets, InputKind::ConfigMaps, InputKind::Events],
    page: include_str!("instrumentation_tls_object_missing.md"),
    check,
};

/// Beginnings of the volumes that the operator makes for TLS material (`internal/instrumentation/exporter.go`, v0.158.0).
const VOLUMES: [&str; 2] = ["otel-auto-secret-", "otel-auto-configmap-"];

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    not_injected(case).or_else(|| not_mounted(case)).into_iter().collect()
}

/// The operator looked for it before it injected, and found nothing.
fn not_injected<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let blocked = blocked(case, |outcome| matches!(outcome, Outcome::TlsObjectsMissing(_)))?;
    let Outcome::TlsObjectsMissing(missing) = &blocked.decision.outcome else { return None };
    let first = missing.first()?;
    let namespace = &case.subject.id.namespace;
    let kind = kind(first.kind);
    let instrumentation = case.instrumentation_of(first.language).unwrap_or_default();
    let mut found = Found::new(&CAUSE, case.severity_of_lack_in(&blocked.pods), Certainty::Certain)
        .message(format!(
            "{} {} without any agent: Instrumentation {instrumentation} names {kind} {} for TLS, which must exist in the Pod's namespace {namespace} and does not.",
            blocked.who(case),
            blocked.run(),
            first.name,
        ))
        .remedy(format!("Create it in namespace {namespace}"), copy_command(case, first.kind, &first.name, &instrumentation));
    for object in missing {
        found = found.because(
            format!("{}/{}", self::kind(object.kind), object.name),
            "metadata.name",
            "not found",
        );
    }
    Some(
        found
            .because(format!("Instrumentation/{instrumentation}"), "spec.exporter.tls", &*first.name)
            .pods(blocked.pods),
    )
}

/// It was there when the operator looked, and was deleted before the kubelet did.
fn not_mounted<'c>(case: &Case<'c>) -> Option<Found<'c>> {
    let mut stuck: Vec<(&'c Pod, String, InputKind)> = Vec::new();
    for (group, pod) in case.lasting_pods().filter(|(_, pod)| pod.status.phase == PodPhase::Pending) {
        stuck.extend(missing_volume(case, &group.marks, pod).map(|(name, kind)| (pod, name, kind)));
    }
    let (pod, name, input) = stuck.first()?;
    let kind = kind(*input);
    let namespace = &case.subject.id.namespace;
    Some(
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "Pod {} cannot start: {kind} {name}, which the Instrumentation names for TLS, does not exist in namespace {namespace} any more.",
                pod.name,
            ))
            .remedy(
                format!("Create it again in namespace {namespace}"),
                copy_command(case, *input, name, &case.languages().first().and_then(|l| case.instrumentation_of(*l)).unwrap_or_default()),
            )
            .because(format!("Pod/{}", pod.name), "spec.volumes", format!("{kind} {name}"))
            .because(format!("{kind}/{name}"), "metadata.name", "not found")
            .pods(stuck.iter().map(|(pod, ..)| *pod)),
    )
}

/// The object that the kubelet misses for one of the operator's volumes: by its Event, or because it is known to be absent
/// while the Pod waits for longer than it should. Not if it is known to be there by now.
fn missing_volume(case: &Case<'_>, marks: &Marks, pod: &Pod) -> Option<(String, InputKind)> {
    let events = case.cluster.events_about(&pod.uid);
    let mounts =
        events.iter().filter(|event| &*event.reason == "FailedMount" && event.message.contains("not found"));
    let said = |volume: &str| mounts.clone().any(|event| event.message.contains(&format!("\"{volume}\"")));
    let overdue = pod.node.is_some() && matches!(progress(pod, marks, case.now), Progress::Overdue { .. });
    let volumes = pod
        .shape
        .spec
        .volumes
        .iter()
        .filter(|volume| VOLUMES.iter().any(|known| volume.name.starts_with(known)));
    volumes.into_iter().find_map(|volume| {
        let secret =
            volume.secret.as_ref().map(|secret| (secret.secret_name.to_string(), InputKind::Secrets));
        let map = || volume.config_map.as_ref().map(|map| (map.name.to_string(), InputKind::ConfigMaps));
        let (name, kind) = secret.or_else(map)?;
        let (is_back, is_absent) = match kind {
            InputKind::Secrets => known(&case.cluster.secret(&pod.namespace, &name)),
            _ => known(&case.cluster.config_map(&pod.namespace, &name)),
        };
        let missing = if said(&volume.name) { !is_back } else { is_absent && overdue };
        missing.then_some((name, kind))
    })
}

/// Whether something is known to be there, and whether it is known to be absent.
fn known<T>(lookup: &Lookup<T>) -> (bool, bool) {
    (matches!(lookup, Lookup::Found(_)), matches!(lookup, Lookup::Absent))
}

const fn kind(input: InputKind) -> &'static str {
    match input {
        InputKind::Secrets => "Secret",
        _ => "ConfigMap",
    }
}

/// The command that copies the object from the Instrumentation's namespace, where it most likely is.
fn copy_command(case: &Case<'_>, input: InputKind, name: &str, instrumentation: &str) -> String {
    let own = &case.subject.id.namespace;
    let source =
        instrumentation.split_once('/').map(|(namespace, _)| namespace).filter(|from| **from != **own);
    let kind = kind(input).to_lowercase();
    let (name, file) = (harmless::word(name), harmless::word(&format!("--from-file=./{name}")));
    match source {
        Some(from) => format!(
            "kubectl -n {from} get {kind} {name} -o json | jq 'del(.metadata[\"namespace\",\"uid\",\"resourceVersion\"])' | kubectl -n {own} apply -f -"
        ),
        None if kind == "secret" => {
            format!("kubectl -n {own} create secret generic {name} {file}")
        }
        None => format!("kubectl -n {own} create configmap {name} {file}"),
    }
}
