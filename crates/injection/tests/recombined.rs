//! What holds where parts of recorded cases meet that never met in a recording?
//!
//! The Pod of one case with the annotations of a second, in the world of a third, before the operator of any release.

#![allow(clippy::unwrap_used, reason = "a test: what does not fit fails it")]

#[path = "oracle/recording.rs"]
mod recording;
#[path = "oracle/world.rs"]
#[expect(dead_code, reason = "the oracle test uses the rest")]
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use facts::{Language, PodShape};
use injection::{
    Decision, NODE_NAME_VARIABLE, OperatorConfig, PodRequest, Policies, RECORDED, Release, SIDECAR_CONTAINER,
    Sidecar, Target, TargetOutcome, decide, inject, marks, refusal,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use recording::{Case, Submitted};
use serde_json::Value;
use world::World;

static WORLDS: LazyLock<BTreeMap<String, World>> =
    LazyLock::new(|| recording::worlds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle")).unwrap());

/// Every n-th recorded case.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    const STEP: usize = 5;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle/cases.jsonl.gz");
    let lines = recording::lines(&file).unwrap().step_by(STEP);
    lines.map(|line| line.unwrap()).map(|(place, line)| recording::parse(&place, &line).unwrap()).collect()
});

/// A question that nobody recorded.
struct Question<'a> {
    pod: Value,
    namespace: &'a str,
    world: &'a World,
    operator: OperatorConfig,
}

impl Question<'_> {
    fn new([pod, annotations, world]: [Index; 3], release: Release) -> Self {
        let [pod, annotations, world] = [pod, annotations, world].map(|index| index.get(&CASES));
        let mut submitted = pod.submitted.clone();
        submitted["metadata"]["namespace"] = world.namespace.clone().into();
        submitted["metadata"]["annotations"] = annotations.submitted["metadata"]["annotations"].clone();
        let recorded = &WORLDS[&world.world];
        let mut operator = recorded.operator.clone();
        operator.release = release;
        Question { pod: submitted, namespace: &world.namespace, world: recorded, operator }
    }

    fn send(&self, pod: &Value) -> (Decision, Value) {
        let Submitted { name, generate_name, owners, shape } = Submitted::read(pod).unwrap();
        let request = PodRequest {
            namespace: self.namespace,
            name: &name,
            generate_name: &generate_name,
            owners: &owners,
            shape: &shape,
        };
        let decision = decide(&request, self.world, &self.operator);
        decision.log_lines(&request);
        let injected = inject(pod, self.namespace, &decision, self.world);
        (decision, injected)
    }
}

fn shape(pod: &Value) -> PodShape {
    Submitted::read(pod).unwrap().shape
}

/// Languages and containers that are injected with hook and agent. Marks are not looked for on a collector.
fn complete(decision: &Decision) -> impl Iterator<Item = (Language, &Target)> {
    decision.injected().filter(|(_, target)| {
        target.outcome == TargetOutcome::Injected && &*target.container != SIDECAR_CONTAINER
    })
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let list = |name: &str| pod["spec"][name].as_array().into_iter().flatten();
    list("initContainers").chain(list("containers"))
}

/// Point 15 of the oracle's README: an SDK-only injection that leaves no mark the operator looks for; it is injected again.
fn is_missed_by_the_operator(injected: &Value) -> bool {
    let has_variable = |container: &Value| {
        container["env"].as_array().into_iter().flatten().any(|var| var["name"] == NODE_NAME_VARIABLE)
    };
    let mut regular = injected["spec"]["containers"].as_array().into_iter().flatten();
    !regular.any(|container| container["name"] != SIDECAR_CONTAINER && has_variable(container))
        && marks(&shape(injected)).agents.iter().all(|agent| agent.language == Some(Language::Nginx))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_newest_release(parts in any::<[Index; 3]>()) {
        let question = Question::new(parts, Release::NEWEST);
        let (decision, injected) = question.send(&question.pod);
        prop_assert_eq!(decision.changes_pod(), injected != question.pod, "decide and inject agree");
        let labels = question.world.namespace_labels(question.namespace);
        let policies = Policies { namespace_labels: &labels, limit_ranges: &question.world.limit_ranges, resource_quotas: &question.world.resource_quotas };
        let refusal = refusal(&question.pod, &injected, &policies);
        let found = marks(&shape(&injected));
        let is_target = |name: &Value| decision.injected().any(|(_, target)| *name == *target.container);
        for (language, target) in complete(&decision) {
            // Apache leaves nginx half injected, and the Pod refused.
            prop_assert!(found.is_injected(language, &target.container) || refusal.is_some(), "{} on {}", language, target.container);
        }
        let removed = matches!(decision.sidecar, Sidecar::Refused { .. });
        for container in containers(&question.pod) {
            let name = &container["name"];
            let may_change = is_target(name) || (removed && name == SIDECAR_CONTAINER);
            prop_assert!(may_change || containers(&injected).any(|other| other == container), "{} is no target", name);
        }
        let (_, again) = question.send(&injected);
        prop_assert!(again == injected || is_missed_by_the_operator(&injected), "sent again");
        prop_assert!(refusal.is_none_or(|refusal| !refusal.cause.text().is_empty()));
    }

    #[test]
    fn every_recorded_release(parts in any::<[Index; 3]>(), version in select(&RECORDED[..])) {
        let question = Question::new(parts, Release::nearest(Some(version)));
        let (decision, injected) = question.send(&question.pod);
        if decision.answer().code != 200 {
            prop_assert_eq!(&injected, &question.pod, "an error leaves the Pod alone");
        }
        prop_assert_eq!(decision.changes_pod(), injected["spec"] != question.pod["spec"], "decide and inject agree");
        let found = marks(&shape(&injected));
        for (language, target) in complete(&decision) {
            // 0.85 has one name for the agents of all languages: of several in one container only one is told.
            let is_web_server = matches!(language, Language::ApacheHttpd | Language::Nginx);
            let is_told = is_web_server
                || found.is_injected(language, &target.container)
                || (version == RECORDED[0] && found.container(&target.container).is_some());
            prop_assert!(is_told, "{}: {} on {}", version, language, target.container);
        }
    }
}
