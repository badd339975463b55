//! What does a list say of one workload?

use api::{InstrumentationHealth, PodCounts, Severity, Standing, WorkloadReference};

/// One workload in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its namespace.
    pub namespace: String,
    /// Its kind, as links say it.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// Its main reason.
    pub reason: String,
    /// What is wrong, in a sentence; what mends it stands on its own page.
    pub message: String,
    /// Languages for which injection is asked, joined.
    pub languages: String,
    /// Instrumentations in effect, joined.
    pub instrumentation: String,
    /// Its Pods.
    pub pods: PodCounts,
    /// Everything that was found, the main reason among it.
    pub causes: Vec<Cause>,
    /// Whether no Events are sent.
    pub muted: bool,
}

/// A reason that a workload shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The reason.
    pub reason: String,
    /// What it does to the workload.
    pub severity: Severity,
    /// Whether users call it intended.
    pub ignored: bool,
}

impl Row {
    /// Of an object. None where it has not been judged, which only objects are that others have written.
    pub fn of(object: &InstrumentationHealth) -> Option<Self> {
        let status = object.status.as_ref()?;
        let healthy = status.healthy()?;
        let workload = &object.spec.workload_ref;
        let standing = Standing::new(&healthy.status, &healthy.reason);
        let main = status.findings.iter().find(|finding| finding.reason == healthy.reason);
        let found = status.findings.iter().map(|finding| Cause {
            reason: finding.reason.clone(),
            severity: finding.severity,
            ignored: finding.ignored,
        });
        let mut causes: Vec<Cause> = found.collect();
        // Progressing and NotChecked are no findings.
        if standing != Standing::Healthy && causes.iter().all(|cause| cause.reason != healthy.reason) {
            let severity = if standing == Standing::Failing { Severity::Error } else { Severity::Warning };
            causes.insert(0, Cause { reason: healthy.reason.clone(), severity, ignored: false });
        }
        Some(Self {
            namespace: object.metadata.namespace.clone()?,
            kind: kind(workload),
            name: workload.name.clone(),
            standing,
            reason: healthy.reason.clone(),
            message: main.map_or_else(|| healthy.message.clone(), |finding| finding.message.clone()),
            languages: status.languages.join(", "),
            instrumentation: status.summary.instrumentation.clone(),
            pods: status.pods,
            causes,
            muted: status.muted_until.is_some(),
        })
    }

    /// Whether all these words stand somewhere in it, in whatever case.
    pub fn has(&self, words: &str) -> bool {
        let codes = self.causes.iter().filter_map(|cause| diagnosis::known::named(&cause.reason));
        let codes: Vec<&str> = codes.map(|cause| cause.code).collect();
        let reasons: Vec<&str> = self.causes.iter().map(|cause| &*cause.reason).collect();
        let text = format!(
            "{}/{}/{} {} {} {} {} {} {}",
            self.namespace,
            self.kind,
            self.name,
            self.reason,
            reasons.join(" "),
            codes.join(" "),
            self.message,
            self.languages,
            self.instrumentation,
        )
        .to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// A kind as links say it: in lower case, and with its group where that is not one of Kubernetes' own.
pub fn kind(workload: &WorkloadReference) -> String {
    let kind = workload.kind.to_lowercase();
    match workload.api_version.split_once('/') {
        None | Some(("apps" | "batch", _)) => kind,
        Some((group, _)) => format!("{kind}.{group}"),
    }
}
