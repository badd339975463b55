//! What would become of the Pods of one manifest?

use diagnosis::OperatorState;
use diagnosis::case::asked;
use diagnosis::catalogue::obstacle::{Next, Obstacle};
use facts::{ClusterView as _, InputKind, PodShape, StringMap, WorkloadRef};
use injection::{Decision, PodRequest, Policies, TargetOutcome, decide, inject, refusal};
use input::Manifest;
use serde_json::{Value, json};
use world::World;

use crate::admit::Refused;
use crate::hint;
use crate::maker::{Made, as_template, make};
use crate::outcome::{LanguagePreview, Preview};
use crate::template::{NoTemplate, name, template};

/// Makes previews in one world.
pub struct Previewer<'w> {
    world: &'w mut World,
    manifests: &'w [Manifest],
    operator: OperatorState,
    refused: &'w [Refused],
    now: jiff::Timestamp,
}

impl<'w> Previewer<'w> {
    /// For these manifests. `operator` may differ from what the world shows; `refused` comes from [`crate::admit`].
    pub fn new(
        world: &'w mut World,
        manifests: &'w [Manifest],
        operator: OperatorState,
        refused: &'w [Refused],
        now: jiff::Timestamp,
    ) -> Self {
        Self { world, manifests, operator, refused, now }
    }

    /// Every object that makes Pods, in the order of the files.
    pub fn all(&mut self) -> Vec<Result<Preview, NoTemplate>> {
        let manifests = self.manifests;
        manifests.iter().filter_map(|manifest| self.one(manifest)).collect()
    }

    fn one(&mut self, manifest: &Manifest) -> Option<Result<Preview, NoTemplate>> {
        let template = match template(&manifest.object, &manifest.place)? {
            Ok(template) => template,
            Err(error) => return Some(Err(error)),
        };
        let object = &manifest.object;
        let text = |value: &Value| value.as_str().unwrap_or_default().into();
        let id = WorkloadRef {
            namespace: text(&object["metadata"]["namespace"]),
            kind: text(&object["kind"]),
            name: text(&object["metadata"]["name"]),
            api_version: text(&object["apiVersion"]),
        };
        let Some(shape) = shape(template.value) else {
            let flaw = "has a field of the wrong form in its Pod template".to_owned();
            return Some(Err(NoTemplate { object: name(object, &manifest.place), flaw }));
        };
        // Said of the manifest as it stands, before the objects that its controller will make are there.
        let hints = hint::hints(self.world, &id, &self.operator, self.now);
        let made = make(object, template.value);
        if let Some(between) = made.between.clone() {
            self.world.apply(between);
        }
        let preview = self.preview(id, &shape, template.value, &made);
        Some(Ok(Preview { place: manifest.place.clone(), path: template.path, hints, ..preview }))
    }

    fn preview(&self, id: WorkloadRef, shape: &PodShape, template: &Value, made: &Made) -> Preview {
        let name = if &*id.kind == "Pod" { &*id.name } else { "" };
        let request = PodRequest {
            namespace: &id.namespace,
            name,
            generate_name: &made.generate_name,
            owners: &made.owners,
            shape,
        };
        let decision = decide(&request, &*self.world, &self.operator.config);
        let verdict = self.operator.webhook_for(&request, &*self.world, self.now);
        let unasked = Obstacle::of_webhook(&verdict, &id.namespace);
        let after = match unasked {
            Some(_) => made.pod.clone(),
            None => inject(&made.pod, &id.namespace, &decision, &*self.world),
        };
        let refused = self.refusal(&made.pod, &after, &id.namespace);
        let languages = self.languages(&id.namespace, shape, &decision, unasked.as_ref());
        Preview {
            namespace_known: self.world.namespace(&id.namespace).found().is_some(),
            notes: self.notes(&id.namespace, &decision),
            languages,
            refused,
            before: template.clone(),
            after: as_template(after, template),
            id,
            place: String::new(),
            path: "",
            hints: Vec::new(),
        }
    }

    fn languages(
        &self,
        namespace: &str,
        shape: &PodShape,
        decision: &Decision,
        unasked: Option<&Obstacle>,
    ) -> Vec<LanguagePreview> {
        let next = Next { namespace, shape, decision, cluster: &*self.world };
        let preview = |decided: &injection::LanguageDecision| {
            let language = decided.language;
            let mut obstacles = next.obstacles(language);
            for obstacle in &mut obstacles {
                self.refine(namespace, decided, obstacle);
            }
            // What keeps the operator from being asked comes before anything that it would say.
            if let Some(unasked) = unasked {
                obstacles.insert(0, unasked.clone());
            }
            let reached = decided.targets().iter().filter(|target| target.outcome == TargetOutcome::Injected);
            let containers: Vec<String> = reached.map(|target| target.container.to_string()).collect();
            LanguagePreview {
                language,
                containers: if unasked.is_some() { Vec::new() } else { containers },
                instrumentation: decided.instrumentation.as_ref().map(|used| used.full_name()),
                obstacles,
            }
        };
        if !decision.languages.is_empty() {
            return decision.languages.iter().map(preview).collect();
        }
        // The operator did not get as far as the annotations.
        let annotations =
            self.world.namespace(namespace).found().map(|found| &found.metadata.metadata.annotations);
        asked(annotations.unwrap_or(&StringMap::default()), &shape.annotations)
            .into_iter()
            .map(|asked| LanguagePreview {
                language: asked.language,
                containers: Vec::new(),
                instrumentation: None,
                obstacles: unasked.cloned().into_iter().chain(next.obstacles(asked.language)).collect(),
            })
            .collect()
    }

    /// Adds what only those know who know all the files.
    fn refine(&self, namespace: &str, decided: &injection::LanguageDecision, obstacle: &mut Obstacle) {
        use injection::annotation::Request;
        let switched_off = decided.outcome == injection::LanguageOutcome::SwitchedOff;
        if switched_off && !self.operator.config_known {
            let flag = injection::Switches::flag(decided.language).unwrap_or_default();
            obstacle.needs = Some(InputKind::Deployments);
            obstacle.remedy = format!("if it is started with --{flag}, say --operator-arg=--{flag}");
            obstacle.rule = format!(
                "the operator injects {} only where it is told to, and how it is set up is not known",
                decided.language
            );
            return;
        }
        if obstacle.needs != Some(InputKind::Instrumentations) {
            return;
        }
        let means = |refused: &&Refused| match Request::parse(&decided.requested) {
            Request::Nothing => false,
            Request::Default => refused.namespace == namespace,
            Request::Named { namespace: of, name } => {
                refused.namespace == of.unwrap_or(namespace) && refused.name == name
            }
        };
        if let Some(refused) = self.refused.iter().find(means) {
            obstacle.needs = None;
            obstacle.rule = format!(
                "the operator would refuse Instrumentation {}/{}: {}",
                refused.namespace, refused.name, refused.why
            );
        }
    }

    /// Why the API server would not take the Pod, in its own words, and what mends it.
    fn refusal(&self, before: &Value, after: &Value, namespace: &str) -> Option<Obstacle> {
        let beside = |kind: &str| -> Vec<Value> {
            let of_kind = self
                .manifests
                .iter()
                .map(|manifest| &manifest.object)
                .filter(|object| object["kind"] == kind && object["metadata"]["namespace"] == namespace);
            let named = |object: &Value| json!({"name": object["metadata"]["name"], "spec": object["spec"], "status": object["status"]});
            of_kind.map(named).collect()
        };
        let labels = self.world.namespace(namespace).found();
        let labels = labels.map_or_else(StringMap::default, |found| found.metadata.metadata.labels.clone());
        let limit_ranges = beside("LimitRange");
        let resource_quotas = beside("ResourceQuota");
        let policies = Policies {
            namespace_labels: &labels,
            limit_ranges: &limit_ranges,
            resource_quotas: &resource_quotas,
        };
        let refusal = refusal(before, after, &policies)?;
        // What is wrong without injection is not the injection's affair, and may be mended by another webhook.
        (!refusal.without_injection).then(|| Obstacle::of_refusal(&refusal.cause))
    }

    /// What nobody can see in the files alone.
    fn notes(&self, namespace: &str, decision: &Decision) -> Vec<String> {
        let mut notes = Vec::new();
        for language in &decision.languages {
            let tls = language.instrumentation.as_ref().and_then(|used| used.spec.exporter.tls.as_ref());
            let Some(tls) = tls.filter(|_| language.targets().iter().any(|t| t.outcome.is_injected())) else {
                continue;
            };
            let objects = [("Secret", &tls.secret_name), ("ConfigMap", &tls.config_map_name)];
            for (kind, name) in objects.into_iter().filter(|(_, name)| !name.is_empty()) {
                let known = match kind {
                    "Secret" => self.world.secret(namespace, name).found().is_some(),
                    _ => self.world.config_map(namespace, name).found().is_some(),
                };
                let note = format!(
                    "{kind} {name} (spec.exporter.tls) must exist in namespace {namespace}, else nothing is injected"
                );
                if !known && !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes
    }
}

/// What the operator reads of a template. `None`: it does not read as the API describes it.
fn shape(template: &Value) -> Option<PodShape> {
    let part = |key: &str| {
        template["metadata"].get(key).filter(|map| !map.is_null()).cloned().unwrap_or_else(|| json!({}))
    };
    let shape =
        json!({"annotations": part("annotations"), "labels": part("labels"), "spec": template["spec"]});
    serde_json::from_value(shape).ok()
}
