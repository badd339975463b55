//! How long has a thread really computed?

use std::time::Duration;

/// Time that this thread has spent on a processor; what other programs take does not count (`man 5 proc`, `schedstat`).
#[allow(dead_code, reason = "not every benchmark asks")]
pub fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}
