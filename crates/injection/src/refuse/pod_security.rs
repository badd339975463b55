//! Does Pod Security let the Pod in?
//!
//! `k8s.io/pod-security-admission/policy` v0.36, version `latest`: the checks of the levels `baseline` and `restricted`, in
//! the order of their names, each with the API server's words.

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

/// Everything that violates a level, in the API server's order and words.
pub(super) fn violations(pod: &Value, level: PodSecurityLevel) -> Vec<String> {
    let checks: &[fn(&Value) -> Option<String>] = match level {
        PodSecurityLevel::Privileged => &[],
        PodSecurityLevel::Baseline => {
            &[added_capabilities, host_namespaces, host_paths, host_ports, privileged, unconfined_seccomp]
        }
        PodSecurityLevel::Restricted => &[
            host_namespaces,
            host_ports,
            privileged,
            privilege_escalation,
            capabilities,
            volume_types,
            run_as_non_root,
            run_as_root,
            seccomp,
        ],
    };
    checks.iter().filter_map(|check| check(pod)).collect()
}

fn containers_where(pod: &Value, is_bad: impl Fn(&Value) -> bool) -> Vec<&str> {
    let bad = visit(pod).filter(|(_, container)| is_bad(&container["securityContext"]));
    bad.map(|(_, container)| container["name"].as_str().unwrap_or_default()).collect()
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}

/// `container "a"` or `containers "a", "b"`.
fn the(word: &str, names: &[&str]) -> String {
    format!("{word}{} {}", if names.len() == 1 { "" } else { "s" }, quoted(names))
}

fn is_windows(pod: &Value) -> bool {
    pod["spec"]["os"]["name"] == "windows"
}

fn host_namespaces(pod: &Value) -> Option<String> {
    let used: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .iter()
        .filter(|field| pod["spec"][**field] == true)
        .map(|field| format!("{field}=true"))
        .collect();
    (!used.is_empty()).then(|| format!("host namespaces ({})", used.join(", ")))
}

fn volumes(pod: &Value) -> impl Iterator<Item = &Value> {
    pod["spec"]["volumes"].as_array().into_iter().flatten()
}

fn host_paths(pod: &Value) -> Option<String> {
    let names: Vec<&str> = volumes(pod)
        .filter(|volume| !volume["hostPath"].is_null())
        .map(|volume| volume["name"].as_str().unwrap_or_default())
        .collect();
    (!names.is_empty()).then(|| format!("hostPath volumes ({})", the("volume", &names)))
}

fn volume_types(pod: &Value) -> Option<String> {
    const ALLOWED: [&str; 10] = [
        "name",
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    let bad: Vec<(&str, &str)> = volumes(pod)
        .filter_map(|volume| {
            let kind = volume.as_object()?.keys().find(|key| !ALLOWED.contains(&key.as_str()))?;
            Some((volume["name"].as_str().unwrap_or_default(), kind.as_str()))
        })
        .collect();
    let names: Vec<&str> = bad.iter().map(|(name, _)| *name).collect();
    let mut kinds: Vec<&str> = bad.iter().map(|(_, kind)| *kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let verb = if names.len() == 1 { "uses" } else { "use" };
    let plural = if kinds.len() == 1 { "" } else { "s" };
    (!names.is_empty()).then(|| {
        format!(
            "restricted volume types ({} {verb} restricted volume type{plural} {})",
            the("volume", &names),
            quoted(&kinds)
        )
    })
}

fn host_ports(pod: &Value) -> Option<String> {
    let ports = |container: &Value| -> Vec<i64> {
        let ports = container["ports"].as_array().into_iter().flatten();
        ports.filter_map(|port| port["hostPort"].as_i64()).filter(|port| *port != 0).collect()
    };
    let bad: Vec<(&str, Vec<i64>)> = visit(pod)
        .map(|(_, container)| (container["name"].as_str().unwrap_or_default(), ports(container)))
        .filter(|(_, ports)| !ports.is_empty())
        .collect();
    let names: Vec<&str> = bad.iter().map(|(name, _)| *name).collect();
    let mut ports: Vec<i64> = bad.iter().flat_map(|(_, ports)| ports.iter().copied()).collect();
    ports.sort_unstable();
    ports.dedup();
    let texts: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let verb = if names.len() == 1 { "uses" } else { "use" };
    let plural = if ports.len() == 1 { "" } else { "s" };
    (!names.is_empty()).then(|| {
        format!("hostPort ({} {verb} hostPort{plural} {})", the("container", &names), texts.join(", "))
    })
}

fn privileged(pod: &Value) -> Option<String> {
    let names = containers_where(pod, |context| context["privileged"] == true);
    (!names.is_empty()).then(|| {
        format!("privileged ({} must not set securityContext.privileged=true)", the("container", &names))
    })
}

fn privilege_escalation(pod: &Value) -> Option<String> {
    let names = containers_where(pod, |context| context["allowPrivilegeEscalation"] != false);
    (!names.is_empty() && !is_windows(pod)).then(|| {
        let who = the("container", &names);
        format!("allowPrivilegeEscalation != false ({who} must set securityContext.allowPrivilegeEscalation=false)")
    })
}

/// Capabilities that a container adds beyond these.
fn forbidden_additions<'a>(pod: &'a Value, allowed: &[&str]) -> Option<(Vec<&'a str>, String)> {
    let added = |context: &'a Value| {
        context["capabilities"]["add"].as_array().into_iter().flatten().filter_map(Value::as_str)
    };
    let mut names = Vec::new();
    let mut capabilities: Vec<&str> = Vec::new();
    for (_, container) in visit(pod) {
        let bad: Vec<&str> =
            added(&container["securityContext"]).filter(|name| !allowed.contains(name)).collect();
        if !bad.is_empty() {
            names.push(container["name"].as_str().unwrap_or_default());
            capabilities.extend(bad);
        }
    }
    capabilities.sort_unstable();
    capabilities.dedup();
    (!names.is_empty()).then(|| (names, quoted(&capabilities)))
}

fn added_capabilities(pod: &Value) -> Option<String> {
    const ALLOWED: [&str; 13] = [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];
    let (names, capabilities) = forbidden_additions(pod, &ALLOWED)?;
    let who = the("container", &names);
    Some(format!(
        "non-default capabilities ({who} must not include {capabilities} in securityContext.capabilities.add)"
    ))
}

fn capabilities(pod: &Value) -> Option<String> {
    if is_windows(pod) {
        return None;
    }
    let drops_all = |context: &Value| {
        context["capabilities"]["drop"]
            .as_array()
            .is_some_and(|dropped| dropped.iter().any(|name| name == "ALL"))
    };
    let mut texts = Vec::new();
    let names = containers_where(pod, |context| !drops_all(context));
    if !names.is_empty() {
        texts.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            the("container", &names)
        ));
    }
    if let Some((names, capabilities)) = forbidden_additions(pod, &["NET_BIND_SERVICE"]) {
        let who = the("container", &names);
        texts.push(format!("{who} must not include {capabilities} in securityContext.capabilities.add"));
    }
    (!texts.is_empty()).then(|| format!("unrestricted capabilities ({})", texts.join("; ")))
}

fn run_as_non_root(pod: &Value) -> Option<String> {
    let of_pod = &pod["spec"]["securityContext"]["runAsNonRoot"];
    let explicit = containers_where(pod, |context| context["runAsNonRoot"] == false);
    let implicit = containers_where(pod, |context| context["runAsNonRoot"].is_null() && *of_pod != true);
    let mut setters = Vec::new();
    if *of_pod == false {
        setters.push("pod".to_owned());
    }
    if !explicit.is_empty() {
        setters.push(the("container", &explicit));
    }
    let text = if !setters.is_empty() {
        format!("{} must not set securityContext.runAsNonRoot=false", setters.join(" and "))
    } else if implicit.is_empty() {
        return None;
    } else {
        format!("pod or {} must set securityContext.runAsNonRoot=true", the("container", &implicit))
    };
    Some(format!("runAsNonRoot != true ({text})"))
}

fn run_as_root(pod: &Value) -> Option<String> {
    let mut setters = Vec::new();
    if pod["spec"]["securityContext"]["runAsUser"] == 0 {
        setters.push("pod".to_owned());
    }
    let explicit = containers_where(pod, |context| context["runAsUser"] == 0);
    if !explicit.is_empty() {
        setters.push(the("container", &explicit));
    }
    (!setters.is_empty()).then(|| format!("runAsUser=0 ({} must not set runAsUser=0)", setters.join(" and ")))
}

fn seccomp(pod: &Value) -> Option<String> {
    if is_windows(pod) {
        return None;
    }
    let kind = |context: &Value| context["seccompProfile"]["type"].as_str().map(str::to_owned);
    let is_good = |kind: &str| matches!(kind, "RuntimeDefault" | "Localhost");
    let of_pod = kind(&pod["spec"]["securityContext"]);
    let explicit = containers_where(pod, |context| kind(context).is_some_and(|kind| !is_good(&kind)));
    let pod_is_good = of_pod.as_deref().is_some_and(is_good);
    let implicit = containers_where(pod, |context| kind(context).is_none() && !pod_is_good);
    let mut setters = Vec::new();
    if of_pod.is_some() && !pod_is_good {
        setters.push("pod".to_owned());
    }
    if !explicit.is_empty() {
        setters.push(the("container", &explicit));
    }
    let text = if !setters.is_empty() {
        format!(
            "{} must not set securityContext.seccompProfile.type to \"Unconfined\"",
            setters.join(" and ")
        )
    } else if implicit.is_empty() {
        return None;
    } else {
        let who = the("container", &implicit);
        format!(
            "pod or {who} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\""
        )
    };
    Some(format!("seccompProfile ({text})"))
}

fn unconfined_seccomp(pod: &Value) -> Option<String> {
    let is_unconfined = |context: &Value| context["seccompProfile"]["type"] == "Unconfined";
    let mut setters = Vec::new();
    if is_unconfined(&pod["spec"]["securityContext"]) {
        setters.push("pod".to_owned());
    }
    let explicit = containers_where(pod, is_unconfined);
    if !explicit.is_empty() {
        setters.push(the("container", &explicit));
    }
    (!setters.is_empty()).then(|| {
        format!(
            "seccompProfile ({} must not set securityContext.seccompProfile.type to \"Unconfined\")",
            setters.join(" and ")
        )
    })
}
