//! How do the alert rules reach a Prometheus that the Prometheus Operator runs?
//!
//! As a `PrometheusRule`, made from the rule file that everybody else uses.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::generated::Generated;

/// The rule file, by hand.
const RULES: &str = "config/alerts/rules.yaml";

const HEAD: &str = "\
# Generated from rules.yaml by `make gen`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: instrumentation-health
  namespace: instrumentation-health
  labels:
    app.kubernetes.io/name: instrumentation-health
spec:
";

/// The `PrometheusRule`.
pub fn file(root: &Path) -> anyhow::Result<Generated> {
    let rules = std::fs::read_to_string(root.join(RULES)).context(RULES)?;
    let groups = rules.lines().skip_while(|line| !line.starts_with("groups:"));
    let mut content = HEAD.to_owned();
    for line in groups {
        let _ = writeln!(content, "  {line}");
    }
    Ok(Generated { path: "config/alerts/prometheus_rule.yaml".into(), content })
}
