//! H2: the endpoint names a Service, port or name that does not exist, or behind which nobody is ready.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Service};
use jiff::Timestamp;

use super::remedy::{drop_override, set_endpoint, where_it_stands};
use super::{judge, who};
use crate::case::Case;
use crate::catalogue::address::{Destination, ServiceName, is_host_name};
use crate::catalogue::crash::ended;
use crate::catalogue::endpoint::Export;
use crate::catalogue::receiver::{Failure, Reach, lacks_otlp, reach};
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `EndpointServiceNotFound`.
pub static CAUSE: Cause = Cause {
    code: "IH-H002",
    reason: "EndpointServiceNotFound",
    summary: "The endpoint names a Service or port that does not exist, or nobody is ready behind it.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always("Services and their ready endpoints; of names outside the cluster nothing shows"),
    since: "0.1.0",
    reads: &[
        InputKind::Instrumentations,
        InputKind::Collectors,
        InputKind::Services,
        InputKind::EndpointSlices,
    ],
    page: include_str!("endpoint_service_not_found.md"),
    check,
};

/// What is wrong, why, and what the address could be instead.
struct Dead {
    why: String,
    evidence: (String, String, String),
    instead: Option<String>,
    words: Option<String>,
    command: Option<String>,
    until: Option<Timestamp>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let Some(wrong) = judge(case, |export| Some((Severity::Error, dead(case, export)?))) else {
        return Vec::new();
    };
    let (export, Dead { why, evidence, instead, words, command, until }) = (wrong.export, wrong.what);
    let certain = match &export.destination {
        Destination::Service(name) => name.is_certain && export.language != Language::Sdk,
        _ => true,
    };
    let certainty = if certain && !export.may_differ { Certainty::Certain } else { Certainty::Likely };
    let set = instead.as_deref().and_then(|endpoint| set_endpoint(case, export, endpoint));
    let command = command.or(set);
    let dropped = if instead.is_none() && words.is_none() { drop_override(case, export) } else { None };
    let (words, command) = match dropped {
        Some((words, command)) => (Some(words), Some(command)),
        None => (words, command),
    };
    let words = words.unwrap_or_else(|| match &instead {
        Some(endpoint) if command.is_none() => {
            format!("Set {} to {endpoint}, then", where_it_stands(case, export))
        }
        Some(_) => "Name the Service that is there".to_owned(),
        None => format!(
            "Correct {} (http://NAME.NAMESPACE.svc.cluster.local:PORT of an existing Service), then",
            where_it_stands(case, export)
        ),
    });
    vec![
        Found::new(&CAUSE, wrong.severity, certainty)
            .message(format!(
                "{} sends {} to {}, but {why}.",
                who(case, export),
                export.signal,
                export.value.text
            ))
            .remedy(words, command.unwrap_or_else(|| case.restart_command()))
            .because(export.object(case), export.field(), &export.value.text)
            .because(evidence.0, evidence.1, evidence.2)
            .until(until)
            .pods(wrong.pods),
    ]
}

fn dead(case: &Case<'_>, export: &Export) -> Option<Dead> {
    let reach = reach(case, export);
    let name = match &export.destination {
        Destination::Service(name) => name,
        Destination::NoSuchName => return Some(no_such_name(case, export, None)),
        _ => return None,
    };
    let object = format!("Service/{}/{}", name.namespace, name.name);
    match reach {
        Reach::NoService => Some(no_service(case, export, name, object)),
        Reach::NoSuchName => Some(no_such_name(case, export, Some(name))),
        // A collector without OTLP receiver has no such port either: that is the cause, this the consequence.
        Reach::NoPort(_) if lacks_otlp(case, name) => None,
        Reach::NoPort(service) => Some(no_port(export, name, service, object)),
        Reach::NobodyReady(_) => Some(Dead {
            why: format!("no endpoint of Service {}/{} is ready", name.namespace, name.name),
            evidence: (object, "EndpointSlice endpoints ready".to_owned(), "none".to_owned()),
            instead: None,
            words: Some("Bring up the Pods behind the Service".to_owned()),
            command: Some(format!("kubectl -n {} describe service {}", name.namespace, name.name)),
            until: None,
        }),
        Reach::KeepsFailing(failure) => Some(keeps_failing(name, &failure)),
        Reach::Starting { .. } | Reach::Answers(_) | Reach::Elsewhere | Reach::Unknown(_) => None,
    }
}

fn keeps_failing(name: &ServiceName, failure: &Failure<'_>) -> Dead {
    let Failure { pod, container, terminated, until, .. } = failure;
    let ended = ended(terminated);
    Dead {
        why: format!(
            "what is behind Service {}/{} fails again and again: {ended}",
            name.namespace, name.name
        ),
        evidence: (
            format!("Pod/{}/{}", pod.namespace, pod.name),
            format!("status.containerStatuses[{container}].lastState.terminated"),
            ended,
        ),
        instead: None,
        words: Some("Mend what its log tells".to_owned()),
        command: Some(format!("kubectl -n {} logs {} -c {container} --previous", pod.namespace, pod.name)),
        until: *until,
    }
}

fn no_service(case: &Case<'_>, export: &Export, name: &ServiceName, object: String) -> Dead {
    let namespace_is_missing = case.cluster.namespace(&name.namespace).is_absent();
    let why = if namespace_is_missing {
        format!("there is no namespace {}", name.namespace)
    } else if name.is_short {
        format!("namespace {} of the Pod has no Service {}", name.namespace, name.name)
    } else {
        format!("namespace {} has no Service {}", name.namespace, name.name)
    };
    let instead = alternative(case, name).map(|service| address_of(export, service));
    Dead {
        why,
        evidence: (object, "exists".to_owned(), "no".to_owned()),
        instead,
        words: None,
        command: None,
        until: None,
    }
}

/// A Service that may be meant: with the suffix of the operator's collectors, or of the same name elsewhere.
fn alternative<'c>(case: &Case<'c>, name: &ServiceName) -> Option<&'c Service> {
    let suffixed = format!("{}-collector", name.name);
    let here = case.cluster.service(&name.namespace, &suffixed).found();
    here.or_else(|| {
        let same = case.cluster.services_named(&name.name);
        let other = || case.cluster.services_named(&suffixed);
        let only = |services: Vec<&'c Service>| (services.len() == 1).then(|| services[0]);
        only(same).or_else(|| only(other()))
    })
}

fn address_of(export: &Export, service: &Service) -> String {
    let scheme = export.address.as_ref().and_then(|address| address.scheme.as_deref()).unwrap_or("http");
    let port = export.port().map(|port| format!(":{port}")).unwrap_or_default();
    let (name, namespace) = (&service.metadata.name, &service.metadata.namespace);
    format!("{scheme}://{name}.{namespace}.svc.cluster.local{port}{}", export.path_for_another_host())
}

fn no_port(export: &Export, name: &ServiceName, service: &Service, object: String) -> Dead {
    let ports: Vec<String> = service.spec.ports.iter().map(|port| port.port.to_string()).collect();
    let asked = export.port().unwrap_or_default();
    let implied = export.address.as_ref().is_some_and(|address| address.port.is_none());
    let given =
        if implied { format!("port {asked}, the default of its scheme") } else { format!("port {asked}") };
    let listed = ports.join(", ");
    let wanted = export.protocol.map(|protocol| i32::from(protocol.port()));
    let fits = service.spec.ports.iter().find(|port| Some(port.port) == wanted);
    Dead {
        why: format!("Service {}/{} has no {given} (it has {listed})", name.namespace, name.name),
        evidence: (object, "spec.ports".to_owned(), listed),
        instead: fits.and_then(|port| super::remedy::with_port(export, u16::try_from(port.port).ok()?)),
        words: fits.is_none().then(|| {
            format!("Open port {asked} on the Service and its receiver, or correct the endpoint, then")
        }),
        command: None,
        until: None,
    }
}

fn no_such_name(case: &Case<'_>, export: &Export, name: Option<&ServiceName>) -> Dead {
    let host = export.address.as_ref().map(|address| address.host.clone()).unwrap_or_default();
    let domain = name.and_then(|name| name.misspelt_domain.clone());
    let why = match domain {
        Some(domain) => format!("the cluster's DNS answers for svc.cluster.local, not for svc.{domain}"),
        None if host.contains("${") => {
            "that is no name of a host: Kubernetes puts in $(NAME), not ${NAME}".to_owned()
        }
        None if host.is_empty() => "that names no host".to_owned(),
        None if !is_host_name(&host) => "that is no name of a host".to_owned(),
        None => "names of Services end in svc.cluster.local".to_owned(),
    };
    let instead = name.map(|name| {
        let scheme = export.address.as_ref().and_then(|address| address.scheme.as_deref()).unwrap_or("http");
        let port = export.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}.{}.svc.cluster.local{port}", name.name, name.namespace)
    });
    Dead {
        why,
        evidence: (export.object(case), "host".to_owned(), host),
        instead,
        words: None,
        command: None,
        until: None,
    }
}
