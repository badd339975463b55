//! A: could the operator be asked about the Pod at all?

mod unasked;

pub mod operator_crd_missing_or_outdated;
pub mod operator_not_ready;
pub mod operator_scoped_to_other_namespaces;
pub mod pod_webhook_not_registered;
pub mod webhook_cert_secret_missing;
pub mod webhook_certificate_expired;
pub mod webhook_certificate_mismatch;
pub mod webhook_selector_excludes_pod;
pub mod webhook_service_not_found;
