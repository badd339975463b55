//! Which containers does a names list mean?
//!
//! `internal/instrumentation/helper.go` `isValidContainersAnnotation`, `findDuplicatedContainers`, v0.158.0.

/// The annotation that names containers for every language.
pub const CONTAINER_NAMES: &str = "instrumentation.opentelemetry.io/container-names";

/// Whether a list has only characters that the operator accepts: `^[a-zA-Z0-9-,]+$`, or nothing at all.
pub fn is_valid_list(list: &str) -> bool {
    list.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b',')
}

/// The names of a list. Nothing is trimmed; an empty list has no name, `,` has two empty ones.
pub fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(move |_| !list.is_empty())
}

/// The names of a list as releases up to 0.107 read them: blanks around a name do not count.
pub(crate) fn split_trimmed(list: &str) -> impl Iterator<Item = &str> {
    split(list).map(str::trim)
}

/// The names that stand more than once in a list, sorted. Empty names do not count.
pub(crate) fn duplicates<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut sorted: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    sorted.sort_unstable();
    let mut twice: Vec<&str> =
        sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    twice.dedup();
    twice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_dots_and_line_feeds_are_bad_characters() {
        for (list, want) in [
            ("app,web", true),
            (",", true),
            ("", true),
            ("app, web", false),
            ("a.b", false),
            ("app\n", false),
            ("ápp", false),
        ] {
            assert_eq!(is_valid_list(list), want, "{list:?}");
        }
    }

    #[test]
    fn names_are_cut_at_commas_only() {
        assert_eq!(split("").count(), 0);
        assert_eq!(split("a,,b").collect::<Vec<_>>(), ["a", "", "b"]);
        assert_eq!(duplicates(&["b", "a", "", "", "b", "b"]), ["b"]);
    }
}
