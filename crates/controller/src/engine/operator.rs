//! What is known of the operator, and who suffers from errors that sit in it?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnosis::OperatorState;
use facts::{ClusterView, WorkloadRef};
use k8s_openapi::api::core::v1::ObjectReference;
use world::World;

use crate::certificate::Target;

/// The operator's side, worked out once for all workloads, and the workloads that suffer from it.
#[derive(Debug, Default)]
pub struct OperatorSide {
    epoch: Option<u64>,
    state: Option<Arc<OperatorState>>,
    /// Who says so now, and the reason.
    suffering: BTreeMap<WorkloadRef, Box<str>>,
    news: bool,
    /// Workloads whose Pods were admitted without an agent in an outage.
    bare: BTreeSet<WorkloadRef>,
}

impl OperatorSide {
    /// Works the state out anew where something changed. Answers whether it did.
    pub fn refresh(&mut self, world: &World) -> bool {
        let epoch = world.operator_epoch();
        if self.epoch == Some(epoch) && self.state.is_some() {
            return false;
        }
        self.epoch = Some(epoch);
        self.state = Some(Arc::new(OperatorState::discover(world)));
        true
    }

    /// What is known. Must have been refreshed.
    pub fn state(&self) -> &Arc<OperatorState> {
        self.state.as_ref().expect("`refresh` runs before anything is judged")
    }

    /// The same, before the first refresh as well.
    pub fn known(&self) -> Option<&OperatorState> {
        self.state.as_deref()
    }

    /// Puts the Services of the Pod webhooks into `targets`. Answers whether that changed anything.
    pub fn update_targets(&self, world: &World, targets: &mut Vec<Target>) -> bool {
        let configs = self.state().pod_webhooks.iter().map(|webhook| &webhook.entry.client_config);
        let mut new: Vec<Target> = configs
            .filter_map(|config| {
                let named = config.service.as_ref()?;
                Target::of(world.service(&named.namespace, &named.name).found()?, config)
            })
            .collect();
        new.sort_unstable();
        new.dedup();
        let changed = *targets != new;
        *targets = new;
        changed
    }

    /// Notes which error of the operator a workload suffers from.
    pub fn note_suffering(&mut self, workload: &WorkloadRef, reason: Option<&str>) {
        let before = self.suffering.get(workload).map(|reason| &**reason);
        if before == reason {
            return;
        }
        self.news = true;
        match reason {
            Some(reason) => self.suffering.insert(workload.clone(), reason.into()),
            None => self.suffering.remove(workload),
        };
    }

    /// Whether that has changed since this was last asked.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// The first workload that suffers from each error.
    pub fn suffering(&self) -> BTreeMap<&str, &WorkloadRef> {
        self.suffering.iter().rev().map(|(workload, reason)| (&**reason, workload)).collect()
    }

    /// Notes whether an outage has left Pods of a workload without an agent.
    pub fn note_bare(&mut self, workload: &WorkloadRef, is_bare: bool) {
        if is_bare {
            self.bare.insert(workload.clone());
        } else {
            self.bare.remove(workload);
        }
    }

    /// The commands that mend what outages have left behind.
    pub fn restarts(&self) -> Vec<String> {
        let slugs: Vec<(&str, String)> =
            self.bare.iter().map(|workload| (&*workload.namespace, workload.slug())).collect();
        diagnosis::restart::commands(slugs.iter().map(|(namespace, slug)| (*namespace, slug.as_str())))
    }

    /// The object of the operator that Events are about: its Deployment, or else the webhook configuration.
    pub fn object(&self, world: &World) -> Option<ObjectReference> {
        let state = self.state.as_ref()?;
        let deployment = state.deployment.as_ref().and_then(|id| world.workload(id).found());
        let text = |text: &Arc<str>| Some(text.to_string());
        if let Some(deployment) = deployment {
            return Some(ObjectReference {
                api_version: text(&deployment.id.api_version),
                kind: text(&deployment.id.kind),
                namespace: text(&deployment.id.namespace),
                name: text(&deployment.id.name),
                uid: text(&deployment.uid),
                ..ObjectReference::default()
            });
        }
        let configuration = &state.pod_webhooks.first()?.configuration;
        let webhooks = world.mutating_webhooks();
        let found = webhooks.iter().find(|webhook| webhook.metadata.name == *configuration)?;
        Some(ObjectReference {
            api_version: Some("admissionregistration.k8s.io/v1".to_owned()),
            kind: Some("MutatingWebhookConfiguration".to_owned()),
            name: text(configuration),
            uid: text(&found.metadata.uid),
            ..ObjectReference::default()
        })
    }
}
