//! How is a recorded scenario done again on a bed?

use std::time::Duration;

use e2e::Bed;
use e2e::operator::{NAMESPACE, StandIn};
use e2e::play::ANNOTATION;
use e2e::product::kubectl;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::observation::Observation;
use crate::recording::{Recording, Step, is_same, template, text};

/// Between one manifest and the next, controllers make Pods and Services get endpoints; order matters in some scenarios.
const PAUSE: Duration = Duration::from_millis(50);
/// Between a workload and a later change: times in the API have whole seconds.
const LATER: Duration = Duration::from_millis(2500);
/// Until the API server has noticed a changed webhook configuration or policy.
const NOTICED: Duration = Duration::from_millis(1500);
/// How long Pods may take to be started.
const PATIENCE: Duration = Duration::from_secs(60);

/// What server-side apply says of a field that is not part of a schema.
const NOT_DECLARED: &str = "field not declared in schema";

/// One scenario on its way.
pub struct Performance<'a, 'o> {
    pub bed: &'a Bed,
    pub recording: &'a Recording,
    pub observation: &'a Observation,
    /// Only scenarios that are alone on their bed change the operator's side.
    pub operator: Option<&'o mut StandIn>,
}

/// What goes on as long as the scenario is looked at; ends when it is dropped.
#[derive(Default)]
pub struct Casting(Vec<JoinHandle<()>>);

impl Drop for Casting {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Performance<'_, '_> {
    /// Does everything that was done, in order.
    pub async fn run(mut self) -> Casting {
        let mut casting = Casting::default();
        let (mut has_workload, mut away) = (false, false);
        for (position, step) in self.recording.steps.iter().enumerate() {
            match step {
                Step::Action(what) => {
                    self.until_started().await;
                    away |= self.act(what).await;
                }
                Step::Apply { file, object } => {
                    if has_workload && self.is_later_change(position, object) {
                        self.until_started().await;
                    }
                    self.apply(position, file, object, &mut casting).await;
                    has_workload |= object["spec"]["template"].is_object() && !is_collector(object);
                    if away && has_workload {
                        self.until_created(object).await;
                        self.operator().come_back().await.unwrap();
                        away = false;
                    }
                }
            }
            self.observation.touched(&self.recording.namespaces());
            sleep(PAUSE).await;
        }
        casting
    }

    fn operator(&mut self) -> &mut StandIn {
        let name = &self.recording.name;
        self.operator.as_deref_mut().unwrap_or_else(|| panic!("{name} changes the operator's side"))
    }

    async fn apply(&mut self, position: usize, file: &str, object: &Value, casting: &mut Casting) {
        let kind = text(object, "/kind");
        if kind == "Deployment" && text(object, "/metadata/namespace") == NAMESPACE {
            let mut object = object.clone();
            object["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = json!(1);
            return self.operator().deploy(&object).await.unwrap();
        }
        let mut object = object.clone();
        if kind.ends_with("WebhookConfiguration") {
            on_the_bed(&mut object, self.operator(), file.contains("other-ca"));
        }
        if let Some(play) = self.recording.play(position) {
            casting.0.extend(self.tell_the_kubelets(&mut object, play));
        }
        let was_refused = self.recording.was_refused(&object);
        match self.bed.apply_yaml(&object.to_string()).await {
            Ok(_) => {
                assert!(!was_refused, "{}: was refused when it was recorded: {object}", self.recording.name);
            }
            Err(error) => {
                let problem = e2e::cli::explain(&error);
                if problem.contains(NOT_DECLARED) {
                    self.apply_client_side(&object).await;
                } else {
                    assert!(was_refused, "{}: {problem}: {object}", self.recording.name);
                }
            }
        }
        if kind == "OpenTelemetryCollector" {
            for made in self.recording.made_by_operator(&object) {
                self.bed.apply_yaml(&made.to_string()).await.unwrap();
            }
        }
        if kind == "NetworkPolicy" && text(&object, "/metadata/namespace") == NAMESPACE {
            self.operator().fall_silent().await.unwrap();
        }
        if text(&object, "/apiVersion").starts_with("admissionregistration.k8s.io") {
            sleep(NOTICED).await;
        }
    }

    /// Applies an object with fields that its schema does not have, as `kubectl apply` does by itself: server-side apply refuses
    /// what that drops, and leaves no trace of it.
    async fn apply_client_side(&self, object: &Value) {
        let path = self.bed.logs().join(format!("{}.json", self.recording.name));
        std::fs::write(&path, object.to_string()).unwrap();
        let path = path.display().to_string();
        kubectl(self.bed, &["apply", "--validate=false", "-f", &path]).await.unwrap();
    }

    /// Does what the recording has in words; answers whether the operator is away until the next Pods are there.
    async fn act(&mut self, what: &str) -> bool {
        if let Some(command) = what.strip_prefix("kubectl ") {
            self.kubectl(command).await;
            return false;
        }
        let play = self.recording.plays.get(&format!("{NAMESPACE}/opentelemetry-operator")).cloned();
        let play = play.unwrap_or_default();
        let operator = self.operator();
        let done = match what {
            "operator restarted" => operator.restart().await,
            "operator's Pod deleted" | "operator's Pod deleted, webhook away for some seconds" => {
                operator.go_down().await.unwrap();
                return true;
            }
            "operator's Pod crash-loops" | "operator restarted without the CRD: exits" => {
                operator.fail(&play).await
            }
            "both webhook configurations deleted" => operator.unregister().await,
            "Secret with the serving certificate is missing" => operator.lose_certificate(&play).await,
            _ if what.starts_with("serving certificate, Secret and caBundle replaced") => {
                operator.let_certificate_expire().await
            }
            _ => panic!("{}: nobody knows how to do: {what}", self.recording.name),
        };
        done.unwrap();
        sleep(NOTICED).await;
        false
    }

    /// Runs a recorded command on the Pod that has the part of the recorded one.
    async fn kubectl(&self, command: &str) {
        let mut words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        if let Some(position) = words.iter().position(|word| word == "pod") {
            let recorded = words[position + 1].rsplitn(3, '-').last().unwrap().to_owned();
            words[position + 1] = self.pod_of(&recorded).await;
            if words.iter().any(|word| word == "delete") {
                // Its kubelet may never let it go.
                words.push("--wait=false".to_owned());
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        kubectl(self.bed, &words).await.unwrap();
    }

    /// A Pod of a Deployment: one that is not ready, where there is one.
    async fn pod_of(&self, deployment: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut pods = self.pods().await;
            pods.retain(|pod| pod.name_any().starts_with(&format!("{deployment}-")));
            pods.sort_by_key(is_ready);
            if let Some(pod) = pods.first() {
                return pod.name_any();
            }
            assert!(Instant::now() < deadline, "{}: {deployment} has no Pod", self.recording.name);
            sleep(PAUSE).await;
        }
    }

    async fn pods(&self) -> Vec<Pod> {
        let mut pods = Vec::new();
        for namespace in self.recording.namespaces() {
            let api: Api<Pod> = Api::namespaced(self.bed.client(), &namespace);
            pods.extend(api.list(&ListParams::default()).await.unwrap());
        }
        pods
    }

    /// Whether what comes now is a change of something that Pods were made from.
    fn is_later_change(&self, position: usize, object: &Value) -> bool {
        let before = self.recording.steps[..position].iter();
        let again = before
            .filter(|step| matches!(step, Step::Apply { object: other, .. } if is_same(object, other)))
            .count();
        again > 0 || matches!(object["kind"].as_str(), Some("Instrumentation" | "Namespace"))
    }

    /// Waits until every Pod that is there has been started, and then a little.
    async fn until_started(&self) {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let pods = self.pods().await;
            let started = |pod: &Pod| pod.status.as_ref().is_some_and(|status| status.start_time.is_some());
            if !pods.is_empty() && pods.iter().all(started) {
                break;
            }
            sleep(PAUSE).await;
        }
        sleep(LATER).await;
    }

    /// Waits until a Deployment has its Pods, and for the next second.
    async fn until_created(&self, deployment: &Value) {
        let replicas = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
        let app = text(deployment, "/spec/template/metadata/labels/app");
        let namespace = text(deployment, "/metadata/namespace");
        let api: Api<Pod> = Api::namespaced(self.bed.client(), &namespace);
        let selector = ListParams::default().labels(&format!("app={app}"));
        let deadline = Instant::now() + PATIENCE;
        while (api.list(&selector).await.unwrap().items.len() as u64) < replicas {
            assert!(Instant::now() < deadline, "{}: Pods of {app} are missing", self.recording.name);
            sleep(PAUSE).await;
        }
        sleep(NOTICED).await;
    }

    /// Puts what its Pods are to play on the template of a workload. Where only some of them play, all wait until they are told.
    fn tell_the_kubelets(&self, object: &mut Value, play: &Value) -> Option<JoinHandle<()>> {
        let namespace = text(object, "/metadata/namespace");
        let template = object.pointer_mut(template(object))?;
        let app = text(template, "/metadata/labels/app");
        let mut play = play.clone();
        let only = play.as_object_mut()?.remove("only").and_then(|only| only.as_u64());
        let told = if only.is_some() { json!({"hands_off": true}) } else { play.clone() };
        template["metadata"]["annotations"][ANNOTATION] = json!(told.to_string());
        let api: Api<Pod> = Api::namespaced(self.bed.client(), &namespace);
        only.map(|only| tokio::spawn(cast(api, app, only, play.to_string())))
    }
}

/// Gives the first Pods of an application their play, and lets the others run well.
async fn cast(pods: Api<Pod>, app: String, mut only: u64, play: String) {
    let selector = ListParams::default().labels(&format!("app={app}"));
    loop {
        for pod in pods.list(&selector).await.into_iter().flatten() {
            if !pod.annotations().get(ANNOTATION).is_some_and(|told| told.contains("hands_off")) {
                continue;
            }
            let told = if only > 0 { play.as_str() } else { "{}" };
            only = only.saturating_sub(1);
            let patch = json!({"metadata": {"annotations": {ANNOTATION: told}}});
            // A Pod that has gone meanwhile needs no part.
            let _ = pods.patch(&pod.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Points recorded webhooks to the operator of this bed, whose port is another and whose authority is its own.
fn on_the_bed(configuration: &mut Value, operator: &mut StandIn, keep_bundle: bool) {
    configuration["metadata"].as_object_mut().unwrap().remove("resourceVersion");
    let (address, bundle) = (operator.address().unwrap(), operator.bundle().unwrap());
    for webhook in configuration["webhooks"].as_array_mut().unwrap() {
        let client = &mut webhook["clientConfig"];
        if client["service"].is_object() {
            client["service"]["port"] = json!(address.port());
        }
        if let Some(url) = client["url"].as_str() {
            let path = url.splitn(4, '/').nth(3).unwrap().to_owned();
            client["url"] = json!(format!("https://{address}/{path}"));
        }
        if client["caBundle"].is_string() && !keep_bundle {
            client["caBundle"] = json!(bundle);
        }
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The collectors come before everything; what matters is the workload under test.
fn is_collector(object: &Value) -> bool {
    text(object, "/metadata/name").contains("collector")
}
