//! What is in the cluster, which workloads does it make up, and which of them did a change touch?
//!
//! [`World`] takes objects as a watch or a file delivers them, joins them into workloads and remembers which workloads a
//! change can affect. Synchronous, one writer, no I/O, no clock: what it answers depends on the objects it was given and
//! on nothing else, not even on their order.

mod certificates;
mod climb;
mod depth;
mod endpoints;
mod events;
mod host;
mod inputs;
mod intake;
mod mention;
mod operator_side;
mod pending;
mod removal;
mod resolve;
mod sizes;
mod space;
mod store;
mod subject;
mod view;
mod world;

pub use sizes::Sizes;
pub use world::World;
