//! What is to be said about the workloads that are meant?

use std::collections::BTreeSet;

use api::{ConditionType, InstrumentationHealth, Severity};
use diagnosis::{OperatorState, diagnose, resource};
use facts::{ClusterView, InputKind, Readability, WorkloadRef};
use jiff::Timestamp;
use world::World;

/// One workload for which injection is asked.
#[derive(Debug)]
pub struct Verdict {
    /// Which.
    pub id: WorkloadRef,
    /// How it stands.
    pub standing: Standing,
    /// The object that the controller would write.
    pub object: InstrumentationHealth,
}

/// How a workload stands, in the order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// `Healthy=False`.
    Failing,
    /// `Healthy=Unknown` with a warning.
    Uncertain,
    /// `Healthy=Unknown`, because something could not be read.
    NotJudged,
    /// `Healthy=Unknown`, because Pods are starting.
    Starting,
    /// `Healthy=True`.
    Healthy,
}

/// Everything that was found out.
#[derive(Debug)]
pub struct Verdicts {
    /// Workloads for which injection is asked, by namespace and name of the object.
    pub list: Vec<Verdict>,
    /// Workloads that were looked at, whether or not they ask.
    pub looked_at: usize,
    /// Namespaces of [`Verdicts::looked_at`].
    pub namespaces: usize,
    /// The operator.
    pub operator: Operator,
    /// Checks that could not be made, and what they need.
    pub not_checked: BTreeSet<(String, String)>,
}

/// What is known of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is there, in this version.
    Version(String),
    /// It is there, in a version that its image does not tell.
    SomeVersion,
    /// There is none.
    None,
    /// Cannot be told.
    Unknown,
}

/// Judges workloads at a time.
pub fn judge(
    world: &World,
    workloads: &[WorkloadRef],
    now: Timestamp,
    options: &diagnosis::Options,
) -> Verdicts {
    let state = OperatorState::discover(world);
    let mut list: Vec<Verdict> =
        workloads.iter().filter_map(|id| judge_one(world, &state, id, now, options)).collect();
    list.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut not_checked = unreadable(world);
    for check in list.iter().filter_map(|verdict| verdict.object.status.as_ref()).flat_map(|s| &s.not_checked)
    {
        not_checked.insert((check.check.clone(), check.needs.clone()));
    }
    Verdicts {
        looked_at: workloads.len(),
        namespaces: workloads.iter().map(|id| &id.namespace).collect::<BTreeSet<_>>().len(),
        operator: operator(world, &state),
        list,
        not_checked,
    }
}

fn key(verdict: &Verdict) -> (&str, Option<&str>) {
    (&verdict.id.namespace, verdict.object.metadata.name.as_deref())
}

fn judge_one(
    world: &World,
    operator: &OperatorState,
    id: &WorkloadRef,
    now: Timestamp,
    options: &diagnosis::Options,
) -> Option<Verdict> {
    let subject = world.subject(id)?;
    let diagnosis = diagnose(&subject, world, operator, None, now, options)?;
    let standing = match diagnosis.healthy() {
        ("False", _) => Standing::Failing,
        ("True", _) => Standing::Healthy,
        (_, reason) if reason == api::Outcome::Progressing.as_str() => Standing::Starting,
        (_, reason) if reason == api::Outcome::NotChecked.as_str() => Standing::NotJudged,
        _ => Standing::Uncertain,
    };
    Some(Verdict { id: id.clone(), standing, object: resource(&subject, &diagnosis) })
}

fn operator(world: &World, state: &OperatorState) -> Operator {
    match (&state.deployment, state.config.version.filter(|_| state.config_known)) {
        (Some(_), Some(version)) => Operator::Version(version.to_string()),
        (Some(_), None) => Operator::SomeVersion,
        (None, _) if world.readability(InputKind::Deployments).is_exhaustive() => Operator::None,
        (None, _) => Operator::Unknown,
    }
}

fn unreadable(world: &World) -> BTreeSet<(String, String)> {
    let kinds = InputKind::ALL.iter().filter_map(|kind| match world.readability(*kind) {
        Readability::Unreadable { needs } => Some((kind.check().to_owned(), needs.to_string())),
        _ => None,
    });
    kinds.collect()
}

impl Verdict {
    /// Reason of the `Healthy` condition.
    pub fn reason(&self) -> &str {
        self.healthy().map_or("", |condition| &condition.reason)
    }

    /// Message of the `Healthy` condition.
    pub fn message(&self) -> &str {
        self.healthy().map_or("", |condition| &condition.message)
    }

    fn healthy(&self) -> Option<&k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition> {
        let status = self.object.status.as_ref()?;
        status.conditions.iter().find(|condition| condition.type_ == ConditionType::Healthy.as_str())
    }

    /// Findings that are to be shown, worst first.
    pub fn findings(&self, with_notes: bool) -> impl Iterator<Item = &api::Finding> {
        let findings = self.object.status.iter().flat_map(|status| &status.findings);
        findings.filter(move |finding| with_notes || finding.severity > Severity::Info)
    }
}
