//! What does the kernel say of this process's memory?

/// Resident memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// The most since the start or the last [`reset_peak`].
    pub peak: u64,
}

impl Memory {
    /// Reads it.
    pub fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
        };
        Self { resident: field("VmRSS:"), peak: field("VmHWM:") }
    }
}

/// Forgets the peak so far (`man 5 proc`, `/proc/pid/clear_refs`).
pub fn reset_peak() {
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        eprintln!("the peak includes the start: {error}");
    }
}
