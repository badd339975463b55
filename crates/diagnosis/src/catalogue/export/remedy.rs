//! How is an endpoint changed where it stands?

use facts::Language;

use super::super::endpoint::{ENDPOINT, Export};
use super::super::environment::{Place, is_own};
use crate::case::Case;

/// Longest command that fits a remedy together with a few words.
const FITS: usize = 285;

/// The command that sets a variable where it stands: on the workload's own container, or in the Instrumentation. `None` where
/// there is nothing that such a command could change.
pub(super) fn set_variable(case: &Case<'_>, export: &Export, variable: &str, value: &str) -> Option<String> {
    let id = &case.subject.id;
    if is_own(case.template, &export.container, variable) {
        let rolls = matches!(&*id.kind, "Deployment" | "StatefulSet" | "DaemonSet");
        return rolls.then(|| {
            format!(
                "kubectl -n {} set env {} -c {} '{variable}={value}'",
                id.namespace,
                id.slug(),
                export.container
            )
        });
    }
    let (namespace, name) = instrumentation(case, export.language)?;
    let patch = if variable == ENDPOINT {
        format!(r#"{{"spec":{{"exporter":{{"endpoint":"{value}"}}}}}}"#)
    } else {
        return None;
    };
    let patch = format!("kubectl -n {namespace} patch instrumentation {name} --type merge -p '{patch}'");
    Some(and_restart(case, patch))
}

/// A command and the restart after it, as far as both fit.
pub(super) fn and_restart(case: &Case<'_>, command: String) -> String {
    let both = format!("{command} && {}", case.restart_command());
    if both.chars().count() <= FITS { both } else { command }
}

/// Where the endpoint has to be changed, in words.
pub(super) fn where_it_stands(case: &Case<'_>, export: &Export) -> String {
    let variable = match &export.place {
        Some(Place::Property(property)) => return format!("{property} of container {}", export.container),
        Some(place) => place.name(),
        None => ENDPOINT,
    };
    if is_own(case.template, &export.container, variable) {
        return format!("{variable} of container {}", export.container);
    }
    match instrumentation(case, export.language) {
        Some((namespace, name)) => format!("spec.exporter.endpoint of Instrumentation {namespace}/{name}"),
        None => "spec.exporter.endpoint of the Instrumentation".to_owned(),
    }
}

/// Namespace and name of the Instrumentation that a language resolves to now.
pub(super) fn instrumentation(case: &Case<'_>, language: Language) -> Option<(String, String)> {
    let full = case.instrumentation_of(language)?;
    full.split_once('/').map(|(namespace, name)| (namespace.to_owned(), name.to_owned()))
}

/// The endpoint with another port.
pub(super) fn with_port(export: &Export, port: u16) -> Option<String> {
    let address = export.address.as_ref()?;
    if export.value.text.contains('<') {
        return None;
    }
    let scheme = address.scheme.as_deref().map(|scheme| format!("{scheme}://")).unwrap_or_default();
    Some(format!("{scheme}{}:{port}", address.host))
}
