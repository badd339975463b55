//! Which Events tell people about a change of verdict, and how do they read?
//!
//! Names are deterministic: an Event that was sent before a crash, and is sent again after it, is refused as already there.
//! kube's `Recorder` is not fit for this: it builds names longer than 253 characters and deduplicates without the note.

mod note;

use api::{
    Finding, InstrumentationHealth, InstrumentationHealthStatus, MAX_EXAMPLE_PODS, REPORTING_CONTROLLER,
};
use diagnosis::Transition;
use facts::{ClusterView, Subject};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use sha2::{Digest, Sha256};

pub use note::{broken, recovered};

/// `action` of every Event: what we did when we found it.
const ACTION: &str = "Diagnose";
/// Reason of the Event that announces the end of an Error.
pub const RECOVERED: &str = "InstrumentationRecovered";
/// Said with an alarm that came for the second time within an hour (see [`diagnosis::flapping`]).
const COMES_AND_GOES: &str =
    " It comes and goes; what it comes to is told once it has stood for half an hour.";
/// Namespace of Events about cluster-scoped objects, as `events.k8s.io/v1` demands.
const CLUSTER_NAMESPACE: &str = "default";

/// Whom Events about one workload are about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// The workload.
    pub workload: ObjectReference,
    /// Pods that show the primary finding, three at most.
    pub pods: Vec<ObjectReference>,
    /// The Instrumentation in effect.
    pub instrumentation: Option<ObjectReference>,
}

impl About {
    /// Names and ids, as they are now.
    pub fn new(
        subject: &Subject<'_>,
        status: &InstrumentationHealthStatus,
        cluster: &dyn ClusterView,
    ) -> Self {
        let id = &subject.id;
        let uid = subject.workload.map(|workload| workload.uid.clone()).or_else(|| subject.owner_uid());
        let workload = ObjectReference {
            api_version: Some(id.api_version.to_string()),
            kind: Some(id.kind.to_string()),
            namespace: Some(id.namespace.to_string()),
            name: Some(id.name.to_string()),
            uid: uid.map(|uid| uid.to_string()),
            ..ObjectReference::default()
        };
        Self {
            pods: example_pods(subject, status),
            instrumentation: instrumentation(status, cluster),
            workload,
        }
    }
}

fn example_pods(subject: &Subject<'_>, status: &InstrumentationHealthStatus) -> Vec<ObjectReference> {
    // The Event on the workload is the Event on the Pod.
    if &*subject.id.kind == "Pod" {
        return Vec::new();
    }
    let examples =
        primary(status).and_then(|finding| finding.pods.as_ref()).into_iter().flat_map(|pods| &pods.examples);
    let pods = examples.filter_map(|name| subject.pods.iter().find(|pod| *pod.name == **name));
    let reference = |pod: &&facts::Pod| ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("Pod".to_owned()),
        namespace: Some(pod.namespace.to_string()),
        name: Some(pod.name.to_string()),
        uid: Some(pod.uid.to_string()),
        ..ObjectReference::default()
    };
    pods.take(MAX_EXAMPLE_PODS).map(reference).collect()
}

fn instrumentation(
    status: &InstrumentationHealthStatus,
    cluster: &dyn ClusterView,
) -> Option<ObjectReference> {
    let named = status.instrumentations.first()?;
    let found = cluster.instrumentation(&named.namespace, &named.name).found()?;
    Some(ObjectReference {
        api_version: Some("opentelemetry.io/v1alpha1".to_owned()),
        kind: Some("Instrumentation".to_owned()),
        namespace: Some(named.namespace.clone()),
        name: Some(named.name.clone()),
        uid: Some(found.metadata.metadata.uid.to_string()),
        ..ObjectReference::default()
    })
}

/// The finding that the `Healthy` condition speaks of.
fn primary(status: &InstrumentationHealthStatus) -> Option<&Finding> {
    let healthy = status.conditions.iter().find(|condition| condition.type_ == "Healthy")?;
    status.findings.iter().find(|finding| finding.reason == healthy.reason)
}

/// Who sends Events, and when.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Name of this process: its Pod's.
    pub instance: String,
    /// The time of the observation.
    pub now: Timestamp,
}

/// The Events that are due when `object` replaces `previous`, which the API server holds.
pub fn plan(
    previous: Option<&InstrumentationHealthStatus>,
    object: &InstrumentationHealth,
    about: &About,
    sender: &Sender,
) -> Vec<Event> {
    let Some(status) = &object.status else { return Vec::new() };
    let Some(transition) = diagnosis::transition(previous, status, sender.now) else { return Vec::new() };
    let (kind, reason, note, pods) = match transition {
        Transition::Broken { reason } => {
            let mut note = primary(status).map_or_else(String::new, broken);
            if status.flapping_since.is_some() {
                note.push_str(COMES_AND_GOES);
            }
            ("Warning", reason, note, about.pods.as_slice())
        }
        Transition::Recovered { from } => ("Normal", RECOVERED, recovered(from, status), &[][..]),
    };
    // The last change that was written tells this one from any other. The version of the object would not do: it is written
    // in two requests, and who goes on after a crash between them finds another version.
    let times = |previous: &InstrumentationHealthStatus| {
        [previous.history.first().map(|entry| entry.time), previous.flapping_since]
    };
    let times = previous.map(times).into_iter().flatten().flatten();
    let occurrence = times.map(|time| time.to_string()).collect::<Vec<_>>().join("/");
    let about_them = std::iter::once(&about.workload).chain(pods);
    about_them
        .map(|regarding| {
            let draft =
                Draft { kind, reason, note: &note, regarding, related: about.instrumentation.as_ref() };
            draft.event(&occurrence, sender)
        })
        .collect()
}

/// One Event about the operator, in place of one about every workload: an Error that sits in it has begun, or is over and has
/// left behind what these commands restart.
/// `occurrence` tells this time from any other.
pub fn about_operator(
    operator: &ObjectReference,
    occurrence: &str,
    reason: &str,
    broken_status: Option<&InstrumentationHealthStatus>,
    restarts: &[String],
    sender: &Sender,
) -> Event {
    let note = match broken_status {
        Some(status) => primary(status).map_or_else(String::new, broken),
        None => note::operator_recovered(reason, restarts),
    };
    let (kind, reason) = if broken_status.is_some() { ("Warning", reason) } else { ("Normal", RECOVERED) };
    Draft { kind, reason, note: &note, regarding: operator, related: None }.event(occurrence, sender)
}

struct Draft<'a> {
    kind: &'a str,
    reason: &'a str,
    note: &'a str,
    regarding: &'a ObjectReference,
    related: Option<&'a ObjectReference>,
}

impl Draft<'_> {
    fn event(&self, occurrence: &str, sender: &Sender) -> Event {
        let namespace = self.regarding.namespace.as_deref().unwrap_or(CLUSTER_NAMESPACE);
        Event {
            metadata: ObjectMeta {
                name: Some(self.name(occurrence)),
                namespace: Some(namespace.to_owned()),
                ..ObjectMeta::default()
            },
            event_time: Some(MicroTime(sender.now)),
            type_: Some(self.kind.to_owned()),
            reason: Some(self.reason.to_owned()),
            action: Some(ACTION.to_owned()),
            note: Some(note::one_line(self.note)),
            regarding: Some(self.regarding.clone()),
            related: self.related.cloned(),
            reporting_controller: Some(REPORTING_CONTROLLER.to_owned()),
            reporting_instance: Some(note::cut(&sender.instance, 128).to_owned()),
            ..Event::default()
        }
    }

    /// `checkout.` and a hash of what makes this Event this one: sent twice, it has the same name.
    fn name(&self, occurrence: &str) -> String {
        let uid = self.regarding.uid.as_deref().unwrap_or_default();
        let digest = Sha256::digest(format!("{uid}/{occurrence}/{}/{}", self.reason, self.kind));
        let half = u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
        let hash = format!("{half:016x}");
        let name = self.regarding.name.as_deref().unwrap_or("unnamed");
        let room = 253 - 1 - hash.len();
        format!("{}.{hash}", note::cut(name, room).trim_end_matches(['.', '-']))
    }
}

#[cfg(test)]
mod tests;
