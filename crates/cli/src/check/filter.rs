//! Which verdicts are asked for, of all that there are?

use std::str::FromStr;

use api::Severity;
use clap::{Args, ValueEnum};
use diagnosis::known::named;

use crate::check::judge::Verdict;
use crate::check::selection::singular;
use crate::explain::nearest;

/// What a verdict has to be to be shown and counted. Several values of one flag: any of them; several flags: all of them.
#[derive(Args, Clone, Debug, Default)]
pub struct Filter {
    /// Only workloads of this kind, for example `deployment` or `sts`
    #[arg(long = "kind", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,
    /// Only workloads with this finding, by reason or code
    #[arg(long = "reason", value_name = "REASON", value_delimiter = ',', value_parser = reason)]
    reasons: Vec<&'static str>,
    /// Only workloads with a finding at least so grave; less grave ones are left out
    #[arg(long, value_enum, value_name = "SEVERITY")]
    severity: Option<AtLeast>,
    /// Only workloads that use this Instrumentation
    #[arg(long = "instrumentation", value_name = "NAMESPACE/NAME", value_delimiter = ',')]
    instrumentations: Vec<Instrumentation>,
}

/// The least severity of a finding that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AtLeast {
    /// Its telemetry is lost, or the injection harms the application
    Error,
    /// It may be lost
    Warning,
    /// Worth knowing
    Info,
}

impl From<AtLeast> for Severity {
    fn from(least: AtLeast) -> Self {
        match least {
            AtLeast::Error => Self::Error,
            AtLeast::Warning => Self::Warning,
            AtLeast::Info => Self::Info,
        }
    }
}

/// An Instrumentation as people name it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Instrumentation {
    namespace: String,
    name: String,
}

impl FromStr for Instrumentation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
            }
            _ => Err("expected NAMESPACE/NAME, for example shop/default"),
        }
    }
}

fn reason(text: &str) -> Result<&'static str, String> {
    named(text).map(|cause| cause.reason).ok_or_else(|| match nearest(text) {
        Some(near) => format!("no cause is called so; did you mean {}?", near.reason),
        None => "no cause is called so; `instrumentation-health explain` lists them".to_owned(),
    })
}

impl Filter {
    /// Takes out of the verdicts those that are not asked for, and of their findings those that are not grave enough.
    pub fn apply(&self, list: &mut Vec<Verdict>) {
        list.retain(|verdict| self.keeps(verdict));
        if let Some(least) = self.severity {
            let findings = list.iter_mut().filter_map(|verdict| verdict.object.status.as_mut());
            findings.for_each(|status| status.findings.retain(|f| f.severity >= Severity::from(least)));
        }
    }

    fn keeps(&self, verdict: &Verdict) -> bool {
        let Some(status) = &verdict.object.status else { return false };
        let kind = singular(&verdict.id.kind);
        let uses = |wanted: &Instrumentation| {
            let same = |used: &api::InstrumentationReference| {
                used.namespace == wanted.namespace && used.name == wanted.name
            };
            status.instrumentations.iter().any(same)
        };
        let has = |reason: &&str| {
            verdict.reason() == *reason || status.findings.iter().any(|finding| finding.reason == *reason)
        };
        (self.kinds.is_empty() || self.kinds.iter().any(|wanted| singular(wanted) == kind))
            && (self.reasons.is_empty() || self.reasons.iter().any(has))
            && (self.instrumentations.is_empty() || self.instrumentations.iter().any(uses))
            && self.severity.is_none_or(|least| status.findings.iter().any(|f| f.severity >= least.into()))
    }
}
