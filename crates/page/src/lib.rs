//! What does the status page say?
//!
//! A request names a [`Page`]; a page is rendered from what the controller knows of itself and from the
//! `InstrumentationHealth` objects it holds. Pure: no I/O, no clock. Everything that comes from the cluster is escaped by the
//! template language. The pages work without scripts, ask nobody else for anything, and are read-only.

mod answer;
mod causes;
mod controller;
mod filter;
mod layout;
mod link;
mod list;
mod markdown;
mod namespaces;
mod overview;
mod request;
mod row;
mod tally;
mod words;
mod workload;

pub use answer::{Answer, HEADERS, Kind};
pub use controller::Controller;
pub use filter::{Filter, Silence};
pub use request::{Page, Refusal, Request};
