//! A Pod: touches its workload, the old one too where its controller changed.

use std::sync::Arc;

use facts::{InputKind, Pod, PodShape, PodView};

use crate::store::Change;
use crate::world::World;

impl World {
    pub(crate) fn apply_pod(&mut self, view: PodView) {
        let mut pod = Pod::new(view, &mut self.interner);
        self.mentions.note(&pod.shape);
        if pod.created > self.newest_injected && pod.shape.carries_agent() {
            self.newest_injected = pod.created;
        }
        let list = self.inputs.list(InputKind::Pods);
        let guess = self.inputs.guess();
        let namespace = pod.namespace.clone();
        let space = self.space_mut(&namespace);
        if let Some(held) = space.pods.held_name(&pod.name) {
            pod.name = held.clone();
        }
        let name = pod.name.clone();
        let controller = pod.controller.clone();
        if pod.status.has_restarted() {
            space.restarted.insert(name.clone());
        } else {
            space.restarted.remove(&name);
        }
        let before = match space.pods.put(&name, pod, list) {
            Change::None => return,
            Change::Added => None,
            Change::Replaced(old) => Some(old),
        };
        let was = before.as_ref().and_then(|old| space.workload_of_pod(old, guess));
        if before.as_ref().is_none_or(|old| old.controller != controller) {
            if let Some(old) = &before {
                space.unlink_pod(old);
            }
            space.link_pod(&name);
        }
        let held = space.pods.get(&name);
        let is = held.and_then(|pod| space.workload_of_pod(pod, guess));
        let shape = held.map(|pod| pod.shape.clone());
        for workload in was.iter().chain(is.iter().filter(|is| was.as_ref() != Some(is))) {
            self.touch(workload.clone());
        }
        for shape in shape.iter().chain(before.as_ref().map(|old| &old.shape)) {
            self.touch_operator(&namespace, shape);
        }
        self.litter(usize::from(before.is_some()));
    }

    pub(crate) fn remove_pod(&mut self, namespace: &Arc<str>, name: &str, uid: &str) {
        let guess = self.inputs.guess();
        let Some(space) = self.spaces.get_mut(namespace) else { return };
        let Some(gone) = space.pods.remove(name, uid) else { return };
        let was = space.workload_of_pod(&gone, guess);
        space.restarted.remove(name);
        space.unlink_pod(&gone);
        if let Some(workload) = was {
            self.touch(workload);
        }
        self.touch_operator(namespace, &gone.shape);
    }

    /// Pods may serve the operator's webhooks without being of a Deployment that looks like it.
    fn touch_operator(&mut self, namespace: &str, shape: &PodShape) {
        let Some(space) = self.spaces.get(namespace) else { return };
        let services = self.operator.services.of(namespace).filter_map(|name| space.services.get(name));
        let mut selectors = services.map(|service| &service.spec.selector);
        let serves = selectors.any(|selector| !selector.is_empty() && shape.labels.has_all(selector));
        drop(selectors);
        if serves {
            self.operator_changed();
        }
    }
}
