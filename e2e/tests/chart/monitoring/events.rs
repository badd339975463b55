//! Do the configurations that carry Events out of the cluster bring out all Events of ours, and no others?
//!
//! A real collector runs with the shipped one. The event exporter is not to be had as a Go module: of its configuration the keys
//! are checked, and where its rules would send each Event.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use e2e::Bed;
use e2e::product::kubectl;
use serde::Deserialize;
use serde_json::Value;

use super::collector::Collector;
use crate::helm::objects_of;

/// For what comes at once, on a machine that does many things.
const PATIENCE: Duration = Duration::from_secs(60);

/// As pkg/exporter of kubernetes-event-exporter reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Exporter {
    #[serde(rename = "logLevel")]
    _log_level: String,
    #[serde(rename = "logFormat")]
    _log_format: String,
    #[serde(rename = "maxEventAgeSeconds")]
    _max_event_age_seconds: u32,
    #[serde(rename = "kubeQPS")]
    _kube_qps: f32,
    #[serde(rename = "kubeBurst")]
    _kube_burst: u32,
    route: Routes,
    receivers: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Routes {
    routes: Vec<Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    r#match: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    receiver: String,
    r#type: String,
    reason: String,
}

impl Rule {
    fn takes(&self, event: &Value) -> bool {
        let reasons = self.reason.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(r")\z")).unwrap();
        assert!(reasons.chars().all(|c| c.is_ascii_alphanumeric() || c == '|'), "{reasons}");
        event["type"] == self.r#type && reasons.split('|').any(|reason| event["reason"] == reason)
    }
}

/// Holds that all Events of ours, and no others, get out of this bed either way.
pub async fn get_out(bed: &Bed, collector: &Collector) {
    let ours = |event: &&Value| event["reportingComponent"] == api::REPORTING_CONTROLLER;
    let deadline = Instant::now() + PATIENCE;
    let all = loop {
        let all = events(bed).await;
        let (come, expected) = (collector.names(), names(all.iter().filter(ours)));
        if come == expected {
            break all;
        }
        assert!(Instant::now() < deadline, "the collector sent {come:?} of {expected:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    collector.has_reasons_and_messages();
    let expected: Vec<&Value> = all.iter().filter(ours).collect();
    assert!(expected.len() > 10 && expected.len() < all.len(), "{} of {}", expected.len(), all.len());

    let exporter: Exporter =
        serde_json::from_value(objects_of("config/events/kubernetes-event-exporter.yaml")[0].clone())
            .unwrap();
    let rules: Vec<Rule> = exporter.route.routes.into_iter().flat_map(|route| route.r#match).collect();
    for rule in &rules {
        let known = exporter.receivers.iter().any(|receiver| receiver["name"] == rule.receiver);
        assert!(known, "{}", rule.receiver);
    }
    let routed = |event: &&Value| rules.iter().filter(|rule| rule.takes(event)).count();
    for event in &all {
        let times = usize::from(ours(&event));
        assert_eq!(routed(&event), times, "{event}");
    }
    let to = |reason: &str| {
        let event = expected.iter().find(|event| event["reason"] == reason).unwrap();
        rules.iter().find(|rule| rule.takes(event)).map(|rule| rule.receiver.as_str())
    };
    assert_eq!(to("OperatorNotReady"), Some("page"), "hits everyone");
    assert_eq!(to("AgentImagePullFailed"), Some("page"), "its Pods do not start");
    assert_eq!(to("InstrumentationNotFound"), Some("ticket"), "the application works");
}

/// As `v1`, which is what both watch.
async fn events(bed: &Bed) -> Vec<Value> {
    let printed = kubectl(bed, &["get", "events", "-A", "-o", "json"]).await.unwrap();
    serde_json::from_str::<Value>(&printed).unwrap()["items"].as_array().unwrap().clone()
}

fn names<'e>(events: impl Iterator<Item = &'e Value>) -> BTreeSet<String> {
    events.map(|event| event["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}
