//! Do Argo CD and Flux make of a verdict what it means?

use std::process::Command;

use e2e::readers::read;
use serde_json::{Value, json};

use crate::file;
use crate::judged::only;

const MUTED: [(&str, &str); 2] = [
    ("instrumentation-health.dev/mute-until", "2030-01-01T00:00:00Z"),
    ("instrumentation-health.dev/mute-reason", "the registry moves"),
];
/// What Argo CD shows, and what it says first; what Flux waits for, by kstatus and by the expressions of docs/gitops.md.
type Seen = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn each_verdict_is_seen_as_what_it_is() {
    let argocd = HealthCheck::shipped();
    let flux = kustomization();
    let rows: [(&str, &[(&str, &str)], Seen); 6] = [
        ("healthy-java", &[], ("Healthy", "Instrumented: ", "Current", "Current")),
        ("agent-image-not-found", &[], ("Degraded", "AgentImagePullFailed: ", "Current", "InProgress")),
        (
            "agent-image-not-found",
            &MUTED,
            (
                "Suspended",
                "Muted until 2030-01-01T00:00:00Z (the registry moves). AgentImagePullFailed: ",
                "Current",
                "InProgress",
            ),
        ),
        ("healthy-java", &MUTED, ("Healthy", "Instrumented: ", "Current", "Current")),
        ("healthy-rollout-in-progress", &[], ("Progressing", "Progressing: ", "Current", "InProgress")),
        ("application-has-own-sdk", &[], ("Unknown", "ApplicationHasOwnSdk: ", "Current", "Current")),
    ];
    for (cluster, annotations, (health, says, kstatus, expressions)) in rows {
        let object = only(cluster, annotations);
        let (seen, message) = argocd.health(&object);
        assert_eq!((seen.as_str(), message.starts_with(says)), (health, true), "{cluster}: {message}");
        assert_eq!(status(&read("flux", &[], &object.to_string())), kstatus, "{cluster}");
        assert_eq!(status(&read("flux", &[&flux.path], &object.to_string())), expressions, "{cluster}");
    }
}

#[test]
fn an_object_that_comes_or_goes_is_waited_for() {
    let argocd = HealthCheck::shipped();
    let flux = kustomization();
    let judged = only("healthy-java", &[]);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut object = judged.clone();
        change(&mut object);
        object
    };
    let goes = with(&|object| object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z"));
    assert_eq!(argocd.health(&goes), ("Progressing".to_owned(), "Terminating".to_owned()));
    assert_eq!(status(&read("flux", &[], &goes.to_string())), "Terminating");

    let unwritten = with(&|object| drop(object.as_object_mut().unwrap().remove("status")));
    let empty = with(&|object| object["status"] = json!({}));
    for object in [unwritten, empty] {
        let expected = ("Progressing".to_owned(), "Waiting for the verdict".to_owned());
        assert_eq!(argocd.health(&object), expected);
        // Flux asks again after an error, until its time is over.
        let seen = read("flux", &[&flux.path], &object.to_string());
        assert!(seen.as_ref().map_or(true, |seen| seen.starts_with("InProgress")), "{seen:?}");
    }
    let older = with(&|object| object["metadata"]["generation"] = json!(2));
    assert_eq!(status(&read("flux", &[], &older.to_string())), "InProgress");
}

/// The health check of `deploy/argo-cd`, in a file of its own.
struct HealthCheck(Script);

struct Script {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
}

fn script(name: &str, text: &str) -> Script {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Script { _folder: folder, path }
}

impl HealthCheck {
    /// Out of what kustomize makes of an installation of Argo CD.
    fn shipped() -> Self {
        let theirs = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}},
            "data": {"url": "https://argocd.example.com"},
        });
        let folder = tempfile::tempdir().unwrap();
        // kustomize takes relative paths only.
        let path = folder.path().canonicalize().unwrap();
        let up = "../".repeat(path.components().count() - 1);
        let component = format!("{up}{}", file("deploy/argo-cd").canonicalize().unwrap().display());
        let kustomization = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "namespace": "argocd", "resources": ["argocd-cm.yaml"], "components": [component],
        });
        for (name, content) in [("argocd-cm.yaml", theirs), ("kustomization.yaml", kustomization)] {
            std::fs::write(folder.path().join(name), content.to_string()).unwrap();
        }
        let kubectl = e2e::bed::kubectl().unwrap();
        let built = Command::new(kubectl).arg("kustomize").arg(folder.path()).output().unwrap();
        let built = String::from_utf8(built.stdout).unwrap();
        let built: Value = serde_saphyr::from_str(&built).unwrap();
        assert_eq!(built["data"]["url"], "https://argocd.example.com", "{built}");
        assert_eq!(built["metadata"]["labels"]["app.kubernetes.io/part-of"], "argocd");
        let key = "resource.customizations.health.instrumentation-health.dev_InstrumentationHealth";
        Self(script("health.lua", built["data"][key].as_str().unwrap()))
    }

    /// The health of an object, and what is said with it.
    fn health(&self, object: &Value) -> (String, String) {
        let said = read("argocd", &[&self.0.path], &object.to_string()).unwrap();
        let (health, message) = said.trim_end().split_once('\t').unwrap();
        (health.to_owned(), message.to_owned())
    }
}

/// The Kustomization of docs/gitops.md.
fn kustomization() -> Script {
    let page = std::fs::read_to_string(file("docs/gitops.md")).unwrap();
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let of_flux =
        |block: &&str| block.contains("kind: Kustomization\n") && block.contains("healthCheckExprs");
    script("kustomization.yaml", blocks.into_iter().find(of_flux).unwrap())
}

/// The word before the tab.
fn status(seen: &Result<String, String>) -> String {
    seen.as_ref().unwrap().split('\t').next().unwrap().to_owned()
}
