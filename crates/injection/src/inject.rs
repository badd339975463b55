//! What does the Pod look like when it comes out of the operator?
//!
//! [`inject`] carries out a [`Decision`]: sidecar first, then language by language
//! (`internal/instrumentation/sdk.go` `inject`, v0.158.0).

use facts::{ClusterView, InstrumentationSpec, Language, OwnerReference};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::decision::{Decision, LanguageOutcome};
use crate::env;
use crate::exporter;
use crate::go_slice::JsonGrowth;
use crate::language::{agent, apache_httpd, dotnet, go, java, nginx, nodejs, python, sdk};
use crate::marks::POD_NAME_VARIABLE;
use crate::names::truncate;
use crate::owners::{self, Owner};
use crate::pod::{Container, EnvVar, Pod};
use crate::releases::{Release, Rule};
use crate::resource::{self, Attributes, Context};
use crate::sidecar::SIDECAR_CONTAINER;
use crate::sidecar::Sidecar;
use crate::target::Target;

/// The Pod, or template, that comes out of the operator. `pod` is the full JSON that went in; `decision` was made for it.
/// The contents of a collector sidecar are not modelled: it has a name and nothing else.
pub fn inject(pod: &Value, namespace: &str, decision: &Decision, cluster: &dyn ClusterView) -> Value {
    if decision.answer().code != 200 {
        return pod.clone();
    }
    let mut result =
        if decision.changes_pod() { change(pod, namespace, decision, cluster) } else { pod.clone() };
    if !decision.release.follows(Rule::UntouchedWithoutPatch)
        && let Some(metadata) = result.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.entry("creationTimestamp").or_insert(Value::Null);
    }
    result
}

/// The RFC 6902 patch that makes `after` of `before`: the webhook's answer.
pub fn patch(before: &Value, after: &Value) -> json_patch::Patch {
    json_patch::diff(before, after)
}

fn change(pod: &Value, namespace: &str, decision: &Decision, cluster: &dyn ClusterView) -> Value {
    let owners = pod
        .pointer("/metadata/ownerReferences")
        .and_then(|owners| Box::<[OwnerReference]>::deserialize(owners).ok());
    let owners = owners::all(&owners.unwrap_or_default(), namespace, cluster, decision.release);
    let mut result = Pod::read(pod, JsonGrowth::of(decision.release));
    change_sidecar(&decision.sidecar, &mut result);
    // 0.85 went container by container, and through the languages for each.
    let rounds = if decision.release.follows(Rule::NamedByLanguage) { 1 } else { most_targets(decision) };
    for round in 0..rounds {
        for language in &decision.languages {
            let LanguageOutcome::Processed(targets) = &language.outcome else { continue };
            let Some(instrumentation) = &language.instrumentation else { continue };
            let injection = Injection {
                language: language.language,
                spec: &instrumentation.spec,
                flavour: &language.flavour,
                namespace,
                owners: &owners,
                release: decision.release,
            };
            let targets =
                if rounds == 1 { &targets[..] } else { targets.get(round..=round).unwrap_or_default() };
            injection.inject(&mut result, targets);
        }
    }
    result.write()
}

fn most_targets(decision: &Decision) -> usize {
    decision.languages.iter().map(|language| language.targets().len()).max().unwrap_or_default()
}

fn change_sidecar(sidecar: &Sidecar, pod: &mut Pod) {
    match sidecar {
        Sidecar::Refused { removed: true } => {
            pod.init.retain(|container| &*container.name != SIDECAR_CONTAINER);
            pod.containers.retain(|container| &*container.name != SIDECAR_CONTAINER);
        }
        Sidecar::Added { namespace, name, native } => {
            let env = crate::go_slice::Slice::empty(crate::go_slice::ENV_VAR_BYTES);
            let container = Container::made(SIDECAR_CONTAINER, json!({}), env, Vec::new());
            if *native {
                pod.insert_init(container, None);
            } else {
                pod.containers.push(container);
            }
            pod.set_label("sidecar.opentelemetry.io/injected", &truncate(&[namespace, ".", name]));
        }
        _ => {}
    }
}

/// One language on one Pod.
pub(crate) struct Injection<'a> {
    pub(crate) language: Language,
    pub(crate) spec: &'a InstrumentationSpec,
    pub(crate) flavour: &'a str,
    namespace: &'a str,
    owners: &'a [Owner],
    pub(crate) release: Release,
}

impl Injection<'_> {
    fn inject(&self, pod: &mut Pod, targets: &[Target]) {
        if self.language == Language::Go {
            return self.inject_go(pod, targets);
        }
        for target in targets.iter().filter(|target| target.outcome.is_injected()) {
            self.inject_target(pod, &target.container);
        }
        if let Some(first) = targets.first().filter(|_| self.release.follows(Rule::InitTargets)) {
            self.add_agent(pod, self.language, &first.container);
            if self.language == Language::Python && !self.release.follows(Rule::SecurityContexts) {
                agent::forget_security_context(self, pod);
            }
        }
    }

    fn add_agent(&self, pod: &mut Pod, language: Language, first_target: &str) {
        match language {
            Language::Java => java::add_agent(self, pod, first_target),
            Language::NodeJs => nodejs::add_agent(self, pod, first_target),
            Language::Python => python::add_agent(self, pod, first_target),
            Language::DotNet => dotnet::add_agent(self, pod, first_target),
            Language::Go | Language::ApacheHttpd | Language::Nginx | Language::Sdk => {}
        }
    }

    fn inject_target(&self, pod: &mut Pod, name: &str) {
        match self.language {
            Language::Java => self.with(pod, name, java::begin, java::hook),
            Language::NodeJs => self.with(pod, name, nodejs::begin, nodejs::hook),
            Language::Python => self.with(pod, name, python::begin, python::defaults),
            Language::DotNet => self.with(pod, name, dotnet::begin, dotnet::hook),
            Language::ApacheHttpd | Language::Nginx => self.inject_web_server(pod, name),
            Language::Sdk => sdk::inject(self, pod, name),
            Language::Go => {}
        }
    }

    /// The common shape of Java, Node.js, Python and .NET.
    fn with(
        &self,
        pod: &mut Pod,
        name: &str,
        begin: fn(&Self, &mut Container),
        finish: fn(&Self, &mut Container),
    ) {
        let agent_last = self.release.follows(Rule::SpecEnvKept);
        if let Some(container) = pod.find(name) {
            begin(self, container);
            if !agent_last {
                finish(self, container);
            }
        }
        if !self.release.follows(Rule::InitTargets) {
            self.add_agent(pod, self.language, name);
        }
        self.add_common(pod, name);
        if let Some(container) = pod.find(name).filter(|_| agent_last) {
            finish(self, container);
        }
        self.configure(pod, name, name);
        if !self.release.follows(Rule::InitTargets) {
            agent::inherit_security_context(self, pod, name);
        }
    }

    fn inject_go(&self, pod: &mut Pod, targets: &[Target]) {
        for target in targets.iter().filter(|target| target.outcome.is_injected()) {
            let Some(sidecar) = go::add_sidecar(self, pod) else { return };
            self.add_common_to(sidecar);
            // A name that fits nothing means the first container here.
            let named = pod.find(&target.container).map(|container| container.name.clone());
            let named = named.filter(|_| self.release.follows(Rule::GoReportsTarget));
            let application = named.unwrap_or_else(|| pod.containers[0].name.clone());
            self.configure(pod, go::SIDECAR, &application);
        }
    }

    fn inject_web_server(&self, pod: &mut Pod, name: &str) {
        let Some(index) = pod.containers.iter().position(|container| &*container.name == name) else {
            return;
        };
        let attributes = self.attributes(pod, name);
        let service_name = resource::service_name(self.spec, pod, name, &attributes, self.release);
        let own = pod.containers[index].field("securityContext").cloned();
        let context = agent::given_context(self).or(own);
        if self.language == Language::ApacheHttpd {
            apache_httpd::add(self, pod, index, &service_name, &attributes);
        } else {
            nginx::add(self, pod, index, &service_name, &attributes, context.as_ref());
        }
        self.add_common(pod, name);
        self.configure(pod, name, name);
        if self.language == Language::ApacheHttpd {
            apache_httpd::set_security_contexts(self, pod, context.as_ref());
        }
    }

    /// `injectCommonEnvVar`
    pub(crate) fn add_common(&self, pod: &mut Pod, name: &str) {
        if let Some(container) = pod.find(name) {
            self.add_common_to(container);
        }
    }

    fn add_common_to(&self, container: &mut Container) {
        env::add_common(container.env(), self.spec, self.release.follows(Rule::NodeAndPodIp));
    }

    /// The pull policy of the agent's image; `null` where none is given.
    pub(crate) fn pull_policy(&self) -> Value {
        let given =
            !self.spec.image_pull_policy.is_empty() && self.release.follows(Rule::JavaMountPerContainer);
        if given { (*self.spec.image_pull_policy).into() } else { Value::Null }
    }

    fn attributes(&self, pod: &mut Pod, name: &str) -> Attributes {
        let context = Context { namespace: self.namespace, owners: self.owners, release: self.release };
        let Some(mut container) = pod.find(name).cloned() else { return Attributes::new() };
        resource::attributes(self.spec, pod, &mut container, &context)
    }

    /// `injectCommonSDKConfig`: `name` gets the variables, about `application`.
    pub(crate) fn configure(&self, pod: &mut Pod, name: &str, application: &str) {
        let mut attributes = self.attributes(pod, application);
        let service_name = resource::service_name(self.spec, pod, application, &attributes, self.release);
        let image = pod.find(application).map(|container| container.image().to_owned()).unwrap_or_default();
        let version = resource::service_version(self.spec, pod, &image, self.release);
        let mut volumes = std::mem::take(&mut pod.volumes);
        // 0.85 could add several sidecars of one name; the newest is meant.
        let container = if name == go::SIDECAR { pod.containers.last_mut() } else { pod.find(name) };
        if let Some(container) = container {
            container.env().append_if_not_set(EnvVar::literal(env::SERVICE_NAME, service_name));
            exporter::configure(
                &self.spec.exporter,
                self.release.follows(Rule::ExporterTls),
                container,
                &mut volumes,
            );
            self.add_attributes(container, &mut attributes, version);
            let env = container.env();
            env::add_propagators_and_sampler(env, self.spec);
            if let Some(index) = env.position(env::RESOURCE_ATTRIBUTES) {
                env.move_to_end(index);
            }
        }
        pod.volumes = volumes;
    }

    fn add_attributes(
        &self,
        container: &mut Container,
        attributes: &mut Attributes,
        version: Option<String>,
    ) {
        let env = container.env();
        let is_known =
            |attributes: &Attributes, key: &str| attributes.get(key).is_some_and(|value| !value.is_empty());
        if self.release.follows(Rule::PodNameFromDownwardApi) || !is_known(attributes, "k8s.pod.name") {
            env.append(EnvVar::field(POD_NAME_VARIABLE, "metadata.name"));
            attributes.insert("k8s.pod.name".to_owned(), format!("$({POD_NAME_VARIABLE})"));
        }
        if self.spec.resource.add_k8s_uid_attributes && !is_known(attributes, "k8s.pod.uid") {
            let variable = "OTEL_RESOURCE_ATTRIBUTES_POD_UID";
            env.append(EnvVar::field(variable, "metadata.uid"));
            attributes.insert("k8s.pod.uid".to_owned(), format!("$({variable})"));
        }
        if let Some(version) =
            version.filter(|_| !env.value(env::RESOURCE_ATTRIBUTES).contains("service.version"))
        {
            attributes.insert("service.version".to_owned(), version);
        }
        if !is_known(attributes, "k8s.node.name") {
            let variable = crate::decide::NODE_NAME_VARIABLE;
            env.append(EnvVar::field(variable, "spec.nodeName"));
            attributes.insert("k8s.node.name".to_owned(), format!("$({variable})"));
        }
        env::add_resource_attributes(env, &resource::to_text(attributes));
    }
}
