//! What can a user read about every cause?

use std::fmt::Write as _;
use std::path::Path;

use diagnosis::catalogue::CAUSES;
use diagnosis::{Cause, OUTCOMES};

use crate::generated::Generated;

/// Folder of the pages.
pub const FOLDER: &str = "docs/causes";

/// One page for each cause and outcome, and the index.
pub fn files() -> Vec<Generated> {
    let all = CAUSES.iter().chain(OUTCOMES.iter()).copied();
    let mut files: Vec<Generated> = all.map(page).collect();
    files.push(index());
    files
}

fn page(cause: &'static Cause) -> Generated {
    let code = if cause.code.is_empty() { String::new() } else { format!("`{}` · ", cause.code) };
    let content = format!(
        "<!-- Generated from crates/diagnosis by `make gen`. -->\n# {reason}\n\n{summary}\n\n{code}{severities} · {certainties} · condition `{condition}` · since {since}\n\nChecked {sight}: {why}.\n\n{text}\n",
        reason = cause.reason,
        summary = cause.summary,
        severities = severities(cause),
        certainties = certainties(cause),
        condition = cause.condition.as_str(),
        since = cause.since,
        sight = cause.sight.as_str(),
        why = cause.sight.why(),
        text = cause.page.trim(),
    );
    Generated { path: Path::new(FOLDER).join(format!("{}.md", cause.reason)), content }
}

fn index() -> Generated {
    let mut content = String::from(
        "<!-- Generated from crates/diagnosis by `make gen`. -->\n# Causes\n\nEvery reason that a finding can have. `instrumentation-health explain REASON` prints the same pages.\n\n\
         Severity is the effect on the workload: **Error**, its telemetry is lost or the injection harms the application; **Warning**, it may be lost and the\n\
         Kubernetes API cannot prove it; **Info**, no loss now. Certainty is about the cause. Both are set for each finding; the table lists what they may be.\n\n\
         [What is checked](../what-is-checked.md) says what of the API shows each of them.\n\n\
         | Code | Reason | What it is | Severity | Certainty |\n|---|---|---|---|---|\n",
    );
    for cause in CAUSES {
        row(&mut content, cause);
    }
    content.push_str("\n## Outcomes\n\nReasons that are no cause of their own.\n\n| Reason | What it is | Severity |\n|---|---|---|\n");
    for outcome in OUTCOMES {
        let _ = writeln!(content, "| {} | {} | {} |", link(outcome), outcome.summary, severities(outcome));
    }
    Generated { path: Path::new(FOLDER).join("README.md"), content }
}

fn row(table: &mut String, cause: &Cause) {
    let _ = writeln!(
        table,
        "| {} | {} | {} | {} | {} |",
        cause.code,
        link(cause),
        cause.summary,
        severities(cause),
        certainties(cause)
    );
}

/// Which causes are seen with which rights, and why the rest is not.
pub fn what_is_checked() -> Generated {
    let mut content = String::from(
        "<!-- Generated from crates/diagnosis by `make gen`. -->\n# What is checked\n\nWhat the Kubernetes API shows of each cause, and what it does not show.\n\n\
         - **always**: with the rights that the controller has by default, and in any dump of a cluster;\n\
         - **with a permission**: only where a right is given that the controller does not have by default, or a dump has the objects;\n\
         - **hint only**: the API shows preconditions of it; where they hold it is named as a hint, never as an error that is certain;\n\
         - **not visible**: nothing in the API shows it; it is said as `ActivityNotVisible`.\n\n\
         Workloads of kinds that are not watched (a `Rollout`, a `CloneSet`) are known by their ReplicaSets and Pods only: such a workload shows once it has a Pod, or a \
         ReplicaSet that wants one. An annotation on the object itself shows where its controller copies it to the ReplicaSet, as Argo Rollouts does.\n\n\
         *Reads*: kinds without which it may be missed, beside workloads, Pods and Namespaces.\n\n\
         | Code | Reason | Checked | What shows it, or why nothing does | Reads |\n|---|---|---|---|---|\n",
    );
    for cause in CAUSES.iter().chain(OUTCOMES.iter()) {
        let reads: Vec<_> = cause.reads.iter().map(|kind| kind.plural()).collect();
        let _ = writeln!(
            content,
            "| {} | [{reason}](causes/{reason}.md) | {} | {} | {} |",
            cause.code,
            cause.sight.as_str(),
            cause.sight.why(),
            reads.join(", "),
            reason = cause.reason,
        );
    }
    Generated { path: "docs/what-is-checked.md".into(), content }
}

fn link(cause: &Cause) -> String {
    format!("[{reason}]({reason}.md)", reason = cause.reason)
}

fn severities(cause: &Cause) -> String {
    cause.severities.iter().map(|severity| severity.as_str()).collect::<Vec<_>>().join(", ")
}

fn certainties(cause: &Cause) -> String {
    cause.certainties.iter().map(|certainty| certainty.as_str()).collect::<Vec<_>>().join(", ")
}
