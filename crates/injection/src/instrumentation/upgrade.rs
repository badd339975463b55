//! Is an agent image at a version that the operator will not raise by itself?
//!
//! `internal/version` `IsInstrumentationVersionUnupgradable`, v0.158.0: Java 2.0.0 and .NET 1.3.0 changed the names of HTTP
//! attributes, so an image below them is left alone where the operator's default is beyond them.

use facts::Language;

/// A version as `github.com/Masterminds/semver` reads it; a pre-release is below its release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    is_release: bool,
    pre_release: String,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, pre_release) = text.split_once('-').unwrap_or((text, ""));
        let mut read = [0; 3];
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.len() > read.len() {
            return None;
        }
        for (slot, part) in read.iter_mut().zip(parts) {
            *slot = part.bytes().all(|c| c.is_ascii_digit()).then(|| part.parse().ok()).flatten()?;
        }
        Some(Self { numbers: read, is_release: pre_release.is_empty(), pre_release: pre_release.to_owned() })
    }
}

/// Repository and tag; no tag where there is none.
fn split(image: &str) -> (&str, &str) {
    let name_start = image.rfind('/').map_or(0, |slash| slash + 1);
    match image.rfind(':').filter(|colon| *colon >= name_start) {
        Some(colon) => (&image[..colon], &image[colon + 1..]),
        None => (image, ""),
    }
}

/// The warning about an image that will not be raised.
pub(super) fn warning(object: &str, language: Language, image: &str, default: &str) -> Option<String> {
    let (limit, name) = match language {
        Language::Java => ("2.0.0", "Java"),
        Language::DotNet => ("1.3.0", ".NET"),
        _ => return None,
    };
    let ((repository, tag), (default_repository, default_tag)) = (split(image), split(default));
    if image.is_empty() || repository != default_repository {
        return None;
    }
    let is_blocked = match (Version::parse(tag), Version::parse(default_tag), Version::parse(limit)) {
        (Some(version), Some(default), Some(limit)) => version < limit && default >= limit,
        // What is no version is compared as text.
        _ => tag == limit,
    };
    is_blocked.then(|| {
        format!(
            "Instrumentation {object}: {language} image {image} is at a version that cannot be automatically upgraded. {name} \
             instrumentation {limit} contains breaking HTTP semantic convention changes. See \
             https://opentelemetry.io/blog/2023/http-conventions-declared-stable/ for a general description of the changes. To \
             upgrade, manually set the image on this Instrumentation resource to {limit} or higher."
        )
    })
}
