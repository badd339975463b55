//! How does the program become a container image where there is no container engine?
//!
//! As `docker build` would make it: the last stage of `deploy/Dockerfile` says what is in the image and how it starts. The same
//! program gives the same image, byte for byte.

mod archive;
mod dockerfile;
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use archive::{File, Image};
use dockerfile::Stage;

/// How the image is made, and under which name.
#[derive(Debug, Args)]
pub struct ImageArguments {
    /// Folder with what the Dockerfile's build stage has made, as if it were its root
    #[arg(long)]
    built: PathBuf,
    /// Archive to write: for `docker load`, `podman load`, `kind load image-archive`, `crane push`
    #[arg(long)]
    out: PathBuf,
    /// Name and tag of the image
    #[arg(long, default_value = concat!("instrumentation-health:", env!("CARGO_PKG_VERSION")))]
    tag: String,
    /// A value for an ARG of the Dockerfile
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    build_args: Vec<String>,
    /// When the image was made, in seconds since 1970: that of the source, so that it does not change from build to build
    #[arg(long, env = "SOURCE_DATE_EPOCH", default_value_t = 0)]
    created: u64,
}

/// Makes the image; answers what to say about it.
pub fn make(root: &Path, arguments: &ImageArguments) -> anyhow::Result<String> {
    let name = "deploy/Dockerfile";
    let text = fs::read_to_string(root.join(name)).context(name)?;
    let stage = Stage::last_of(&text, &arguments.build_args).context(name)?;
    let mut files = Vec::new();
    for (source, target) in &stage.copied {
        let path = arguments.built.join(source.trim_start_matches('/'));
        let content = fs::read(&path).with_context(|| path.display().to_string())?;
        program::check(&content).with_context(|| path.display().to_string())?;
        files.push(File { path: target.trim_start_matches('/').to_owned(), content });
    }
    let image = Image::new(&files, &stage, arguments.created)?;
    image.write(&arguments.out, &arguments.tag).with_context(|| arguments.out.display().to_string())?;
    Ok(format!(
        "{}: {}, {:.1} MB unpacked, {:.1} MB to pull",
        arguments.tag,
        image.digest(),
        megabytes(files.iter().map(|file| file.content.len()).sum()),
        megabytes(image.layer_bytes()),
    ))
}

#[expect(clippy::cast_precision_loss, reason = "bytes far below 2^52")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
