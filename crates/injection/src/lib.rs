//! What would the OpenTelemetry Operator do with this Pod?
//!
//! An exact, pure model of its Pod webhook. [`decide`] says what would happen and why.

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
mod quantity;
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
    Decision, InjectionMark, LanguageDecision, LanguageOutcome, MissingObject, MissingOwner, Outcome, Sidecar, SidecarError,
    SidecarProblem, SkipReason, Target, TargetOutcome,
};
pub use inject::inject;
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
