//! How does a slim view pass through kube's list and watch?
//!
//! kube wants a `Resource` with an `ObjectMeta`; the views have neither. [`Watched`] carries a view together with the four
//! fields of metadata that kube itself reads, so that no whole object is ever built. All of kube's machinery is compiled anew for
//! every type that passes through it, some 60 KB each; so what need not be fast passes as [`Unread`], whatever its kind.

use std::borrow::Cow;
use std::fmt;

use facts::{InputKind, Kind, Metadata, Object};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::core::{ApiResource, DynamicResourceScope};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// A view type that can be listed and watched.
pub trait View: Kind + Clone + fmt::Debug + Send + Sync + Into<Object> + 'static {}

impl<V: Kind + Clone + fmt::Debug + Send + Sync + Into<Object> + 'static> View for V {}

/// An object on its way from the API server, read as its view while it is decoded. One that does not fit fails the list or watch
/// that carries it.
#[derive(Clone, Debug)]
pub struct Watched<V> {
    meta: ObjectMeta,
    /// The view.
    pub view: V,
}

impl<V: View> Watched<V> {
    /// The object for the world. None: nobody reads it.
    pub fn into_object(self) -> Option<Object> {
        Some(self.view.into()).filter(is_read)
    }
}

/// An object of any kind on its way from the API server, as it came. One that does not fit its view stands for itself and stops
/// nothing; that costs about seven times the time.
#[derive(Clone, Debug)]
pub struct Unread {
    meta: ObjectMeta,
    value: Value,
}

impl Unread {
    /// What is asked for to get objects of a kind in this form.
    pub fn kind<V: View>() -> ApiResource {
        ApiResource::erase::<Watched<V>>(&())
    }

    /// The object for the world, as part of what `input` reads; `Err`: what does not fit. `Ok(None)`: nobody reads it.
    pub fn into_object<V: View>(self, input: InputKind) -> Result<Option<Object>, Box<Unparsable>> {
        let Self { meta, value } = self;
        match serde_json::from_value::<V>(value) {
            Ok(view) => Ok(Some(view.into()).filter(is_read)),
            Err(problem) => Err(Box::new(Unparsable {
                input,
                kind: V::KIND,
                namespace: meta.namespace.unwrap_or_default(),
                name: meta.name.unwrap_or_default(),
                uid: meta.uid.unwrap_or_default(),
                resource_version: meta.resource_version.unwrap_or_default(),
                problem: problem.to_string(),
            })),
        }
    }
}

/// Most Events are about other things; they are dropped here.
fn is_read(object: &Object) -> bool {
    match object {
        Object::Event(event) => event.is_read(),
        _ => true,
    }
}

/// An object that does not fit its view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {namespace}/{name} does not read as the API describes it: {problem}")]
pub struct Unparsable {
    /// The input that lacks it.
    pub input: InputKind,
    /// Its kind.
    pub kind: &'static str,
    /// Its namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Unique id.
    pub uid: String,
    /// Version of the stored object.
    pub resource_version: String,
    /// What does not fit.
    pub problem: String,
}

impl Unparsable {
    /// An object with this one's name and nothing else, to take out what was known of it.
    pub(crate) fn stub<V: View>(&self) -> Option<Object> {
        let metadata = json!({"name": self.name, "namespace": self.namespace, "uid": self.uid});
        serde_json::from_value::<V>(json!({ "metadata": metadata })).ok().map(Into::into)
    }
}

impl<'de, V: Kind> Deserialize<'de> for Watched<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let view = V::deserialize(deserializer)?;
        Ok(Self { meta: object_meta(view.metadata()), view })
    }
}

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |field: &str| value["metadata"][field].as_str().map(str::to_owned);
        let meta = ObjectMeta {
            name: text("name"),
            namespace: text("namespace"),
            uid: text("uid"),
            resource_version: text("resourceVersion"),
            ..ObjectMeta::default()
        };
        Ok(Self { meta, value })
    }
}

fn object_meta(metadata: &Metadata) -> ObjectMeta {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ObjectMeta {
        name: text(&metadata.name),
        namespace: text(&metadata.namespace),
        uid: text(&metadata.uid),
        resource_version: text(&metadata.resource_version),
        ..ObjectMeta::default()
    }
}

impl<V: Kind> Resource for Watched<V> {
    type DynamicType = ();
    // True of most; `Api::all`, which every list and watch of the whole cluster uses, does not ask.
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        V::KIND.into()
    }

    fn group((): &()) -> Cow<'_, str> {
        V::group().into()
    }

    fn version((): &()) -> Cow<'_, str> {
        V::API_VERSION.rsplit_once('/').map_or(V::API_VERSION, |(_, version)| version).into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        V::PLURAL.into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.meta
    }
}

impl Resource for Unread {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn kind(kind: &ApiResource) -> Cow<'_, str> {
        kind.kind.as_str().into()
    }

    fn group(kind: &ApiResource) -> Cow<'_, str> {
        kind.group.as_str().into()
    }

    fn version(kind: &ApiResource) -> Cow<'_, str> {
        kind.version.as_str().into()
    }

    fn plural(kind: &ApiResource) -> Cow<'_, str> {
        kind.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.meta
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{Source, Visit, visit_all};

    /// A kind declared by hand fails silently when its address is wrong, so every address stands here once more.
    #[test]
    fn every_kind_is_asked_for_under_its_address() {
        struct Address;
        impl Visit for Address {
            type Out = String;
            fn visit<V: View>(&self, _: &Source) -> String {
                let (api_version, url) = (Watched::<V>::api_version(&()), Watched::<V>::url_path(&(), None));
                let kind = Unread::kind::<V>();
                assert_eq!(
                    (Unread::api_version(&kind), Unread::url_path(&kind, None)),
                    (api_version.clone(), url.clone())
                );
                format!("{api_version} {url}")
            }
        }
        let expected = [
            "v1 /api/v1/namespaces",
            "v1 /api/v1/nodes",
            "networking.k8s.io/v1 /apis/networking.k8s.io/v1/networkpolicies",
            "apiextensions.k8s.io/v1 /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "apiextensions.k8s.io/v1 /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "admissionregistration.k8s.io/v1 /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
            "opentelemetry.io/v1alpha1 /apis/opentelemetry.io/v1alpha1/instrumentations",
            "opentelemetry.io/v1beta1 /apis/opentelemetry.io/v1beta1/opentelemetrycollectors",
            "v1 /api/v1/services",
            "discovery.k8s.io/v1 /apis/discovery.k8s.io/v1/endpointslices",
            "apps/v1 /apis/apps/v1/deployments",
            "apps/v1 /apis/apps/v1/statefulsets",
            "apps/v1 /apis/apps/v1/daemonsets",
            "batch/v1 /apis/batch/v1/cronjobs",
            "batch/v1 /apis/batch/v1/jobs",
            "apps/v1 /apis/apps/v1/replicasets",
            "v1 /api/v1/events",
            "v1 /api/v1/pods",
        ];
        assert_eq!(visit_all(&Address), expected);
    }

    #[test]
    fn a_watch_event_becomes_a_view() {
        let line = r#"{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"shop","uid":"1","resourceVersion":"7"},"spec":{"containers":[{"name":"app"}]}}}"#;
        let event: kube::core::WatchEvent<Watched<facts::PodView>> = serde_json::from_str(line).unwrap();
        let kube::core::WatchEvent::Added(pod) = event else { panic!("{event:?}") };
        assert_eq!(pod.meta().resource_version.as_deref(), Some("7"));
        let object = pod.into_object().unwrap();
        assert_eq!((object.kind(), &*object.metadata().name), ("Pod", "a"));
    }

    #[test]
    fn what_does_not_parse_is_named_and_stops_nothing() {
        let odd = r#"{"metadata":{"name":"odd","namespace":"shop","uid":"9","resourceVersion":"8"},"spec":{"exporter":"no object"}}"#;
        let unread: Unread = serde_json::from_str(odd).unwrap();
        let problem = unread.into_object::<facts::Instrumentation>(InputKind::Instrumentations).unwrap_err();
        assert_eq!((&*problem.namespace, &*problem.name, &*problem.resource_version), ("shop", "odd", "8"));
        assert!(serde_json::from_str::<Watched<facts::Instrumentation>>(odd).is_err());
    }

    #[test]
    fn events_that_nobody_reads_are_dropped() {
        let event = r#"{"metadata":{"name":"a"},"type":"Warning","reason":"BackOff","involvedObject":{"kind":"Pod"}}"#;
        let watched: Watched<facts::Event> = serde_json::from_str(event).unwrap();
        assert_eq!(watched.into_object(), None);
        let unread: Unread = serde_json::from_str(event).unwrap();
        assert_eq!(unread.into_object::<facts::Event>(InputKind::Events), Ok(None));
    }
}
