//! Which commands change a workload, or make its Pods anew?

use serde_json::{Value, json};

use super::Case;
use crate::harmless;

impl Case<'_> {
    /// The command that makes the workload's Pods anew.
    pub fn restart_command(&self) -> String {
        let id = &self.subject.id;
        match &*id.kind {
            "Deployment" | "StatefulSet" | "DaemonSet" => {
                format!("kubectl -n {} rollout restart {}", id.namespace, id.slug())
            }
            // The plugin of Argo Rollouts, without which nothing restarts one by one command.
            "Rollout" => format!("kubectl argo rollouts -n {} restart {}", id.namespace, id.name),
            "CronJob" => format!(
                "kubectl -n {ns} create job --from={slug} {name}-again",
                ns = id.namespace,
                slug = id.slug(),
                name = id.name
            ),
            // Neither can be changed in place: its manifest has to be applied anew, under whatever name the user has it.
            kind => format!(
                "kubectl -n {} replace --force -f {}-{}.yaml",
                id.namespace,
                kind.to_lowercase(),
                id.name
            ),
        }
    }

    /// The command that opens the template, for changes that only people can make; it rolls the workload.
    pub fn edit_command(&self) -> String {
        let id = &self.subject.id;
        match &*id.kind {
            "Pod" | "Job" => self.restart_command(),
            _ => format!("kubectl -n {} edit {}", id.namespace, id.slug()),
        }
    }

    /// The command that sets an annotation on the Pod template, which rolls the workload.
    pub fn annotate_template_command(&self, key: &str, value: &str) -> String {
        self.patch_template_command(&[(key, Some(value))])
    }

    /// The command that sets (or, without a value, removes) annotations on the Pod template, which rolls the workload. Pods
    /// without controller and Jobs cannot be patched: they have to be made anew.
    pub fn patch_template_command(&self, annotations: &[(&str, Option<&str>)]) -> String {
        let values: serde_json::Map<_, _> =
            annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        self.merge_into_template_command(&json!({"metadata": {"annotations": values}}))
    }

    /// The command that merges JSON into the Pod template, which rolls the workload. Pods without controller and Jobs cannot be
    /// patched: they have to be made anew.
    pub fn merge_into_template_command(&self, template: &Value) -> String {
        let spec = json!({"template": template});
        match &*self.subject.id.kind {
            "Pod" | "Job" => self.restart_command(),
            "CronJob" => self.merge_into_spec_command(&json!({"jobTemplate": {"spec": spec}})),
            _ => self.merge_into_spec_command(&spec),
        }
    }

    /// The command that merges JSON into the workload's spec.
    pub fn merge_into_spec_command(&self, spec: &Value) -> String {
        let id = &self.subject.id;
        let patch = harmless::json(&json!({"spec": spec}));
        format!("kubectl -n {} patch {} --type merge -p {patch}", id.namespace, id.slug())
    }
}
