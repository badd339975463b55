//! Does the model say what the operator and the API server did?

use std::collections::BTreeMap;
use std::path::Path;

use injection::webhook::{Call, call};
use injection::{
    Decision, OWNER_LOOKUP_SECONDS, PodRequest, Policies, RefusalCause, SIDECAR_CONTAINER, Sidecar, decide,
    inject, refusal,
};
use serde_json::{Value, json};

use super::recording::{Case, Submitted, file, lines, parse, worlds};
use super::report::{Report, diff, rows};
use super::world::World;

/// Checks all cases of a folder, on all processors.
pub fn pods(folder: &Path) -> Result<Report, String> {
    let file = file(folder, "cases").ok_or_else(|| format!("{}: no cases", folder.display()))?;
    let worlds = &worlds(folder)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let file = &file;
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            (0..threads).map(|part| scope.spawn(move || check_part(file, worlds, part, threads))).collect();
        for part in parts {
            report.merge(part.join().map_err(|_| format!("{}: the model panicked", file.display()))??);
        }
        Ok(report)
    })
}

/// Every `of`th case.
fn check_part(
    file: &Path,
    worlds: &BTreeMap<String, World>,
    part: usize,
    of: usize,
) -> Result<Report, String> {
    let mut report = Report::default();
    for (_, line) in lines(file)?.enumerate().filter(|(index, _)| index % of == part) {
        let (place, line) = line?;
        let case: Case = parse(&place, &line)?;
        let id = &case.id;
        let world = worlds.get(&case.world).ok_or_else(|| {
            format!("{place}: case {id:?} is of world {:?}, which is not there", case.world)
        })?;
        check(&case, world, &mut report).map_err(|error| format!("{place}, case {id}: {error}"))?;
    }
    Ok(report)
}

fn check(case: &Case, world: &World, report: &mut Report) -> Result<(), String> {
    let submitted = Submitted::read(&case.submitted)?;
    let request = PodRequest {
        namespace: &case.namespace,
        name: &submitted.name,
        generate_name: &submitted.generate_name,
        owners: &submitted.owners,
        shape: &submitted.shape,
    };
    let mut differences = Vec::new();
    note_release(world, report);
    let call = call(&world.webhook, &request, world);
    let called = call == Call::Called && world.reachable;
    differs(&mut differences, "webhook called", &called, &case.webhook_called);
    let decision = decide(&request, world, &world.operator);
    if called {
        check_answer(case, world, &decision, &mut differences, report);
        if !case.timed_out {
            check_log(case, &decision, &request, &mut differences, report);
            check_pod(case, world, &decision, &mut differences, report)?;
        }
    }
    check_outcome(case, world, &decision, &call, &mut differences, report);
    let rows = match call {
        _ if case.timed_out => vec!["28: webhook timed out"],
        _ if called => rows(&decision),
        Call::Called => vec!["27: webhook unreachable"],
        _ => vec!["26: webhook not called"],
    };
    report.add(&case.id, &rows, &differences);
    Ok(())
}

/// Says so where a release is judged by another one.
fn note_release(world: &World, report: &mut Report) {
    let (version, release) = (world.operator.version, world.operator.release);
    if version != Some(release.version()) {
        let version = version.map_or_else(|| "an unknown operator".to_owned(), |v| format!("operator {v}"));
        report.notes.insert(format!(
            "{version} is judged by the nearest release that is known, {}",
            release.version()
        ));
    } else if !release.is_recorded() {
        report.notes.insert(format!(
            "operator {} was never recorded; it is judged by the rules of its neighbours",
            release.version()
        ));
    }
}

fn differs<T: PartialEq + std::fmt::Debug>(
    differences: &mut Vec<String>,
    what: &str,
    model: &T,
    recorded: &T,
) -> bool {
    if model != recorded {
        differences.push(format!("{what}: model {model:?}, recorded {recorded:?}"));
    }
    model != recorded
}

fn check_answer(
    case: &Case,
    world: &World,
    decision: &Decision,
    differences: &mut Vec<String>,
    report: &mut Report,
) {
    let timeout = world.webhook.timeout_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(10);
    let lookups = u32::try_from(decision.vain_owner_lookups()).unwrap_or(u32::MAX);
    let timed_out = lookups * OWNER_LOOKUP_SECONDS > timeout;
    if case.timed_out {
        *report.exempt.entry("timed-out calls").or_default() += 1;
        return;
    }
    differs(differences, "timed out", &timed_out, &case.timed_out);
    let answer = decision.answer_in(&case.namespace);
    let recorded = case.admission.as_ref();
    differs(differences, "allowed", &Some(true), &recorded.and_then(|answer| answer.allowed));
    differs(differences, "code", &Some(answer.code), &recorded.and_then(|answer| answer.code));
    differs(differences, "message", &answer.message, &recorded.and_then(|answer| answer.message.clone()));
}

fn check_log(
    case: &Case,
    decision: &Decision,
    request: &PodRequest<'_>,
    differences: &mut Vec<String>,
    report: &mut Report,
) {
    // Written while the collector's container is built, by releases up to 0.86: part of its contents.
    const ABOUT_COLLECTOR: [&str; 2] = [
        "couldn't determine metrics port from configuration, using 8888 default value",
        "extensions not configured, skipping liveness probe creation",
    ];
    let mut recorded = case.log.clone();
    recorded.retain(|line| !ABOUT_COLLECTOR.contains(&line["msg"].as_str().unwrap_or_default()));
    *report.exempt.entry("log lines about a collector's contents").or_default() +=
        case.log.len() - recorded.len();
    let lines: Vec<Value> =
        decision.log_lines(request).iter().map(|line| line.to_json(decision.release)).collect();
    differs(differences, "log", &lines, &recorded);
}

/// The recorded Pod is what the recorded patch makes of the recorded one.
fn check_pod(
    case: &Case,
    world: &World,
    decision: &Decision,
    differences: &mut Vec<String>,
    report: &mut Report,
) -> Result<(), String> {
    let mut recorded = case.submitted.clone();
    if let Some(patch) = &case.patch {
        json_patch::patch(&mut recorded, patch).map_err(|error| format!("patch: {error}"))?;
    }
    let mut model = inject(&case.submitted, &case.namespace, decision, world);
    let sidecar = [exempt_sidecar(&mut recorded), exempt_sidecar(&mut model)];
    if sidecar[0] && matches!(decision.sidecar, Sidecar::Added { .. }) {
        *report.exempt.entry("contents of a collector sidecar").or_default() += 1;
    }
    let scripts = count_scripts(&recorded);
    *report.exempt.entry("texts replaced by `<script …>`").or_default() += scripts;
    report.pods += 1;
    report.equal_pods += usize::from(recorded == model);
    if recorded != model {
        differences.push(format!("Pod:\n{}", diff(&model, &recorded)));
    }
    Ok(())
}

/// Texts that the recording replaced by their length and hash.
fn count_scripts(value: &Value) -> usize {
    match value {
        Value::String(text) => usize::from(text.starts_with("<script ")),
        Value::Array(items) => items.iter().map(count_scripts).sum(),
        Value::Object(fields) => fields.values().map(count_scripts).sum(),
        _ => 0,
    }
}

/// Leaves nothing of the collector sidecar but its name; whether there is one.
fn exempt_sidecar(pod: &mut Value) -> bool {
    let mut found = false;
    for list in ["initContainers", "containers"] {
        let containers = pod.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            if container["name"] == SIDECAR_CONTAINER {
                *container = json!({ "name": SIDECAR_CONTAINER });
                found = true;
            }
        }
    }
    found
}

/// Gives the collector sidecar its recorded contents, which the API server judges too.
fn complete_sidecar(after: &mut Value, case: &Case) {
    let mut recorded = case.submitted.clone();
    // A patch that does not fit has been reported by now.
    if case.patch.as_ref().is_none_or(|patch| json_patch::patch(&mut recorded, patch).is_err()) {
        return;
    }
    for list in ["initContainers", "containers"] {
        let path = format!("/spec/{list}");
        let is_sidecar = |container: &&Value| container["name"] == SIDECAR_CONTAINER;
        let sidecar = recorded.pointer(&path).and_then(Value::as_array);
        let Some(sidecar) = sidecar.and_then(|containers| containers.iter().find(is_sidecar)) else {
            continue;
        };
        let containers = after.pointer_mut(&path).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            if is_sidecar(&&*container) {
                *container = sidecar.clone();
            }
        }
    }
}

/// Whether the API server took the Pod, and its words if it did not.
fn check_outcome(
    case: &Case,
    world: &World,
    decision: &Decision,
    call: &Call,
    differences: &mut Vec<String>,
    report: &mut Report,
) {
    if case.timed_out {
        return;
    }
    if !world.reachable
        && case.outcome == "rejected"
        && case.error.as_deref().unwrap_or_default().contains("failed calling webhook")
    {
        differs(differences, "failure policy", &"Fail", &&*world.webhook.failure_policy);
        *report.refusals.entry("webhook unreachable, policy Fail").or_default() += 1;
        return;
    }
    if let (Call::Refused { .. }, "rejected") = (call, &*case.outcome) {
        *report.refusals.entry("match condition failed, policy Fail").or_default() += 1;
        return;
    }
    let after = if *call == Call::Called && world.reachable {
        let mut after = inject(&case.submitted, &case.namespace, decision, world);
        if matches!(decision.sidecar, Sidecar::Added { .. }) {
            complete_sidecar(&mut after, case);
        }
        after
    } else {
        case.submitted.clone()
    };
    let labels = world.namespace_labels(&case.namespace);
    let in_namespace = |objects: &[Value]| -> Vec<Value> {
        objects.iter().filter(|object| object["namespace"] == *case.namespace).cloned().collect()
    };
    let limit_ranges = in_namespace(&world.limit_ranges);
    let resource_quotas = in_namespace(&world.resource_quotas);
    let policies = Policies {
        namespace_labels: &labels,
        limit_ranges: &limit_ranges,
        resource_quotas: &resource_quotas,
    };
    let refusal = refusal(&case.submitted, &after, &policies);
    if let Some(refusal) = &refusal {
        *report.refusals.entry(cause_name(&refusal.cause)).or_default() += 1;
    }
    // The API server has made up a name by then.
    let text = |error: &String| {
        error
            .split_once(" is invalid: ")
            .or_else(|| error.split_once(" is forbidden: "))
            .map(|(_, text)| text.to_owned())
    };
    let recorded = case
        .error
        .as_ref()
        .filter(|_| case.outcome == "rejected")
        .map(|error| text(error).unwrap_or_else(|| error.clone()));
    if refusal
        .as_ref()
        .zip(recorded.as_ref())
        .is_some_and(|(model, recorded)| same_bounds(&model.cause, recorded))
    {
        return;
    }
    differs(differences, "refusal", &refusal.map(|refusal| refusal.cause.text()), &recorded);
}

/// Whether a `LimitRange` was said to forbid the same: the API server names the resources in random order.
fn same_bounds(cause: &RefusalCause, recorded: &str) -> bool {
    let RefusalCause::LimitRange(errors) = cause else { return false };
    cause.text().len() == recorded.len() && errors.iter().all(|error| recorded.contains(error))
}

fn cause_name(cause: &RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Invalid(_) => "invalid",
        RefusalCause::LimitRange(_) => "LimitRange",
        RefusalCause::PodSecurity { .. } => "Pod Security",
        RefusalCause::Quota { .. } => "quota",
    }
}
