//! Does Pod Security let the Pod in?
//!
//! `k8s.io/pod-security-admission/policy` v0.36: the checks of the levels `baseline` and `restricted`, in the order of their
//! names, each with the API server's words. A namespace may pin the version of the checks; those that came later do not
//! count then. Checks of versions before 1.19 are those of 1.19.

mod baseline;
mod restricted;

use std::fmt;

use facts::StringMap;
use serde_json::Value;

use super::visit;

/// The level that a namespace enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PodSecurityLevel {
    /// Nothing is refused.
    Privileged,
    /// Known ways to more privileges are refused.
    Baseline,
    /// Hardening is demanded.
    Restricted,
}

impl PodSecurityLevel {
    /// The level in a Namespace's labels; a word that is no level means `restricted`.
    pub fn enforced(labels: &StringMap) -> Self {
        match labels.get("pod-security.kubernetes.io/enforce") {
            None | Some("privileged") => Self::Privileged,
            Some("baseline") => Self::Baseline,
            Some(_) => Self::Restricted,
        }
    }
}

impl fmt::Display for PodSecurityLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        })
    }
}

/// The version of the checks: Kubernetes 1.`minor`, or the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodSecurityVersion(u32);

impl PodSecurityVersion {
    const LATEST: Self = Self(u32::MAX);

    /// The version in a Namespace's labels; what is no version means the latest.
    pub fn enforced(labels: &StringMap) -> Self {
        let version = labels.get("pod-security.kubernetes.io/enforce-version").unwrap_or_default();
        version.strip_prefix("v1.").and_then(|minor| minor.parse().ok()).map_or(Self::LATEST, Self)
    }
}

impl fmt::Display for PodSecurityVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::LATEST { f.write_str("latest") } else { write!(f, "v1.{}", self.0) }
    }
}

/// The Pod, and the version by which it is judged.
struct Judged<'a> {
    pod: &'a Value,
    version: PodSecurityVersion,
}

type Check = fn(&Judged<'_>) -> Option<String>;

/// Everything that violates a level, in the API server's order and words.
pub(super) fn violations(pod: &Value, level: PodSecurityLevel, version: PodSecurityVersion) -> Vec<String> {
    let judged = Judged { pod, version };
    let baseline: &[Check] = &[
        baseline::app_armor,
        baseline::capabilities,
        baseline::host_namespaces,
        baseline::host_paths,
        baseline::host_ports,
        baseline::probe_hosts,
        baseline::privileged,
        baseline::proc_mount,
        baseline::se_linux,
        baseline::seccomp,
        baseline::sysctls,
        baseline::windows_host_process,
    ];
    // Some checks of the stricter level take the place of one of the weaker.
    let restricted: &[Check] = &[
        baseline::app_armor,
        restricted::capabilities_before_1_22,
        baseline::host_namespaces,
        baseline::host_ports,
        baseline::probe_hosts,
        baseline::privileged,
        restricted::proc_mount_before_1_35,
        baseline::se_linux,
        baseline::sysctls,
        baseline::windows_host_process,
        restricted::privilege_escalation,
        restricted::capabilities,
        restricted::proc_mount,
        restricted::volume_types,
        restricted::run_as_non_root,
        restricted::run_as_root,
        restricted::seccomp,
    ];
    let checks = match level {
        PodSecurityLevel::Privileged => &[],
        PodSecurityLevel::Baseline => baseline,
        PodSecurityLevel::Restricted => restricted,
    };
    checks.iter().filter_map(|check| check(&judged)).collect()
}

impl<'a> Judged<'a> {
    fn is_since(&self, minor: u32) -> bool {
        self.version >= PodSecurityVersion(minor)
    }

    fn context(&self) -> &'a Value {
        &self.pod["spec"]["securityContext"]
    }

    fn containers(&self) -> impl Iterator<Item = &'a Value> {
        visit(self.pod).map(|(_, container)| container)
    }

    fn containers_where(&self, is_bad: impl Fn(&Value) -> bool) -> Vec<&'a str> {
        self.containers().filter(|container| is_bad(&container["securityContext"])).map(name).collect()
    }

    /// The Pod itself and containers, in words, as far as their security context is bad.
    fn setters(&self, is_bad: impl Fn(&Value) -> bool) -> Vec<String> {
        let mut setters = Vec::new();
        if is_bad(self.context()) {
            setters.push("pod".to_owned());
        }
        let containers = self.containers_where(is_bad);
        if !containers.is_empty() {
            setters.push(the("container", &containers));
        }
        setters
    }

    fn is_windows(&self) -> bool {
        self.pod["spec"]["os"]["name"] == "windows"
    }

    /// Pods of a user namespace of their own may do more since 1.35.
    fn has_own_users(&self) -> bool {
        self.pod["spec"]["hostUsers"] == false && self.is_since(35)
    }
}

fn name(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let set: std::collections::BTreeSet<T> = values.collect();
    set.into_iter().collect()
}

fn plural(word: &str, count: usize) -> String {
    format!("{word}{}", if count == 1 { "" } else { "s" })
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}

/// `container "a"` or `containers "a", "b"`.
fn the(word: &str, names: &[&str]) -> String {
    format!("{} {}", plural(word, names.len()), quoted(names))
}

/// Capabilities that containers add beyond these, and the containers.
fn forbidden_additions<'a>(judged: &Judged<'a>, allowed: &[&str]) -> Option<(Vec<&'a str>, String)> {
    let mut names = Vec::new();
    let mut capabilities: Vec<&str> = Vec::new();
    for container in judged.containers() {
        let added = container["securityContext"]["capabilities"]["add"].as_array().into_iter().flatten();
        let bad: Vec<&str> = added.filter_map(Value::as_str).filter(|name| !allowed.contains(name)).collect();
        if !bad.is_empty() {
            names.push(name(container));
            capabilities.extend(bad);
        }
    }
    (!names.is_empty()).then(|| (names, quoted(&sorted(capabilities.into_iter()))))
}
