//! With which commands are the Pods of many workloads made anew?

use std::collections::BTreeMap;

/// Kinds of which `kubectl rollout restart` takes several at once.
const ROLLED: [&str; 3] = ["daemonset", "deployment", "statefulset"];

/// One command for each namespace. `workloads`: namespace and `kind/name`; those that cannot be rolled are left out.
pub fn commands<'w>(workloads: impl Iterator<Item = (&'w str, &'w str)>) -> Vec<String> {
    let mut by_namespace: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (namespace, slug) in workloads {
        if slug.split('/').next().is_some_and(|kind| ROLLED.contains(&kind)) {
            by_namespace.entry(namespace).or_default().push(slug);
        }
    }
    let command = |(namespace, mut slugs): (&str, Vec<&str>)| {
        slugs.sort_unstable();
        slugs.dedup();
        format!("kubectl -n {namespace} rollout restart {}", slugs.join(" "))
    };
    by_namespace.into_iter().map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_namespace_is_one_command() {
        let workloads = [
            ("shop", "deployment/search"),
            ("eu", "statefulset/orders"),
            ("shop", "deployment/ads"),
            ("shop", "cronjob/nightly"),
        ];
        assert_eq!(
            commands(workloads.into_iter()),
            [
                "kubectl -n eu rollout restart statefulset/orders",
                "kubectl -n shop rollout restart deployment/ads deployment/search",
            ]
        );
    }
}
