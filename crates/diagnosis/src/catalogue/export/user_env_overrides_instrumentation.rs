//! H7: the container sets a variable itself, and so the Instrumentation's value has no effect.

use api::{Certainty, ConditionType, Severity};
use facts::{EnvVar, InputKind, Language, Pod};

use crate::case::Case;
use crate::catalogue::environment::container;
use crate::catalogue::remedy::remove_variable;
use crate::catalogue::remedy::{named, object};
use crate::catalogue::targets::targets;
use crate::catalogue::wanted::wanted;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::harmless;

/// `UserEnvOverridesInstrumentation`.
pub static CAUSE: Cause = Cause {
    code: "IH-H007",
    reason: "UserEnvOverridesInstrumentation",
    summary: "The container sets a variable itself, so that the Instrumentation's value has no effect.",
    condition: ConditionType::ExporterReachable,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the template's own value, against that of the Instrumentation"),
    since: "0.1.0",
    reads: &[InputKind::Instrumentations],
    page: include_str!("user_env_overrides_instrumentation.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut pods: Vec<&'c Pod> = Vec::new();
    let mut first = None;
    for target in targets(case) {
        // The modules of web servers read no variables; Go's own container is not the application's.
        let reads_variables =
            !matches!(target.language, Language::ApacheHttpd | Language::Nginx | Language::Go);
        let Some(instrumentation) = object(case, target.language).filter(|_| reads_variables) else {
            continue;
        };
        let own = case.template.and_then(|template| container(&template.spec, target.name));
        let Some(own) = own else { continue };
        for wanted in wanted(&instrumentation.spec, target.language) {
            let Some(var) = own.env_var(&wanted.name).filter(|var| differs(var, &wanted)) else { continue };
            pods.extend(target.pods());
            first.get_or_insert((
                target.who(),
                target.object(),
                target.name,
                var.clone(),
                wanted,
                target.language,
            ));
        }
    }
    let Some((who, at, name, var, wanted, language)) = first else { return Vec::new() };
    let source = named(case, language);
    let value = |var: &EnvVar| match &var.value {
        Some(value) if value.is_empty() => "empty".to_owned(),
        Some(value) => harmless::variable(&var.name, value),
        None => "a reference".to_owned(),
    };
    let command = remove_variable(case, name, &var.name).unwrap_or_default();
    pods.dedup_by_key(|pod| pod.uid.clone());
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!(
                "In {who}, {} is {} by its own template; {} of {source} has no effect there.",
                var.name,
                value(&var),
                value(&wanted)
            ))
            .remedy("If that is not meant, remove the variable from the template", command)
            .because(at, format!("spec.containers[{name}].env[{}]", var.name), value(&var))
            .because(source.replace(' ', "/"), format!("value for {}", wanted.name), value(&wanted))
            .pods(pods),
    ]
}

fn differs(own: &EnvVar, wanted: &EnvVar) -> bool {
    // A sampler's argument belongs to the sampler, which is chosen with it.
    own.value_from.is_some() != wanted.value_from.is_some()
        || (own.value_from.is_none() && own.literal() != wanted.literal())
}
