//! What does the object of a diagnosis look like as a whole?

use std::collections::BTreeMap;

use api::{
    InstrumentationHealth, InstrumentationHealthSpec, LABEL_HEALTHY, LABEL_LANGUAGE_PREFIX, LABEL_REASON,
    WorkloadReference, object_name,
};
use facts::{Subject, WorkloadRef};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::evaluate::Diagnosis;

/// The reference to a workload, as our object holds it.
pub fn reference(id: &WorkloadRef) -> WorkloadReference {
    WorkloadReference {
        api_version: id.api_version.to_string(),
        kind: id.kind.to_string(),
        name: id.name.to_string(),
    }
}

/// The object that the controller writes for a diagnosis, and that `check -o json` prints.
pub fn resource(subject: &Subject<'_>, diagnosis: &Diagnosis) -> InstrumentationHealth {
    let workload = reference(&subject.id);
    let mut object = InstrumentationHealth::new(
        &object_name(&workload),
        InstrumentationHealthSpec { workload_ref: workload },
    );
    object.metadata.namespace = Some(subject.id.namespace.to_string());
    object.metadata.labels = Some(labels(diagnosis));
    object.metadata.owner_references = owner(subject).map(|owner| vec![owner]);
    object.status = Some(diagnosis.status.clone());
    object
}

/// Labels by which people filter; they change only with the verdict.
pub fn labels(diagnosis: &Diagnosis) -> BTreeMap<String, String> {
    let (healthy, reason) = diagnosis.healthy();
    let fixed = [
        ("app.kubernetes.io/managed-by", "instrumentation-health"),
        (LABEL_HEALTHY, healthy),
        (LABEL_REASON, reason),
    ];
    let languages = diagnosis
        .status
        .languages
        .iter()
        .map(|language| (format!("{LABEL_LANGUAGE_PREFIX}{language}"), "true".to_owned()));
    fixed.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).chain(languages).collect()
}

/// The workload as owner, so that garbage collection takes the object with it. None in manifests, and for owners of which
/// the uid is not known.
fn owner(subject: &Subject<'_>) -> Option<OwnerReference> {
    let uid = match subject.workload {
        Some(workload) => workload.uid.clone(),
        None => subject.owner_uid()?,
    };
    (!uid.is_empty()).then(|| OwnerReference {
        api_version: subject.id.api_version.to_string(),
        kind: subject.id.kind.to_string(),
        name: subject.id.name.to_string(),
        uid: uid.to_string(),
        controller: Some(false),
        block_owner_deletion: Some(false),
    })
}
