//! Where in an object stands the template of its Pods?

use serde_json::Value;

/// A Pod template, or a Pod.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template<'m> {
    /// Its place in the object; empty for a Pod.
    pub(crate) path: &'static str,
    /// `metadata` and `spec`.
    pub(crate) value: &'m Value,
}

/// An object of a kind that makes Pods, without a template that could be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTemplate {
    /// Where it stands, its kind and name.
    pub object: String,
    /// What is wrong with it: `has no spec.template.spec with containers`.
    pub flaw: String,
}

impl std::fmt::Display for NoTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}; left out", self.object, self.flaw)
    }
}

const SPEC_TEMPLATE: &str = "spec.template";

/// Kinds with Pods: group, kind, and where their template stands.
const KINDS: [(&str, &str, &str); 9] = [
    ("", "Pod", ""),
    ("", "PodTemplate", "template"),
    ("", "ReplicationController", SPEC_TEMPLATE),
    ("apps", "Deployment", SPEC_TEMPLATE),
    ("apps", "ReplicaSet", SPEC_TEMPLATE),
    ("apps", "StatefulSet", SPEC_TEMPLATE),
    ("apps", "DaemonSet", SPEC_TEMPLATE),
    ("batch", "Job", SPEC_TEMPLATE),
    ("batch", "CronJob", "spec.jobTemplate.spec.template"),
];

/// The template of an object. `None`: it makes no Pods, or another object that is there makes them.
pub(crate) fn template<'m>(object: &'m Value, place: &str) -> Option<Result<Template<'m>, NoTemplate>> {
    if is_controlled(object) {
        return None;
    }
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
    let known = KINDS.iter().find(|(of, kind, _)| *of == group && *kind == text("kind"));
    // Other kinds that are built alike, as an Argo Rollout is.
    let path = known.map_or(SPEC_TEMPLATE, |(.., path)| path);
    let value = path.split('.').filter(|key| !key.is_empty()).fold(object, |value, key| &value[key]);
    let has_containers = value["spec"]["containers"].as_array().is_some_and(|list| !list.is_empty());
    let has_metadata = matches!(value["metadata"], Value::Object(_) | Value::Null);
    if has_containers && has_metadata {
        return Some(Ok(Template { path, value }));
    }
    known.map(|_| {
        let dot = if path.is_empty() { "" } else { "." };
        let flaw = if has_containers {
            format!("has {path}{dot}metadata that are no object")
        } else {
            format!("has no {path}{dot}spec with containers")
        };
        Err(NoTemplate { object: name(object, place), flaw })
    })
}

/// Where an object stands, its kind and name.
pub(crate) fn name(object: &Value, place: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!("{place}: {} {:?}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

/// Whether another object controls it, so that what it makes is that one's.
fn is_controlled(object: &Value) -> bool {
    let owners = object["metadata"]["ownerReferences"].as_array();
    owners.into_iter().flatten().any(|owner| owner["controller"] == true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Where the template stands; `missing` where it should be there, none where the object makes no Pods of its own.
    fn place(object: &Value) -> Option<&'static str> {
        template(object, "a.yaml").map(|found| found.map_or("missing", |template| template.path))
    }

    #[test]
    fn every_kind_has_its_template_in_its_place() {
        let spec = json!({"containers": [{"name": "app"}]});
        let at_template = json!({"template": {"spec": spec}});
        let of_cron = json!({"jobTemplate": {"spec": at_template}});
        for (api_version, kind, spec, want) in [
            ("v1", "Pod", &spec, Some("")),
            ("apps/v1", "Deployment", &at_template, Some("spec.template")),
            ("apps/v1", "StatefulSet", &at_template, Some("spec.template")),
            ("apps/v1", "DaemonSet", &at_template, Some("spec.template")),
            ("apps/v1", "ReplicaSet", &at_template, Some("spec.template")),
            ("v1", "ReplicationController", &at_template, Some("spec.template")),
            ("batch/v1", "Job", &at_template, Some("spec.template")),
            ("batch/v1", "CronJob", &of_cron, Some("spec.jobTemplate.spec.template")),
            ("batch/v1", "CronJob", &at_template, Some("missing")),
            ("argoproj.io/v1alpha1", "Rollout", &at_template, Some("spec.template")),
            ("example.com/v1", "Deployment", &json!({"size": 3}), None),
            ("v1", "Service", &json!({"ports": []}), None),
            ("apps/v1", "Deployment", &json!({}), Some("missing")),
            ("apps/v1", "Deployment", &json!({"template": {"metadata": [], "spec": spec}}), Some("missing")),
            ("argoproj.io/v1alpha1", "Rollout", &json!({"template": {"metadata": [], "spec": spec}}), None),
            (
                "apps/v1",
                "Deployment",
                &json!({"template": {"metadata": null, "spec": spec}}),
                Some("spec.template"),
            ),
        ] {
            let object =
                json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}, "spec": spec});
            assert_eq!(place(&object), want, "{object}");
        }
        let owned = json!({"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {"ownerReferences": [{"controller": true}]}});
        assert_eq!(place(&owned), None, "its owner makes it");
    }
}
