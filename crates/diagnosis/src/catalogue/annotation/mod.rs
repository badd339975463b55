//! C: does something ask for injection where the operator looks, spelt so that it understands?

pub mod annotation_not_on_pod_template;
pub mod annotation_unknown_key;
pub mod injection_explicitly_disabled;
pub mod keys;
pub mod sidecar_annotation_mistaken_for_injection;
