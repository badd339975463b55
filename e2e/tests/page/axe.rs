//! Is a page accessible, as far as a program can tell?
//!
//! axe-core, of the version and with the checksum of `testbed/axe/package-lock.json`, fetched by npm once for each checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::Browser;

/// What an axe finds is to be mended; there are no exceptions. WCAG 2.2 AA, and what axe calls best practice.
const RUN: &str = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(found => ({
    passed: found.passes.length,
    wrong: found.violations.map(rule => rule.id + ': ' + rule.help + '\\n' +
        rule.nodes.map(node => '  ' + node.html + '\\n  ' + node.failureSummary).join('\\n')),
}))";

/// The text of axe-core, or why it cannot be had.
pub fn axe() -> Result<String, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        fetch(&folder)?;
    }
    std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
}

fn fetch(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed/axe");
    for name in ["package.json", "package-lock.json"] {
        let (from, to): (PathBuf, PathBuf) = (from.join(name), folder.join(name));
        std::fs::copy(from, to).map_err(|error| error.to_string())?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    let output = npm.output().map_err(|error| format!("npm: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("npm ci: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Holds the open page to axe's rules.
pub fn hold_to(axe: &str, browser: &mut Browser, what: &str) {
    browser.let_scripts_run(true);
    browser.value(axe);
    let found = browser.value(RUN);
    browser.let_scripts_run(false);
    let wrong: Vec<&str> =
        found["wrong"].as_array().unwrap().iter().filter_map(|rule| rule.as_str()).collect();
    assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
    assert!(found["passed"].as_u64() > Some(15), "{what}: axe has looked at something: {found}");
}
