//! What does every check look at?
//!
//! A [`Case`] is one workload with what was worked out once for all checks: its Pods grouped by shape, what each group asks
//! for, which marks it carries, and what the operator would decide now.

use std::cell::OnceCell;
use std::sync::Arc;

use api::Severity;
use facts::{
    ClusterView, Container, InputKind, Language, Lookup, Namespace, Pod, PodPhase, PodShape, Readability,
    StringMap, Subject,
};
use injection::annotation::{Request, effective_value};
use injection::{Decision, Marks, NODE_NAME_VARIABLE, Outcome, PodRequest, decide, marks};
use jiff::Timestamp;

use crate::catalogue::endpoint::Export;
use crate::harmless;
use crate::operator::{OperatorState, WebhookVerdict};

/// One workload, ready to be checked.
pub struct Case<'a> {
    /// The workload and what belongs to it.
    pub subject: &'a Subject<'a>,
    /// The rest of the cluster.
    pub cluster: &'a dyn ClusterView,
    /// The operator.
    pub operator: &'a OperatorState,
    /// The time of the judgement.
    pub now: Timestamp,
    /// Annotations of the Namespace; empty where it cannot be read.
    pub namespace_annotations: &'a StringMap,
    /// The Namespace.
    pub namespace: Lookup<&'a Namespace>,
    /// The template, or the only Pod's own shape where there is no template.
    pub template: Option<&'a Arc<PodShape>>,
    /// What the template asks for, with the Namespace.
    pub asked: Vec<Asked>,
    /// What the operator would decide about a Pod made from the template now: what a restart would bring. None where
    /// there is no template to make Pods from.
    pub restart: Option<Decision>,
    /// Whether the operator would be asked about that Pod. None where the template asks for nothing.
    pub webhook: Option<WebhookVerdict<'a>>,
    /// The Pods that are judged, grouped by shape and revision; the current revision first.
    pub groups: Vec<Group<'a>>,
    /// Finished Pods in whose place others run: evicted, or on a node that was shut down. What became of their containers
    /// then says nothing about the workload now.
    pub leftovers: Vec<&'a Pod>,
    /// See [`crate::catalogue::endpoint::exports`]; worked out when first asked for.
    pub(crate) exports: OnceCell<Vec<Export>>,
    /// See [`Case::next_shape`]; worked out when first asked for.
    pub(crate) next_shape: OnceCell<Option<PodShape>>,
}

/// A language that is asked for, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The language.
    pub language: Language,
    /// Value in effect.
    pub value: Arc<str>,
    /// Value on the Pod or template; none where it is absent.
    pub on_pod: Option<Arc<str>>,
    /// Value on the Namespace; none where it is absent.
    pub on_namespace: Option<Arc<str>>,
}

/// Pods of one shape and revision.
pub struct Group<'a> {
    /// What they have in common.
    pub shape: &'a Arc<PodShape>,
    /// The Pods, by name.
    pub pods: Vec<&'a Pod>,
    /// Whether they belong to the revision that the workload has now.
    pub current: bool,
    /// What they ask for, with the Namespace as it is now.
    pub asked: Vec<Asked>,
    /// What the operator has left on them.
    pub marks: Marks,
    /// Languages that are asked for and reached no container.
    pub missing: Vec<Language>,
    /// What the operator would decide now about these Pods, where something is missing or no template tells what the next ones
    /// get: by their own annotations and spec, without what an earlier injection has left on them.
    pub decision: Option<Decision>,
    /// Whether the operator would be asked about such a Pod now, where something is missing.
    pub webhook: Option<WebhookVerdict<'a>>,
}

impl Group<'_> {
    /// Whether injection is asked for or was done.
    pub fn concerns_us(&self) -> bool {
        !self.asked.is_empty() || !self.marks.is_empty()
    }

    /// Whether injection is asked for, and nothing of it is on these Pods.
    pub fn is_bare(&self) -> bool {
        !self.asked.is_empty() && self.marks.agents.is_empty() && self.missing.len() == self.asked.len()
    }

    /// Whether the operator has put something on these Pods. Marks that came with a copied template, beside which nothing of
    /// what is asked for has arrived, are none.
    pub fn is_injected(&self) -> bool {
        !self.marks.is_empty() && !self.is_bare()
    }

    /// `3 of 3 Pods` or `Pod checkout-x`, for messages: how many of the judged Pods this group is.
    pub fn pods_phrase(&self) -> String {
        match self.pods.as_slice() {
            [one] => format!("Pod {}", one.name),
            several => format!("{} Pods (such as {})", several.len(), several[0].name),
        }
    }

    /// The first creation of one of these Pods.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.pods.iter().filter_map(|pod| pod.created).min()
    }
}

impl<'a> Case<'a> {
    /// Works out what the checks share.
    pub fn new(
        subject: &'a Subject<'a>,
        cluster: &'a dyn ClusterView,
        operator: &'a OperatorState,
        now: Timestamp,
    ) -> Self {
        static NONE: std::sync::LazyLock<StringMap> = std::sync::LazyLock::new(StringMap::default);
        let namespace = cluster.namespace(&subject.id.namespace);
        let namespace_annotations = match namespace {
            Lookup::Found(namespace) => &namespace.metadata.metadata.annotations,
            Lookup::Absent | Lookup::Unknown => &*NONE,
        };
        let mut case = Self {
            subject,
            cluster,
            operator,
            now,
            namespace_annotations,
            namespace,
            template: template_of(subject),
            asked: Vec::new(),
            restart: None,
            webhook: None,
            groups: Vec::new(),
            leftovers: subject.pods.iter().copied().filter(|pod| is_leftover(pod)).collect(),
            exports: OnceCell::new(),
            next_shape: OnceCell::new(),
        };
        case.asked =
            case.template.map(|shape| asked(namespace_annotations, &shape.annotations)).unwrap_or_default();
        case.restart =
            case.template.filter(|_| subject.template().is_some()).map(|shape| case.decide(shape, None));
        case.webhook = case.template.filter(|_| !case.asked.is_empty()).map(|shape| case.webhook_for(shape));
        case.groups = case.group_pods();
        case
    }

    /// What the operator would decide about a Pod of this shape now.
    pub fn decide(&self, shape: &PodShape, pod: Option<&Pod>) -> Decision {
        let mut request = PodRequest::of_shape(&self.subject.id.namespace, shape);
        let owners: Vec<_> = pod.and_then(|pod| pod.controller.as_deref()).cloned().into_iter().collect();
        request.owners = &owners;
        decide(&request, self.cluster, &self.operator.config)
    }

    /// Whether the operator would be asked about a Pod of this shape now.
    fn webhook_for(&self, shape: &PodShape) -> WebhookVerdict<'a> {
        let request = PodRequest::of_shape(&self.subject.id.namespace, shape);
        self.operator.webhook_for(&request, self.cluster, self.now)
    }

    /// Languages asked for by the template or by any group, in the operator's order.
    pub fn languages(&self) -> Vec<Language> {
        let all = || {
            self.asked
                .iter()
                .chain(self.groups.iter().flat_map(|group| &group.asked))
                .map(|asked| asked.language)
        };
        Language::ALL.into_iter().filter(|language| all().any(|asked| asked == *language)).collect()
    }

    /// Groups that ask for injection and carry nothing of it.
    pub fn bare_groups(&self) -> impl Iterator<Item = &Group<'a>> {
        self.groups.iter().filter(|group| group.is_bare())
    }

    /// Groups of which something is missing that is asked for: bare ones, and those that got only some languages.
    pub fn lacking_groups(&self) -> impl Iterator<Item = &Group<'a>> {
        self.groups.iter().filter(|group| !group.missing.is_empty())
    }

    /// Groups that the operator has left marks on.
    pub fn injected_groups(&self) -> impl Iterator<Item = &Group<'a>> {
        self.groups.iter().filter(|group| group.is_injected())
    }

    /// The severity of what keeps injection away: `Error` where Pods run (or a manifest is about to be applied), `Warning`
    /// where the workload wants no Pods now.
    pub fn severity_of_missing(&self) -> Severity {
        if self.wants_pods() || self.groups.iter().any(|group| !group.missing.is_empty()) {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// Every Pod with marks, with its group.
    pub fn injected_pods(&self) -> impl Iterator<Item = (&Group<'a>, &'a Pod)> {
        self.injected_groups().flat_map(|group| group.pods.iter().map(move |pod| (group, *pod)))
    }

    /// Whether the source is a set of manifests rather than a cluster: then nothing runs and only the template counts.
    pub fn is_manifest(&self) -> bool {
        let made_nowhere = match self.subject.workload {
            Some(workload) => workload.uid.is_empty(),
            None => self.subject.newest_set().is_some_and(|set| set.metadata.uid.is_empty()),
        };
        made_nowhere || self.subject.pods.iter().any(|pod| pod.uid.is_empty())
    }

    /// Whether the workload wants Pods at all: not scaled to zero, suspended or finished.
    pub fn wants_pods(&self) -> bool {
        self.subject.workload.is_none_or(|workload| !workload.suspended && workload.replicas != Some(0))
    }

    /// Whether Pods ought to exist by now: not for a `CronJob` between runs, a finished Job or a manifest.
    pub fn expects_pods_now(&self) -> bool {
        let finished = |workload: &facts::Workload| {
            workload
                .status
                .conditions
                .iter()
                .any(|c| matches!(&*c.kind, "Complete" | "Failed") && c.is_true())
        };
        !self.is_manifest()
            && &*self.subject.id.kind != "CronJob"
            && !self.subject.workload.is_some_and(finished)
    }

    /// The workload, as evidence names it.
    pub fn object(&self) -> String {
        format!("{}/{}", self.subject.id.kind, self.subject.id.name)
    }

    /// The command that makes the workload's Pods anew.
    pub fn restart_command(&self) -> String {
        let id = &self.subject.id;
        match &*id.kind {
            "Deployment" | "StatefulSet" | "DaemonSet" => {
                format!("kubectl -n {} rollout restart {}", id.namespace, id.slug())
            }
            // The plugin of Argo Rollouts, without which nothing restarts one by one command.
            "Rollout" => format!("kubectl argo rollouts -n {} restart {}", id.namespace, id.name),
            "CronJob" => format!(
                "kubectl -n {ns} create job --from={slug} {name}-again",
                ns = id.namespace,
                slug = id.slug(),
                name = id.name
            ),
            // Neither can be changed in place: its manifest has to be applied anew, under whatever name the user has it.
            kind => format!(
                "kubectl -n {} replace --force -f {}-{}.yaml",
                id.namespace,
                kind.to_lowercase(),
                id.name
            ),
        }
    }

    /// The command that opens the template, for changes that only people can make; it rolls the workload.
    pub fn edit_command(&self) -> String {
        let id = &self.subject.id;
        match &*id.kind {
            "Pod" | "Job" => self.restart_command(),
            _ => format!("kubectl -n {} edit {}", id.namespace, id.slug()),
        }
    }

    /// The command that sets an annotation on the Pod template, which rolls the workload.
    pub fn annotate_template_command(&self, key: &str, value: &str) -> String {
        self.patch_template_command(&[(key, Some(value))])
    }

    /// The command that sets (or, without a value, removes) annotations on the Pod template, which rolls the workload. Pods
    /// without controller and Jobs cannot be patched: they have to be made anew.
    pub fn patch_template_command(&self, annotations: &[(&str, Option<&str>)]) -> String {
        let id = &self.subject.id;
        let values: serde_json::Map<_, _> =
            annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        let template = serde_json::json!({"template": {"metadata": {"annotations": values}}});
        let patch = match &*id.kind {
            "Pod" | "Job" => return self.restart_command(),
            "CronJob" => serde_json::json!({"spec": {"jobTemplate": {"spec": template}}}),
            _ => serde_json::json!({"spec": template}),
        };
        format!("kubectl -n {} patch {} --type merge -p {}", id.namespace, id.slug(), harmless::json(&patch))
    }

    /// `namespace/name` of the Instrumentation that a language resolves to now.
    pub fn instrumentation_of(&self, language: Language) -> Option<String> {
        let decisions =
            self.restart.iter().chain(self.groups.iter().filter_map(|group| group.decision.as_ref()));
        let chosen = decisions.filter_map(|decision| decision.language(language)?.instrumentation.as_ref());
        chosen.map(|instrumentation| instrumentation.full_name()).next()
    }

    fn group_pods(&self) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for pod in judged_pods(self.subject) {
            let current = self.subject.is_current(pod);
            let known = groups
                .iter_mut()
                .find(|group| group.current == current && Arc::ptr_eq(group.shape, &pod.shape));
            match known {
                Some(group) => group.pods.push(pod),
                None => groups.push(self.group(pod, current)),
            }
        }
        groups.sort_by_key(|group| !group.current);
        groups
    }

    fn group(&self, pod: &'a Pod, current: bool) -> Group<'a> {
        let asked = asked(self.namespace_annotations, &pod.shape.annotations);
        let marks = marks(&pod.shape);
        let reached = marks.languages();
        // Beside an agent in the same container, SDK adds nothing of its own.
        let has_arrived = |language: &Language| match language {
            Language::Sdk => marks.containers.iter().any(|container| container.environment),
            _ => reached.contains(language),
        };
        let missing: Vec<Language> =
            asked.iter().map(|asked| asked.language).filter(|language| !has_arrived(language)).collect();
        let copied =
            self.restart.as_ref().filter(|next| matches!(next.outcome, Outcome::AlreadyInstrumented(_)));
        let decision = match copied {
            // Where no template tells what the next Pod gets, the Pod itself does.
            _ if missing.is_empty() && self.subject.template().is_none() && !asked.is_empty() => {
                Some(self.decide(&without_injection(&pod.shape, &marks), Some(pod)))
            }
            _ if missing.is_empty() => None,
            _ if marks.is_empty() => Some(self.decide(&pod.shape, Some(pod))),
            // The marks came with the template, so the operator saw them too.
            Some(next) => Some(next.clone()),
            None if self.restart.is_none() && marks.agents.is_empty() => {
                Some(self.decide(&pod.shape, Some(pod)))
            }
            None => Some(self.decide(&without_injection(&pod.shape, &marks), Some(pod))),
        };
        let webhook = (!missing.is_empty()).then(|| self.webhook_for(&pod.shape));
        Group { shape: &pod.shape, pods: vec![pod], current, asked, marks, missing, decision, webhook }
    }

    /// Whether a kind is known well enough to conclude that something is absent, wherever it may be.
    pub fn knows(&self, kind: InputKind) -> bool {
        self.cluster.readability(kind).is_exhaustive()
    }

    /// How well a kind is known in the workload's namespace.
    pub fn readability_here(&self, kind: InputKind) -> &'a Readability {
        self.cluster.readability_in(kind, &self.subject.id.namespace)
    }
}

/// The template; a Pod without controller is its own.
fn template_of<'a>(subject: &'a Subject<'a>) -> Option<&'a Arc<PodShape>> {
    match subject.template() {
        Some(template) => Some(template),
        None => (&*subject.id.kind == "Pod").then(|| subject.pods.first().map(|pod| &pod.shape)).flatten(),
    }
}

/// The shape as it was before the operator put agent containers and its mark on it. Hook variables and mounts stay: the
/// operator extends the ones and does not look at the others.
fn without_injection(shape: &PodShape, marks: &Marks) -> PodShape {
    let is_agent = |container: &Container| marks.agents.iter().any(|agent| agent.name == container.name);
    let before = |containers: &[Container]| -> Box<[Container]> {
        let own = containers.iter().filter(|container| !is_agent(container));
        own.map(|container| {
            let env = container.env.iter().filter(|var| &*var.name != NODE_NAME_VARIABLE).cloned().collect();
            Container { env, ..container.clone() }
        })
        .collect()
    };
    let mut shape = shape.clone();
    shape.spec.init_containers = before(&shape.spec.init_containers);
    shape.spec.containers = before(&shape.spec.containers);
    shape
}

/// What a Namespace and a Pod (or template) ask for together.
pub fn asked(namespace: &StringMap, pod: &StringMap) -> Vec<Asked> {
    Language::ALL
        .into_iter()
        .filter_map(|language| {
            let key = language.inject_key();
            let value = effective_value(namespace, pod, key);
            (Request::parse(value) != Request::Nothing).then(|| Asked {
                language,
                value: value.into(),
                on_pod: pod.get(key).map(Arc::from),
                on_namespace: namespace.get(key).map(Arc::from),
            })
        })
        .collect()
}

/// Whether a Pod was to run for ever, has ended all the same, and its controller makes another one in its place.
fn is_leftover(pod: &Pod) -> bool {
    let finished = matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
    let runs_for_ever = pod.shape.spec.restart_policy.as_deref().is_none_or(|policy| policy == "Always");
    finished && runs_for_ever && pod.controller.is_some()
}

/// The Pods whose state says something about the workload now: static Pods cannot be injected; leftovers and, of a `CronJob`,
/// runs before the newest are history.
fn judged_pods<'a>(subject: &'a Subject<'a>) -> impl Iterator<Item = &'a Pod> {
    let newest_job = subject.jobs.first().map(|job| &job.uid);
    subject.pods.iter().copied().filter(move |pod| {
        let finished = matches!(pod.status.phase, PodPhase::Succeeded | PodPhase::Failed);
        let of_old_job =
            newest_job.is_some() && pod.controller.as_ref().map(|owner| &owner.uid) != newest_job;
        !(pod.is_static() || is_leftover(pod) || finished && of_old_job)
    })
}
