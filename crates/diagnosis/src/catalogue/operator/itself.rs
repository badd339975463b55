//! What is wrong with the operator itself, whatever workload asks?
//!
//! The checks of its causes say it of workloads, with the effect on each. Here it is one answer for the cluster.

use jiff::Timestamp;

use super::{
    operator_crd_missing_or_outdated, operator_not_ready, pod_webhook_not_registered,
    webhook_cert_secret_missing, webhook_certificate_expired, webhook_certificate_mismatch,
    webhook_service_not_found,
};
use crate::cause::Cause;
use crate::operator::{CertificateFault, Fault, OperatorState};

/// Causes that can be told of the operator without a workload, by code. While one of them holds, new Pods start without an
/// agent.
pub static OPERATOR_FAULTS: [&Cause; 7] = [
    &operator_not_ready::CAUSE,
    &pod_webhook_not_registered::CAUSE,
    &webhook_service_not_found::CAUSE,
    &webhook_certificate_mismatch::CAUSE,
    &webhook_certificate_expired::CAUSE,
    &webhook_cert_secret_missing::CAUSE,
    &operator_crd_missing_or_outdated::CAUSE,
];

/// Those of [`OPERATOR_FAULTS`] that hold at `now`. None where it cannot be told whether a webhook is registered.
///
/// Of several operators the one that is nearest to answering counts; one whose Service is gone was left behind, and counts last.
pub fn operator_faults(state: &OperatorState, now: Timestamp) -> Option<Vec<&'static Cause>> {
    let best = state.pod_webhooks.iter().map(|webhook| webhook.faults_at(now)).min_by_key(nearness);
    let mut causes: Vec<&'static Cause> = match best {
        Some(faults) => faults.iter().map(cause).collect(),
        None if state.webhooks_unknown.is_some() => return None,
        None => vec![&pod_webhook_not_registered::CAUSE],
    };
    if state.lacks_crd() {
        causes.push(&operator_crd_missing_or_outdated::CAUSE);
    }
    Some(causes)
}

/// How far a webhook with these faults is from answering.
#[expect(clippy::ptr_arg, reason = "called with a reference to what the iterator owns")]
fn nearness(faults: &Vec<Fault>) -> (bool, usize) {
    (faults.contains(&Fault::ServiceMissing), faults.len())
}

fn cause(fault: &Fault) -> &'static Cause {
    match fault {
        Fault::ServiceMissing | Fault::PortMissing(_) | Fault::PortAstray(_) => {
            &webhook_service_not_found::CAUSE
        }
        Fault::SwitchedOff => &pod_webhook_not_registered::CAUSE,
        Fault::CertificateSecretMissing => &webhook_cert_secret_missing::CAUSE,
        Fault::NotReady => &operator_not_ready::CAUSE,
        Fault::Certificate(CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. }) => {
            &webhook_certificate_expired::CAUSE
        }
        Fault::Certificate(_) => &webhook_certificate_mismatch::CAUSE,
    }
}
