//! How does a shell learn to complete commands, flags and values?

use clap_complete::Shell;

const PROGRAM: &str = "instrumentation-health";

/// The script that a shell loads.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::command(), PROGRAM, &mut script);
    let script = String::from_utf8_lossy(&script);
    match shell {
        // clap_complete up to at least 4.6 names the commands of a program with a hyphen in two ways, so that none of their flags
        // would be completed.
        Shell::Bash => {
            script.replace("instrumentation__subcmd__health__subcmd__", "instrumentation__health__subcmd__")
        }
        _ => script.into_owned(),
    }
}
