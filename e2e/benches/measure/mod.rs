//! What do the kernel and the controller's own metrics say?

mod memory;
mod metrics;

pub use memory::Memory;
pub use metrics::Metrics;

/// Bytes of one MiB.
pub const MIB: u64 = 1024 * 1024;
