//! How much memory does a process take?

/// Resident memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// The most since its start or the last [`Memory::reset_peak`].
    pub peak: u64,
}

impl Memory {
    /// Reads `/proc/PID/status`; zeros when the process is gone.
    pub fn of(process: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
        };
        Self { resident: field("VmRSS:"), peak: field("VmHWM:") }
    }

    /// Forgets the peak so far (`man 5 proc`, `/proc/pid/clear_refs`).
    #[allow(dead_code, reason = "shared by two benches, of which one relists")]
    pub fn reset_peak(process: u32) {
        if let Err(error) = std::fs::write(format!("/proc/{process}/clear_refs"), "5") {
            eprintln!("the peak includes the start: {error}");
        }
    }
}
