//! What does an annotation say once the Namespace has been heard?
//!
//! `internal/instrumentation/annotation.go` `annotationValue` and `podmutator.go` `getInstrumentationInstance`, v0.158.0.

use facts::StringMap;

/// The value in effect: the Pod's, or the Namespace's where the Pod says nothing or merely `true`.
pub fn effective_value<'a>(namespace: &'a StringMap, pod: &'a StringMap, key: &str) -> &'a str {
    let from_pod = pod.get(key).unwrap_or_default();
    let from_namespace = namespace.get(key).unwrap_or_default();
    if from_namespace.is_empty() {
        return from_pod;
    }
    if from_pod.is_empty() {
        return from_namespace;
    }
    if !is_true(from_pod) || is_false(from_namespace) {
        return from_pod;
    }
    from_namespace
}

/// What a value of an `inject-*` annotation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Empty or `false`: nothing.
    Nothing,
    /// `true`: the only Instrumentation of the Pod's namespace.
    Default,
    /// A name, in a namespace of its own if one is given before the first `/`.
    Named {
        /// Namespace given.
        namespace: Option<&'a str>,
        /// Name.
        name: &'a str,
    },
}

impl<'a> Request<'a> {
    /// Reads a value in effect. Nothing is trimmed: `" true"` is a name.
    pub fn parse(value: &'a str) -> Self {
        if value.is_empty() || is_false(value) {
            Self::Nothing
        } else if is_true(value) {
            Self::Default
        } else {
            match value.split_once('/') {
                Some((namespace, name)) => Self::Named { namespace: Some(namespace), name },
                None => Self::Named { namespace: None, name: value },
            }
        }
    }
}

/// Go's `strings.EqualFold(value, "true")`.
pub fn is_true(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}

/// Go's `strings.EqualFold(value, "false")`: by Unicode folding, so a long s is an s.
pub fn is_false(value: &str) -> bool {
    const LONG_S: &str = "\u{17f}";
    value.eq_ignore_ascii_case("false")
        || (value.contains(LONG_S) && value.replace(LONG_S, "s").eq_ignore_ascii_case("false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pod_wins_unless_it_merely_says_true() {
        let map = |value: &str| [("k", value)].into_iter().collect::<StringMap>();
        for (namespace, pod, want) in [
            ("", "x", "x"),
            ("inst", "", "inst"),
            ("inst", "other", "other"),
            ("inst", "false", "false"),
            ("false", "True", "True"),
            ("true", "TRUE", "true"),
            ("inst", "true", "inst"),
        ] {
            assert_eq!(
                effective_value(&map(namespace), &map(pod), "k"),
                want,
                "namespace {namespace:?}, pod {pod:?}"
            );
        }
    }

    #[test]
    fn values_are_folded_but_not_trimmed() {
        assert_eq!(Request::parse("fal\u{17f}e"), Request::Nothing);
        assert_eq!(Request::parse("tRUE"), Request::Default);
        assert_eq!(Request::parse(" true"), Request::Named { namespace: None, name: " true" });
        assert_eq!(Request::parse("a/b/c"), Request::Named { namespace: Some("a"), name: "b/c" });
    }
}
