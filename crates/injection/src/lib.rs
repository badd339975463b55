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
//! container gets), `go_slice` (two accidents that show in Pods), `releases` (since when). Each says which file of the
//! operator it follows:
//!
//! | question | here | in the operator |
//! |---|---|---|
//! | what happens to a request | `decide/`, `inject` | `internal/webhook/podmutation/webhookhandler.go`, `internal/instrumentation/{podmutator,sdk}.go` |
//! | what is asked for | `annotation`, `lookup` | `annotation.go`, `podmutator.go` |
//! | which containers | `names`, `select` | `helper.go`, `sdk.go` |
//! | what each language does | `language/` | `javaagent.go`, `nodejs.go`, `python.go`, `dotnet.go`, `golang.go`, `apachehttpd.go`, `nginx.go`, `sdk.go` |
//! | what every container gets | `env`, `resource`, `exporter`, `volume` | `sdk.go`, `exporter.go` |
//! | the collector sidecar | `sidecar` | `pkg/sidecar/podmutator.go` |
//! | what becomes of an Instrumentation | `instrumentation/` | `internal/webhook/instrumentation_webhook.go` |
//! | how the operator is set up | `operator/` | `internal/config/` |
//! | whether the operator is asked, and the Pod taken | `webhook`, `refuse/` | not the operator's: the API server |

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
mod mounted;
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
mod target;
mod units;
mod version;
mod volume;
pub mod webhook;

pub use decide::{NODE_NAME_VARIABLE, decide};
pub use decision::{
    Decision, InjectionMark, LanguageDecision, LanguageOutcome, MissingObject, MissingOwner, Outcome,
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
pub use sidecar::{SIDECAR_CONTAINER, Sidecar, SidecarError, SidecarProblem};
pub use target::{SkipReason, Target, TargetOutcome};
pub use version::Version;
