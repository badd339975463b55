//! Does the installed controller live, so that its objects are current?
//!
//! An unchanged cluster is not written to, so a controller that has died leaves objects behind that look fine. Its Lease tells.

use controller::lease::{LABEL, NAME};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt as _};

/// A Lease may be older than it says by so much, before that is worth a word: clocks differ, and a takeover takes time.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

/// What should be known about installed controllers. Who may not read Leases is told nothing.
pub async fn remarks(client: &Client, now: Timestamp) -> Vec<String> {
    leases(client).await.iter().filter_map(|lease| remark(lease, now)).collect()
}

/// The Leases of all installations; where that may not be listed, that of the default one.
async fn leases(client: &Client) -> Vec<Lease> {
    let all: Api<Lease> = Api::all(client.clone());
    let ours = ListParams::default().labels(&format!("{LABEL}={NAME}"));
    if let Ok(list) = all.list(&ours).await {
        return list.items;
    }
    let default: Api<Lease> = Api::namespaced(client.clone(), NAME);
    default.get_opt(NAME).await.ok().flatten().into_iter().collect()
}

fn remark(lease: &Lease, now: Timestamp) -> Option<String> {
    let spec = lease.spec.as_ref()?;
    let renewed = spec.renew_time.as_ref()?.0;
    let valid = SignedDuration::from_secs(spec.lease_duration_seconds.unwrap_or_default().into());
    let age = now.duration_since(renewed);
    if age < valid + SLACK {
        return None;
    }
    let namespace = lease.namespace().unwrap_or_default();
    let is_released = spec.holder_identity.as_deref().unwrap_or_default().is_empty();
    let what = if is_released {
        "was stopped"
    } else {
        "stopped renewing its Lease (it has died, or cannot reach the API server)"
    };
    Some(format!(
        "the controller in Namespace {namespace} {what} {} ago: InstrumentationHealth objects may be stale. This check does not read them. See: kubectl -n {namespace} get pods,lease",
        rough(age)
    ))
}

/// `3 days`, `5 hours`, `12 minutes`.
fn rough(age: SignedDuration) -> String {
    let (count, unit) = match age.as_mins() {
        minutes if minutes < 120 => (minutes, "minutes"),
        minutes if minutes < 48 * 60 => (minutes / 60, "hours"),
        minutes => (minutes / (24 * 60), "days"),
    };
    format!("{count} {unit}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_controller_that_is_gone_is_told_of() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let said = |renewed: &str, holder: &str| {
            let lease: Lease = serde_json::from_value(json!({
                "metadata": {"name": NAME, "namespace": "ops"},
                "spec": {"holderIdentity": holder, "leaseDurationSeconds": 40, "renewTime": renewed},
            }))
            .unwrap();
            remark(&lease, now)
        };
        assert_eq!(said("2026-11-24T11:59:55.123456Z", "a"), None, "alive");
        assert_eq!(said("2026-11-24T12:01:00.000000Z", "a"), None, "a clock that goes fast");
        assert_eq!(said("2026-11-24T11:58:30.000000Z", "a"), None, "perhaps it is only busy");
        let dead = said("2026-11-24T11:48:00.000000Z", "a").unwrap();
        assert!(dead.starts_with("the controller in Namespace ops stopped renewing its Lease"), "{dead}");
        assert!(dead.contains(" 12 minutes ago"), "{dead}");
        let stopped = said("2026-11-20T12:00:00.000000Z", "").unwrap();
        assert!(stopped.contains("was stopped 4 days ago"), "{stopped}");
    }
}
