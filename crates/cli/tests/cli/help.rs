//! Do help, manual pages and completions say how the program is called, and do the programs that read them take them?

use std::path::Path;
use std::process::Command;

use cli::Exit;

use crate::program::{files, is_installed, run, run_as};

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

/// What a program says; it has to be content, and to complain of nothing.
fn said(program: &str, arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(program);
    // Without what the user of this machine has set up.
    command.args(arguments).current_dir(folder).env("HOME", folder).env("LC_ALL", "C.UTF-8");
    let output = command.output().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{program} {arguments:?}: {complaints}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn man_shows_every_page() {
    if !is_installed("man", "manual pages by man", "Debian's man-db") {
        return;
    }
    let (_folder, path) = files(&[]);
    run(&["man", path.to_str().unwrap()]);
    for page in std::fs::read_dir(&path).unwrap() {
        let page = page.unwrap().file_name().into_string().unwrap();
        let shown = said("man", &["--warnings=w", "-l", &page], &path);
        let name = page.strip_suffix(".1").unwrap();
        // Without what fills the lines.
        let text = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&format!(" NAME {name} - ")) && text.contains(" SYNOPSIS "), "{page}: {shown}");
    }
}

/// A shell, what makes it complete the words of the file `words` (until all of `offered` are there), and who has it.
const SHELLS: [(&str, &[&str], &str, &str); 3] = [
    (
        "bash",
        &["--noprofile", "--norc", "-c"],
        "source ./completions
        read -ra COMP_WORDS < words
        COMP_WORDS+=('') COMP_CWORD=${#COMP_WORDS[@]}-1
        set -- $(complete -p instrumentation-health)
        while [ \"$1\" != -F ]; do shift; done
        \"$2\" instrumentation-health '' \"${COMP_WORDS[COMP_CWORD-1]}\"
        printf '%s\\n' \"${COMPREPLY[@]}\"",
        "Debian's bash",
    ),
    (
        "fish",
        &["--no-config", "-c"],
        "source ./completions; complete -C (cat words)' '",
        "Debian's fish",
    ),
    // Completes only what somebody types, so somebody does.
    (
        "zsh",
        &["-f", "-c"],
        "zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'PS1= ; autoload -U compinit; compinit -D -u; source ./completions; LISTMAX=1000; stty cols 200; print READY'
        zpty -r shell seen '*READY*READY*'
        zpty -w -n shell \"$(<words) \"$'\\t\\t'
        for offer in $(<offered); do
          while [[ $shown != *$offer* ]] && (( ++turns < 100 )); do
            zpty -r -t shell seen && shown+=$seen || sleep 0.1
          done
        done
        print -rn -- $shown",
        "Debian's zsh",
    ),
];

#[test]
fn shells_complete_commands_flags_and_values() {
    for (shell, flags, script, install) in SHELLS {
        if !is_installed(shell, &format!("completions by {shell}"), install) {
            continue;
        }
        let completions = run(&["completions", shell]).out;
        for (words, offered) in [
            ("instrumentation-health", ["check", "explain", "preview"]),
            ("instrumentation-health check --fail-on", ["failing", "unknown", "nothing"]),
            ("instrumentation-health check -o", ["junit", "sarif", "json"]),
        ] {
            let (_folder, path) = files(&[
                ("completions", completions.as_bytes()),
                ("words", words.as_bytes()),
                ("offered", offered.join(" ").as_bytes()),
            ]);
            let shown = said(shell, &[flags, &[script]].concat(), &path);
            for offer in offered {
                assert!(shown.contains(offer), "{shell}: {words}: {shown}");
            }
        }
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
