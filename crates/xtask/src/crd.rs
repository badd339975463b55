//! What does the API server have to know of our resource?

use kube::CustomResourceExt as _;

use crate::generated::Generated;

/// The `CustomResourceDefinition`, as `kubectl apply` takes it and `instrumentation-health crd` prints it.
pub fn file() -> anyhow::Result<Generated> {
    let yaml = serde_saphyr::to_string(&api::InstrumentationHealth::crd())?;
    Ok(Generated {
        path: "crds/instrumentation-health.dev_instrumentationhealths.yaml".into(),
        content: format!("# Generated from crates/api by `make gen`.\n{yaml}"),
    })
}
