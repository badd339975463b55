//! B: does the request resolve to an Instrumentation that can be used?

pub mod no_instrumentation_in_namespace;
