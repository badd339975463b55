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

/// A name of two parts with something between them, cut to what a label or the name of a volume may hold: the first part is
/// cut first, and what is no letter or digit goes at both ends (`internal/naming/triming.go` `Truncate`, v0.158.0).
pub(crate) fn truncate([first, between, second]: &[&str; 3]) -> String {
    const LONGEST: usize = 63;
    let mut excess = (first.len() + between.len() + second.len()).saturating_sub(LONGEST);
    let mut shorten = |part: &str| {
        let mut end = part.len().saturating_sub(excess);
        excess -= part.len() - end;
        // Kubernetes names are ASCII; anything else must not end in the middle of a character.
        while !part.is_char_boundary(end) {
            end -= 1;
        }
        part[..end].to_owned()
    };
    let name = format!("{}{between}{}", shorten(first), shorten(second));
    name.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_of_a_long_name_is_cut_first() {
        let sample = "otelcol-sample-with-a-name-that-is-longer-than-sixty-three-characters";
        for (parts, want) in [
            (["shop", ".", "collector"], "shop.collector".to_owned()),
            (["some-app", ".", sample], sample[..62].to_owned()),
            ([&"n".repeat(60), ".", "collector"], format!("{}.collector", "n".repeat(53))),
            (["", "otel-auto-secret-", &"s".repeat(50)], format!("otel-auto-secret-{}", "s".repeat(46))),
            (
                ["", "otel-auto-secret-", &format!("{}-{}", "s".repeat(45), "t".repeat(9))],
                format!("otel-auto-secret-{}", "s".repeat(45)),
            ),
        ] {
            assert_eq!(truncate(&parts), want, "{parts:?}");
        }
    }

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
