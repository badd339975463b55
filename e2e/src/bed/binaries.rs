//! Where do the programs of the bed come from?
//!
//! In this order: the directory named by `KUBEBUILDER_ASSETS`, the cache, for some also `PATH`, a build. A family (the programs of one
//! `go.mod`) is taken from one place as a whole, so that an API server never meets a controller manager of another version.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Error;
use super::build::build;

/// The programs of one `go.mod` below `e2e/testbed`.
#[derive(Debug)]
pub(super) struct Family {
    /// Folder below `e2e/testbed`.
    pub name: &'static str,
    /// What the folder's `tool` directives build.
    pub programs: &'static [&'static str],
    /// Seconds of a cold build on 2 cores, measured.
    pub cold_seconds: u64,
    /// Given to `go build -tags`.
    pub tags: &'static str,
    /// Given to `go build -ldflags`; without the stamp the API server reports a nonsense version.
    pub link_flags: &'static str,
    /// Whether programs that the machine has installed are as good as a build of ours.
    pub installed_will_do: bool,
}

pub(super) const ETCD: Family = Family::of("etcd", &["etcd"], 20);
pub(super) const KWOK: Family = Family::of("kwok", &["kwok"], 45);
pub(super) const KUBERNETES: Family = Family {
    link_flags: "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 \
                 -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36",
    ..Family::of(
        "kubernetes",
        &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
        190,
    )
};

/// Not part of a bed: built by those tests that run the chart.
const HELM: Family = Family::of("helm", &["helm"], 75);
/// Not part of a bed either: `crane`, which pushes and checks container images and plays a registry.
const REGISTRY: Family = Family::of("registry", &["crane"], 25);
/// Not part of a bed either: scrapes the controller and tests the alert rules, which have to do with an old version as well.
/// Built without the discovery of targets in clouds, of which nothing is used.
const PROMETHEUS: Family = Family {
    tags: "remove_all_sd",
    installed_will_do: true,
    ..Family::of("prometheus", &["prometheus", "promtool"], 150)
};
/// What else reads what this repository gives people; see `e2e/testbed/readers`.
const READERS: Family = Family::of(
    "readers",
    &[
        "actionlint",
        "argocd",
        "collector",
        "flux",
        "grafana",
        "jv",
        "kube-state-metrics",
        "prometheus-operator",
    ],
    150,
);

impl Family {
    const fn of(name: &'static str, programs: &'static [&'static str], cold_seconds: u64) -> Self {
        Self { name, programs, cold_seconds, tags: "", link_flags: "-s -w", installed_will_do: false }
    }
}

/// The directories that hold the programs.
#[derive(Debug, Clone)]
pub struct Binaries {
    etcd: PathBuf,
    kwok: PathBuf,
    kubernetes: PathBuf,
}

impl Binaries {
    /// Finds the programs, building those that are missing (about 4 minutes cold on 2 cores; says so).
    pub fn locate() -> Result<Self, Error> {
        let [etcd, kwok, kubernetes] = directories([&ETCD, &KWOK, &KUBERNETES])?;
        Ok(Self { etcd, kwok, kubernetes })
    }

    /// Path of `etcd`.
    pub fn etcd(&self) -> PathBuf {
        self.etcd.join("etcd")
    }

    /// Path of `kwok`.
    pub fn kwok(&self) -> PathBuf {
        self.kwok.join("kwok")
    }

    /// Path of a program of Kubernetes itself.
    pub fn kubernetes(&self, program: &str) -> PathBuf {
        self.kubernetes.join(program)
    }

    /// The directories, one a family.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        [self.etcd.as_path(), &self.kwok, &self.kubernetes].into_iter()
    }
}

/// Path of `kubectl`, which is built when it is missing: for what needs no bed.
pub fn kubectl() -> Result<PathBuf, Error> {
    let [directory] = directories([&KUBERNETES])?;
    Ok(directory.join("kubectl"))
}

/// Path of `helm`, which is built when it is missing.
pub fn helm() -> Result<PathBuf, Error> {
    let [directory] = directories([&HELM])?;
    Ok(directory.join("helm"))
}

/// Path of `crane`, which is built when it is missing.
pub fn crane() -> Result<PathBuf, Error> {
    let [directory] = directories([&REGISTRY])?;
    Ok(directory.join("crane"))
}

/// The directory with `prometheus` and `promtool`, which are built when the machine has none.
pub fn prometheus() -> Result<PathBuf, Error> {
    let [directory] = directories([&PROMETHEUS])?;
    Ok(directory)
}

/// Path of one of the programs of `e2e/testbed/readers`, which are built when they are missing.
pub fn reader(program: &str) -> Result<PathBuf, Error> {
    let [directory] = directories([&READERS])?;
    Ok(directory.join(program))
}

/// Where the programs of these families are, once those that are missing were built.
fn directories<const N: usize>(families: [&Family; N]) -> Result<[PathBuf; N], Error> {
    let missing: Vec<&Family> = families.into_iter().filter(|family| existing(family).is_none()).collect();
    if !missing.is_empty() {
        build(&missing)?;
    }
    let mut directories = families.map(|_| PathBuf::new());
    for (directory, family) in directories.iter_mut().zip(families) {
        *directory = existing(family).ok_or_else(|| Error::Manifest {
            what: format!("e2e/testbed/{}", family.name),
            problem: format!("does not build {}", family.programs.join(", ")),
        })?;
    }
    Ok(directories)
}

fn existing(family: &Family) -> Option<PathBuf> {
    let assets = std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from);
    let path = std::env::var_os("PATH").filter(|_| family.installed_will_do).unwrap_or_default();
    assets
        .into_iter()
        .chain([cached(family)])
        .chain(std::env::split_paths(&path))
        .find(|directory| family.programs.iter().all(|program| directory.join(program).is_file()))
}

/// Where a build of this family goes: another go.mod, another go.sum and other code of ours give another directory.
pub(super) fn cached(family: &Family) -> PathBuf {
    let source = source_directory(family);
    let mut hash = Sha256::new();
    let code = family.programs.iter().map(|program| format!("{program}/main.go"));
    for file in ["go.mod".to_owned(), "go.sum".to_owned()].into_iter().chain(code) {
        hash.update(std::fs::read(source.join(file)).unwrap_or_default());
    }
    cache_directory().join("bin").join(format!("{}-{}", family.name, hexadecimal(&hash.finalize()[..8])))
}

/// Two digits a byte.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The folder with the family's go.mod.
pub(super) fn source_directory(family: &Family) -> PathBuf {
    testbed_directory().join(family.name)
}

/// `e2e/testbed` in the checkout this crate was built from.
pub(super) fn testbed_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed")
}

/// `$INSTRUMENTATION_HEALTH_CACHE`, else below the user's cache directory: outside the checkout, shared by all of them.
pub(super) fn cache_directory() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("INSTRUMENTATION_HEALTH_CACHE").unwrap_or_else(|| {
        variable("XDG_CACHE_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".cache")))
            .unwrap_or_else(std::env::temp_dir)
            .join("instrumentation-health")
    })
}
