//! What would the Pods of these manifests look like once the operator has had them?
//!
//! Instrumentations are taken as the operator would store them ([`admit`]), a Pod is made of each template as its controller
//! would make it, and `injection` decides and injects. No I/O, no clock: files and cluster come in as a [`world::World`].

#![warn(missing_docs)]

mod admit;
mod hint;
mod judge;
mod maker;
mod outcome;
mod template;

pub use admit::{Refused, admit, is_raw_instrumentation};
pub use judge::Previewer;
pub use outcome::{LanguagePreview, Preview, Standing};
pub use template::NoTemplate;
