//! How does an Event read?

use api::{Finding, InstrumentationHealthStatus};

/// Most bytes that `events.k8s.io/v1` takes in a note.
const MAX_NOTE: usize = 1024;

/// What is wrong, and what mends it.
pub fn broken(finding: &Finding) -> String {
    format!("{} {}", finding.message, finding.remedy)
}

/// What it was, and what is now.
pub fn recovered(from: &str, status: &InstrumentationHealthStatus) -> String {
    let healthy = status.conditions.iter().find(|condition| condition.type_ == "Healthy");
    format!("Recovered from {from}. {}", healthy.map_or("", |healthy| &healthy.message))
}

/// As one line that the API server takes.
pub fn one_line(note: &str) -> String {
    let line = note.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&line, MAX_NOTE).to_owned()
}

/// At most so many bytes, cut between characters.
pub fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_one_line_that_fits() {
        assert_eq!(one_line("a\n  b\t c "), "a b c");
        let long = one_line(&"ü".repeat(1000));
        assert_eq!((long.len(), long.chars().count()), (1024, 512));
        assert_eq!(one_line(&format!("x{}", "ü".repeat(600))).len(), 1023, "never within a character");
    }
}
