//! The checks of the level `restricted`.

use serde_json::Value;

use super::{Judged, baseline, forbidden_additions, name, plural, quoted, sorted, the};

pub(super) fn privilege_escalation(judged: &Judged<'_>) -> Option<String> {
    let names = judged.containers_where(|context| context["allowPrivilegeEscalation"] != false);
    let is_exempt = judged.is_windows() && judged.is_since(25);
    (!names.is_empty() && !is_exempt).then(|| {
        let who = the("container", &names);
        format!("allowPrivilegeEscalation != false ({who} must set securityContext.allowPrivilegeEscalation=false)")
    })
}

/// The check of the weaker level, which this level replaced in 1.22.
pub(super) fn capabilities_before_1_22(judged: &Judged<'_>) -> Option<String> {
    if judged.is_since(22) { None } else { baseline::capabilities(judged) }
}

pub(super) fn capabilities(judged: &Judged<'_>) -> Option<String> {
    if !judged.is_since(22) || (judged.is_windows() && judged.is_since(25)) {
        return None;
    }
    let drops_all = |context: &Value| {
        context["capabilities"]["drop"]
            .as_array()
            .is_some_and(|dropped| dropped.iter().any(|name| name == "ALL"))
    };
    let mut texts = Vec::new();
    let names = judged.containers_where(|context| !drops_all(context));
    if !names.is_empty() {
        texts.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            the("container", &names)
        ));
    }
    if let Some((names, capabilities)) = forbidden_additions(judged, &["NET_BIND_SERVICE"]) {
        let who = the("container", &names);
        texts.push(format!("{who} must not include {capabilities} in securityContext.capabilities.add"));
    }
    (!texts.is_empty()).then(|| format!("unrestricted capabilities ({})", texts.join("; ")))
}

/// The check of the weaker level, which this level replaced in 1.35.
pub(super) fn proc_mount_before_1_35(judged: &Judged<'_>) -> Option<String> {
    if judged.is_since(35) { None } else { baseline::any_proc_mount(judged) }
}

pub(super) fn proc_mount(judged: &Judged<'_>) -> Option<String> {
    if judged.is_since(35) { baseline::any_proc_mount(judged) } else { None }
}

pub(super) fn volume_types(judged: &Judged<'_>) -> Option<String> {
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
    let volumes = judged.pod["spec"]["volumes"].as_array().into_iter().flatten();
    let bad: Vec<(&str, &str)> = volumes
        .filter_map(|volume| {
            let kind = volume.as_object()?.keys().find(|key| !ALLOWED.contains(&key.as_str()))?;
            Some((name(volume), kind.as_str()))
        })
        .collect();
    let names: Vec<&str> = bad.iter().map(|(name, _)| *name).collect();
    let kinds = sorted(bad.iter().map(|(_, kind)| *kind));
    let verb = if names.len() == 1 { "uses" } else { "use" };
    (!names.is_empty()).then(|| {
        format!(
            "restricted volume types ({} {verb} {} {})",
            the("volume", &names),
            plural("restricted volume type", kinds.len()),
            quoted(&kinds)
        )
    })
}

pub(super) fn run_as_non_root(judged: &Judged<'_>) -> Option<String> {
    if judged.has_own_users() {
        return None;
    }
    let of_pod = &judged.context()["runAsNonRoot"];
    let setters = judged.setters(|context| context["runAsNonRoot"] == false);
    let implicit = judged.containers_where(|context| context["runAsNonRoot"].is_null() && *of_pod != true);
    let text = if !setters.is_empty() {
        format!("{} must not set securityContext.runAsNonRoot=false", setters.join(" and "))
    } else if implicit.is_empty() {
        return None;
    } else {
        format!("pod or {} must set securityContext.runAsNonRoot=true", the("container", &implicit))
    };
    Some(format!("runAsNonRoot != true ({text})"))
}

/// Since 1.23.
pub(super) fn run_as_root(judged: &Judged<'_>) -> Option<String> {
    let setters = judged.setters(|context| context["runAsUser"] == 0);
    (!setters.is_empty() && judged.is_since(23) && !judged.has_own_users())
        .then(|| format!("runAsUser=0 ({} must not set runAsUser=0)", setters.join(" and ")))
}

pub(super) fn seccomp(judged: &Judged<'_>) -> Option<String> {
    if judged.is_windows() && judged.is_since(25) {
        return None;
    }
    let kind = |context: &Value| context["seccompProfile"]["type"].as_str().map(str::to_owned);
    let is_good = |kind: &str| matches!(kind, "RuntimeDefault" | "Localhost");
    let setters = judged.setters(|context| kind(context).is_some_and(|kind| !is_good(&kind)));
    let pod_is_good = kind(judged.context()).as_deref().is_some_and(is_good);
    let implicit = judged.containers_where(|context| kind(context).is_none() && !pod_is_good);
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
