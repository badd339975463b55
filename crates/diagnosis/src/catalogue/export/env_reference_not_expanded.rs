//! H9: a variable refers to another one that is not defined before it, so the text stays as it is.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Pod};

use super::judge;
use crate::case::Case;
use crate::catalogue::remedy::named;
use crate::catalogue::targets::targets;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `EnvReferenceNotExpanded`.
pub static CAUSE: Cause = Cause {
    code: "IH-H009",
    reason: "EnvReferenceNotExpanded",
    summary: "A variable holds $(NAME), and NAME is not defined before it.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Error, Severity::Warning],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the order of the container's variables"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations, InputKind::ConfigMaps, InputKind::Services],
    page: include_str!("env_reference_not_expanded.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let endpoint = judge(case, |export| Some((Severity::Error, export.value.unexpanded.first()?.clone())));
    if let Some(wrong) = endpoint {
        let (export, name) = (wrong.export, wrong.what);
        let variable = export.place.as_ref().map_or_else(String::new, |place| place.name().to_owned());
        let defined = super::sender(case, export).is_some_and(|sender| sender.env_var(&name).is_some());
        return vec![
            said(
                wrong.severity,
                &export.container,
                &variable,
                &name,
                defined,
                &named(case, export.language),
                case,
            )
            .because(export.object(case), export.field(), &export.value.text)
            .pods(wrong.pods),
        ];
    }
    other_variables(case)
}

/// Variables that do not say where telemetry goes: resource attributes, for example.
fn other_variables<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for target in targets(case) {
        let broken =
            target.env.entries().filter(|(var, _)| var.name.starts_with("OTEL_")).find_map(|(var, value)| {
                Some((var.name.clone(), value.unexpanded.first()?.clone(), value.text))
            });
        let Some((variable, name, text)) = broken else { continue };
        pods.extend(target.pods());
        let defined = target.container.env_var(&name).is_some();
        first.get_or_insert((target.object(), target.name, variable, name, text, defined, target.language));
    }
    let Some((object, container, variable, name, text, defined, language)) = first else { return Vec::new() };
    vec![
        said(Severity::Warning, container, &variable, &name, defined, &named(case, language), case)
            .because(object, format!("spec.containers[{container}].env[{variable}]"), text)
            .pods(pods),
    ]
}

fn said<'c>(
    severity: Severity,
    container: &str,
    variable: &str,
    name: &str,
    defined: bool,
    source: &str,
    case: &Case<'_>,
) -> Found<'c> {
    let why = if defined { "is defined only after it" } else { "is defined nowhere in the container" };
    Found::new(&CAUSE, severity, Certainty::Certain)
        .message(format!(
            "{variable} in container {container} of {} holds $({name}) as it stands, because {name} {why}: Kubernetes puts in only what stands before.",
            case.subject.id.slug(),
        ))
        .remedy(
            format!("Define {name} before {variable} in the template, or in spec.env of {source} ($(OTEL_NODE_IP) and $(OTEL_POD_IP) are always there), then"),
            case.restart_command(),
        )
}
