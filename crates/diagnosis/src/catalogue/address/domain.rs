//! Which domain does the end of a host name mean?

/// A domain after `svc` that differs little from `cluster.local`. Clusters may have another domain altogether.
pub(super) fn misspelt(domain: &[&str]) -> Option<String> {
    let domain = domain.join(".");
    let wrong = match domain.as_str() {
        "" | "cluster.local" => false,
        "local" | "cluster" => true,
        other => strsim::levenshtein(other, "cluster.local") <= 3,
    };
    wrong.then_some(domain)
}

/// Last labels of private networks.
const PRIVATE: [&str; 12] = [
    "local",
    "localdomain",
    "internal",
    "intern",
    "intra",
    "intranet",
    "corp",
    "private",
    "lan",
    "home",
    "consul",
    "mesh",
];

/// Whether a last label is a domain of the public or of a private network rather than a misspelt namespace.
pub(super) fn is_outer_domain(label: &str) -> bool {
    const OUTER: [&str; 32] = [
        "com",
        "net",
        "org",
        "info",
        "biz",
        "dev",
        "app",
        "cloud",
        "tech",
        "online",
        "site",
        "systems",
        "services",
        "software",
        "network",
        "tools",
        "digital",
        "solutions",
        "technology",
        "company",
        "group",
        "bank",
        "shop",
        "store",
        "edu",
        "gov",
        "mil",
        "int",
        "arpa",
        "example",
        "test",
        "invalid",
    ];
    label.len() == 2 || label.starts_with("xn--") || OUTER.contains(&label) || PRIVATE.contains(&label)
}

/// Whether a host outside the cluster belongs to a private network rather than to a vendor.
pub fn is_private_name(host: &str) -> bool {
    host.rsplit('.').next().is_some_and(|last| PRIVATE.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_misspelt_only_when_it_is_near_to_the_usual_one() {
        for (domain, wrong) in [
            ("cluster.local", false),
            ("", false),
            ("local", true),
            ("cluster.loca", true),
            ("clusterlocal", true),
            ("k8s.corp.example", false),
        ] {
            let labels: Vec<&str> = domain.split('.').filter(|label| !label.is_empty()).collect();
            assert_eq!(misspelt(&labels).is_some(), wrong, "{domain}");
        }
    }
}
