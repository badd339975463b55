//! What does the operator say about a request: in its answer, and in its log?
//!
//! Answers: `internal/webhook/podmutation/webhookhandler.go`; errors are answered with code 500 but allowed, so that the
//! API server ignores them. Log lines: default level, in order, without time, logger and stack trace.

use facts::Language;
use serde_json::{Value, json};

use crate::decision::{Decision, LanguageDecision, LanguageOutcome, MissingObject, Outcome};
use crate::go_text::quote;
use crate::releases::{Release, Rule};
use crate::request::PodRequest;
use crate::sidecar::Sidecar;
use crate::target::{SkipReason, TargetOutcome};

/// The webhook's answer. It always allows the Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 200, or 500 for an error that the API server ignores.
    pub code: u16,
    /// The error.
    pub message: Option<String>,
}

/// Level of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `INFO`
    Info,
    /// `ERROR`
    Error,
}

/// A line of the operator's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Level.
    pub level: Level,
    /// Message.
    pub message: String,
    /// Further fields, in order.
    pub fields: Vec<(&'static str, String)>,
}

impl LogLine {
    /// The line as a release writes it in JSON, without time, logger and stack trace.
    pub fn to_json(&self, release: Release) -> Value {
        let upper_case = release.follows(Rule::UpperCaseLog);
        let level = match (self.level, upper_case) {
            (Level::Info, true) => "INFO",
            (Level::Info, false) => "info",
            (Level::Error, true) => "ERROR",
            (Level::Error, false) => "error",
        };
        let message = if upper_case { "message" } else { "msg" };
        let mut line = json!({ "level": level, message: self.message });
        for (key, value) in &self.fields {
            line[*key] = value.as_str().into();
        }
        line
    }
}

/// Seconds that the operator looks for a missing `ReplicaSet` or Job, for each target.
pub const OWNER_LOOKUP_SECONDS: u32 = 6;

impl Decision {
    /// The webhook's answer.
    pub fn answer(&self) -> Answer {
        let message = match &self.outcome {
            Outcome::SidecarFailed(error) => Some(error.operator_text()),
            Outcome::LookupFailed { error, .. } => error.operator_text(),
            Outcome::NamesInvalid { value, .. } => Some(format!(
                "not valid characters included in the instrumentation container annotation {value}"
            )),
            // `MissingObject::operator_text` needs the namespace; see `answer_in`.
            Outcome::TlsObjectsMissing(missing) => Some(tls_text(missing, "")),
            _ => None,
        };
        // Nobody waits for the answer to a request that timed out.
        let failed = message.is_some() || matches!(self.outcome, Outcome::SecretUnreadable { .. });
        Answer { code: if failed { 500 } else { 200 }, message }
    }

    /// The webhook's answer, word for word, for a Pod of this namespace.
    pub fn answer_in(&self, namespace: &str) -> Answer {
        match &self.outcome {
            Outcome::TlsObjectsMissing(missing) => {
                Answer { code: 500, message: Some(tls_text(missing, namespace)) }
            }
            _ => self.answer(),
        }
    }

    /// How often the operator looks for owners in vain, each time for [`OWNER_LOOKUP_SECONDS`].
    pub fn vain_owner_lookups(&self) -> usize {
        let resource_maps: usize = self.languages.iter().map(resource_maps).sum();
        resource_maps * self.missing_owners.len()
    }

    /// The lines that the operator writes at its default level.
    pub fn log_lines(&self, request: &PodRequest<'_>) -> Vec<LogLine> {
        let mut lines = Vec::new();
        if let Sidecar::NotSelected(problem) = self.sidecar {
            let fields = vec![
                ("namespace", request.namespace.to_owned()),
                ("name", request.name.to_owned()),
                ("error", problem.operator_text().to_owned()),
            ];
            let message =
                "failed to select an OpenTelemetry Collector instance for this pod's sidecar".to_owned();
            lines.push(LogLine { level: Level::Error, message, fields });
        }
        for decision in &self.languages {
            if decision.outcome == LanguageOutcome::SwitchedOff {
                let message = format!(
                    "support for {} auto instrumentation is not enabled",
                    switch_name(decision.language)
                );
                lines.push(self.pod_line(request, Level::Error, &message, None));
            }
        }
        self.log_end(request, &mut lines);
        for decision in &self.languages {
            self.log_targets(request, decision, &mut lines);
        }
        lines
    }

    fn log_end(&self, request: &PodRequest<'_>, lines: &mut Vec<LogLine>) {
        let (level, message, error) = match &self.outcome {
            Outcome::AlreadyInstrumented(_) => {
                (Level::Info, "Skipping pod instrumentation - already instrumented", None)
            }
            Outcome::LookupFailed { error, .. } => {
                let message = "failed to select an OpenTelemetry Instrumentation instance for this pod";
                (Level::Error, message, error.operator_text())
            }
            Outcome::TlsObjectsMissing(missing) => (
                Level::Error,
                "failed to validate instrumentations",
                Some(tls_text(missing, request.namespace)),
            ),
            Outcome::NamesDuplicated { names, .. } => {
                let error = format!("duplicated container names detected: [{}]", names.join(" "));
                (Level::Error, "skipping instrumentation injection", Some(error))
            }
            Outcome::NamesRequired { .. } => {
                let error = "incorrect instrumentation configuration - please provide container names for all instrumentations";
                (Level::Error, "skipping instrumentation injection", Some(error.to_owned()))
            }
            Outcome::SeveralLanguages => (
                Level::Error,
                "skipping instrumentation injection",
                Some("multiple injection annotations present".to_owned()),
            ),
            _ => return,
        };
        lines.push(self.pod_line(request, level, message, error));
    }

    fn pod_line(
        &self,
        request: &PodRequest<'_>,
        level: Level,
        message: &str,
        error: Option<String>,
    ) -> LogLine {
        let mut fields = vec![("namespace", request.namespace.to_owned())];
        if !request.name.is_empty() || !self.release.follows(Rule::GenerateNameInLog) {
            fields.push(("name", request.name.to_owned()));
        } else if !request.generate_name.is_empty() {
            fields.push(("generateName", request.generate_name.to_owned()));
        }
        fields.extend(error.map(|error| ("error", error)));
        LogLine { level, message: message.to_owned(), fields }
    }

    fn log_targets(&self, request: &PodRequest<'_>, decision: &LanguageDecision, lines: &mut Vec<LogLine>) {
        for target in decision.targets() {
            for _ in 0..resource_maps_of(decision.language, &target.outcome) {
                lines.extend(self.missing_owners.iter().map(|owner| owner.log_line(request.namespace)));
            }
            if let TargetOutcome::Skipped(reason) = &target.outcome {
                let text = match reason {
                    SkipReason::GoSeveralContainers if !self.release.follows(Rule::NamedByLanguage) => {
                        GO_SEVERAL_BEFORE_0_86.to_owned()
                    }
                    reason => reason.operator_text(),
                };
                let fields = vec![("reason", text), ("container", target.container.to_string())];
                let message = skip_message(decision.language).to_owned();
                lines.push(LogLine { level: Level::Info, message, fields });
            }
        }
    }
}

const GO_SEVERAL_BEFORE_0_86: &str = "go instrumentation cannot be injected into a pod using \
    instrumentation.opentelemetry.io/container-names with more than 1 container";

/// How often a language collects resource attributes, and so looks for the owners.
fn resource_maps(decision: &LanguageDecision) -> usize {
    decision.targets().iter().map(|target| resource_maps_of(decision.language, &target.outcome)).sum()
}

fn resource_maps_of(language: Language, outcome: &TargetOutcome) -> usize {
    match (language, outcome) {
        // Go finds out only at the end that nothing says which program to watch.
        (Language::Go, TargetOutcome::Skipped(SkipReason::GoTargetMissing)) => 1,
        (_, TargetOutcome::Skipped(_)) => 0,
        // Once for the module's own configuration, once for the environment.
        (Language::ApacheHttpd | Language::Nginx, _) => 2,
        _ => 1,
    }
}

fn tls_text(missing: &[MissingObject], namespace: &str) -> String {
    let texts: Vec<String> = missing.iter().map(|object| object.operator_text(namespace)).collect();
    texts.join("\n")
}

impl crate::decision::MissingOwner {
    fn log_line(&self, namespace: &str) -> LogLine {
        let (word, kind) =
            if self.is_replica_set { ("replicaset", "ReplicaSet.apps") } else { ("job", "Job.batch") };
        let fields = vec![
            (word, self.name.to_string()),
            ("namespace", namespace.to_owned()),
            ("error", format!("{kind} {} not found", quote(&self.name))),
        ];
        LogLine { level: Level::Error, message: format!("failed to get {word}"), fields }
    }
}

/// The operator's name of a language where it says that it is switched off.
fn switch_name(language: Language) -> &'static str {
    match language {
        Language::Java => "Java",
        Language::NodeJs => "NodeJS",
        Language::Python => "Python",
        Language::DotNet => ".NET",
        Language::Go => "Go",
        Language::ApacheHttpd => "Apache HTTPD",
        Language::Nginx => "Nginx",
        Language::Sdk => "SDK",
    }
}

fn skip_message(language: Language) -> &'static str {
    match language {
        Language::Java => "Skipping javaagent injection",
        Language::NodeJs => "Skipping NodeJS SDK injection",
        Language::Python => "Skipping Python SDK injection",
        Language::DotNet => "Skipping DotNet SDK injection",
        Language::Go => "Skipping Go SDK injection",
        Language::ApacheHttpd => "Skipping Apache Httpd injection",
        Language::Nginx => "Skipping Nginx injection",
        Language::Sdk => "Skipping SDK injection",
    }
}
