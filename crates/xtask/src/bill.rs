//! Of what is the shipped program made?
//!
//! A bill of materials (CycloneDX) of the crates that are linked into it, as `cargo tree` tells them: neither build tools nor macros nor
//! tests. Checksums are those of Cargo.lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Name of the program, and of its package.
const PROGRAM: &str = "instrumentation-health";

/// What is described, and where.
#[derive(Debug, Args)]
pub struct BillArguments {
    /// The program
    #[arg(long)]
    program: PathBuf,
    /// File to write
    #[arg(long)]
    out: PathBuf,
    /// When it was made, in seconds since 1970: that of the source, so that it does not change from build to build
    #[arg(long, env = "SOURCE_DATE_EPOCH", default_value_t = 0)]
    created: i64,
}

/// A crate that is linked in.
#[derive(Debug, Default, PartialEq, Eq)]
struct Crate {
    licence: String,
    /// Part of this repository.
    is_ours: bool,
    /// Crates that it uses, by name and version.
    uses: BTreeSet<String>,
}

/// Writes it; answers what to say about it.
pub fn write(root: &Path, arguments: &BillArguments) -> anyhow::Result<String> {
    let program = fs::read(&arguments.program).with_context(|| arguments.program.display().to_string())?;
    let host = run(root, "rustc", &["--print", "host-tuple"])?;
    let edges = "normal,no-proc-macro";
    let tree = run(
        root,
        "cargo",
        &[
            "tree",
            "--locked",
            "--package",
            PROGRAM,
            "--target",
            host.trim(),
            "--edges",
            edges,
            "--prefix",
            "depth",
            "--format",
            "{p}|{l}",
        ],
    )?;
    let lock = fs::read_to_string(root.join("Cargo.lock")).context("Cargo.lock")?;
    let rust = run(root, "rustc", &["--version"])?;
    let libc = run(root, "getconf", &["GNU_LIBC_VERSION"])?;
    let crates = crates(&tree)?;
    let count = crates.len() - 1;
    let system =
        [("rust-std", word(&rust, 1)?, "MIT OR Apache-2.0"), ("glibc", word(&libc, 1)?, "LGPL-2.1-or-later")];
    let made = Timestamp::from_second(arguments.created).context("SOURCE_DATE_EPOCH")?;
    let bill = bill(&crates, &checksums(&lock), &system, &Sha256::digest(&program), made)?;
    fs::write(&arguments.out, serde_json::to_string_pretty(&bill)? + "\n")
        .with_context(|| arguments.out.display().to_string())?;
    Ok(format!("{}: {count} crates, Rust's library and glibc", arguments.out.display()))
}

fn run(root: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let ran = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .with_context(|| program.to_owned())?;
    ensure!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr).trim());
    Ok(String::from_utf8(ran.stdout)?)
}

fn word(text: &str, index: usize) -> anyhow::Result<&str> {
    text.split_whitespace().nth(index).with_context(|| format!("no version in {text:?}"))
}

/// The crates of `cargo tree --prefix depth --format '{p}|{l}'`: lines like `2serde v1.0.0|MIT OR Apache-2.0`.
fn crates(tree: &str) -> anyhow::Result<BTreeMap<String, Crate>> {
    let mut crates: BTreeMap<String, Crate> = BTreeMap::new();
    let mut above: Vec<String> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let digits = line.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(line.len());
        let depth: usize = line[..digits].parse().with_context(|| format!("no depth in {line:?}"))?;
        let (package, licence) =
            line[digits..].split_once('|').with_context(|| format!("no licence in {line:?}"))?;
        let (name, version) = (word(package, 0)?, word(package, 1)?);
        let name = format!("{name}@{}", version.trim_start_matches('v'));
        above.truncate(depth);
        if let Some(user) = above.last() {
            crates.entry(user.clone()).or_default().uses.insert(name.clone());
        }
        let entry = crates.entry(name.clone()).or_default();
        // What was told in full before ends in an asterisk.
        licence.trim_end_matches(" (*)").clone_into(&mut entry.licence);
        // Those of a registry have no place behind their version.
        entry.is_ours = package.contains('/');
        above.push(name);
    }
    ensure!(!crates.is_empty(), "cargo tree told of no crate");
    Ok(crates)
}

/// SHA-256 of the packages of Cargo.lock, by name and version.
fn checksums(lock: &str) -> BTreeMap<String, &str> {
    let packages = lock.split("[[package]]").skip(1);
    packages
        .filter_map(|package| {
            let read = |name: &str| {
                let line = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \""))?;
                line.strip_suffix('"')
            };
            Some((format!("{}@{}", read("name")?, read("version")?), read("checksum")?))
        })
        .collect()
}

fn bill(
    crates: &BTreeMap<String, Crate>,
    checksums: &BTreeMap<String, &str>,
    system: &[(&str, &str, &str)],
    program: &[u8],
    made: Timestamp,
) -> anyhow::Result<Value> {
    let digest = program.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let itself = crates
        .keys()
        .find(|name| name.starts_with(&format!("{PROGRAM}@")))
        .context("the program is missing")?;
    let mut components = Vec::new();
    for (reference, linked) in crates.iter().filter(|(reference, _)| *reference != itself) {
        let mut component = component("library", reference, &linked.licence);
        if !linked.is_ours {
            let checksum =
                checksums.get(reference).with_context(|| format!("{reference} is not in Cargo.lock"))?;
            component["purl"] = format!("pkg:cargo/{reference}").into();
            component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
        }
        components.push(component);
    }
    let uses =
        |uses: &BTreeSet<String>, more: &[String]| uses.iter().chain(more).cloned().collect::<Vec<_>>();
    let mut libraries = Vec::new();
    for (name, version, licence) in system {
        let reference = format!("{name}@{version}");
        let mut component = component("library", &reference, licence);
        component["purl"] = format!("pkg:generic/{reference}").into();
        components.push(component);
        libraries.push(reference);
    }
    let dependencies: Vec<Value> = crates
        .iter()
        .map(|(reference, linked)| {
            let more = if reference == itself { libraries.as_slice() } else { &[] };
            json!({"ref": reference, "dependsOn": uses(&linked.uses, more)})
        })
        .collect();
    let mut application = component("application", itself, &crates[itself].licence);
    application["hashes"] = json!([{"alg": "SHA-256", "content": digest}]);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial_number(&digest),
        "version": 1,
        "metadata": {"timestamp": made.to_string(), "component": application},
        "components": components,
        "dependencies": dependencies,
    }))
}

fn component(kind: &str, reference: &str, licence: &str) -> Value {
    let (name, version) = reference.split_once('@').unwrap_or((reference, ""));
    // Old manifests separate alternatives by a slash.
    let expression = licence.replace('/', " OR ");
    json!({
        "type": kind,
        "bom-ref": reference,
        "name": name,
        "version": version,
        "licenses": [{"expression": expression}],
    })
}

/// A UUID made of the program's digest (version 8): the same program has the same.
fn serial_number(digest: &str) -> String {
    let part = |from: usize, to: usize| &digest[from..to];
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
0instrumentation-health v0.1.0 (/src/crates/cli)|Apache-2.0
1api v0.1.0 (/src/crates/api)|Apache-2.0
2serde v1.0.1|MIT/Apache-2.0
1serde v1.0.1|MIT/Apache-2.0 (*)
";
    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\nsource = \"x\"\nchecksum = \"abc\"\n";

    #[test]
    fn every_crate_stands_in_it_once_with_what_it_uses() {
        let system = [("glibc", "2.36", "LGPL-2.1-or-later")];
        let crates = crates(TREE).unwrap();
        let bill = bill(&crates, &checksums(LOCK), &system, &[7; 32], Timestamp::UNIX_EPOCH).unwrap();
        let names = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|item| item["bom-ref"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&bill["components"]), ["api@0.1.0", "serde@1.0.1", "glibc@2.36"]);
        let serde = &bill["components"][1];
        assert_eq!(serde["purl"], "pkg:cargo/serde@1.0.1");
        assert_eq!(serde["hashes"][0]["content"], "abc");
        assert_eq!(serde["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["components"][0]["purl"], Value::Null, "ours is in no registry");
        let uses = bill["dependencies"].as_array().unwrap();
        let of = |name: &str| uses.iter().find(|entry| entry["ref"] == name).unwrap()["dependsOn"].clone();
        assert_eq!(of("instrumentation-health@0.1.0"), json!(["api@0.1.0", "serde@1.0.1", "glibc@2.36"]));
        assert_eq!(of("api@0.1.0"), json!(["serde@1.0.1"]));
        assert_eq!(bill["serialNumber"], "urn:uuid:07070707-0707-8070-8707-070707070707");
    }

    #[test]
    fn a_crate_without_a_checksum_is_an_error() {
        let error =
            bill(&crates(TREE).unwrap(), &BTreeMap::new(), &[], &[7; 32], Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.to_string(), "serde@1.0.1 is not in Cargo.lock");
    }
}
