//! Which values can labels have?

use diagnosis::OUTCOMES;
use diagnosis::catalogue::{CAUSES, OPERATOR_FAULTS};
use prometheus_client::encoding::EncodeLabelSet;

use crate::events::RECOVERED;
use crate::own;
use crate::sources::{Source, Visit, visit_all};
use crate::watched::View;

/// What [`crate::watch`] calls its errors.
pub const WATCH_ERRORS: [&str; 6] =
    ["forbidden", "not_served", "expired", "no_streaming_lists", "does_not_parse", "other"];
/// What write requests do.
pub const WRITES: [&str; 4] = ["created", "labelled", "status", "deleted"];
/// What [`crate::writer`] calls its errors.
pub const WRITE_ERRORS: [&str; 10] = [
    "gone",
    "namespace_goes",
    "conflict",
    "forbidden",
    "invalid",
    "not_leading",
    "throttled",
    "timeout",
    "server",
    "connection",
];
/// What becomes of Events.
pub const SENT: [&str; 3] = ["sent", "already_sent", "refused"];
/// What is shared in memory.
pub const HELD: [&str; 3] = ["shapes", "statuses", "strings"];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Kind {
    pub kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct KindError {
    pub kind: &'static str,
    pub error: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    pub result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Failure {
    pub error: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Sent {
    pub reason: String,
    pub result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Held {
    pub what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct InLanguage {
    pub language: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Version {
    pub version: String,
}

/// Reasons of findings.
pub fn reasons() -> Vec<&'static str> {
    CAUSES.iter().chain(OUTCOMES.iter()).map(|cause| cause.reason).collect()
}

/// Reasons of `Healthy`.
pub fn verdicts() -> Vec<&'static str> {
    let others = [api::Outcome::Instrumented, api::Outcome::Progressing, api::Outcome::NotChecked];
    reasons().into_iter().chain(others.map(api::Outcome::as_str)).collect()
}

/// Reasons of Events.
pub fn event_reasons() -> Vec<&'static str> {
    reasons().into_iter().chain([RECOVERED]).collect()
}

/// Reasons of what can be wrong with the operator.
pub fn operator_faults() -> Vec<&'static str> {
    OPERATOR_FAULTS.iter().map(|cause| cause.reason).collect()
}

/// Everything that is watched.
pub fn watches() -> Vec<&'static str> {
    struct Labels;
    impl Visit for Labels {
        type Out = &'static str;
        fn visit<V: View>(&self, source: &Source) -> &'static str {
            source.label()
        }
    }
    visit_all(&Labels).into_iter().chain([own::LABEL]).collect()
}
