//! What a real engine makes of the Dockerfile's last stage: buildah, which needs no daemon.

use std::path::Path;
use std::process::Command;

use e2e::untested;
use jiff::Timestamp;

use crate::image::Image;
use crate::is_root;

/// The image that it makes of the same program, at the same time; none where there is no buildah.
pub fn build(image: &Image) -> Option<Image> {
    let what = "whether an engine makes the same image of deploy/Dockerfile";
    if !is_root() || Command::new("buildah").arg("--version").output().is_err() {
        untested(&format!("{what}: needs root and buildah; apt-get install buildah"));
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let built = folder.path().join("built/out");
    std::fs::create_dir_all(&built).unwrap();
    std::fs::copy(image.program(), built.join("instrumentation-health")).unwrap();
    let created: Timestamp = image.config()["created"].as_str().unwrap().parse().unwrap();
    let revision = &image.config()["config"]["Labels"]["org.opencontainers.image.revision"];
    let buildah = |arguments: &[&str]| {
        let mut command = Command::new("buildah");
        // A store of its own, and nothing that containers would need.
        command.args(["--storage-driver", "vfs"]);
        command
            .arg("--root")
            .arg(folder.path().join("store"))
            .arg("--runroot")
            .arg(folder.path().join("run"));
        let ran = command.args(arguments).output().unwrap();
        assert!(ran.status.success(), "buildah {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let dockerfile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/Dockerfile");
    let (context, archive) = (folder.path().join("built"), folder.path().join("image.tar"));
    let [dockerfile, context, archive] = [&dockerfile, &context, &archive].map(|path| path.to_str().unwrap());
    // What the build stage has made is there already.
    let (stage, time) = (format!("build={context}"), created.as_second().to_string());
    let revision = format!("REVISION={}", revision.as_str().unwrap());
    buildah(&[
        "build",
        "--isolation",
        "chroot",
        "--build-context",
        &stage,
        "--build-arg",
        &revision,
        "--timestamp",
        &time,
        "--file",
        dockerfile,
        "--tag",
        "image",
        context,
    ]);
    buildah(&["push", "image", &format!("oci-archive:{archive}")]);
    Some(Image::open(Path::new(archive)))
}
