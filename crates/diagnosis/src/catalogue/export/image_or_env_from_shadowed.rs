//! H8: the operator's entry hides the same variable from `envFrom`.

use api::{Certainty, ConditionType, Severity};
use facts::{EnvFrom, InputKind, Language, Pod};

use crate::case::Case;
use crate::catalogue::targets::targets;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `ImageOrEnvFromShadowed`.
pub static CAUSE: Cause = Cause {
    code: "IH-H008",
    reason: "ImageOrEnvFromShadowed",
    summary: "The application's own runtime options from envFrom are lost: the injected variable hides them.",
    condition: ConditionType::AgentWired,
    severities: &[Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::WithPermission("the ConfigMap that envFrom names; variables of an image do not show"),
    since: "0.1.0",
    reads: &[InputKind::ConfigMaps],
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
            let shadowed =
                target.env.from_sources(name).filter(|value| !value.is_hidden() && !value.text.is_empty());
            let (Some(lost), Some(entry)) = (shadowed, target.env.entry(name)) else { continue };
            if entry.literal().contains(&lost.text) {
                continue;
            }
            pods.extend(target.pods());
            let source = target.container.env_from.iter().filter_map(map_name).next_back();
            first.get_or_insert((target.who(), target.object(), target.name, *name, lost.text, source));
        }
    }
    let Some((who, object, container, name, lost, source)) = first else { return Vec::new() };
    let source = source.unwrap_or_default();
    let id = &case.subject.id;
    let command = match &*id.kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => {
            format!("kubectl -n {} set env {} -c {container} '{name}={lost}'", id.namespace, id.slug())
        }
        _ => case.restart_command(),
    };
    vec![
        Found::new(&CAUSE, Severity::Warning, Certainty::Certain)
            .message(format!(
                "In {who}, {name}={lost} from ConfigMap {source} is lost: the operator writes {name} as an entry of its own, which wins over envFrom."
            ))
            .remedy("Repeat the value as a plain variable of the template, which the operator extends", command)
            .because(object, format!("spec.containers[{container}].envFrom"), format!("ConfigMap {source}"))
            .because(format!("ConfigMap/{source}"), format!("data[{name}]"), lost)
            .pods(pods),
    ]
}

fn map_name(source: &EnvFrom) -> Option<&str> {
    source.config_map_ref.as_ref().map(|reference| &*reference.name)
}
