//! C: does something ask for injection where the operator looks, spelt so that it understands?

pub mod annotation_not_on_pod_template;
pub mod annotation_unknown_key;
pub mod keys;
