//! Do help, manual pages and completions say how the program is called?

use cli::Exit;

use crate::program::{files, run, run_as};

#[test]
fn every_command_has_a_manual_page() {
    let (_folder, path) = files(&[]);
    let ran = run(&["man", path.to_str().unwrap()]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Fine, ""));
    let page = std::fs::read_to_string(path.join("instrumentation-health-check.1")).unwrap();
    for said in ["Exit codes", "fail\\-on", "SARIF"] {
        assert!(page.contains(said), "{page}");
    }
    assert!(path.join("instrumentation-health.1").exists());
    assert!(run(&["man"]).out.contains(".TH instrumentation-health 1"));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (_folder, path) = files(&[("taken", b"")]);
    let ran = run(&["man", path.join("taken").to_str().unwrap()]);
    assert_eq!(ran.exit, Exit::CouldNotCheck);
    assert!(ran.err.contains("cannot write manual pages to ") && ran.err.contains("taken"), "{}", ran.err);
}

#[test]
fn every_shell_completes_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.exit, Exit::Fine);
        assert!(ran.out.contains("explain") && ran.out.contains("fail-on"), "{shell}: {}", ran.out);
    }
}

#[test]
fn as_a_plugin_help_names_kubectl() {
    for (called, named) in [
        ("/usr/local/bin/kubectl-instrumentation_health", "Usage: kubectl instrumentation-health explain"),
        ("/usr/local/bin/instrumentation-health", "Usage: instrumentation-health explain"),
    ] {
        let ran = run_as(called, &["explain", "--help"], std::io::empty());
        assert_eq!(ran.exit, Exit::Fine);
        assert!(ran.out.contains(named), "{}", ran.out);
    }
}
