//! Where does each instrumented container send its telemetry?
//!
//! Judged on what the Pod carries, not on what the Instrumentation says now: its own variables win over the
//! Instrumentation's. Apache and nginx read a configuration file that an init container writes, and no variable
//! (`internal/instrumentation/{exporter,apachehttpd,nginx}.go`, v0.158.0).

mod export;
mod settings;

use facts::{InputKind, Language, PodShape, Service};
use injection::Marks;
use injection::marks::AgentRole;
use jiff::Timestamp;

pub use export::{Export, Signal};
pub use settings::{directive_value, is_configured_by_file};
use settings::{of_agent, of_module, traces};

use super::environment::{Environment, container};
use super::receiver::{Reach, reach};
use crate::case::Case;
use crate::found::Found;

/// The variable that the operator sets from `spec.exporter.endpoint`.
pub const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The variable that chooses the protocol.
pub const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";

/// Every export of the workload: of the present revision's injected Pods, else of all injected Pods, else of the Pods that
/// the template would give.
pub fn exports<'k>(case: &'k Case<'_>) -> &'k [Export] {
    case.exports.get_or_init(|| {
        let any_current = case.groups.iter().any(|group| group.current && group.is_injected());
        let mut exports = Vec::new();
        for (index, group) in case.groups.iter().enumerate() {
            if group.is_injected() && (group.current || !any_current) {
                exports.extend(of_shape(case, Some(index), group.shape, &group.marks));
            }
        }
        // What the next Pods would carry takes long to work out, so only where there are none to look at.
        if case.groups.is_empty()
            && let Some(shape) = case.next_shape()
        {
            exports.extend(of_shape(case, None, shape, &injection::marks(shape)));
        }
        exports
    })
}

fn of_shape(case: &Case<'_>, group: Option<usize>, shape: &PodShape, marks: &Marks) -> Vec<Export> {
    let mut exports = Vec::new();
    for agent in &marks.agents {
        let Some(sender) = container(&shape.spec, &agent.name) else { continue };
        let env = Environment::new(sender, &case.subject.id.namespace, case.cluster);
        match (agent.role, agent.language) {
            (AgentRole::GoSidecar, Some(language)) => {
                exports.extend(traces(case, group, &agent.name, language, &agent.image, env));
            }
            (AgentRole::Agent, Some(language @ (Language::ApacheHttpd | Language::Nginx))) => {
                let target = marks.containers.iter().find(|target| target.agent(language).is_some());
                let Some(target) = target else { continue };
                exports.extend(of_module(case, group, &target.name, language, &agent.name, env));
            }
            _ => {}
        }
    }
    let has_module = marks.agent(Language::ApacheHttpd).is_some() || marks.agent(Language::Nginx).is_some();
    for target in &marks.containers {
        let Some(sender) = container(&shape.spec, &target.name) else { continue };
        let env = Environment::new(sender, &case.subject.id.namespace, case.cluster);
        if target.is_sdk_only() && !has_module {
            exports.extend(of_agent(case, group, &target.name, Language::Sdk, "", env));
        }
        for language in target.agents.iter().filter_map(|agent| agent.language) {
            let by_variables =
                matches!(language, Language::Java | Language::NodeJs | Language::Python | Language::DotNet);
            let image = marks.agent(language).or_else(|| marks.agents.first());
            if by_variables {
                let image = image.map(|agent| &*agent.image).unwrap_or_default();
                exports.extend(of_agent(case, group, &target.name, language, image, env));
            }
        }
    }
    exports
}

/// Those who take the telemetry of running Pods are starting: their Service, and when that begins to be worth a finding.
pub fn starting<'c>(case: &Case<'c>) -> Option<(&'c Service, Timestamp)> {
    let mut exports = exports(case).iter().filter(|export| export.group.is_some());
    exports.find_map(|export| match reach(case, export) {
        Reach::Starting { service, until } => Some((service, until)),
        _ => None,
    })
}

/// What would have to be readable to say that the endpoint exists. None where the endpoint lies outside the cluster, where
/// there is none, or where something is found wrong with it anyway.
pub fn unproven(case: &Case<'_>, found: &[Found<'_>]) -> Option<InputKind> {
    let judged = found.iter().any(|found| found.cause.condition == api::ConditionType::ExporterReachable);
    let mut exports = exports(case).iter().filter(|export| export.group.is_some() && !judged);
    exports.find_map(|export| match reach(case, export) {
        Reach::Unknown(kind) => Some(kind),
        _ => None,
    })
}
