//! What do the kernel and the controller's own metrics say?

mod cpu;
mod memory;
mod metrics;

#[allow(unused_imports, reason = "not every benchmark asks")]
pub use cpu::cpu_time;
pub use memory::Memory;
pub use metrics::Metrics;

/// Bytes of one MiB.
pub const MIB: u64 = 1024 * 1024;
