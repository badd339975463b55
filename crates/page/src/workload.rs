//! What is wrong with one workload, what proves it, and what mends it?

use api::{
    ConditionType, Finding, InstrumentationHealth, InstrumentationHealthStatus, Severity, Standing,
    command_of,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use maud::{Markup, html};

use crate::controller::Controller;
use crate::filter::Filter;
use crate::layout::Frame;
use crate::link;
use crate::row::{Row, kind as kind_of};
use crate::words::{plural, time};

/// The page of a workload; none where no object speaks of it.
pub fn workload(
    namespace: &str,
    kind: &str,
    name: &str,
    mut objects: impl Iterator<Item = InstrumentationHealth>,
) -> Option<Frame> {
    let is_meant = |object: &InstrumentationHealth| {
        let workload = &object.spec.workload_ref;
        object.metadata.namespace.as_deref() == Some(namespace)
            && workload.name == name
            && (kind_of(workload) == kind || workload.kind.eq_ignore_ascii_case(kind))
    };
    let object = objects.find(is_meant)?;
    let (row, status) = (Row::of(&object)?, object.status.as_ref()?);
    let own_name = object.metadata.name.as_deref().unwrap_or_default();
    let body = html! {
        (path(&row.namespace))
        h1 { (row.kind) "/" wbr; (row.name) }
        p class="verdict" {
            (link::standing(row.standing)) " "
            strong { (link::cause(&row.reason)) }
        }
        @if let Some(healthy) = status.healthy() {
            // Else the first finding says it, with its remedy.
            @if status.findings.iter().all(|finding| finding.reason != healthy.reason) {
                p class="lead" { (healthy.message) }
            }
            p class="quiet" { "Since " (time(healthy.last_transition_time.0)) "." }
        }
        (facts(&row, status))
        (findings(status))
        (pipeline(status))
        (not_checked(status))
        (history(status))
        section aria-labelledby="terminal" {
            h2 id="terminal" { "In a terminal" }
            pre { code { "kubectl -n " (row.namespace) " describe instrumentationhealth " (own_name) } }
        }
    };
    Some(Frame::new(&format!("{}/{}/{}", row.namespace, row.kind, row.name), body))
}

/// What is said where no object speaks of a workload.
pub fn missing(controller: &Controller, namespace: &str, kind: &str, name: &str) -> Frame {
    let kind = kind.split('.').next().unwrap_or(kind);
    let body = html! {
        (path(namespace))
        h1 { "No verdict on " (kind) "/" wbr; (name) }
        @if controller.has_seen_all() {
            p { "Nothing asks for its injection, or it is not there." }
        } @else {
            p { "Not everything can be read, or has been read so far; see above." }
        }
        p { "What is said of it, or why nothing is:" }
        pre { code { "instrumentation-health check -n " (namespace) " " (kind) "/" (name) } }
    };
    Frame::new("No verdict", body)
}

fn path(namespace: &str) -> Markup {
    let filter = Filter { namespace: Some(namespace.to_owned()), ..Filter::default() };
    html! {
        nav class="path" aria-label="Path" {
            ol {
                li { a href="/workloads" { "Workloads" } }
                li { a href=(filter.href()) { (namespace) } }
            }
        }
    }
}

fn facts(row: &Row, status: &InstrumentationHealthStatus) -> Markup {
    let pods = status.pods;
    html! {
        dl class="facts" {
            @if !row.languages.is_empty() { div { dt { "Languages" } dd { (row.languages) } } }
            div {
                dt { "Pods" }
                dd {
                    (pods.healthy) " of " (pods.total) " healthy"
                    @if pods.failed > 0 { ", " (pods.failed) " failed" }
                    @if pods.progressing > 0 { ", " (pods.progressing) " starting" }
                }
            }
            @if !row.instrumentation.is_empty() { div { dt { "Instrumentation" } dd { (row.instrumentation) } } }
            @if status.workload_generation > 0 { div { dt { "Generation judged" } dd { (status.workload_generation) } } }
            @if let Some(until) = status.muted_until {
                div {
                    dt { "Muted" }
                    dd {
                        "no Events until " (time(until))
                        @if !status.mute_reason.is_empty() { ": " (status.mute_reason) }
                    }
                }
            }
            @if let Some(since) = status.flapping_since {
                div { dt { "Comes and goes" } dd { "since " (time(since)) "; no Events until it has stood for half an hour" } }
            }
        }
    }
}

fn findings(status: &InstrumentationHealthStatus) -> Markup {
    html! {
        @if !status.findings.is_empty() {
            section aria-labelledby="findings" {
                h2 id="findings" { "Findings" }
                @for finding in &status.findings { (one(finding)) }
                @if status.omitted_findings > 0 {
                    p { (plural(usize::try_from(status.omitted_findings).unwrap_or_default(), "more finding")) ", less grave." }
                }
            }
        }
    }
}

fn one(finding: &Finding) -> Markup {
    let word = severity_word(finding.severity, finding.ignored);
    html! {
        article class={ "finding " (word) } {
            h3 { (link::cause(&finding.reason)) }
            p class="weight" {
                span class={ "tag " (word) } { (word) } " "
                span class="tag" { (finding.certainty.as_str().to_lowercase()) }
                @if !finding.code.is_empty() { " " span class="quiet" { (finding.code) } }
            }
            p { (finding.message) }
            @if !finding.remedy.is_empty() {
                h4 { "Fix" }
                (fix(&finding.remedy))
            }
            @if !finding.evidence.is_empty() {
                h4 { "Proof" }
                ul class="proof" {
                    @for evidence in &finding.evidence {
                        li {
                            code { (evidence.object) }
                            @if !evidence.field.is_empty() { " " code { (evidence.field) } }
                            @if !evidence.value.is_empty() { " = " code class="value" { (evidence.value) } }
                        }
                    }
                }
            }
            p class="quiet" {
                @if let Some(pods) = &finding.pods {
                    (plural(usize::try_from(pods.count).unwrap_or_default(), "Pod"))
                    @if !pods.examples.is_empty() { ": " (pods.examples.join(", ")) }
                    @if usize::try_from(pods.count).unwrap_or_default() > pods.examples.len() { " …" }
                    ". "
                }
                @if let Some(since) = finding.since { "Since " (time(since)) ". " }
                // Whoever may write statuses could write anything there.
                @if finding.documentation.starts_with("https://") || finding.documentation.starts_with("http://") {
                    a href=(finding.documentation) rel="noreferrer" { "Documentation of " (finding.reason) }
                }
            }
        }
    }
}

/// What a severity is called where it is a finding's.
const fn severity_word(severity: Severity, ignored: bool) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info if ignored => "ignored",
        Severity::Info => "note",
    }
}

/// The remedy: words, and the command on its own, to be copied.
fn fix(remedy: &str) -> Markup {
    html! {
        @match command_of(remedy) {
            None => p { (remedy) },
            Some((words, command)) => {
                @if !words.is_empty() { p { (words) } }
                pre { code { (command) } }
            }
        }
    }
}

/// The conditions in the order of a Pod's way; the summary stands above.
fn pipeline(status: &InstrumentationHealthStatus) -> Markup {
    let steps =
        status.conditions.iter().filter(|condition| condition.type_ != ConditionType::Healthy.as_str());
    html! {
        section aria-labelledby="conditions" {
            h2 id="conditions" { "Step by step" }
            ol class="pipeline" { @for condition in steps { (step(condition)) } }
        }
    }
}

fn step(condition: &Condition) -> Markup {
    let (class, sign) = match condition.status.as_str() {
        "True" => ("healthy", Standing::Healthy.sign()),
        "False" => ("failing", Standing::Failing.sign()),
        _ => ("uncertain", Standing::NotJudged.sign()),
    };
    html! {
        li class=(class) {
            p {
                span class={ "standing " (class) } { span aria-hidden="true" { (sign) " " } (condition.type_) }
                span class="unseen" { ": " (condition.status) ". " }
                @if condition.status != "True" { " " span class="quiet" { (link::breakable(&condition.reason)) } }
            }
            @if condition.status == "True" {
                @if let Some(kind) = ConditionType::parse(&condition.type_) { p class="quiet" { (kind.meaning()) } }
            } @else {
                p { (condition.message) }
            }
        }
    }
}

fn not_checked(status: &InstrumentationHealthStatus) -> Markup {
    html! {
        @if !status.not_checked.is_empty() {
            section aria-labelledby="not-checked" {
                h2 id="not-checked" { "Not checked" }
                ul { @for check in &status.not_checked { li { (check.check) ", needs " code { (check.needs) } } } }
            }
        }
    }
}

fn history(status: &InstrumentationHealthStatus) -> Markup {
    html! {
        @if !status.history.is_empty() {
            section aria-labelledby="history" {
                h2 id="history" { "Changes" }
                ol class="history" {
                    @for entry in &status.history {
                        li {
                            (time(entry.time)) " "
                            (link::standing(Standing::new(&entry.healthy, &entry.reason))) " "
                            (link::cause(&entry.reason))
                        }
                    }
                }
            }
        }
    }
}
