//! How does a code review show the findings beside the manifests?
//!
//! SARIF 2.1.0, as GitHub code scanning and others read it: a rule a cause, a result a finding of a workload, at the document in
//! the file where the workload stands. What could not be read is a notification of the run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::{Finding, Severity};
use diagnosis::Cause;
use diagnosis::known::named;
use input::Origins;
use serde_json::{Value, json};

use crate::check::judge::{Verdict, Verdicts};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The findings as SARIF. `left_out`: what could not be read.
pub fn sarif(verdicts: &Verdicts, origins: &Origins, left_out: &[String]) -> String {
    let mut rules = Rules::default();
    let mut results = Vec::new();
    for verdict in &verdicts.list {
        let findings = verdict.findings(true).filter_map(|finding| Some((named(&finding.reason)?, finding)));
        results
            .extend(findings.map(|(cause, finding)| result(verdict, finding, rules.index(cause), origins)));
    }
    let unreadable: Vec<Value> =
        left_out.iter().map(|text| json!({"level": "error", "message": {"text": text}})).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "instrumentation-health",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.list,
            }},
            "invocations": [{
                "executionSuccessful": left_out.is_empty(),
                "toolExecutionNotifications": unreadable,
            }],
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).expect("keys are strings, and writing to memory does not fail") + "\n"
}

/// The causes that were found, each once.
#[derive(Default)]
struct Rules {
    list: Vec<Value>,
    known: BTreeMap<&'static str, usize>,
}

impl Rules {
    fn index(&mut self, cause: &'static Cause) -> usize {
        *self.known.entry(cause.reason).or_insert_with(|| {
            self.list.push(rule(cause));
            self.list.len() - 1
        })
    }
}

fn rule(cause: &Cause) -> Value {
    let worst = cause.severities.iter().max().copied().unwrap_or(Severity::Warning);
    json!({
        "id": id(cause),
        "name": cause.reason,
        "shortDescription": {"text": cause.summary},
        "help": {"text": cause.page, "markdown": cause.page},
        "defaultConfiguration": {"level": level(worst)},
    })
}

/// Outcomes that are no cause have no code.
fn id(cause: &Cause) -> &'static str {
    if cause.code.is_empty() { cause.reason } else { cause.code }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(verdict: &Verdict, finding: &Finding, rule: usize, origins: &Origins) -> Value {
    let workload = verdict.id.to_string();
    let text = format!("{workload}: {} {}", finding.message, finding.remedy);
    let mut location = json!({
        "logicalLocations": [{"fullyQualifiedName": workload, "name": &*verdict.id.name, "kind": "resource"}],
    });
    let stands = origins.of(&verdict.id.kind, &verdict.id.namespace, &verdict.id.name);
    if let Some(origin) = stands.filter(|origin| origin.label != input::STANDARD_INPUT) {
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": uri(&origin.label)},
            "region": {"startLine": origin.line},
        });
    }
    json!({
        "ruleId": if finding.code.is_empty() { &finding.reason } else { &finding.code },
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": {"text": text.trim_end()},
        "locations": [location],
        // The same finding on the same workload is the same alert, wherever the file moves.
        "partialFingerprints": {"workloadAndReason/v1": format!("{workload}/{}", finding.reason)},
    })
}

/// A relative path as a URI reference: what RFC 3986 does not allow in a path is percent-encoded.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    path.bytes().fold(String::new(), |mut uri, byte| {
        if is_plain(byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        for (path, want) in [
            ("deploy/app.yaml", "deploy/app.yaml"),
            ("./a b.yaml", "a%20b.yaml"),
            ("ü#1.yaml", "%C3%BC%231.yaml"),
            ("c:x.yaml", "c%3Ax.yaml"),
        ] {
            assert_eq!(uri(path), want);
        }
    }
}
