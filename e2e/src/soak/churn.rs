//! What happens to a healthy workload in the course of a day?

use fastrand::Rng;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::{Api, Client};
use serde_json::{Value, json};

use super::population::{Population, Workload};
use crate::Error;
use crate::bed::apply::apply_yaml;

/// Most replicas of a workload.
const MOST: u32 = 4;

/// Changes one workload at a time, by chance.
pub(super) struct Churn {
    client: Client,
    chance: Rng,
    /// Distinguishes one restart from the next.
    restarts: u32,
}

impl Churn {
    pub(super) fn new(client: Client, seed: u64) -> Self {
        Self { client, chance: Rng::with_seed(seed), restarts: 0 }
    }

    /// Changes something; answers what, for the log.
    pub(super) async fn change(&mut self, population: &mut Population) -> Result<String, Error> {
        let index = self.chance.usize(..population.workloads.len());
        let what = self.chance.u32(..100);
        let workload = &mut population.workloads[index];
        let name = format!("{}/{}/{}", workload.namespace, workload.kind, workload.name);
        if !workload.exists {
            workload.exists = true;
            self.apply(workload).await?;
            return Ok(format!("create {name}"));
        }
        match what {
            0..30 => {
                workload.release += 1;
                self.apply(workload).await?;
                Ok(format!("release {} of {name}", workload.release))
            }
            30..50 => self.restart(workload).await.map(|()| format!("restart {name}")),
            50..70 if workload.scales() => {
                workload.replicas = self.chance.u32(..=MOST);
                self.patch(workload, &json!({"spec": {"replicas": workload.replicas}})).await?;
                Ok(format!("scale {name} to {}", workload.replicas))
            }
            50..90 => Ok(match self.delete_pod(workload).await? {
                Some(pod) => format!("delete Pod {pod} of {name}"),
                None => format!("no Pod to delete of {name}"),
            }),
            _ => {
                workload.exists = false;
                let deleted = self.api(workload).delete(&workload.name, &DeleteParams::background()).await;
                deleted.map_err(Error::api(format!("delete {name}")))?;
                Ok(format!("delete {name}"))
            }
        }
    }

    async fn apply(&self, workload: &Workload) -> Result<(), Error> {
        apply_yaml(&self.client, &workload.manifest().to_string()).await.map(|_| ())
    }

    /// As `kubectl rollout restart` does it.
    async fn restart(&mut self, workload: &Workload) -> Result<(), Error> {
        self.restarts += 1;
        let restarted = json!({"metadata": {"annotations": {
            "kubectl.kubernetes.io/restartedAt": self.restarts.to_string()}}});
        let spec = match workload.kind {
            "CronJob" => json!({"jobTemplate": {"spec": {"template": restarted}}}),
            _ => json!({"template": restarted}),
        };
        self.patch(workload, &json!({"spec": spec})).await
    }

    async fn patch(&self, workload: &Workload, patch: &Value) -> Result<(), Error> {
        // Under the name of those who apply, so that the next release does not take it for a conflict.
        let parameters = PatchParams { field_manager: Some("bed".to_owned()), ..PatchParams::default() };
        let patched = self.api(workload).patch(&workload.name, &parameters, &Patch::Merge(patch)).await;
        patched.map_err(Error::api(format!("change {}", workload.name)))?;
        Ok(())
    }

    async fn delete_pod(&mut self, workload: &Workload) -> Result<Option<String>, Error> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), &workload.namespace);
        let own = ListParams::default().labels(&format!("app={}", workload.name));
        let names: Vec<String> = pods
            .list(&own)
            .await
            .map_err(Error::api("list Pods"))?
            .iter()
            .map(kube::ResourceExt::name_any)
            .collect();
        let Some(name) = self.chance.choice(names) else { return Ok(None) };
        match pods.delete(&name, &DeleteParams::default()).await {
            Ok(_) => Ok(Some(name)),
            // It has gone by itself meanwhile.
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(error) => Err(Error::api(format!("delete Pod {name}"))(error)),
        }
    }

    fn api(&self, workload: &Workload) -> Api<DynamicObject> {
        let group = if workload.kind == "CronJob" { "batch" } else { "apps" };
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", workload.kind));
        Api::namespaced_with(self.client.clone(), &workload.namespace, &kind)
    }
}
