//! B: does the request resolve to an Instrumentation that can be used?

pub mod instrumentation_frozen_defaults;
pub mod instrumentation_not_defaulted;
pub mod instrumentation_not_found;
pub mod instrumentation_tls_object_missing;
pub mod instrumentation_unknown_field;
pub mod instrumentation_value_unsupported_by_agent;
pub mod multiple_instrumentations_in_namespace;
pub mod no_instrumentation_in_namespace;
pub mod schema;
pub mod used;
