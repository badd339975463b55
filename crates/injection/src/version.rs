//! Which release of the operator is it, and which rules does it follow?

use std::fmt;

/// Version of an operator release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
    /// Patch.
    pub patch: u16,
}

impl Version {
    /// A version of the 0.x line.
    pub const fn zero(minor: u16, patch: u16) -> Self {
        Self { major: 0, minor, patch }
    }

    /// Reads `0.158.0`, `v0.158.0` or `0.158.0-rc.1`; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts = text.split('.').map(|part| part.parse::<u16>().ok());
        let version =
            Self { major: parts.next()??, minor: parts.next()??, patch: parts.next().unwrap_or(Some(0))? };
        parts.next().is_none().then_some(version)
    }

    /// Reads the tag of an operator image such as `ghcr.io/…/opentelemetry-operator:v0.158.0@sha256:…`.
    pub fn from_image(image: &str) -> Option<Self> {
        let name = image.split('@').next().unwrap_or_default();
        let last = name.rsplit('/').next().unwrap_or_default();
        last.split_once(':').and_then(|(_, tag)| Self::parse(tag))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_tags_give_versions() {
        for (image, want) in [
            (
                "ghcr.io/open-telemetry/opentelemetry-operator/opentelemetry-operator:0.158.0",
                Some(Version::zero(158, 0)),
            ),
            ("localhost:5000/operator:v0.114.1@sha256:abcd", Some(Version::zero(114, 1))),
            ("localhost:5000/operator", None),
            ("operator:latest", None),
        ] {
            assert_eq!(Version::from_image(image), want, "{image}");
        }
    }
}
