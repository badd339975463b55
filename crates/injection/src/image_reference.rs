//! Which version does an image reference carry?
//!
//! `service.version` of an injected container is the tag or digest of its image
//! (`internal/instrumentation/sdk.go` `parseServiceVersionFromImage`, v0.158.0), as far as
//! `github.com/distribution/reference` can parse it. A reference that does not parse gives no version.

/// Longest repository name that parses (`reference.RepositoryNameTotalLengthMax`).
const LONGEST_NAME: usize = 255;

/// Tag, digest or `tag@digest` of an image reference; none where it has neither or does not parse.
pub(crate) fn version(image: &str) -> Option<String> {
    let (rest, digest) = match image.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (image, None),
    };
    let last_component = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[last_component..].find(':') {
        Some(colon) => {
            let colon = last_component + colon;
            (&rest[..colon], Some(&rest[colon + 1..]))
        }
        None => (rest, None),
    };
    let valid = is_name(name) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
    match (tag, digest) {
        _ if !valid => None,
        (Some(tag), Some(digest)) => Some(format!("{tag}@{digest}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

/// `[domain/]path`, where a first component that is no path component must be a domain.
fn is_name(name: &str) -> bool {
    let mut components = name.split('/');
    let first = components.next().unwrap_or_default();
    let rest_is_path = components.clone().all(is_path_component);
    let has_rest = components.next().is_some();
    let path_length = if has_rest && is_domain(first) { name.len() - first.len() - 1 } else { name.len() };
    rest_is_path
        && (is_path_component(first) || (has_rest && is_domain(first)))
        && path_length <= LONGEST_NAME
}

/// Lower-case letters and digits, joined by `.`, `_`, `__` or dashes.
fn is_path_component(component: &str) -> bool {
    let is_word = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bytes = component.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    is_word(*first)
        && is_word(*last)
        && bytes
            .split(|c| is_word(*c))
            .all(|joint| matches!(joint, b"" | b"." | b"_" | b"__") || joint.iter().all(|c| *c == b'-'))
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.rfind(':').filter(|_| !domain.ends_with(']')) {
        Some(colon) => (&domain[..colon], Some(&domain[colon + 1..])),
        None => (domain, None),
    };
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
            && bytes.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'-')
    };
    let is_ipv6 = |host: &str| {
        host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|address| {
            !address.is_empty() && address.bytes().all(|c| c.is_ascii_hexdigit() || c == b':')
        })
    };
    (host.split('.').all(is_label) || is_ipv6(host))
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()))
}

fn is_tag(tag: &str) -> bool {
    let is_word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|c| is_word(c) || c == b'.' || c == b'-')
}

/// `algorithm:hex`; the three algorithms that `go-digest` knows need their exact length.
fn is_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_digests_are_versions() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for (image, want) in [
            ("app:1.4.2", Some("1.4.2".to_owned())),
            ("registry.example.com:5000/shop/app:v1", Some("v1".to_owned())),
            ("registry.example.com:5000/shop/app", None),
            ("localhost:5000", Some("5000".to_owned())),
            (&format!("shop/app:1@{digest}"), Some(format!("1@{digest}"))),
            (&format!("shop/app@{digest}"), Some(digest.clone())),
            ("shop/app@sha256:abc", None),
            ("Shop/app:1", Some("1".to_owned())),
            ("Shop:1", None),
            ("shop/App:1", None),
            ("app:", None),
            ("", None),
            ("${IMAGE}", None),
            ("a__b/c--d:x", Some("x".to_owned())),
            ("a._b:x", None),
        ] {
            assert_eq!(version(image), want, "{image}");
        }
    }
}
