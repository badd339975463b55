//! Which runtime does an application image hold?
//!
//! A guess by the names and tags of the official images; the image's contents cannot be seen. An image of the application's
//! own says nothing about its runtime, except where its tag names the distribution.

use facts::Language;
use injection::Version;

use super::super::protocol::tag_version;

/// The last part of an image's repository, without tag and digest.
pub(super) fn repository(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default();
    name.rsplit('/').next().unwrap_or_default().split(':').next().unwrap_or_default()
}

/// The version of the language's runtime in an official image.
pub(super) fn version(language: Language, image: &str) -> Option<Version> {
    let name = repository(image);
    let official: &[&str] = match language {
        Language::Python => &["python"],
        Language::NodeJs => &["node"],
        Language::Java => &["openjdk", "eclipse-temurin", "amazoncorretto", "java"],
        Language::DotNet => &["aspnet", "runtime", "sdk", "dotnet"],
        _ => &[],
    };
    official.contains(&name).then(|| tag_version(image)).flatten()
}

/// Whether an image is built on musl, by its name or tag.
pub(super) fn is_musl(image: &str) -> bool {
    let last = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let lower = last.to_ascii_lowercase();
    // `alpine3.20` and `alpine-python`, but not `alpinequest`.
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| matches!(word, "alpine" | "musl"))
}

/// Whether an image is built on glibc, by its tag.
pub(super) fn is_glibc(image: &str) -> bool {
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
    [
        "slim",
        "bookworm",
        "bullseye",
        "trixie",
        "buster",
        "jammy",
        "noble",
        "focal",
        "debian",
        "ubuntu",
        "ubi",
        "azurelinux",
    ]
    .iter()
    .any(|word| tag.to_ascii_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpine_is_a_word_of_the_name_or_tag() {
        for (image, want) in [
            ("python:3.12-alpine", true),
            ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine3.20-amd64", true),
            ("registry.example.com:5000/base/alpine_python:3.12", true),
            ("registry.example.com/shop/checkout:1.0-musl@sha256:0123", true),
            ("registry.example.com/shop/alpinequest:1.2", false),
            ("registry.example.com/alpine/checkout:1.2", false),
        ] {
            assert_eq!(is_musl(image), want, "{image}");
        }
    }
}
