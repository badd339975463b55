//! How do verdicts get out of a cluster's own data into the cluster?
//!
//! Watches feed a [`world::World`], `diagnosis` judges, writers bring statuses and Events to the API server. Nothing is
//! decided here. Trouble with the API server ends nothing: it is waited out, and what cannot be read is said to be not
//! checked.

mod backoff;
mod certificate;
mod deadlines;
pub mod depth;
mod engine;
mod error;
mod events;
mod http;
mod installs;
mod intake;
pub mod lease;
mod ledger;
pub mod list;
pub mod logging;
mod message;
mod metrics;
mod own;
mod own_parts;
mod packed;
mod run;
mod settings;
pub mod sources;
mod status_page;
mod watch;
pub mod watched;
mod writer;

pub use error::Error;
pub use lease::LeaseSettings;
pub use list::{ListError, Listing, Scope, certificates_into, list_into};
pub use metrics::reference as metrics_reference;
pub use run::run;
pub use settings::Settings;
pub use sources::Extent;
pub use status_page::LoopbackAddress;
pub use watched::Unparsable;
