//! Workloads and a controller as tests need them.

use api::{
    Certainty, ConditionType, Evidence, Finding, FindingPods, HistoryEntry, InstrumentationHealth,
    InstrumentationHealthSpec, InstrumentationHealthStatus, NotChecked, PodCounts, Severity, Summary,
    WorkloadReference, condition, object_name,
};
use diagnosis::operator::Presence;
use jiff::Timestamp;
use page::{Answer, Controller, Page, Request};

/// When everything happens.
pub fn now() -> Timestamp {
    "2026-11-24T10:02:40Z".parse().expect("a time")
}

/// A controller with which everything is in order.
pub fn controller() -> Controller {
    Controller {
        at: now(),
        version: "0.1.0",
        judging: true,
        missing: Vec::new(),
        unreadable: Vec::new(),
        to_judge: 0,
        to_write: 0,
        leads: true,
        operator: Presence::Version("0.158.0".to_owned()),
        faults: Some(Vec::new()),
    }
}

/// A Deployment that stands so.
pub fn deployment(namespace: &str, name: &str, healthy: &str, reason: &str) -> InstrumentationHealth {
    let workload = WorkloadReference {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
        name: name.to_owned(),
    };
    let mut object = InstrumentationHealth::new(
        &object_name(&workload),
        InstrumentationHealthSpec { workload_ref: workload },
    );
    object.metadata.namespace = Some(namespace.to_owned());
    let failing = i32::from(healthy == "False");
    object.status = Some(InstrumentationHealthStatus {
        languages: vec!["java".to_owned()],
        summary: Summary { instrumentation: "shop/default".to_owned(), ..Summary::default() },
        pods: PodCounts { total: 3, healthy: 3 - failing, progressing: 0, failed: failing },
        conditions: vec![condition(ConditionType::Healthy, healthy, reason, "A sentence about it.", now())],
        findings: if failing == 1 { vec![finding(reason)] } else { Vec::new() },
        ..InstrumentationHealthStatus::default()
    });
    object
}

/// An Error.
pub fn finding(reason: &str) -> Finding {
    Finding {
        reason: reason.to_owned(),
        code: String::new(),
        severity: Severity::Error,
        certainty: Certainty::Certain,
        ignored: false,
        message: "A sentence about it.".to_owned(),
        remedy: String::new(),
        documentation: String::new(),
        evidence: Vec::new(),
        pods: None,
        since: Some(now()),
    }
}

/// A workload of which every text is `text`.
pub fn hostile(text: &str) -> InstrumentationHealth {
    let all = || text.to_owned();
    let mut object = deployment(text, text, "False", text);
    object.metadata.name = Some(format!("deployment-{text}"));
    let status = object.status.as_mut().expect("made with one");
    status.languages = vec![all()];
    status.summary.instrumentation = all();
    status.conditions[0].message = all();
    status.conditions.push(condition(ConditionType::Injected, text, text, text, now()));
    status.conditions[1].type_ = all();
    status.findings = vec![Finding {
        code: all(),
        message: all(),
        remedy: format!("{text}: kubectl {text}"),
        documentation: format!("https://{text}"),
        evidence: vec![Evidence { object: all(), field: all(), value: all() }],
        pods: Some(FindingPods { count: 7, examples: vec![all()] }),
        ..finding(text)
    }];
    status.not_checked = vec![NotChecked { check: all(), needs: all() }];
    status.muted_until = Some(now());
    status.mute_reason = all();
    status.history = vec![HistoryEntry { time: now(), healthy: all(), reason: all() }];
    object
}

/// The answer to a request for a path.
pub fn get(target: &str, controller: &Controller, objects: &[InstrumentationHealth]) -> Answer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let page =
        Page::of(&Request { method: "GET", host: Some("localhost"), path, query }).expect("asked well");
    let wanted = objects.iter().filter(|object| {
        let metadata = &object.metadata;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        page.wants(&text(&metadata.namespace), &text(&metadata.name))
    });
    page.render(controller, wanted.cloned())
}
