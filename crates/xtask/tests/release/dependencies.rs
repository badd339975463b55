//! Licences, origins and known flaws of the dependencies, by `cargo deny` and `deny.toml`.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::{path, say_loudly};

/// Whether `cargo deny fetch db` has brought `RustSec`'s database: a git repository, in a folder with a hash in its name.
fn has_advisories() -> bool {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let folders = home.and_then(|home| std::fs::read_dir(home.join("advisory-dbs")).ok());
    folders.is_some_and(|mut folders| folders.any(|folder| folder.unwrap().path().join("crates").is_dir()))
}

/// Offline: it needs no more than Cargo.lock and what cargo has fetched, and must not wait for a network.
fn cargo_deny(checks: &[&str]) -> Option<Output> {
    let run = |arguments: &[&str]| {
        let mut cargo = Command::new("cargo-deny");
        cargo.arg("--manifest-path").arg(path("Cargo.toml")).args(["--color", "never", "--offline"]);
        cargo.args(arguments).output()
    };
    if run(&["--version"]).is_err() {
        say_loudly(
            "licences and origins of the dependencies: cargo-deny is missing; install it: cargo install --locked cargo-deny",
        );
        return None;
    }
    Some(run(&[&["check"], checks].concat()).unwrap())
}

#[test]
fn licences_and_origins_are_those_that_are_allowed() {
    if let Some(checked) = cargo_deny(&["bans", "licenses", "sources"]) {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn no_dependency_has_a_known_flaw() {
    if !has_advisories() {
        return say_loudly(
            "known flaws of the dependencies: RustSec's database is missing; fetch it: cargo deny fetch db",
        );
    }
    if let Some(checked) = cargo_deny(&["advisories"]) {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}
