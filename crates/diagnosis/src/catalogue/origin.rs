//! Where does the annotation in effect stand, and which command changes it there?

use facts::{Pod, StringMap};
use injection::annotation::effective_value;

use crate::case::Case;
use crate::harmless;

/// An annotation in effect for some Pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin<'s> {
    /// The annotation.
    pub key: &'s str,
    /// Its value in effect; empty where it stands nowhere.
    pub value: &'s str,
    /// Whether it comes from the Namespace.
    pub on_namespace: bool,
    /// The object on which it stands, as evidence names it.
    pub object: String,
}

/// Where an annotation comes from that is in effect for a Pod, or without one for the template.
pub fn origin<'s>(case: &'s Case<'_>, pod: Option<&'s Pod>, key: &'s str) -> Origin<'s> {
    static NONE: std::sync::LazyLock<StringMap> = std::sync::LazyLock::new(StringMap::default);
    let own = pod.map(|pod| &pod.shape).or(case.template).map_or(&*NONE, |shape| &shape.annotations);
    let value = effective_value(case.namespace_annotations, own, key);
    let said = own.get(key).unwrap_or_default();
    let on_namespace = !value.is_empty() && !said.eq_ignore_ascii_case(value);
    let object = match pod {
        _ if on_namespace => format!("Namespace/{}", case.subject.id.namespace),
        Some(pod) => format!("Pod/{}", pod.name),
        None => case.object(),
    };
    Origin { key, value, on_namespace, object }
}

impl Origin<'_> {
    /// The field, as evidence names it.
    pub fn field(&self) -> String {
        format!("metadata.annotations[{}]", self.key)
    }

    /// ` on Namespace shop`, or nothing where the Pod says it.
    pub fn place(&self) -> String {
        let name = self.object.strip_prefix("Namespace/").filter(|_| self.on_namespace);
        name.map(|name| format!(" on Namespace {name}")).unwrap_or_default()
    }

    /// The command that gives the annotation another value where it stands: the template's rolls the workload by itself.
    pub fn set_command(&self, case: &Case<'_>, value: &str) -> String {
        if self.on_namespace {
            let namespace = &case.subject.id.namespace;
            let restart = case.restart_command();
            return format!(
                "kubectl annotate --overwrite namespace {namespace} {}={} && {restart}",
                self.key,
                harmless::word(value)
            );
        }
        case.annotate_template_command(self.key, value)
    }

    /// The command that takes the annotation away where it stands.
    pub fn remove_command(&self, case: &Case<'_>) -> String {
        if self.on_namespace {
            let namespace = &case.subject.id.namespace;
            return format!(
                "kubectl annotate namespace {namespace} {}- && {}",
                self.key,
                case.restart_command()
            );
        }
        case.patch_template_command(&[(self.key, None)])
    }
}
