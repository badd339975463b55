//! What is to be said about the workloads that are meant?

use std::collections::BTreeSet;

use api::{InstrumentationHealth, Severity, Standing};
use diagnosis::operator::Presence;
use diagnosis::{OperatorState, diagnose, resource};
use facts::WorkloadRef;
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
    pub operator: Presence,
    /// Checks that could not be made, and what they need.
    pub not_checked: BTreeSet<(String, String)>,
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
        operator: state.presence(world),
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
    let (healthy, reason) = diagnosis.healthy();
    let standing = Standing::new(healthy, reason);
    Some(Verdict { id: id.clone(), standing, object: resource(&subject, &diagnosis) })
}

fn unreadable(world: &World) -> BTreeSet<(String, String)> {
    let kinds = facts::unreadable(world).into_iter();
    kinds.map(|(kind, needs)| (kind.check().to_owned(), needs.to_owned())).collect()
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
        self.object.status.as_ref()?.healthy()
    }

    /// Findings that are to be shown, worst first.
    pub fn findings(&self, with_notes: bool) -> impl Iterator<Item = &api::Finding> {
        let findings = self.object.status.iter().flat_map(|status| &status.findings);
        findings.filter(move |finding| with_notes || finding.severity > Severity::Info)
    }
}
