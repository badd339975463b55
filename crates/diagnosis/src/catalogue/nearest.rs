//! Which known name was most likely meant?

/// Similarity from which a name counts as a slip of another: one letter in five wrong, or two swapped.
const SIMILAR: f64 = 0.75;

/// The known name that is most like a given one, if any is like enough. Case and blanks at the ends do not count.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.trim().to_lowercase();
    let scored = known.into_iter().map(|known| (strsim::normalized_damerau_levenshtein(&name, known), known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score >= SIMILAR).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["my-instrumentation", "default", "nodejs", "python"];
        for (name, want) in [
            ("my-instrumentaton", Some("my-instrumentation")),
            ("Default", Some("default")),
            ("pyhton", Some("python")),
            ("payments", None),
        ] {
            assert_eq!(nearest(name, known), want, "{name}");
        }
    }
}
