//! Which files does the Helm chart have a copy of?
//!
//! A chart is packed from its own folder and reads nothing outside of it. So what `config/` says of rights stands there once,
//! and the chart's templates take it from copies.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::generated::Generated;

/// Folder of the copies.
pub const FOLDER: &str = "deploy/chart/files";

/// Originals, and what their copies are called.
const COPIES: &[(&str, &str)] = &[
    ("config/rbac/cluster_role.yaml", "cluster_role.yaml"),
    ("config/rbac/role.yaml", "role.yaml"),
    ("config/alerts/rules.yaml", "alerts.yaml"),
    ("config/dashboards/instrumentation-health.json", "dashboard.json"),
    ("config/namespaces-only/rights/role.yaml", "namespace_role.yaml"),
    ("config/components/probe-admission/rights.yaml", "probe-admission.yaml"),
    ("config/components/read-keys/rights.yaml", "read-keys.yaml"),
];

/// The copies; `crd` is the generated `CustomResourceDefinition`.
pub fn files(root: &Path, crd: &Generated) -> anyhow::Result<Vec<Generated>> {
    let mut files = vec![copy(&crd.path, "crd.yaml", &crd.content)];
    for (original, name) in COPIES {
        let content = fs::read_to_string(root.join(original)).context(*original)?;
        files.push(copy(Path::new(original), name, &content));
    }
    Ok(files)
}

fn copy(original: &Path, name: &str, content: &str) -> Generated {
    // JSON has no comments.
    let head = if name.ends_with(".json") {
        String::new()
    } else {
        format!("# Copied from {} by `make gen`.\n", original.display())
    };
    Generated { path: Path::new(FOLDER).join(name), content: head + content }
}
