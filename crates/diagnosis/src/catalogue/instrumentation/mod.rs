//! B: does the request resolve to an Instrumentation that can be used?

pub mod instrumentation_not_found;
pub mod multiple_instrumentations_in_namespace;
pub mod no_instrumentation_in_namespace;
