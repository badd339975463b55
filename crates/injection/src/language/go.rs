//! Go: an eBPF agent as a sidecar that sees the processes of its neighbours.
//!
//! `internal/instrumentation/golang.go`, `sdk.go` `injectGo`, v0.158.0.

use facts::{InstrumentationSpec, Language};
use serde_json::{Value, json};

use crate::go_slice::{ENV_VAR_BYTES, Slice};
use crate::inject::Injection;
use crate::names::{self, CONTAINER_NAMES};
use crate::operator::OperatorConfig;
use crate::pod::{Container, EnvVar, Pod, mount};
use crate::releases::Rule;
use crate::request::PodRequest;
use crate::target::{SkipReason, Target, TargetOutcome};
use crate::units::{Unit, Units};
use crate::volume;

/// Name of the sidecar.
pub(crate) const SIDECAR: &str = "opentelemetry-auto-instrumentation";
/// The variable that says which program to watch.
pub(crate) const TARGET_VARIABLE: &str = "OTEL_GO_AUTO_TARGET_EXE";
/// The annotation that says so; read from the Pod alone.
pub(crate) const TARGET_ANNOTATION: &str = "instrumentation.opentelemetry.io/otel-go-auto-target-exe";

/// Decides about the one target: the first name of the list, or the first container. It need not exist.
pub(crate) fn decide(
    request: &PodRequest<'_>,
    names: &[std::sync::Arc<str>],
    spec: &InstrumentationSpec,
    operator: &OperatorConfig,
    units: &mut Units<'_>,
) -> Target {
    let multi_instrumentation = operator.switches.multi_instrumentation;
    let release = operator.release;
    let means_first =
        |name: &str| !release.follows(Rule::UnknownNamesIgnored) && units.container(name).is_none();
    let container: std::sync::Arc<str> = match names.first().filter(|name| !means_first(name)) {
        Some(name) => name.clone(),
        None => units.containers.first().map_or("", |unit| &unit.name).into(),
    };
    let is_init = release.follows(Rule::InitTargets) && units.init_container(&container).is_some();
    let outcome = match check(request, is_init, spec, multi_instrumentation) {
        Ok(()) => {
            units.containers.push(Unit::made(SIDECAR));
            TargetOutcome::Injected
        }
        Err(reason) => TargetOutcome::Skipped(reason),
    };
    Target { container, is_init, outcome }
}

fn check(
    request: &PodRequest<'_>,
    is_init: bool,
    spec: &InstrumentationSpec,
    multi_instrumentation: bool,
) -> Result<(), SkipReason> {
    let annotations = &request.shape.annotations;
    if is_init {
        return Err(SkipReason::InitContainer);
    }
    if request.shape.spec.share_process_namespace == Some(false) {
        return Err(SkipReason::ProcessNamespaceNotShared);
    }
    // Only the Pod's own list is counted, and with multi-instrumentation only the one for Go.
    let list = if multi_instrumentation { Language::Go.container_names_key() } else { CONTAINER_NAMES };
    if annotations.get(list).is_some_and(|list| names::split(list).count() > 1) {
        return Err(SkipReason::GoSeveralContainers);
    }
    let named = |env: &[facts::EnvSource]| env.iter().any(|var| &*var.name == TARGET_VARIABLE);
    if !annotations.contains_key(TARGET_ANNOTATION) && !named(&spec.go.env) && !named(&spec.env) {
        return Err(SkipReason::GoTargetMissing);
    }
    Ok(())
}

/// Adds the sidecar, last of the containers, and lets it see the other processes.
pub(crate) fn add_sidecar<'p>(injection: &Injection<'_>, pod: &'p mut Pod) -> Option<&'p mut Container> {
    const VOLUME: &str = "kernel-debug";
    const FOLDER: &str = "/sys/kernel/debug";
    let spec = &injection.spec.go;
    let own_context = spec.security_context.clone().filter(|context| !context.is_null());
    let context = own_context
        .filter(|_| injection.release.follows(Rule::SecurityContexts))
        .unwrap_or_else(|| json!({ "runAsUser": 0, "privileged": true }));
    let mut context = context;
    if !injection.release.follows(Rule::GoWithoutPtrace) {
        context["capabilities"] = json!({ "add": ["SYS_PTRACE"] });
    }
    let fields = json!({
        "image": &*spec.image,
        "resources": volume::resources(spec.resource_requirements.as_ref()),
        "securityContext": context,
        "imagePullPolicy": injection.pull_policy(),
    });
    let mut env = Slice::empty(ENV_VAR_BYTES);
    let annotated = pod.metadata_map("annotations").find(|(key, _)| *key == TARGET_ANNOTATION);
    if let Some((_, target)) = annotated {
        env.append(EnvVar::literal(TARGET_VARIABLE, target));
    }
    env.append_all_if_not_set(&spec.env);
    pod.containers.push(Container::made(SIDECAR, fields, env, vec![mount(VOLUME, FOLDER)]));
    pod.volumes.push(json!({ "name": VOLUME, "hostPath": {"path": FOLDER} }));
    pod.spec.insert("shareProcessNamespace".to_owned(), Value::Bool(true));
    pod.containers.last_mut()
}
