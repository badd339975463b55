//! Which workloads are meant?

use std::fmt;
use std::str::FromStr;

use facts::WorkloadRef;
use world::World;

use crate::check::error::CheckError;

/// A workload as people name it: `deployment/checkout`, `deploy/checkout`, or as the output names it, `shop/deployment/checkout`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    namespace: Option<String>,
    kind: String,
    called: String,
}

/// Likeness from which a name counts as a misspelling of another.
const NEAR: f64 = 0.85;

/// Short names of the kinds, as `kubectl` knows them.
const SHORT: [(&str, &str); 5] =
    [("cj", "cronjob"), ("deploy", "deployment"), ("ds", "daemonset"), ("po", "pod"), ("sts", "statefulset")];

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, kind, name) = match parts.as_slice() {
            [kind, name] => (None, *kind, *name),
            [namespace, kind, name] => (Some((*namespace).to_owned()), *kind, *name),
            _ => return Err("name a workload as KIND/NAME, for example deployment/checkout"),
        };
        if kind.is_empty() || name.is_empty() || namespace.as_deref() == Some("") {
            return Err("kind and name must not be empty");
        }
        Ok(Self { namespace, kind: singular(kind), called: name.to_owned() })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind, self.called)
    }
}

/// A kind in one form: `sts`, `StatefulSets.apps` and `statefulset` are the same.
pub fn singular(kind: &str) -> String {
    let lower = kind.split('.').next().unwrap_or(kind).to_lowercase();
    let short = SHORT.iter().find(|(short, _)| *short == lower);
    short.map_or_else(|| lower.trim_end_matches('s').to_owned(), |(_, kind)| (*kind).to_owned())
}

impl Name {
    fn is(&self, id: &WorkloadRef) -> bool {
        let kind = id.kind.to_lowercase();
        (self.kind == kind || self.kind == kind.trim_end_matches('s'))
            && *self.called == *id.name
            && self.namespace.as_ref().is_none_or(|namespace| **namespace == *id.namespace)
    }

    /// Whether it is a Pod of that workload.
    fn is_pod_of(&self, world: &World, id: &WorkloadRef) -> bool {
        self.kind == "pod"
            && self.namespace.as_ref().is_none_or(|namespace| **namespace == *id.namespace)
            && world
                .subject(id)
                .is_some_and(|subject| subject.pods.iter().any(|pod| *pod.name == *self.called))
    }
}

/// The workloads meant by `names` in `namespace`; without names all of them. A Pod stands for its workload.
///
/// # Errors
/// [`CheckError::NoSuchWorkload`] for a name that nothing has, [`CheckError::NoSuchNamespace`] for a namespace with nothing in it.
pub fn select(
    world: &World,
    namespace: Option<&str>,
    names: &[Name],
) -> Result<Vec<WorkloadRef>, CheckError> {
    let everything = world.workloads();
    let here = |id: &&WorkloadRef| namespace.is_none_or(|namespace| *id.namespace == *namespace);
    if names.is_empty() {
        return Ok(everything.iter().filter(here).cloned().collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        // A namespace in the name itself is more than the one of the context.
        let candidates = everything.iter().filter(|id| name.namespace.is_some() || here(id));
        let mut found: Vec<_> = candidates.clone().filter(|id| name.is(id)).cloned().collect();
        if found.is_empty() {
            found = candidates.clone().filter(|id| name.is_pod_of(world, id)).cloned().collect();
        }
        if found.is_empty() {
            return Err(no_such(name, namespace, candidates));
        }
        chosen.append(&mut found);
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

fn no_such<'w>(
    name: &Name,
    namespace: Option<&str>,
    candidates: impl Iterator<Item = &'w WorkloadRef>,
) -> CheckError {
    let near = candidates
        .map(|id| (strsim::jaro_winkler(&name.called, &id.name), id))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    CheckError::NoSuchWorkload {
        name: name.to_string(),
        place: name
            .namespace
            .as_deref()
            .or(namespace)
            .map_or_else(String::new, |ns| format!(" in namespace {ns:?}")),
        near: near.map(|(_, id)| id.slug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_kubectl_takes_them() {
        for (text, want) in [
            ("deployment/checkout", Some((None, "deployment", "checkout"))),
            ("deploy/checkout", Some((None, "deployment", "checkout"))),
            ("Deployments.apps/checkout", Some((None, "deployment", "checkout"))),
            ("sts/orders", Some((None, "statefulset", "orders"))),
            ("ds/node-probe", Some((None, "daemonset", "node-probe"))),
            ("cj/nightly", Some((None, "cronjob", "nightly"))),
            ("shop/deployment/checkout", Some((Some("shop"), "deployment", "checkout"))),
            ("rollout/web", Some((None, "rollout", "web"))),
            ("checkout", None),
            ("deployment/", None),
            ("/deployment/checkout", None),
            ("a/b/c/d", None),
        ] {
            let name = text.parse::<Name>().ok();
            let parts = name.as_ref().map(|n| (n.namespace.as_deref(), n.kind.as_str(), n.called.as_str()));
            assert_eq!(parts, want, "{text}");
        }
    }
}
