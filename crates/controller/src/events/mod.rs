//! Which Events tell people about a change of verdict, and how do they read?
//!
//! Names are deterministic: an Event that was sent before a crash, and is sent again after it, is refused as already there. Those
//! about a workload are named by the uid of our object as well: the first Event of an object that was deleted and made anew is
//! not that of the one before it.
//! kube's `Recorder` is not fit for this: it builds names longer than 253 characters and deduplicates without the note.

mod note;

use api::{
    Finding, InstrumentationHealth, InstrumentationHealthStatus, MAX_EXAMPLE_PODS, REPORTING_CONTROLLER,
};
use diagnosis::{Telling, Transition};
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
        Self {
            pods: example_pods(subject, status),
            instrumentation: instrumentation(status, cluster),
            workload: workload_reference(subject),
        }
    }
}

/// The workload itself.
pub fn workload_reference(subject: &Subject<'_>) -> ObjectReference {
    let id = &subject.id;
    let uid = subject.workload.map(|workload| workload.uid.clone()).or_else(|| subject.owner_uid());
    ObjectReference {
        api_version: Some(id.api_version.to_string()),
        kind: Some(id.kind.to_string()),
        namespace: Some(id.namespace.to_string()),
        name: Some(id.name.to_string()),
        uid: uid.map(|uid| uid.to_string()),
        ..ObjectReference::default()
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
) -> Vec<Due> {
    let Some(status) = &object.status else { return Vec::new() };
    let Some(transition) = diagnosis::transition(previous, status, sender.now) else { return Vec::new() };
    let (kind, reason, note, pods) = match transition {
        Transition::Broken { reason } => {
            ("Warning", reason, broken_note(status, status.flapping_since.is_some()), about.pods.as_slice())
        }
        Transition::Recovered { from } => ("Normal", RECOVERED, recovered(from, status), &[][..]),
    };
    // The last change that was written tells this one from any other of the same object. The version of the object would not
    // do: it is written in two requests, and who goes on after a crash between them finds another version.
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
            Due::new(draft.event(sender), occurrence.clone())
        })
        .collect()
}

/// An Event that has no name yet: it depends on an object of ours that may still have to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    event: Event,
    occurrence: String,
}

impl Due {
    /// `occurrence` tells this Event from the others of the same object.
    pub const fn new(event: Event, occurrence: String) -> Self {
        Self { event, occurrence }
    }

    /// The Event, named for our object of this uid.
    pub fn named(&self, object_uid: &str) -> Event {
        named(self.event.clone(), &format!("{object_uid}/{}", self.occurrence))
    }
}

/// What is wrong, and whether it comes and goes.
fn broken_note(status: &InstrumentationHealthStatus, comes_and_goes: bool) -> String {
    let note = primary(status).map_or_else(String::new, broken);
    if comes_and_goes { note + COMES_AND_GOES } else { note }
}

/// What is told of an Error that sits in the operator, in place of an Event about every workload.
#[derive(Clone, Copy, Debug)]
pub struct OperatorNews<'a> {
    /// Whether it begins or ends.
    pub telling: Telling,
    /// The reason.
    pub reason: &'a str,
    /// The status of a workload that suffers from it, where it begins.
    pub status: Option<&'a InstrumentationHealthStatus>,
    /// The commands that restart what it has left behind, where it ends.
    pub restarts: &'a [String],
    /// The change before it, which tells this time from any other.
    pub after: Option<Timestamp>,
}

/// One Event about the operator.
pub fn about_operator(operator: &ObjectReference, news: &OperatorNews<'_>, sender: &Sender) -> Event {
    let (kind, reason, note) = match (news.telling, news.status) {
        (Telling::Ends, _) => ("Normal", RECOVERED, note::operator_recovered(news.reason, news.restarts)),
        (Telling::Begins { comes_and_goes }, status) => {
            let note = status.map_or_else(String::new, |status| broken_note(status, comes_and_goes));
            ("Warning", news.reason, note)
        }
    };
    let after = news.after.map(|time| time.to_string()).unwrap_or_default();
    // What comes and goes is told once more when it stands, without a change in between.
    let again = if matches!(news.telling, Telling::Begins { comes_and_goes: true }) { " again" } else { "" };
    let occurrence = format!("{} {after}{again}", news.reason);
    let draft = Draft { kind, reason, note: &note, regarding: operator, related: None };
    named(draft.event(sender), &occurrence)
}

struct Draft<'a> {
    kind: &'a str,
    reason: &'a str,
    note: &'a str,
    regarding: &'a ObjectReference,
    related: Option<&'a ObjectReference>,
}

impl Draft<'_> {
    fn event(&self, sender: &Sender) -> Event {
        let namespace = self.regarding.namespace.as_deref().unwrap_or(CLUSTER_NAMESPACE);
        Event {
            metadata: ObjectMeta { namespace: Some(namespace.to_owned()), ..ObjectMeta::default() },
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
}

/// With a name such as `checkout.` and a hash of what makes this Event this one: sent twice, it has the same name.
fn named(mut event: Event, occurrence: &str) -> Event {
    let about = event.regarding.as_ref();
    let uid = about.and_then(|about| about.uid.as_deref()).unwrap_or_default();
    let (reason, kind) =
        (event.reason.as_deref().unwrap_or_default(), event.type_.as_deref().unwrap_or_default());
    let digest = Sha256::digest(format!("{uid}/{occurrence}/{reason}/{kind}"));
    let half = u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
    let hash = format!("{half:016x}");
    let name = about.and_then(|about| about.name.as_deref()).unwrap_or("unnamed");
    let room = 253 - 1 - hash.len();
    let name = format!("{}.{hash}", note::cut(name, room).trim_end_matches(['.', '-']));
    event.metadata.name = Some(name);
    event
}

#[cfg(test)]
mod tests;
