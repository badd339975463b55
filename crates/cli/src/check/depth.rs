//! Which closer looks does `check` make, where somebody asks for them?

use std::collections::BTreeSet;
use std::sync::Arc;

use controller::depth::{Answer, Named, read_named, try_creation};
use diagnosis::{OperatorState, Wants, diagnose};
use facts::{DataRef, OptIn, WorkloadRef};
use jiff::Timestamp;
use kube::Client;
use world::World;

use crate::arguments::CheckArguments;
use crate::check::error::CheckError;
use crate::connect::chain;
use crate::terminal::Terminal;

/// Looks at what the verdicts on the workloads of a namespace (none: of all) would otherwise be made without.
pub async fn look_closer(
    world: &mut World,
    client: &Client,
    namespace: Option<&str>,
    arguments: &CheckArguments,
    terminal: &mut Terminal,
) -> Result<(), CheckError> {
    let mut off: Vec<(OptIn, Arc<str>)> = Vec::new();
    let (names, workloads) = wanted(world, namespace);
    if arguments.read_keys {
        terminal.progress("reading keys …");
        let forbidden = read_keys(world, client, &names).await?;
        off.extend(forbidden.then(|| (OptIn::ReferencedKeys, OptIn::ReferencedKeys.rule().into())));
    } else {
        off.push((OptIn::ReferencedKeys, OptIn::ReferencedKeys.needs().into()));
    }
    if arguments.probe_admission {
        terminal.progress("trying to create Pods (dry run) …");
        let forbidden = try_creations(world, client, &workloads).await?;
        off.extend(forbidden.then(|| (OptIn::AdmissionProbe, OptIn::AdmissionProbe.rule().into())));
    } else {
        off.push((OptIn::AdmissionProbe, OptIn::AdmissionProbe.needs().into()));
    }
    world.set_switched_off(off);
    Ok(())
}

fn wanted(world: &World, namespace: Option<&str>) -> (BTreeSet<DataRef>, Vec<WorkloadRef>) {
    let operator = OperatorState::discover(world);
    let options = diagnosis::Options { closer_looks: true, ..diagnosis::Options::default() };
    let (mut names, mut trials) = (BTreeSet::new(), Vec::new());
    for id in world.workloads() {
        if namespace.is_some_and(|namespace| *id.namespace != *namespace) {
            continue;
        }
        let Some(subject) = world.subject(&id) else { continue };
        let Some(diagnosis) = diagnose(&subject, world, &operator, None, Timestamp::now(), &options) else {
            continue;
        };
        let Wants { mut data, trial } = diagnosis.wants;
        names.append(&mut data);
        trials.extend(trial.map(|_| id));
    }
    (names, trials)
}

/// Whether some may not be read.
async fn read_keys(
    world: &mut World,
    client: &Client,
    names: &BTreeSet<DataRef>,
) -> Result<bool, CheckError> {
    let mut is_forbidden = false;
    for name in names {
        match read_named(client, name).await.map_err(|error| failed(name.input().plural(), &error))? {
            Named::Found(object) => world.set_named(name, Some(object)),
            Named::Absent => world.set_named(name, None),
            Named::Forbidden => is_forbidden = true,
        }
    }
    Ok(is_forbidden)
}

/// Whether Pods may not be created.
async fn try_creations(
    world: &mut World,
    client: &Client,
    workloads: &[WorkloadRef],
) -> Result<bool, CheckError> {
    let mut is_forbidden = false;
    for workload in workloads {
        match try_creation(client, workload).await.map_err(|error| failed("pods", &error))? {
            Some(Answer::Created(pod)) => world.set_trial(workload, Some(Ok(*pod))),
            Some(Answer::Refused(words)) => world.set_trial(workload, Some(Err(words))),
            Some(Answer::Forbidden) => is_forbidden = true,
            None => {}
        }
    }
    Ok(is_forbidden)
}

fn failed(what: &str, error: &kube::Error) -> CheckError {
    CheckError::List { what: what.to_owned(), why: chain(error), needed: None }
}
