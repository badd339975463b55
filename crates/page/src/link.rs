//! Where do links lead, and how do they look?

use api::Standing;
use diagnosis::known::named;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What need not be encoded in a segment of a path (RFC 3986, unreserved).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The page of a workload.
pub fn workload(namespace: &str, kind: &str, name: &str) -> String {
    let [namespace, kind, name] = [namespace, kind, name].map(|part| utf8_percent_encode(part, SEGMENT));
    format!("/{namespace}/{kind}/{name}")
}

/// A reason, as a link to its page where it has one: a newer controller may have written one that is not known here.
pub fn cause(reason: &str) -> Markup {
    html! {
        @if let Some(cause) = named(reason) {
            a href={ "/causes/" (cause.reason) } { (breakable(cause.reason)) }
        } @else {
            (breakable(reason))
        }
    }
}

/// A name in camel case, with places where a narrow screen may break it.
pub fn breakable(name: &str) -> Markup {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
        before = letter;
    }
    html! { @for (place, part) in parts.iter().enumerate() { @if place > 0 { wbr; } (part) } }
}

/// How a workload stands, as a sign and a word.
pub fn standing(standing: Standing) -> Markup {
    html! {
        span class={ "standing " (class(standing)) } {
            span aria-hidden="true" { (standing.sign()) " " }
            (standing.as_str())
        }
    }
}

/// The class of a standing in the style sheet.
pub const fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Failing => "failing",
        Standing::Uncertain | Standing::NotJudged => "uncertain",
        Standing::Starting => "starting",
        Standing::Healthy => "healthy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_the_cluster_stay_names() {
        assert_eq!(workload("shop", "rollout.argoproj.io", "web"), "/shop/rollout.argoproj.io/web");
        assert_eq!(workload("a", "b", "../\"?<x>"), "/a/b/..%2F%22%3F%3Cx%3E");
        assert_eq!(cause("<script>").into_string(), "&lt;script&gt;");
        assert_eq!(
            cause("AgentImagePullFailed").into_string(),
            r#"<a href="/causes/AgentImagePullFailed">Agent<wbr>Image<wbr>Pull<wbr>Failed</a>"#
        );
    }
}
