//! Namespaces, Nodes, webhook configurations and CRDs.

use std::sync::Arc;

use facts::{
    CustomResourceDefinition, InputKind, MutatingWebhookConfiguration, Namespace, Node, StringMap, Webhook,
    WebhookRule,
};

use super::kept::{Labels, trim};
use crate::operator_side::is_operators;
use crate::store::Change;
use crate::world::World;

/// Group of the operator's own kinds.
const GROUP: &str = "opentelemetry.io";

impl World {
    /// Touches every workload inside.
    pub(crate) fn apply_namespace(&mut self, mut namespace: Namespace) {
        trim(&mut namespace.metadata.metadata, Labels::All, &mut self.interner);
        namespace.metadata.keep_annotation_times();
        let name = self.interner.string(&namespace.metadata.metadata.name);
        namespace.metadata.metadata.name = name.clone();
        let list = self.inputs.list(InputKind::Namespaces);
        if self.namespaces.put(&name, namespace, list) != Change::None {
            self.namespace_changed(&name);
        }
    }

    pub(crate) fn remove_namespace(&mut self, name: &Arc<str>, uid: &str) {
        if self.namespaces.remove(name, uid).is_some() {
            self.namespace_changed(name);
        }
    }

    fn namespace_changed(&mut self, name: &Arc<str>) {
        self.pending.namespaces.insert(name.clone());
        if self.operator.is_in(name) {
            self.operator_changed();
        }
    }

    /// Touches concerned workloads with Pods on it.
    pub(crate) fn apply_node(&mut self, mut node: Node) {
        trim(&mut node.metadata, Labels::All, &mut self.interner);
        node.metadata.annotations = StringMap::default();
        let name = self.interner.string(&node.metadata.name);
        let list = self.inputs.list(InputKind::Nodes);
        if self.nodes.put(&name, node, list) != Change::None {
            self.pending.nodes.insert(name);
        }
    }

    pub(crate) fn remove_node(&mut self, name: &Arc<str>, uid: &str) {
        if self.nodes.remove(name, uid).is_some() {
            self.pending.nodes.insert(name.clone());
        }
    }

    /// A part of the operator's side where it is called for Pods or for the operator's kinds.
    pub(crate) fn apply_webhook(&mut self, mut webhook: MutatingWebhookConfiguration) {
        trim(&mut webhook.metadata, Labels::All, &mut self.interner);
        let name = webhook.metadata.name.clone();
        let list = self.inputs.list(InputKind::MutatingWebhookConfigurations);
        let concerns = concerns_pods(&webhook);
        let before = match self.webhooks.put(&name, webhook, list) {
            Change::None => return,
            Change::Added => None,
            Change::Replaced(old) => Some(old),
        };
        self.webhooks_changed(concerns || before.as_ref().is_some_and(concerns_pods));
    }

    pub(crate) fn remove_webhook(&mut self, name: &str, uid: &str) {
        if let Some(gone) = self.webhooks.remove(name, uid) {
            self.webhooks_changed(concerns_pods(&gone));
        }
    }

    fn webhooks_changed(&mut self, concerns: bool) {
        if concerns {
            self.operator.find_services(self.webhooks.values());
            self.operator_changed();
        }
    }

    /// A part of the operator's side where it is one of its own.
    pub(crate) fn apply_crd(&mut self, mut crd: CustomResourceDefinition) {
        trim(&mut crd.metadata, Labels::All, &mut self.interner);
        let name = crd.metadata.name.clone();
        let list = self.inputs.list(InputKind::CustomResourceDefinitions);
        if self.crds.put(&name, crd, list) != Change::None && name.ends_with(GROUP) {
            self.operator_changed();
        }
    }

    pub(crate) fn remove_crd(&mut self, name: &str, uid: &str) {
        if self.crds.remove(name, uid).is_some() && name.ends_with(GROUP) {
            self.operator_changed();
        }
    }
}

fn concerns_pods(configuration: &MutatingWebhookConfiguration) -> bool {
    let creates_pods = |webhook: &Webhook| webhook.rules.iter().any(WebhookRule::covers_pod_creation);
    configuration.webhooks.iter().any(|webhook| creates_pods(webhook) || is_operators(webhook))
}
