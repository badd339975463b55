//! In what do running Pods differ from what their Instrumentation says now?
//!
//! Compared is what the Instrumentation says in so many words and the template does not override: image, endpoint, sampler,
//! propagators, environment, certificates, volumes, resources. What an operator of another release makes of its own accord is no drift.

use std::sync::Arc;

use facts::{EnvVar, Instrumentation, Language, Pod, PodPhase, ValueFrom};
use jiff::Timestamp;

use super::super::endpoint::{ENDPOINT, directive_value};
use super::super::environment::{container, is_own};
use super::super::remedy::object;
use super::super::targets::{TargetContainer, targets};
use super::super::wanted::wanted;
use super::made;
use crate::case::Case;

/// What a Pod has, and what it would get now.
pub(super) struct Difference {
    /// The variable, or `image`.
    pub(super) name: String,
    /// The field of the Pod.
    pub(super) field: String,
    pub(super) has: String,
    pub(super) would_get: String,
}

/// Pods of one container that differ.
pub(super) struct Drift<'k, 'c> {
    pub(super) language: Language,
    pub(super) instrumentation: &'k Instrumentation,
    pub(super) pods: Vec<&'c Pod>,
    /// When the Instrumentation was changed last, or was chosen instead of another one, where that is known.
    pub(super) changed: Option<Timestamp>,
    /// Whether it was chosen later than it was changed.
    pub(super) chosen_later: bool,
    /// The image, where it differs.
    pub(super) image: Option<Difference>,
    pub(super) variables: Vec<Difference>,
    /// What else of the injection differs: volumes, the agent's containers.
    pub(super) made: Vec<Difference>,
}

impl Drift<'_, '_> {
    /// Everything that differs.
    pub(super) fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.variables.iter().chain(&self.image).chain(&self.made)
    }
}

/// The drifts of the present revision's Pods.
pub(super) fn drifts<'k, 'c>(case: &'k Case<'c>) -> Vec<Drift<'k, 'c>> {
    // Without a template nobody can tell what came with the injection, but for the agent itself.
    let has_template = case.subject.template().is_some();
    let targets = targets(case);
    let judged = targets.iter().filter(|target| target.group.current);
    judged
        .filter_map(|target| {
            let instrumentation = object(case, target.language)?;
            let spec_changed = last_change(instrumentation);
            let chosen = chosen_by_namespace(case, target);
            let changed = spec_changed.max(spec_changed.and(chosen));
            let older =
                |pod: &&&Pod| pod.created.zip(changed).is_none_or(|(created, changed)| created <= changed);
            // What has ended sends no more, and the next run of a Job takes what is said then.
            let runs = |pod: &&&Pod| !matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
            let pods: Vec<&Pod> = target.pods().iter().filter(older).filter(runs).copied().collect();
            let image = image(target, instrumentation);
            let (variables, made) = if has_template {
                (variables(case, target, instrumentation), made::differences(case, target, instrumentation))
            } else {
                (Vec::new(), Vec::new())
            };
            let differs = image.is_some() || !variables.is_empty() || !made.is_empty();
            (differs && !pods.is_empty()).then_some(Drift {
                language: target.language,
                instrumentation,
                pods,
                changed,
                chosen_later: changed != spec_changed,
                image,
                variables,
                made,
            })
        })
        .collect()
}

/// When the Namespace got the annotation that chooses the Instrumentation, where it is the Namespace that does.
fn chosen_by_namespace(case: &Case<'_>, target: &TargetContainer<'_, '_>) -> Option<Timestamp> {
    let key = target.language.inject_key();
    let asked = target.group.asked.iter().find(|asked| asked.language == target.language)?;
    let is_by_pod = asked.on_pod.as_deref().is_some_and(|value| value == &*asked.value);
    case.namespace.found().filter(|_| !is_by_pod)?.metadata.annotation_set_by(key)
}

/// When the spec was changed last: by managedFields, or where there are none and it never was changed, its creation. None
/// where that cannot be told.
fn last_change(instrumentation: &Instrumentation) -> Option<Timestamp> {
    let fields = &instrumentation.metadata.managed_fields;
    let metadata = &instrumentation.metadata.metadata;
    let by_fields = fields.iter().filter(|entry| entry.owns_spec()).filter_map(|entry| entry.time).max();
    by_fields.or_else(|| metadata.creation_timestamp.filter(|_| metadata.generation == 1))
}

fn image(target: &TargetContainer<'_, '_>, instrumentation: &Instrumentation) -> Option<Difference> {
    let agent = target.group.marks.agent(target.language)?;
    let now = &instrumentation.spec.language(target.language)?.image;
    (!now.is_empty() && *now != agent.image).then(|| Difference {
        name: "image".to_owned(),
        field: format!("image of container {}", agent.name),
        has: agent.image.to_string(),
        would_get: now.to_string(),
    })
}

fn variables(
    case: &Case<'_>,
    target: &TargetContainer<'_, '_>,
    instrumentation: &Instrumentation,
) -> Vec<Difference> {
    if matches!(target.language, Language::ApacheHttpd | Language::Nginx) {
        return module_endpoint(target, instrumentation).into_iter().collect();
    }
    // With two agents in one container the first one's variables stand.
    let alone = target.group.marks.container(target.name).is_none_or(|marks| marks.agents.len() <= 1);
    if !alone {
        return Vec::new();
    }
    let own = |name: &str| is_own(case.template, target.name, name);
    let wanted = wanted(&instrumentation.spec, target.language);
    let own_sampler = own(SAMPLER) || own(SAMPLER_ARGUMENT);
    let settled = |name: &str| own(name) || (own_sampler && matches!(name, SAMPLER | SAMPLER_ARGUMENT));
    let mut found: Vec<Difference> = Vec::new();
    for want in wanted.iter().filter(|want| is_compared(&want.name) && !settled(&want.name)) {
        let has = target.container.env_var(&want.name);
        if !has.is_some_and(|has| same(has, want)) {
            found.push(difference(target, &want.name, has, Some(want)));
        }
    }
    for has in target.container.env.iter().filter(|has| is_removable(&has.name, target.language)) {
        let is_wanted = wanted.iter().any(|want| want.name == has.name);
        let from_tls = has.name.ends_with("CERTIFICATE") || has.name.ends_with("CLIENT_KEY");
        let explained = is_wanted || (from_tls && instrumentation.spec.exporter.tls.is_some());
        if !explained && !settled(&has.name) {
            found.push(difference(target, &has.name, Some(has), None));
        }
    }
    found
}

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Values of other variables are not kept of Pods; the target of the Go agent may come from an annotation.
fn is_compared(name: &str) -> bool {
    name.starts_with("OTEL_") && name != "OTEL_GO_AUTO_TARGET_EXE"
}

/// Variables that were in the Instrumentation if the template does not set them. Those that the operator sets by itself for
/// some languages are left out.
fn is_removable(name: &str, language: Language) -> bool {
    let made_for_python = matches!(
        name,
        "OTEL_EXPORTER_OTLP_PROTOCOL"
            | "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
            | "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"
            | "OTEL_TRACES_EXPORTER"
            | "OTEL_METRICS_EXPORTER"
            | "OTEL_LOGS_EXPORTER"
    );
    let made = match language {
        Language::Python => made_for_python,
        Language::NodeJs => name == "OTEL_METRICS_EXPORTER",
        _ => false,
    };
    let known = name.starts_with("OTEL_EXPORTER_")
        || matches!(name, SAMPLER | SAMPLER_ARGUMENT | "OTEL_PROPAGATORS" | "OTEL_SDK_DISABLED")
        || (name.starts_with("OTEL_") && name.ends_with("S_EXPORTER"));
    known && !made
}

pub(super) fn difference(
    target: &TargetContainer<'_, '_>,
    name: &Arc<str>,
    has: Option<&EnvVar>,
    want: Option<&EnvVar>,
) -> Difference {
    Difference {
        name: name.to_string(),
        field: format!("spec.containers[{}].env[{name}]", target.name),
        has: has.map_or_else(|| "not set".to_owned(), shown),
        would_get: want.map_or_else(|| "not set".to_owned(), shown),
    }
}

fn shown(var: &EnvVar) -> String {
    match (&var.value, &var.value_from) {
        (_, Some(_)) => "a reference".to_owned(),
        (Some(value), None) => value.to_string(),
        (None, None) => "empty".to_owned(),
    }
}

fn same(has: &EnvVar, want: &EnvVar) -> bool {
    let source = |from: &ValueFrom| {
        (
            from.config_map_key_ref.as_ref().map(|key| (key.name.clone(), key.key.clone())),
            from.secret_key_ref.as_ref().map(|key| (key.name.clone(), key.key.clone())),
            // The API server adds a version.
            from.field_ref.as_ref().map(|field| field.field_path.clone()),
            from.resource_field_ref.as_ref().map(|field| field.resource.clone()),
        )
    };
    match (&has.value_from, &want.value_from) {
        (Some(has), Some(want)) => source(has) == source(want),
        (None, None) => has.literal() == want.literal(),
        _ => false,
    }
}

/// The endpoint of a web server's module, in the configuration that the init container writes.
fn module_endpoint(
    target: &TargetContainer<'_, '_>,
    instrumentation: &Instrumentation,
) -> Option<Difference> {
    let (variable, directive) = match target.language {
        Language::ApacheHttpd => ("OTEL_APACHE_AGENT_CONF", "ApacheModuleOtelExporterEndpoint"),
        _ => ("OTEL_NGINX_AGENT_CONF", "NginxModuleOtelExporterEndpoint"),
    };
    let agent = target.group.marks.agent(target.language)?;
    let text = container(&target.group.shape.spec, &agent.name)?.env_var(variable)?.literal();
    let has = directive_value(text, directive)?;
    let spec = &instrumentation.spec;
    let attribute = spec.language(target.language)?.attrs.iter().find(|attr| &*attr.name == directive);
    let want = match attribute {
        Some(attribute) => attribute.value.as_deref()?,
        None => &spec.exporter.endpoint,
    };
    (!want.is_empty() && has != want).then(|| Difference {
        name: ENDPOINT.to_owned(),
        field: format!("spec.initContainers[{}].env[{variable}]", agent.name),
        has,
        would_get: want.to_owned(),
    })
}
