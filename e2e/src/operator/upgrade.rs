//! What does the operator do with Instrumentations when it starts?
//!
//! It raises agent images that were its defaults once, except where the newer agent breaks something; then it says so in the
//! status (`pkg/instrumentation/upgrade/upgrade.go`, v0.158.0).

use facts::{Instrumentation, Kind as _, Language};
use injection::{OperatorConfig, validate_instrumentation};
use kube::api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};

use crate::Error;

/// Only Instrumentations with this label are touched.
const MANAGED: &str = "app.kubernetes.io/managed-by=opentelemetry-operator";

/// Upgrades every Instrumentation of the cluster.
pub(super) async fn upgrade(client: &Client, config: &OperatorConfig) -> Result<(), Error> {
    let (group, version) = Instrumentation::API_VERSION.split_once('/').unwrap_or_default();
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, Instrumentation::KIND));
    let all: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
    let managed = all.list(&ListParams::default().labels(MANAGED)).await;
    for object in managed.map_err(Error::api("list Instrumentations"))? {
        let (name, namespace) = (object.name_any(), object.namespace().unwrap_or_default());
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), &namespace, &kind);
        let raw = json!({"metadata": object.metadata, "spec": object.data["spec"]});
        let Upgrade { raised, blocked } = Upgrade::of(&raw, config);
        let failed = || Error::api(format!("upgrade Instrumentation {namespace}/{name}"));
        api.patch(&name, &PatchParams::default(), &Patch::Merge(raised)).await.map_err(failed())?;
        if blocked != json!({}) {
            let status = Patch::Merge(json!({"status": {"upgradeBlockedVersions": blocked}}));
            api.patch_status(&name, &PatchParams::default(), &status).await.map_err(failed())?;
        }
    }
    Ok(())
}

/// What becomes of one Instrumentation.
struct Upgrade {
    /// A merge patch.
    raised: Value,
    /// Field of the language → why its image stays.
    blocked: Value,
}

impl Upgrade {
    fn of(instrumentation: &Value, config: &OperatorConfig) -> Self {
        let mut upgrade = Self { raised: json!({}), blocked: json!({}) };
        let warnings = validate_instrumentation(instrumentation, config).warnings;
        for language in Language::ALL {
            let (Some(field), Some(default)) = (language.spec_field(), config.images.get(language)) else {
                continue;
            };
            let word = language.annotation_word();
            let annotation =
                format!("instrumentation.opentelemetry.io/default-auto-instrumentation-{word}-image");
            let image = &instrumentation["spec"][field]["image"];
            if image.is_null() || *image != instrumentation["metadata"]["annotations"][&annotation] {
                continue;
            }
            let image = image.as_str().unwrap_or_default();
            let warning = warnings.iter().find(|warning| warning.contains(&format!(" image {image} is at ")));
            if let Some(warning) = warning {
                upgrade.blocked[field] = json!(format!("Automated upgrade blocked for {word}: {warning}"));
            } else {
                upgrade.raised["spec"][field]["image"] = json!(default);
                upgrade.raised["metadata"]["annotations"][&annotation] = json!(default);
            }
        }
        upgrade
    }
}
