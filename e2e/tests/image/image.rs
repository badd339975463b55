//! An image, unpacked.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::untested;
use serde_json::Value;
use tempfile::TempDir;

use crate::is_root;

/// Who it runs as.
const USER: &str = "65532:65532";

/// An archive in the layout of the Open Container Initiative, with one layer.
pub struct Image {
    archive: PathBuf,
    folder: TempDir,
    digest: String,
    layer: PathBuf,
    config: Value,
}

impl Image {
    /// The one that this run of the tests is about.
    pub fn of_this_run() -> Option<Self> {
        let archive = std::env::var_os("IMAGE").filter(|path| !path.is_empty());
        if archive.is_none() {
            untested("the container image: IMAGE names none; make image");
        }
        Some(Self::open(Path::new(&archive?)))
    }

    /// Unpacks one.
    pub fn open(archive: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [layout, root] = ["layout", "root"].map(|name| folder.path().join(name));
        unpack(archive, &layout);
        let read = |path: PathBuf| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
        let blob = |described: &Value| {
            let digest = described["digest"].as_str().unwrap();
            layout.join("blobs").join(digest.replace(':', "/"))
        };
        let named = read(layout.join("index.json"))["manifests"][0].clone();
        let manifest = read(blob(&named));
        assert_eq!(manifest["layers"].as_array().unwrap().len(), 1);
        let layer = blob(&manifest["layers"][0]);
        unpack(&layer, &root);
        let digest = named["digest"].as_str().unwrap().to_owned();
        let config = read(blob(&manifest["config"]));
        Self { archive: archive.to_owned(), folder, digest, layer, config }
    }

    /// Its archive.
    pub fn archive(&self) -> &Path {
        &self.archive
    }

    /// The archive, unpacked.
    pub fn layout(&self) -> PathBuf {
        self.folder.path().join("layout")
    }

    /// The root file system.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    /// The program in it.
    pub fn program(&self) -> PathBuf {
        self.root().join("instrumentation-health")
    }

    /// Its only layer, compressed.
    pub fn layer(&self) -> &Path {
        &self.layer
    }

    /// Of its manifest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its configuration.
    pub fn config(&self) -> &Value {
        &self.config
    }

    /// Owners, modes, times and names of what is in the layer.
    pub fn listing(&self) -> String {
        let listing =
            Command::new("tar").args(["--numeric-owner", "--full-time", "-tvzf"]).arg(&self.layer).output();
        String::from_utf8(listing.unwrap().stdout).unwrap()
    }

    /// Runs its program with these files mounted, of which `kubeconfig` is used; answers exit code and output. Where this is root, in its root
    /// file system and as its user.
    pub fn run(&self, arguments: &[&str], mounted: &[(&str, &str)]) -> (i32, String) {
        let pod = tempfile::tempdir().unwrap();
        fs::copy(self.program(), pod.path().join("instrumentation-health")).unwrap();
        for (path, content) in mounted {
            let path = pod.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let mut command = if is_root() {
            devices(pod.path());
            let mut command = Command::new("chroot");
            command.arg("--userspec").arg(USER).arg(pod.path()).arg("/instrumentation-health");
            command.env("KUBECONFIG", "/kubeconfig");
            command
        } else {
            untested("the program in an empty root file system: only root may change it");
            let mut command = Command::new(pod.path().join("instrumentation-health"));
            command.env("KUBECONFIG", pod.path().join("kubeconfig"));
            command
        };
        let ran = command.args(arguments).env_remove("KUBERNETES_SERVICE_HOST").output().unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        (ran.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
    }
}

fn unpack(archive: &Path, folder: &Path) {
    fs::create_dir(folder).unwrap();
    let arguments = [OsStr::new("-xf"), archive.as_os_str(), OsStr::new("-C"), folder.as_os_str()];
    assert!(Command::new("tar").args(arguments).status().unwrap().success(), "{}", archive.display());
}

/// What a container runtime puts into every root file system, and lets everybody use: the static C library has a file for randomness.
fn devices(root: &Path) {
    fs::create_dir_all(root.join("dev")).unwrap();
    for (name, minor) in [("dev/random", "8"), ("dev/urandom", "9")] {
        let made = Command::new("mknod").arg(root.join(name)).args(["c", "1", minor]).status().unwrap();
        assert!(made.success());
    }
    // `tempfile` makes folders that only their owner may enter.
    assert!(Command::new("chmod").args(["-R", "a+rX"]).arg(root).status().unwrap().success());
}
