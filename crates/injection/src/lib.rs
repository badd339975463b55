//! What would the OpenTelemetry Operator do with this Pod?
//!
//! An exact, pure model of the operator's webhooks, held to thousands of recorded answers (`oracle/`). [`decide`] says what
//! would happen and why, [`inject`] builds the Pod that comes out, [`refusal`] says whether the API server would take it,
//! [`marks()`] reads off a running Pod what happened to it, and [`default_instrumentation`] and [`validate_instrumentation`]
//! do what the operator does to Instrumentations. [`webhook::call`] tells whether the operator is asked at all. No I/O, no
//! clock; every difference between releases stands in one table ([`Rule`]).
//!
//! To learn the operator, read in this order: `decide/` (the steps of a request), `annotation`, `lookup`, `names` and
//! `select` (what an annotation means), `language/` (one file a language), `env`, `resource` and `exporter` (what every
//! container gets), `go_slice` (two accidents that show in Pods), `releases` (since when).

#![warn(missing_docs)]

pub mod annotation;
mod cel;
mod decide;
mod decision;
mod env;
mod exporter;
mod go_slice;
mod go_text;
mod image_reference;
mod inject;
mod instrumentation;
mod language;
mod log;
mod lookup;
pub mod marks;
pub mod names;
mod operator;
mod owners;
mod pod;
pub mod quantity;
pub mod refuse;
mod releases;
mod request;
mod resource;
mod scripts;
mod select;
mod sidecar;
mod units;
mod version;
mod volume;
pub mod webhook;

pub use decide::{NODE_NAME_VARIABLE, decide};
pub use decision::{
    Decision, InjectionMark, LanguageDecision, LanguageOutcome, MissingObject, MissingOwner, Outcome,
    Sidecar, SidecarError, SidecarProblem, SkipReason, Target, TargetOutcome,
};
pub use inject::{inject, patch};
pub use instrumentation::{Validation, default_instrumentation, validate_instrumentation};
pub use log::{Answer, Level, LogLine, OWNER_LOOKUP_SECONDS};
pub use lookup::{LookupError, look_up};
pub use marks::{Marks, marks};
pub use operator::{AgentImages, OperatorConfig, OperatorSource, Switches};
pub use refuse::{Policies, Refusal, RefusalCause, refusal};
pub use releases::{RECORDED, Release, Rule};
pub use request::PodRequest;
pub use sidecar::SIDECAR_CONTAINER;
pub use version::Version;
