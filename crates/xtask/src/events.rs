//! What does an Event of each reason mean for whoever is on call, and how does an event exporter tell the reasons apart?
//!
//! Made from the catalogue, so that a new cause is routed and explained from the day it exists.

use std::fmt::Write as _;

use api::{ConditionType, Severity};
use diagnosis::catalogue::{CAUSES, hits_everyone};
use diagnosis::{Cause, OUTCOMES};

use crate::generated::Generated;

/// Who has to do something, and when.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Urgency {
    /// Whoever runs the cluster, now.
    Platform,
    /// Whoever runs the application, now.
    Application,
    /// Whoever runs the application, in working hours.
    Later,
}

impl Urgency {
    const ALL: [Self; 3] = [Self::Platform, Self::Application, Self::Later];

    fn of(cause: &Cause) -> Self {
        if hits_everyone(cause) {
            return Self::Platform;
        }
        match cause.condition {
            ConditionType::PodsAdmitted
            | ConditionType::AgentInstalled
            | ConditionType::ApplicationStable => Self::Application,
            _ => Self::Later,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Platform => "Now, for whoever runs the cluster",
            Self::Application => "Now, for whoever runs the application",
            Self::Later => "In working hours, for whoever runs the application",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Platform => {
                "The operator injects into nothing: every Pod that starts runs without its agent, and stays so when the operator is back. One Event, on the operator's\nobject. The sooner it is mended, the fewer Pods have to be restarted."
            }
            Self::Application => {
                "The injection harms the application: its new Pods are refused, wait for the agent, or fail. Where older Pods still serve, a rollout has stopped; where\nnone do, it is down."
            }
            Self::Later => {
                "The application works, and its telemetry is lost: whoever relies on it for alerts is blind there. Many workloads at once are worth a look now:\n`InstrumentationLostByOneCause` of [`alerts.md`](alerts.md) tells."
            }
        }
    }
}

/// Everything that an Event can tell of: what can be an Error.
fn told(urgency: Urgency) -> impl Iterator<Item = &'static Cause> {
    let all = CAUSES.iter().chain(OUTCOMES.iter()).copied();
    all.filter(move |cause| cause.severities.contains(&Severity::Error) && Urgency::of(cause) == urgency)
}

/// `docs/events.md` and the configuration of the event exporter.
pub fn files() -> [Generated; 2] {
    [page(), exporter()]
}

const HEAD: &str = "\
<!-- Generated from crates/diagnosis by `make gen`. -->
# Events

One Event tells when a workload's main cause becomes an Error, becomes another, or is gone (`InstrumentationRecovered`): on the workload, and on at most three example Pods. Nothing is told of warnings, of
workloads that are muted, and of what only comes and goes. All have `reportingController: instrumentation-health.dev/controller`.

```sh
kubectl get events -A --field-selector reportingComponent=instrumentation-health.dev/controller,type=Warning
```

## Out of the cluster

- `config/events/opentelemetry-collector.yaml`: the OpenTelemetry Collector (a distribution with the `k8sobjects` receiver, such as contrib or k8s) sends them as log records. One replica; its
  ServiceAccount needs `get`, `list` and `watch` on `events` (API group `\"\"`) in the whole cluster. The sentence is in `body.object.message`, the reason in `body.object.reason`.
- `config/events/kubernetes-event-exporter.yaml`: resmoio/kubernetes-event-exporter sends them to two webhooks, one for what cannot wait. It sees Events as `v1`, where they have no source, so it goes by
  the reasons below: its file is made anew with each version.

Both read what the API server keeps, an hour by default: what happens while they are down for longer is in the objects, and in the metrics.
";

fn page() -> Generated {
    let mut content = HEAD.to_owned();
    content.push_str("\n## What each means\n");
    for urgency in Urgency::ALL {
        let _ = write!(
            content,
            "\n### {}\n\n{}\n\n| Reason | What it is |\n|---|---|\n",
            urgency.title(),
            urgency.meaning()
        );
        for cause in told(urgency) {
            let _ = writeln!(
                content,
                "| [`{reason}`](causes/{reason}.md) | {} |",
                cause.summary,
                reason = cause.reason
            );
        }
    }
    content.push_str(
        "\n### To be closed\n\n| Reason | What it is |\n|---|---|\n| `InstrumentationRecovered` | `Normal`. The cause named in the sentence is gone; on the operator's object, with the commands that restart what was left without an agent. |\n",
    );
    Generated { path: "docs/events.md".into(), content }
}

/// Before the routes.
const EXPORTER: &str = "\
# Generated from crates/diagnosis by `make gen`.
# For resmoio/kubernetes-event-exporter 1.7 (--conf): what cannot wait to one webhook, everything else to another. The addresses come from
# the environment, PAGER_URL and TICKET_URL. What each reason means: docs/events.md.
logLevel: info
logFormat: json
# Older ones are not sent, so that a restart repeats little.
maxEventAgeSeconds: 60
kubeQPS: 50
kubeBurst: 100
";

const RECEIVERS: &str = "\
receivers:
- name: page
  webhook:
    endpoint: ${PAGER_URL}
    layout: &layout
      # One incident for a cause in a Namespace, however many workloads and Pods it hits.
      key: '{{ .InvolvedObject.Namespace }}/{{ .Reason }}'
      reason: '{{ .Reason }}'
      type: '{{ .Type }}'
      object: '{{ .InvolvedObject.Kind }}/{{ .InvolvedObject.Name }}'
      namespace: '{{ .InvolvedObject.Namespace }}'
      message: '{{ .Message }}'
- name: ticket
  webhook:
    endpoint: ${TICKET_URL}
    layout: *layout
";

fn exporter() -> Generated {
    let mut content = EXPORTER.to_owned();
    content.push_str("route:\n  routes:\n");
    let reasons = |urgencies: &[Urgency]| {
        let reasons = urgencies.iter().flat_map(|urgency| told(*urgency)).map(|cause| cause.reason);
        reasons.collect::<Vec<_>>().join("|")
    };
    for (receiver, kind, reasons) in [
        ("page", "Warning", reasons(&[Urgency::Platform, Urgency::Application])),
        ("ticket", "Warning", reasons(&[Urgency::Later])),
        ("ticket", "Normal", "InstrumentationRecovered".to_owned()),
    ] {
        // Not `$`: the exporter takes that for a variable of its environment.
        let _ = writeln!(
            content,
            "  - match:\n    - receiver: {receiver}\n      type: {kind}\n      reason: '^(?:{reasons})\\z'"
        );
    }
    content.push_str(RECEIVERS);
    Generated { path: "config/events/kubernetes-event-exporter.yaml".into(), content }
}
