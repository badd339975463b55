//! Is an agent image at a version that the operator will not raise by itself?
//!
//! `internal/version` `IsInstrumentationVersionUnupgradable`, v0.158.0: Java 2.0.0 and .NET 1.3.0 changed the names of HTTP
//! attributes, so an image below them is left alone where the operator's default is beyond them.

use facts::Language;

/// A version as `github.com/Masterminds/semver` reads it: minor and patch may be missing, a pre-release is below its release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    is_release: bool,
    pre_release: Vec<Identifier>,
}

/// A part of a pre-release; numbers are below words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (numbers, pre_release) =
            text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
        if !build.is_none_or(|build| build.split('.').all(is_identifier)) {
            return None;
        }
        let mut read = [0; 3];
        let parts: Vec<&str> = numbers.split('.').collect();
        if parts.len() > read.len() {
            return None;
        }
        for (slot, part) in read.iter_mut().zip(parts) {
            *slot = part.bytes().all(|c| c.is_ascii_digit()).then(|| part.parse().ok()).flatten()?;
        }
        let parts = pre_release.map(|pre| pre.split('.').map(Identifier::parse).collect::<Option<Vec<_>>>());
        let pre_release = match parts {
            Some(parts) => parts?,
            None => Vec::new(),
        };
        Some(Self { numbers: read, is_release: pre_release.is_empty(), pre_release })
    }
}

impl Identifier {
    /// A number must not begin with a zero.
    fn parse(text: &str) -> Option<Self> {
        if !is_identifier(text) {
            return None;
        }
        if !text.bytes().all(|c| c.is_ascii_digit()) {
            return Some(Self::Word(text.to_owned()));
        }
        (text == "0" || !text.starts_with('0')).then(|| text.parse().ok().map(Self::Number)).flatten()
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_the_library_does() {
        let version = |text| Version::parse(text).unwrap();
        for (lower, higher) in [
            ("1.33.6", "2"),
            ("2.0.0-rc1", "2.0.0"),
            ("2.0.0-rc.2", "2.0.0-rc.10"),
            ("v1.2", "1.3.0"),
            ("1-1", "1-a"),
        ] {
            assert!(version(lower) < version(higher), "{lower} < {higher}");
        }
        for text in ["", "latest", "1.2.3.4", "1.2.3-01", "1.2.3-a_b", "1+", "1."] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
