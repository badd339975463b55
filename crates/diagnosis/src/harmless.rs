//! How does text from the cluster get into a sentence, and into a command that people paste?
//!
//! Whoever may create a Pod or write an annotation chooses that text. It must not move a cursor, look like a line of its own, give
//! away a credential, or be run by the shell of whoever follows a remedy.

use std::borrow::Cow;

use facts::Credentials;

/// The text with what a terminal would obey instead of showing it: anybody who may annotate a Pod could else recolour, retitle or
/// rewrite the terminal of whoever looks, or turn the order of letters around.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let shown = |letter: char| {
        if is_obeyed(letter) { letter.escape_unicode().to_string() } else { letter.to_string() }
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Control characters, and those that change the direction of writing.
fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One harmless line without credentials.
pub(crate) fn line(text: &str) -> String {
    let joined = if text.contains(['\n', '\r', '\t']) {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    };
    Credentials::unnumbered().text(&harmless(&joined))
}

/// The value of a variable, as one harmless line without credentials.
pub(crate) fn variable(name: &str, value: &str) -> String {
    Credentials::unnumbered().variable(name, &line(value))
}

/// Whether a command does what it says when it is pasted: a line break or what a terminal obeys is lost or run on the way.
pub(crate) fn can_be_pasted(command: &str) -> bool {
    !command.contains(is_obeyed)
}

/// A word of a command, as a POSIX shell takes it.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// JSON as one word of a command. A quote in it can only stand in a string, where JSON has another way to write it; so has it for
/// what cannot be pasted.
pub fn json(value: &serde_json::Value) -> String {
    let text = value.to_string();
    let escaped = |letter: char| match letter {
        '\'' => r"\u0027".to_owned(),
        letter if is_obeyed(letter) => format!("\\u{:04x}", u32::from(letter)),
        letter => letter.to_string(),
    };
    format!("'{}'", text.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(harmless("a\u{1b}[2J b\u{202e}c\u{7}"), "a\\u{1b}[2J b\\u{202e}c\\u{7}");
        assert_eq!(line("a\n  b\tc"), "a b c");
    }

    #[test]
    fn credentials_are_not_told() {
        assert_eq!(line("sends to https://me:pw@backend:443."), "sends to https://redacted@backend:443.");
        assert_eq!(variable("OTEL_EXPORTER_OTLP_HEADERS", "api-key=abc"), "api-key=redacted");
        let of_a_snapshot = "sends to https://redacted-7@backend:443.";
        assert_eq!(line(of_a_snapshot), "sends to https://redacted@backend:443.");
    }

    #[test]
    fn words_survive_a_shell() {
        for (text, want) in [("a/b", "a/b"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'")] {
            assert_eq!(word(text), want);
        }
    }

    #[test]
    fn json_survives_a_shell_and_stays_json() {
        let value = json!({"a": "it's $(b)\u{1b}\u{202e}\u{9b}"});
        let word = json(&value);
        assert_eq!(word, r#"'{"a":"it\u0027s $(b)\u001b\u202e\u009b"}'"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(word.trim_matches('\'')).unwrap(), value);
    }
}
