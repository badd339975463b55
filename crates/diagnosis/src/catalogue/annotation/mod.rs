//! C: does something ask for injection where the operator looks, spelt so that it understands?

pub mod annotation_language_mismatch;
pub mod annotation_namespace_pod_conflict;
pub mod annotation_not_on_pod_template;
pub mod annotation_unknown_key;
pub mod container_names_duplicated;
pub mod container_names_invalid;
pub mod container_names_required;
pub mod container_names_unknown;
pub mod injection_explicitly_disabled;
pub mod keys;
pub mod names;
pub mod several_languages;
pub mod sidecar_annotation_mistaken_for_injection;
pub mod wrong_container_instrumented;
