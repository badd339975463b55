//! Is what is exported what the reference says, and nothing else?

use std::collections::{BTreeMap, BTreeSet};

use api::Severity;
use diagnosis::LanguagePods;

use super::reference::{self as metric, ALL, Values};
use super::*;
use crate::intake::Intake;
use crate::sources::Extent;

/// Every series that there can be, once.
fn busy() -> Metrics {
    let metrics = Metrics::new();
    let world = World::new();
    let pods = LanguagePods { language: Language::Java, asked: 3, injected: 2, healthy: 1 };
    let figures = Figures {
        healthy: "False",
        reason: "AgentImagePullFailed",
        findings: [("AgentImagePullFailed", Severity::Error)].into(),
        ignored: ["EndpointProtocolMismatch"].into(),
        pods: [pods].into(),
        failed: 2,
        muted: true,
    };
    let workload = WorkloadRef {
        namespace: "shop".into(),
        kind: "Deployment".into(),
        name: "ads".into(),
        ..WorkloadRef::default()
    };
    metrics.leads(true);
    metrics.judged(&workload, Some(figures));
    metrics.operator(Arc::new(fine_operator(&world)));
    metrics.installed(Language::Python, Duration::from_secs(7));
    metrics.lease_renewed(Timestamp::now());
    metrics.ready(true);
    metrics.watch_up("pods", None, true);
    metrics.watch_started("pods");
    metrics.watch_error("instrumentationhealths", "forbidden");
    metrics.watch_event(InputKind::Pods);
    metrics.unparsable(InputKind::Instrumentations);
    metrics.evaluated(Duration::from_micros(90));
    metrics.panicked();
    metrics.write("status");
    metrics.write_error("throttled");
    metrics.write_took(Duration::from_millis(4));
    metrics.budget_waits(1, Duration::from_millis(250));
    metrics.event("InstrumentationRecovered", "sent");
    metrics.lag(Duration::from_millis(300));
    metrics.load(&Load {
        world: &world,
        kinds: Intake::new(&mut World::new(), &Extent::Cluster).kinds(),
        evaluations: 2,
        writes: 1,
    });
    metrics
}

/// An operator with everything that is exported of one.
fn fine_operator(world: &World) -> OperatorState {
    let mut state = OperatorState::discover(world);
    state.webhooks_unknown = None;
    state.config_known = true;
    state
}

/// Name, labels and value of every sample.
fn samples(text: &str) -> Vec<(String, BTreeMap<String, String>, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let pairs = labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty());
            let labels = pairs.map(|pair| {
                let (key, value) = pair.split_once('=').unwrap();
                (key.to_owned(), value.trim_matches('"').to_owned())
            });
            (name.to_owned(), labels.collect(), value.parse().unwrap())
        })
        .collect()
}

#[test]
fn every_metric_is_exported_under_its_name_with_its_labels_and_with_no_other_values() {
    let text = busy().encode();
    let samples = samples(&text);
    let mut explained = 0;
    for metric in ALL {
        let name = metric.full_name();
        let own: Vec<_> = samples
            .iter()
            .filter(|(sample, ..)| match metric.kind {
                metric::Kind::Histogram { .. } => {
                    ["_bucket", "_sum", "_count"].iter().any(|part| *sample == format!("{name}{part}"))
                }
                _ => *sample == name,
            })
            .collect();
        // No certificate is known of an operator of which nothing is known.
        let expected = metric.name != metric::OPERATOR_CERTIFICATE_EXPIRY.name;
        assert_eq!(!own.is_empty(), expected, "{name}\n{text}");
        explained += own.len();
        let documented: BTreeSet<&str> = metric.labels.iter().map(|label| label.name).collect();
        for (sample, labels, _) in own {
            let exported: BTreeSet<&str> =
                labels.keys().map(String::as_str).filter(|key| *key != "le").collect();
            assert_eq!(exported, documented, "{sample}");
            for label in metric.labels {
                if let Values::Of(values) = label.values {
                    let value = labels[label.name].as_str();
                    assert!(values().contains(&value), "{sample}: {}={value}", label.name);
                }
            }
        }
    }
    assert_eq!(explained, samples.len(), "something is exported that the reference does not know");
}

#[test]
fn buckets_are_as_many_as_the_reference_says() {
    let samples = samples(&busy().encode());
    for metric in ALL {
        if let metric::Kind::Histogram { buckets } = metric.kind {
            let bucket = format!("{}_bucket", metric.full_name());
            let finite = samples.iter().filter(|(name, labels, _)| *name == bucket && labels["le"] != "+Inf");
            assert_eq!(finite.count(), usize::from(buckets), "{}", metric.name);
        }
    }
}

#[test]
fn only_the_leader_speaks_of_the_cluster() {
    let metrics = busy();
    metrics.leads(false);
    let text = metrics.encode();
    for metric in ALL.iter().filter(|metric| metric.scope == metric::Scope::Cluster) {
        // What was counted while it led stays; a counter that vanishes would be taken for a restart.
        let stays = metric.name == metric::AGENT_INSTALL_DURATION.name;
        assert_eq!(text.contains(&format!("\n{}", metric.full_name())), stays, "{}", metric.name);
    }
    metrics.installed(Language::Java, Duration::from_secs(3));
    assert!(!metrics.encode().contains(r#"language="java""#), "a standby counts nothing");
}

#[test]
fn what_a_scrape_says_of_workloads() {
    let text = busy().encode();
    for line in [
        r#"instrumentation_health_workloads{namespace="shop",healthy="False",reason="AgentImagePullFailed"} 1"#,
        r#"instrumentation_health_pods_asked{namespace="shop",language="java"} 3"#,
        r#"instrumentation_health_pods_injected{namespace="shop",language="java"} 2"#,
        r#"instrumentation_health_pods_healthy{namespace="shop",language="java"} 1"#,
        r#"instrumentation_health_workload_pods_failed{namespace="shop",workload="deployment/ads",reason="AgentImagePullFailed"} 2"#,
        r#"instrumentation_health_findings{reason="AgentImagePullFailed",severity="Error"} 1"#,
        r#"instrumentation_health_findings_ignored{reason="EndpointProtocolMismatch"} 1"#,
        r#"instrumentation_health_workloads_muted{namespace="shop"} 1"#,
        r#"instrumentation_health_operator_faults{reason="PodWebhookNotRegistered"} 1"#,
        r#"instrumentation_health_operator_faults{reason="OperatorNotReady"} 0"#,
        r#"instrumentation_health_agent_install_duration_seconds_bucket{le="8.0",language="python"} 1"#,
        "instrumentation_health_leader 1",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}
