//! What does an image consist of, as the Open Container Initiative specifies it?
//!
//! A layer (a compressed archive of files), a configuration, a manifest that names both by their digests, and an index that names
//! the manifest. `manifest.json` beside them is what `docker load` and `kind load` read.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::{Compression, GzBuilder};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tar::{Builder, Header};

use super::dockerfile::Stage;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A program in the image.
pub struct File {
    /// Where, without the first slash.
    pub path: String,
    /// What.
    pub content: Vec<u8>,
}

/// Bytes that are known by their digest.
struct Blob {
    media_type: &'static str,
    content: Vec<u8>,
}

impl Blob {
    fn json(media_type: &'static str, content: &Value) -> Self {
        Self { media_type, content: content.to_string().into_bytes() }
    }

    /// Two digits a byte.
    fn hash(&self) -> String {
        hash(&self.content)
    }

    fn path(&self) -> String {
        format!("blobs/sha256/{}", self.hash())
    }

    fn descriptor(&self) -> Value {
        json!({
            "mediaType": self.media_type,
            "digest": format!("sha256:{}", self.hash()),
            "size": self.content.len(),
        })
    }
}

/// An image of one layer.
pub struct Image {
    layer: Blob,
    config: Blob,
    manifest: Blob,
}

impl Image {
    /// With these files, for the machine that this runs on; `created` in seconds since 1970.
    pub fn new(files: &[File], stage: &Stage, created: u64) -> anyhow::Result<Self> {
        let mut archive = Builder::new(Vec::new());
        for file in files {
            append(&mut archive, &file.path, &file.content, 0o755, created)?;
        }
        let archive = archive.into_inner()?;
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        packed.write_all(&archive)?;
        let layer = Blob { media_type: LAYER, content: packed.finish()? };
        let time = Timestamp::from_second(i64::try_from(created)?).context("SOURCE_DATE_EPOCH")?.to_string();
        let config = json!({
            "created": time,
            "architecture": architecture(std::env::consts::ARCH),
            "os": "linux",
            "config": {
                "User": stage.user,
                // What engines set where the Dockerfile does not.
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                "Entrypoint": stage.entrypoint,
                "Cmd": stage.command,
                "WorkingDir": "/",
                "Labels": stage.labels,
            },
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", hash(&archive))]},
            "history": [{"created": time, "created_by": "the last stage of deploy/Dockerfile"}],
        });
        let config = Blob::json(CONFIG, &config);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": [layer.descriptor()],
            "annotations": stage.labels,
        });
        Ok(Self { layer, config, manifest: Blob::json(MANIFEST, &manifest) })
    }

    /// Of the manifest: what the image is known by in a registry.
    pub fn digest(&self) -> String {
        format!("sha256:{}", self.manifest.hash())
    }

    /// How much is pulled.
    pub fn layer_bytes(&self) -> usize {
        self.layer.content.len()
    }

    /// Writes it under this name, in the layout of the Open Container Initiative and in Docker's.
    pub fn write(&self, path: &Path, tag: &str) -> anyhow::Result<()> {
        let mut named = self.manifest.descriptor();
        let version = tag.rsplit(':').next().unwrap_or(tag);
        named["annotations"] =
            json!({"io.containerd.image.name": full_name(tag), "org.opencontainers.image.ref.name": version});
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [named],
        });
        let docker =
            json!([{"Config": self.config.path(), "RepoTags": [tag], "Layers": [self.layer.path()]}]);
        let mut archive = Builder::new(fs::File::create(path)?);
        for (name, content) in [
            ("oci-layout", json!({"imageLayoutVersion": "1.0.0"}).to_string()),
            ("index.json", index.to_string()),
            ("manifest.json", docker.to_string()),
        ] {
            append(&mut archive, name, content.as_bytes(), 0o644, 0)?;
        }
        for blob in [&self.config, &self.manifest, &self.layer] {
            append(&mut archive, &blob.path(), &blob.content, 0o644, 0)?;
        }
        archive.into_inner()?.sync_all()?;
        Ok(())
    }
}

fn append(
    archive: &mut Builder<impl std::io::Write>,
    path: &str,
    content: &[u8],
    mode: u32,
    time: u64,
) -> std::io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(mode);
    header.set_mtime(time);
    archive.append_data(&mut header, path, content)
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// As Go calls it.
fn architecture(rust: &str) -> &str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The name under which containerd keeps an image that was named without a registry.
fn full_name(tag: &str) -> String {
    match tag.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => tag.to_owned(),
        Some(_) => format!("docker.io/{tag}"),
        None => format!("docker.io/library/{tag}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_program_gives_the_same_image() {
        let stage = Stage { user: "1:1".into(), ..Stage::default() };
        let image = |content: &str, created| {
            let file = File { path: "a".into(), content: content.into() };
            Image::new(&[file], &stage, created).unwrap().digest()
        };
        assert_eq!(image("x", 5), image("x", 5));
        assert_ne!(image("x", 5), image("y", 5));
        assert_ne!(image("x", 5), image("x", 6));
    }

    #[test]
    fn an_image_without_a_registry_is_docker_s() {
        for (tag, want) in [
            ("a:1", "docker.io/library/a:1"),
            ("b/a:1", "docker.io/b/a:1"),
            ("registry.example.com/a:1", "registry.example.com/a:1"),
            ("localhost:5000/a:1", "localhost:5000/a:1"),
        ] {
            assert_eq!(full_name(tag), want);
        }
    }
}
