//! How do files become a cluster that can be judged?
//!
//! Reads cluster dumps and manifests (YAML with several documents, JSON, `List`s, gzip, directories, standard input) into a
//! [`world::World`], decides whether what is missing is absent or merely not supplied, and finds the newest time in them.
//! Every error names file, document and line. No clock and no network here.

mod clock;
mod error;
mod list;
mod load;
mod origin;
mod parse;
mod source;

pub use error::{InputError, Problem};
pub use load::{Input, Manifest, Options, Supplied, load, load_text};
pub use origin::{Origin, Origins};
pub use source::STANDARD_INPUT;
