//! What time was it when a dump was made?
//!
//! The newest time that anything in it carries. Only fields that record the past count: certificates and Pods that are
//! being deleted name times to come, and annotations hold anything.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Fields of API objects that hold a time at which something had happened.
const TIMES: [&str; 19] = [
    "acquireTime",
    "completionTime",
    "creationTimestamp",
    "eventTime",
    "finishedAt",
    "firstTimestamp",
    "lastHeartbeatTime",
    "lastObservedTime",
    "lastProbeTime",
    "lastScheduleTime",
    "lastSuccessfulTime",
    "lastTimestamp",
    "lastTransitionTime",
    "lastUpdateTime",
    "renewTime",
    "startTime",
    "startedAt",
    "time",
    "timestamp",
];

/// Parts of objects that people fill with what they like, and the ownership map of managedFields.
const FREE_FORM: [&str; 8] =
    ["annotations", "binaryData", "data", "fieldsV1", "labels", "ownerReferences", "stringData", "template"];

/// The newest time in an object.
pub fn newest(object: &Map<String, Value>) -> Option<Timestamp> {
    object
        .iter()
        .filter(|(key, _)| !FREE_FORM.contains(&key.as_str()))
        .filter_map(|(key, value)| match value {
            Value::String(text) if TIMES.contains(&key.as_str()) => text.parse().ok(),
            other => newest_below(other),
        })
        .max()
}

fn newest_below(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Object(object) => newest(object),
        Value::Array(items) => items.iter().filter_map(newest_below).max(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest_of(json: &str) -> Option<String> {
        let object: Map<String, Value> = serde_json::from_str(json).unwrap();
        newest(&object).map(|time| time.to_string())
    }

    #[test]
    fn the_newest_past_time_counts() {
        for (what, json, want) in [
            ("none", r#"{"kind":"Pod","metadata":{"name":"a","creationTimestamp":null}}"#, None),
            (
                "managedFields",
                r#"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","managedFields":[{"time":"2026-01-02T00:00:00Z"}]}}"#,
                Some("2026-01-02T00:00:00Z"),
            ),
            (
                "container states",
                r#"{"status":{"containerStatuses":[{"lastState":{"terminated":{"finishedAt":"2026-01-03T00:00:00Z"}}}]}}"#,
                Some("2026-01-03T00:00:00Z"),
            ),
            (
                "micro seconds of an Event",
                r#"{"eventTime":"2026-01-03T00:00:00.500000Z"}"#,
                Some("2026-01-03T00:00:00.5Z"),
            ),
            (
                "a Pod is deleted in the future",
                r#"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":"2026-01-09T00:00:00Z"}}"#,
                Some("2026-01-01T00:00:00Z"),
            ),
            (
                "annotations and certificates name any time",
                r#"{"metadata":{"annotations":{"time":"2030-01-01T00:00:00Z"}},"status":{"notAfter":"2031-01-01T00:00:00Z"}}"#,
                None,
            ),
        ] {
            assert_eq!(newest_of(json).as_deref(), want, "{what}");
        }
    }
}
