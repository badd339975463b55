//! How is an endpoint changed where it stands?

use super::super::address::Address;
use super::super::endpoint::{ENDPOINT, Export, Signal, exports};
use super::super::environment::{Place, is_own};
use super::super::protocol::Protocol;
use facts::Language;
use serde_json::json;

use super::super::remedy::{self, instrumentation, object, patch_instrumentation};
use crate::case::Case;

/// The command that changes the endpoint where it stands: on the workload's own container, or in the Instrumentation. `None`
/// where there is nothing that such a command could change.
pub(super) fn set_endpoint(case: &Case<'_>, export: &Export, value: &str) -> Option<String> {
    let variable = match &export.place {
        // The operator writes their configuration from the endpoint of the Instrumentation.
        _ if matches!(export.language, Language::ApacheHttpd | Language::Nginx) => ENDPOINT,
        Some(Place::Property(_)) => return None,
        Some(place) => place.name(),
        None => ENDPOINT,
    };
    if is_own(case.template, &export.container, variable) {
        return remedy::set_variable(case, &export.container, variable, value);
    }
    if variable != ENDPOINT || block(case, export, variable).is_some() {
        return None;
    }
    let patch = if others_need_it(case, export) {
        alone(case, export, value)?
    } else {
        json!({ "exporter": { "endpoint": value } })
    };
    patch_instrumentation(case, export.language, &patch)
}

/// Whether another agent of the workload sends to the same endpoint with the protocol that is taken there.
fn others_need_it(case: &Case<'_>, export: &Export) -> bool {
    let taken = export.address.as_ref().and_then(Address::effective_port).and_then(Protocol::of_port);
    exports(case).iter().any(|other| {
        other.language != export.language
            && other.value == export.value
            && other.protocol == taken
            && taken.is_some()
    })
}

/// The change for one language only. None where a list of variables would be replaced by it.
fn alone(case: &Case<'_>, export: &Export, value: &str) -> Option<serde_json::Value> {
    // Modules of web servers read no variable.
    if matches!(export.language, Language::ApacheHttpd | Language::Nginx) {
        return None;
    }
    let spec = &object(case, export.language)?.spec;
    let word = export.language.spec_field()?;
    let is_free = spec.language(export.language).is_none_or(|own| own.env.is_empty());
    is_free.then(|| json!({ word: { "env": [{ "name": ENDPOINT, "value": value }] } }))
}

/// How the Instrumentation's endpoint comes to count where the template has put another in its place: words and command.
pub(super) fn drop_override(case: &Case<'_>, export: &Export) -> Option<(String, String)> {
    let variable = export.place.as_ref()?.name();
    let spec = &object(case, export.language)?.spec;
    let endpoint = &*spec.exporter.endpoint;
    let is_other = !endpoint.is_empty() && *endpoint != *export.value.text;
    if !is_other || !is_own(case.template, &export.container, variable) {
        return None;
    }
    let command = remedy::remove_variable(case, &export.container, variable)?;
    Some((
        format!("Take {variable} out of the template, so that {endpoint} of the Instrumentation counts"),
        command,
    ))
}

/// Where the endpoint has to be changed, in words.
pub(super) fn where_it_stands(case: &Case<'_>, export: &Export) -> String {
    let variable = match &export.place {
        Some(Place::Property(property)) => return format!("{property} of container {}", export.container),
        Some(Place::EnvFrom(name)) => {
            return format!("{name} in the source that envFrom of container {} names", export.container);
        }
        Some(place) => place.name(),
        None => ENDPOINT,
    };
    if is_own(case.template, &export.container, variable) {
        return format!("{variable} of container {}", export.container);
    }
    let field = block(case, export, variable).unwrap_or_else(|| "spec.exporter.endpoint".to_owned());
    match instrumentation(case, export.language) {
        Some((namespace, name)) => format!("{field} of Instrumentation {namespace}/{name}"),
        None => format!("{field} of the Instrumentation"),
    }
}

/// The list of the Instrumentation that sets a variable itself; it wins over `spec.exporter.endpoint`.
fn block(case: &Case<'_>, export: &Export, variable: &str) -> Option<String> {
    let spec = &object(case, export.language)?.spec;
    let own = spec.language(export.language);
    let has = |list: &[facts::EnvSource], name: &str| list.iter().any(|var| &*var.name == name);
    let word = export.language.spec_field().unwrap_or_default();
    if own.is_some_and(|own| own.attrs.iter().any(|attr| attr.name.ends_with("ModuleOtelExporterEndpoint"))) {
        return Some(format!("spec.{word}.attrs"));
    }
    if own.is_some_and(|own| has(&own.env, variable)) {
        return Some(format!("spec.{word}.env[{variable}]"));
    }
    has(&spec.env, variable).then(|| format!("spec.env[{variable}]"))
}

/// The endpoint as its setting should say it: of one signal with that signal's path, of all without one. None where that cannot
/// be told.
pub(super) fn with_right_path(export: &Export) -> Option<String> {
    let text = export.value.text.trim_end_matches('/');
    if text.contains(['<', '?', '#']) {
        return None;
    }
    if export.is_of_one_signal {
        return Some(format!("{text}{}", export.signal.path()));
    }
    Signal::ALL.iter().find_map(|signal| text.strip_suffix(signal.path())).map(str::to_owned)
}

/// The endpoint with another port.
pub(super) fn with_port(export: &Export, port: u16) -> Option<String> {
    let Address { scheme, host, path, .. } = export.address.as_ref()?;
    if export.value.text.contains('<') {
        return None;
    }
    let scheme = scheme.as_deref().map(|scheme| format!("{scheme}://")).unwrap_or_default();
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    Some(format!("{scheme}{host}:{port}{path}"))
}
