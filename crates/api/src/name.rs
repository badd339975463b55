//! What is the `InstrumentationHealth` of a workload called?

use crate::resource::WorkloadReference;

/// Longest name that a Kubernetes object of ours may have (DNS subdomain).
const MAX_NAME: usize = 253;

/// `<kind>-<name>` in lower case. A name that would be too long is cut and gets a hash of the whole; a kind that is not
/// one of Kubernetes' own gets a hash of its API group, so that `Rollout` of two groups stay two objects.
pub fn object_name(workload: &WorkloadReference) -> String {
    let group = workload.api_version.split_once('/').map_or("", |(group, _)| group);
    let plain = format!("{}-{}", workload.kind.to_lowercase(), workload.name);
    let known = matches!(group, "" | "apps" | "batch");
    if known && plain.len() <= MAX_NAME {
        return plain;
    }
    let hash = fnv1a(&format!("{group}/{}/{}", workload.kind, workload.name));
    let suffix = format!("-{hash:016x}");
    let mut cut = MAX_NAME - suffix.len();
    cut = cut.min(plain.len());
    while !plain.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}{suffix}", plain[..cut].trim_end_matches(['-', '.']))
}

/// FNV-1a, 64 bit: short, stable over releases and platforms, and no security depends on it.
pub(crate) fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(api_version: &str, kind: &str, name: &str) -> WorkloadReference {
        WorkloadReference { api_version: api_version.into(), kind: kind.into(), name: name.into() }
    }

    #[test]
    fn names_are_kind_and_name_in_lower_case() {
        assert_eq!(object_name(&workload("apps/v1", "Deployment", "checkout")), "deployment-checkout");
        assert_eq!(object_name(&workload("v1", "Pod", "notebook")), "pod-notebook");
        assert_eq!(object_name(&workload("batch/v1", "CronJob", "invoices")), "cronjob-invoices");
    }

    #[test]
    fn long_names_are_cut_and_stay_distinct() {
        let a = object_name(&workload("apps/v1", "Deployment", &"a".repeat(253)));
        let b = object_name(&workload("apps/v1", "Deployment", &format!("{}b", "a".repeat(252))));
        assert!(a.len() <= 253 && b.len() <= 253);
        assert_ne!(a, b);
    }

    #[test]
    fn a_foreign_group_is_part_of_the_name() {
        let argo = object_name(&workload("argoproj.io/v1alpha1", "Rollout", "web"));
        let other = object_name(&workload("example.com/v1", "Rollout", "web"));
        assert_ne!(argo, other);
        assert!(argo.starts_with("rollout-web-"));
    }
}
