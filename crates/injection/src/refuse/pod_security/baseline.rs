//! The checks of the level `baseline`.

use serde_json::Value;

use super::{Judged, forbidden_additions, name, plural, quoted, sorted, the};

pub(super) fn app_armor(judged: &Judged<'_>) -> Option<String> {
    const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
    let bad_type = |context: &Value| -> Option<String> {
        let kind =
            context["appArmorProfile"].as_object()?.get("type").and_then(Value::as_str).unwrap_or_default();
        (!matches!(kind, "RuntimeDefault" | "Localhost")).then(|| kind.to_owned())
    };
    let mut setters = judged.setters(|context| bad_type(context).is_some());
    let contexts = judged.containers().map(|container| &container["securityContext"]);
    let mut values = sorted(std::iter::once(judged.context()).chain(contexts).filter_map(bad_type));
    let annotations = judged.pod["metadata"]["annotations"].as_object().into_iter().flatten();
    let annotations = sorted(annotations.filter_map(|(key, value)| {
        let value = value.as_str().unwrap_or_default();
        let is_good = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        (key.starts_with(ANNOTATION) && !is_good).then(|| format!("{key}={value:?}"))
    }));
    if !annotations.is_empty() {
        setters.push(plural("annotation", annotations.len()));
        values.extend(annotations);
    }
    (!setters.is_empty()).then(|| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        format!(
            "{} ({} must not set AppArmor profile type to {})",
            plural("forbidden AppArmor profile", values.len()),
            setters.join(" and "),
            quoted(&values)
        )
    })
}

pub(super) fn capabilities(judged: &Judged<'_>) -> Option<String> {
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
    let (names, capabilities) = forbidden_additions(judged, &ALLOWED)?;
    let who = the("container", &names);
    Some(format!(
        "non-default capabilities ({who} must not include {capabilities} in securityContext.capabilities.add)"
    ))
}

pub(super) fn host_namespaces(judged: &Judged<'_>) -> Option<String> {
    let used: Vec<String> = ["hostNetwork", "hostPID", "hostIPC"]
        .iter()
        .filter(|field| judged.pod["spec"][**field] == true)
        .map(|field| format!("{field}=true"))
        .collect();
    (!used.is_empty()).then(|| format!("host namespaces ({})", used.join(", ")))
}

pub(super) fn host_paths(judged: &Judged<'_>) -> Option<String> {
    let volumes = judged.pod["spec"]["volumes"].as_array().into_iter().flatten();
    let names: Vec<&str> = volumes.filter(|volume| !volume["hostPath"].is_null()).map(name).collect();
    (!names.is_empty()).then(|| format!("hostPath volumes ({})", the("volume", &names)))
}

pub(super) fn host_ports(judged: &Judged<'_>) -> Option<String> {
    let ports = |container: &Value| -> Vec<i64> {
        let ports = container["ports"].as_array().into_iter().flatten();
        ports.filter_map(|port| port["hostPort"].as_i64()).filter(|port| *port != 0).collect()
    };
    let bad = || judged.containers().filter(|container| !ports(container).is_empty());
    let names: Vec<&str> = bad().map(name).collect();
    // Sorted as texts.
    let ports = sorted(bad().flat_map(ports).map(|port| port.to_string()));
    let verb = if names.len() == 1 { "uses" } else { "use" };
    (!names.is_empty()).then(|| {
        let who = the("container", &names);
        format!("hostPort ({who} {verb} {} {})", plural("hostPort", ports.len()), ports.join(", "))
    })
}

/// Since 1.34.
pub(super) fn probe_hosts(judged: &Judged<'_>) -> Option<String> {
    let hosts = |container: &Value| -> Vec<String> {
        let probes = ["livenessProbe", "readinessProbe", "startupProbe"].map(|probe| &container[probe]);
        let hooks = ["postStart", "preStop"].map(|hook| &container["lifecycle"][hook]);
        let handlers = probes.into_iter().chain(hooks);
        let hosts = handlers.flat_map(|handler| [&handler["httpGet"]["host"], &handler["tcpSocket"]["host"]]);
        hosts.filter_map(Value::as_str).filter(|host| !host.is_empty()).map(str::to_owned).collect()
    };
    let bad = || judged.containers().filter(|container| !hosts(container).is_empty());
    let names = sorted(bad().map(name));
    let hosts = sorted(bad().flat_map(hosts));
    (!names.is_empty() && judged.is_since(34)).then(|| {
        let verb = if names.len() == 1 { "uses" } else { "use" };
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        format!(
            "probe or lifecycle host ({} {verb} {})",
            the("container", &names),
            the("probe or lifecycle host", &hosts)
        )
    })
}

pub(super) fn privileged(judged: &Judged<'_>) -> Option<String> {
    let names = judged.containers_where(|context| context["privileged"] == true);
    (!names.is_empty()).then(|| {
        format!("privileged ({} must not set securityContext.privileged=true)", the("container", &names))
    })
}

pub(super) fn proc_mount(judged: &Judged<'_>) -> Option<String> {
    if judged.has_own_users() { None } else { any_proc_mount(judged) }
}

pub(super) fn any_proc_mount(judged: &Judged<'_>) -> Option<String> {
    fn bad(context: &Value) -> Option<&str> {
        context["procMount"].as_str().filter(|mount| *mount != "Default")
    }
    let names = judged.containers_where(|context| bad(context).is_some());
    let mounts = sorted(judged.containers().filter_map(|container| bad(&container["securityContext"])));
    (!names.is_empty()).then(|| {
        let who = the("container", &names);
        format!("procMount ({who} must not set securityContext.procMount to {})", quoted(&mounts))
    })
}

pub(super) fn se_linux(judged: &Judged<'_>) -> Option<String> {
    let is_allowed = |kind: &str| {
        matches!(kind, "" | "container_t" | "container_init_t" | "container_kvm_t")
            || (kind == "container_engine_t" && judged.is_since(31))
    };
    let text = |context: &Value, field: &str| {
        context["seLinuxOptions"][field].as_str().unwrap_or_default().to_owned()
    };
    let is_set = |context: &Value, field: &str| !text(context, field).is_empty();
    let setters = judged.setters(|context| {
        !is_allowed(&text(context, "type")) || is_set(context, "user") || is_set(context, "role")
    });
    let contexts: Vec<&Value> = std::iter::once(judged.context())
        .chain(judged.containers().map(|container| &container["securityContext"]))
        .collect();
    let types = sorted(contexts.iter().map(|context| text(context, "type")).filter(|kind| !is_allowed(kind)));
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let mut texts = Vec::new();
    if !types.is_empty() {
        texts.push(the("type", &types));
    }
    for field in ["user", "role"] {
        if contexts.iter().any(|context| is_set(context, field)) {
            texts.push(format!("{field} may not be set"));
        }
    }
    (!setters.is_empty()).then(|| {
        format!(
            "seLinuxOptions ({} set forbidden securityContext.seLinuxOptions: {})",
            setters.join(" and "),
            texts.join("; ")
        )
    })
}

pub(super) fn seccomp(judged: &Judged<'_>) -> Option<String> {
    let setters = judged.setters(|context| context["seccompProfile"]["type"] == "Unconfined");
    (!setters.is_empty()).then(|| {
        format!(
            "seccompProfile ({} must not set securityContext.seccompProfile.type to \"Unconfined\")",
            setters.join(" and ")
        )
    })
}

pub(super) fn sysctls(judged: &Judged<'_>) -> Option<String> {
    const ALLOWED: [(u32, &[&str]); 4] = [
        (
            0,
            &[
                "kernel.shm_rmid_forced",
                "net.ipv4.ip_local_port_range",
                "net.ipv4.tcp_syncookies",
                "net.ipv4.ping_group_range",
                "net.ipv4.ip_unprivileged_port_start",
            ],
        ),
        (27, &["net.ipv4.ip_local_reserved_ports"]),
        (
            29,
            &[
                "net.ipv4.tcp_keepalive_time",
                "net.ipv4.tcp_fin_timeout",
                "net.ipv4.tcp_keepalive_intvl",
                "net.ipv4.tcp_keepalive_probes",
            ],
        ),
        (32, &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
    ];
    let is_allowed =
        |name: &str| ALLOWED.iter().any(|(since, names)| judged.is_since(*since) && names.contains(&name));
    let sysctls = judged.context()["sysctls"].as_array().into_iter().flatten();
    let bad: Vec<&str> = sysctls.map(name).filter(|name| !is_allowed(name)).collect();
    (!bad.is_empty()).then(|| format!("forbidden sysctls ({})", bad.join(", ")))
}

pub(super) fn windows_host_process(judged: &Judged<'_>) -> Option<String> {
    let setters = judged.setters(|context| context["windowsOptions"]["hostProcess"] == true);
    (!setters.is_empty()).then(|| {
        format!(
            "hostProcess ({} must not set securityContext.windowsOptions.hostProcess=true)",
            setters.join(" and ")
        )
    })
}
