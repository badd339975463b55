//! What does every check look at?
//!
//! A [`Case`] is one workload with what was worked out once for all checks: its Pods grouped by shape, what each group asks
//! for, which marks it carries, and what the operator would decide now.

mod commands;
mod group;

use std::cell::OnceCell;
use std::sync::Arc;

use api::Severity;
use facts::{
    ClusterView, InputKind, Language, Lookup, Namespace, Pod, PodShape, Readability, Service, StringMap,
    Subject,
};
use injection::annotation::{Request, effective_value};
use injection::{Decision, PodRequest, decide};
use jiff::Timestamp;

use crate::catalogue::endpoint::Export;
use crate::operator::{OperatorState, WebhookVerdict};
pub use group::Group;
use group::is_leftover;

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

    /// The same without those of an old revision that Pods of the present one are replacing: what becomes of them is history soon.
    pub fn lasting_pods(&self) -> impl Iterator<Item = (&Group<'a>, &'a Pod)> {
        let stays = self.subject.workload.is_some_and(|workload| workload.held_back.is_some());
        let is_replaced = !stays && self.groups.iter().any(|group| group.current);
        self.injected_pods().filter(move |(group, _)| group.current || !is_replaced)
    }

    /// Services for its Pods on which people ask for injection, where nobody reads it.
    pub fn services_asking_in_vain(&self) -> Vec<&'a Service> {
        let mut services = self.cluster.services_asking_in_vain(&self.subject.id.namespace);
        services.retain(|service| {
            let shapes = self.template.into_iter().chain(self.groups.iter().map(|group| group.shape));
            shapes.into_iter().any(|shape| service.selects(&shape.labels))
        });
        services
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

    /// `namespace/name` of the Instrumentation that a language resolves to now.
    pub fn instrumentation_of(&self, language: Language) -> Option<String> {
        let decisions =
            self.restart.iter().chain(self.groups.iter().filter_map(|group| group.decision.as_ref()));
        let chosen = decisions.filter_map(|decision| decision.language(language)?.instrumentation.as_ref());
        chosen.map(|instrumentation| instrumentation.full_name()).next()
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
