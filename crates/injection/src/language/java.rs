//! Java: an agent archive and `JAVA_TOOL_OPTIONS`.
//!
//! `internal/instrumentation/javaagent.go`, v0.158.0.

use crate::inject::Injection;
use crate::language::agent;
use crate::pod::{Container, EnvVar, Pod};
use crate::releases::Rule;
use crate::target::SkipReason;
use crate::units::Unit;

/// The variable that loads the agent.
pub(crate) const HOOK: &str = "JAVA_TOOL_OPTIONS";
/// Checked variables that an injection sets.
pub(crate) const MADE: [&str; 1] = [HOOK];

pub(crate) fn check(unit: &mut Unit<'_>, release: crate::releases::Release) -> Result<(), SkipReason> {
    if release.follows(Rule::JavaOptionsBesideReference) {
        return Ok(());
    }
    super::refuse_references(unit, &[HOOK])
}

/// Mount and variables of a target, before the common ones.
pub(crate) fn begin(injection: &Injection<'_>, container: &mut Container) {
    let names = agent::names(injection.language, injection.release);
    container.env().append_all_if_not_set(&injection.spec.java.env);
    let path = mount_path(injection, &container.name);
    container.mount(names.volume, &path);
}

/// The hook, after the common variables. A reference is left alone.
pub(crate) fn hook(injection: &Injection<'_>, container: &mut Container) {
    let path = mount_path(injection, &container.name);
    let mut option = format!(" -javaagent:{path}/javaagent.jar");
    if !injection.spec.java.extensions.is_empty() {
        option = format!("{option} -Dotel.javaagent.extensions={path}/extensions");
    }
    if injection.release.follows(Rule::JavaOptionsBesideReference) {
        let env = container.env();
        let own = if env.position(HOOK).is_some() {
            format!("$({HOOK}){option}")
        } else {
            option.trim_start().to_owned()
        };
        return env.append(EnvVar::literal(HOOK, own));
    }
    extend(injection, container, HOOK, &option);
}

/// Appends to a literal, or adds it; used by Node.js as well.
pub(crate) fn extend(injection: &Injection<'_>, container: &mut Container, variable: &str, text: &str) {
    let env = container.env();
    match env.get(variable) {
        None => env.append(EnvVar::literal(variable, text)),
        Some(var) if var.value_from.is_some() && injection.release.follows(Rule::SpecEnvKept) => {}
        Some(var) => {
            if let Some(index) = env.position(variable) {
                env.set_value(index, format!("{}{text}", var.value));
            }
        }
    }
}

/// The mount path is the target's own, for agents that write beside the archive.
fn mount_path(injection: &Injection<'_>, container: &str) -> String {
    let folder = agent::names(injection.language, injection.release).folder;
    if injection.release.follows(Rule::JavaMountPerContainer) {
        format!("{folder}-{container}")
    } else {
        folder.to_owned()
    }
}

/// Volume and init containers, those of the extensions after the agent's.
pub(crate) fn add_agent(injection: &Injection<'_>, pod: &mut Pod, first_target: &str) {
    let names = agent::names(injection.language, injection.release);
    if pod.has_init(names.volume) {
        return;
    }
    let target = pod.find(first_target).and_then(|target| target.field("securityContext").cloned());
    let context = agent::given_context(injection)
        .or(target)
        .filter(|_| injection.release.follows(Rule::JavaExtensionContext));
    let archive = format!("{}/javaagent.jar", names.folder);
    agent::add(injection, pod, &["cp", "/javaagent.jar", &archive], first_target);
    let target_folder = format!("{}/extensions", names.folder);
    for (index, extension) in injection.spec.java.extensions.iter().enumerate() {
        let name = format!("opentelemetry-auto-instrumentation-extension-{index}");
        let source = format!("{}/.", extension.dir);
        let command = ["cp", "-r", &source, &target_folder];
        let mut container = agent::init_container(injection, &name, &extension.image, &command, &names);
        container.forget_pull_policy();
        container.set_security_context(context.clone());
        let before = injection.release.follows(Rule::InitTargets).then_some(first_target);
        pod.insert_init(container, before);
    }
}
