//! The real `helm`, and what it makes of the chart.

use std::path::{Path, PathBuf};

use e2e::Bed;
use e2e::product::output;
use serde_json::Value;
use tokio::process::Command;

/// Name of the release, and Namespace into which it is installed.
pub const RELEASE: &str = "instrumentation-health";

/// A file of the repository.
pub fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The objects of a text.
pub fn objects(text: &str) -> Vec<Value> {
    let objects: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    objects.into_iter().filter(|object| !object.is_null()).collect()
}

/// The objects of a file of the repository.
pub fn objects_of(path: &str) -> Vec<Value> {
    objects(&std::fs::read_to_string(file(path)).unwrap())
}

/// The only object of a kind.
pub fn only<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found: Vec<&Value> = objects.iter().filter(|object| object["kind"] == kind).collect();
    assert_eq!(found.len(), 1, "{kind}");
    found[0]
}

/// Runs `helm`, on a bed or on none; answers whether it was content, and what it said.
pub async fn helm(bed: Option<&Bed>, arguments: &[&str]) -> Result<String, String> {
    let program = tokio::task::spawn_blocking(e2e::bed::helm).await.unwrap().unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).env("HELM_CONFIG_HOME", home.path()).env("HELM_CACHE_HOME", home.path());
    command.env("HELM_DATA_HOME", home.path()).env("HELM_NAMESPACE", RELEASE).env_remove("KUBECONFIG");
    if let Some(bed) = bed {
        command.env("KUBECONFIG", bed.kubeconfig());
    }
    let (code, said, complaints) = output(command).await.unwrap();
    if code == 0 { Ok(said) } else { Err(said + &complaints) }
}

/// A command about the chart, with further arguments.
pub async fn chart(command: &[&str], arguments: &[&str]) -> Result<String, String> {
    let folder = file("deploy/chart");
    helm(None, &[command, &[folder.to_str().unwrap()], arguments].concat()).await
}

/// The chart rendered with these arguments.
pub async fn rendered(arguments: &[&str]) -> Vec<Value> {
    objects(&chart(&["template", RELEASE], arguments).await.unwrap())
}
