//! H8: the operator's entry hides the same variable from `envFrom`.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Language, Pod};

use crate::case::Case;
use crate::catalogue::endpoint::ENDPOINT;
use crate::catalogue::environment::{Source, is_own};
use crate::catalogue::remedy;
use crate::catalogue::targets::{TargetContainer, targets};
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;

/// `ImageOrEnvFromShadowed`.
pub static CAUSE: Cause = Cause {
    code: "IH-H008",
    reason: "ImageOrEnvFromShadowed",
    summary: "The application's own runtime options from envFrom are lost: the injected variable hides them.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Warning, Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::WithPermission(
        "the ConfigMap or Secret that envFrom names (--read-keys); variables of an image do not show",
    ),
    since: "0.1.0",
    reads: &[InputKind::ConfigMaps, InputKind::Secrets],
    page: include_str!("image_or_env_from_shadowed.md"),
    check,
};

/// Variables that the operator writes for a language.
fn written_for(language: Language) -> &'static [&'static str] {
    match language {
        Language::Java => &["JAVA_TOOL_OPTIONS"],
        Language::NodeJs => &["NODE_OPTIONS"],
        Language::Python => &["PYTHONPATH"],
        Language::DotNet => &["DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE"],
        Language::Nginx => &["LD_LIBRARY_PATH"],
        Language::Go | Language::ApacheHttpd | Language::Sdk => &[],
    }
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for target in targets(case) {
        for name in written_for(target.language) {
            let (Some(source), Some(entry)) = (target.env.source(name), target.env.entry(name)) else {
                continue;
            };
            // Where the value is not read, that the key is there is enough: hardly anybody sets it to nothing.
            if source.value.is_some_and(|lost| entry.literal().contains(lost)) {
                continue;
            }
            pods.extend(target.pods());
            first.get_or_insert((target.who(), target.object(), target.name, *name, source));
        }
    }
    let Some((who, object, container, name, source)) = first else { return endpoint_lost(case) };
    let Source { kind, name: source_name, value } = source;
    let (certainty, lost) = match value {
        Some(value) => (Certainty::Certain, format!("{name}={value}")),
        None => (Certainty::Likely, name.to_owned()),
    };
    vec![
        Found::new(&CAUSE, Severity::Warning, certainty)
            .message(format!(
                "In {who}, {lost} from {kind} {source_name} is lost: the operator writes {name} as an entry of its own, which wins over envFrom."
            ))
            .remedy(
                "Repeat the value as a plain variable of the template, which the operator extends",
                command(case, container, name, &source),
            )
            .because(object, format!("spec.containers[{container}].envFrom"), format!("{kind} {source_name}"))
            .because(format!("{kind}/{source_name}"), format!("data[{name}]"), value.unwrap_or("there; its value is not read"))
            .pods(pods),
    ]
}

/// An endpoint of the application's own that the Instrumentation's one has taken the place of: telemetry goes elsewhere.
fn endpoint_lost<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let lost = |target: &TargetContainer<'_, 'c>| {
        let source = target.env.source(ENDPOINT)?;
        let entry = target.env.entry(ENDPOINT)?;
        let is_injected = !is_own(case.template, target.name, ENDPOINT);
        let differs = source.value.is_some_and(|value| value != entry.literal());
        let shown = (source.name.to_owned(), source.value?.to_owned(), entry.literal().to_owned());
        (is_injected && differs).then_some(shown)
    };
    let mut all = targets(case).into_iter().filter_map(|target| lost(&target).map(|lost| (target, lost)));
    let Some((target, (map, value, counts))) = all.next() else { return Vec::new() };
    let command = remedy::set_variable(case, target.name, ENDPOINT, &value);
    let who = target.who();
    let mut pods = target.pods().to_vec();
    pods.extend(all.flat_map(|(target, _)| target.pods().to_vec()));
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!(
                "In {who}, {ENDPOINT}={value} from ConfigMap {map} has no effect: the operator writes {counts} as an entry of its own, which wins over envFrom."
            ))
            .remedy(
                "If that is not meant, repeat the value as a plain variable of the template, which wins",
                command.unwrap_or_else(|| case.edit_command()),
            )
            .because(target.object(), format!("spec.containers[{}].env[{ENDPOINT}]", target.name), counts)
            .because(format!("ConfigMap/{map}"), format!("data[{ENDPOINT}]"), value)
            .pods(pods),
    ]
}

fn command(case: &Case<'_>, container: &str, name: &str, source: &Source<'_>) -> String {
    let id = &case.subject.id;
    match (&*id.kind, source.value) {
        ("Deployment" | "StatefulSet" | "DaemonSet" | "CronJob", Some(value)) => {
            remedy::set_variable(case, container, name, value).unwrap_or_default()
        }
        (_, Some(_)) => case.restart_command(),
        // Shows the value, of a Secret in base64.
        (_, None) => format!(
            "kubectl -n {} get {} {} -o jsonpath='{{.data.{name}}}'",
            id.namespace,
            source.kind.to_lowercase(),
            harmless::word(source.name)
        ),
    }
}
