//! G11: the application of a Job has ended, the Go agent beside it has not.

use api::{Certainty, ConditionType, Severity};
use facts::{Pod, PodPhase};
use injection::marks::AgentRole;

use crate::case::{Case, Group};
use crate::catalogue::crash::ended;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `GoSidecarKeepsJobRunning`.
pub static CAUSE: Cause = Cause {
    code: "IH-G011",
    reason: "GoSidecarKeepsJobRunning",
    summary: "A Job never completes, because the Go agent beside its application does not end.",
    condition: ConditionType::ApplicationStable,
    severities: &[Severity::Error],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the application has ended, the agent's container runs on"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("go_sidecar_keeps_job_running.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    if !matches!(&*case.subject.id.kind, "Job" | "CronJob") {
        return Vec::new();
    }
    let waiting = case.injected_pods().filter(|(group, pod)| waits_for_agent(group, pod));
    let pods: Vec<&'c Pod> = waiting.map(|(_, pod)| pod).collect();
    let Some(pod) = pods.first() else { return Vec::new() };
    let key = facts::Language::Go.inject_key();
    // The template of a Job cannot be changed, and a Pod that is deleted would be made anew, to do the work once more.
    let job = pod.controller.as_ref().filter(|owner| &*owner.kind == "Job");
    let delete = match job {
        Some(job) => format!("kubectl -n {} delete job {}", pod.namespace, job.name),
        None => format!("kubectl -n {} delete pod {}", pod.namespace, pod.name),
    };
    let (words, command) = match &*case.subject.id.kind {
        "CronJob" => {
            let off = case.patch_template_command(&[(key, Some("false"))]);
            (
                "End this run, and ask for no Go agent in the next ones".to_owned(),
                format!("{delete} && {off}"),
            )
        }
        _ => (format!("Its work is done: take {key} out of its manifest, and end it"), delete),
    };
    let mut ends = pod.status.container_statuses.iter().filter_map(|status| status.state.terminated.as_ref());
    let failed = ends.find(|terminated| terminated.exit_code != 0).map(ended);
    let how = if failed.is_some() { "failed" } else { "ended well" };
    vec![
        Found::new(&CAUSE, Severity::Error, Certainty::Certain)
            .message(format!(
                "The application in Pod {} has {how}, but the Go agent beside it runs on, so {} never ends.",
                pod.name,
                case.subject.id.slug()
            ))
            .remedy(words, command)
            .because(
                format!("Pod/{}", pod.name),
                "status.containerStatuses of the application",
                failed.unwrap_or_else(|| "terminated, exit code 0".to_owned()),
            )
            .because(
                format!("Pod/{}", pod.name),
                "status.containerStatuses[opentelemetry-auto-instrumentation].state",
                "running",
            )
            .pods(pods.clone()),
    ]
}

/// Whether every container but the Go agent has ended for good: with 0, or where no container is started anew.
fn waits_for_agent(group: &Group<'_>, pod: &Pod) -> bool {
    let Some(agent) = group.marks.agents.iter().find(|agent| agent.role == AgentRole::GoSidecar) else {
        return false;
    };
    let runs = pod.status.container(&agent.name).is_some_and(|status| status.state.running.is_some());
    let mut others =
        pod.status.container_statuses.iter().filter(|status| status.name != agent.name).peekable();
    let is_never_restarted = group.shape.spec.restart_policy.as_deref() == Some("Never");
    runs && pod.status.phase == PodPhase::Running
        && others.peek().is_some()
        && others.all(|status| {
            let ended = status.state.terminated.as_ref();
            ended.is_some_and(|terminated| is_never_restarted || terminated.exit_code == 0)
        })
}
