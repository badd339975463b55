//! Would a Pod that is created now come back injected?
//!
//! A server-side dry run of the creation of a Pod from the workload's own template. It passes through everything that a real
//! creation passes through, the operator's webhook among it, and nothing is stored.

use std::sync::Arc;
use std::time::Duration;

use diagnosis::TrialKey;
use facts::{PodView, WorkloadRef};
use kube::api::{ApiResource, DynamicObject, ListParams, PostParams};
use kube::{Api, Client};
use serde_json::{Value, json};
use tracing::debug;

use super::Look;
use crate::message::Message;

/// How long an answer may be relied upon: the way to the webhook may be opened or closed without a sign in the API.
const GOOD: Duration = Duration::from_secs(600);
/// Between attempts that came to nothing.
const SOON: Duration = Duration::from_secs(60);

/// A workload, and what the answer depends on.
pub type TrialTarget = (WorkloadRef, TrialKey, u64);

/// What became of a trial.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The Pod as it would have been stored.
    Created(Box<PodView>),
    /// It was refused; the API server's words.
    Refused(Arc<str>),
    /// Pods may not be created by us.
    Forbidden,
}

/// Makes trials.
pub struct Trials {
    /// The connection.
    pub client: Client,
}

impl Look for Trials {
    type Target = TrialTarget;
    const PAUSE: Duration = Duration::from_secs(1);

    async fn look(&mut self, target: &TrialTarget) -> (Option<Message>, Duration) {
        match try_creation(&self.client, &target.0).await {
            Ok(Some(answer)) => {
                let good_for = if matches!(answer, Answer::Created(_)) { GOOD } else { SOON };
                (Some(Message::Trial { target: target.clone(), answer }), good_for)
            }
            Ok(None) => (None, SOON),
            Err(error) => {
                debug!(workload = %target.0, %error, "a trial creation came to nothing");
                (None, SOON)
            }
        }
    }
}

/// Tries to create a Pod from the template of a workload. `None`: it has no template, or is gone.
///
/// # Errors
/// Any trouble that says nothing about the Pod.
pub async fn try_creation(client: &Client, workload: &WorkloadRef) -> Result<Option<Answer>, kube::Error> {
    let workloads: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), &workload.namespace, &resource(workload));
    // Listed by its name: the right to do that is there, the right to get it is not.
    let named = ListParams::default().fields(&format!("metadata.name={}", workload.name));
    let Some(object) = workloads.list(&named).await?.items.pop() else { return Ok(None) };
    let Some(pod) = pod_from(&object.data, workload) else { return Ok(None) };
    let pods: Api<DynamicObject> = Api::namespaced_with(
        client.clone(),
        &workload.namespace,
        &ApiResource::erase::<k8s_openapi::api::core::v1::Pod>(&()),
    );
    let dry_run = PostParams { dry_run: true, field_manager: None };
    match pods.create(&dry_run, &pod).await {
        Ok(created) => {
            let view = serde_json::to_value(&created).and_then(serde_json::from_value);
            Ok(view.ok().map(|view| Answer::Created(Box::new(view))))
        }
        Err(kube::Error::Api(status)) => Ok(Some(refusal(status.code, &status.message))),
        Err(error) => Err(error),
    }
}

/// A refusal by RBAC says something about us, every other one about the Pod.
fn refusal(code: u16, message: &str) -> Answer {
    let is_rbac = code == 403 && message.contains(" cannot create resource \"pods\"");
    if is_rbac { Answer::Forbidden } else { Answer::Refused(message.into()) }
}

fn resource(workload: &WorkloadRef) -> ApiResource {
    let (group, version) = workload.api_version.split_once('/').unwrap_or(("", &workload.api_version));
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version: workload.api_version.to_string(),
        kind: workload.kind.to_string(),
        plural: format!("{}s", workload.kind.to_lowercase()),
    }
}

/// The Pod that the workload's controller would create, without an owner: garbage collection must never hear of it.
fn pod_from(workload: &Value, id: &WorkloadRef) -> Option<DynamicObject> {
    let spec = workload.get("spec")?;
    let template = spec.get("template").or_else(|| spec.pointer("/jobTemplate/spec/template"))?;
    let metadata = template.get("metadata");
    let part = |name: &str| metadata.and_then(|metadata| metadata.get(name)).cloned().unwrap_or(Value::Null);
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": format!("{}-", id.name),
            "namespace": &*id.namespace,
            "labels": part("labels"),
            "annotations": part("annotations"),
        },
        "spec": template.get("spec")?,
    });
    serde_json::from_value(pod).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(kind: &str, api_version: &str) -> WorkloadRef {
        WorkloadRef {
            namespace: "shop".into(),
            kind: kind.into(),
            name: "cart".into(),
            api_version: api_version.into(),
        }
    }

    #[test]
    fn the_pod_is_that_of_the_template() {
        let template = json!({
            "metadata": {"labels": {"app": "cart"}, "annotations": {"instrumentation.opentelemetry.io/inject-java": "true"}},
            "spec": {"containers": [{"name": "app", "image": "shop/cart"}]},
        });
        for (workload, kind) in [
            (json!({"spec": {"template": template}}), id("Deployment", "apps/v1")),
            (json!({"spec": {"jobTemplate": {"spec": {"template": template}}}}), id("CronJob", "batch/v1")),
        ] {
            let pod = pod_from(&workload, &kind).unwrap();
            assert_eq!(pod.metadata.generate_name.as_deref(), Some("cart-"));
            assert_eq!(pod.metadata.annotations.as_ref().map(std::collections::BTreeMap::len), Some(1));
            assert!(pod.metadata.owner_references.is_none());
            assert_eq!(pod.data["spec"], template["spec"]);
        }
        assert!(pod_from(&json!({"spec": {}}), &id("Deployment", "apps/v1")).is_none());
        assert_eq!(resource(&id("Deployment", "apps/v1")).plural, "deployments");
    }

    #[test]
    fn what_rbac_refuses_is_our_own_trouble() {
        let rbac = r#"pods is forbidden: User "x" cannot create resource "pods" in API group "" in the namespace "shop""#;
        assert_eq!(refusal(403, rbac), Answer::Forbidden);
        let quota = r#"pods "cart-" is forbidden: exceeded quota: compute"#;
        assert_eq!(refusal(403, quota), Answer::Refused(quota.into()));
    }
}
