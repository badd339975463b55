//! How does Go write and read text where its way shows?

use std::fmt::Write;

/// Go's `strconv.Quote`, the verb `%q`.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if is_printable(c) => quoted.push(c),
            c => {
                let code = u32::from(c);
                let written = match code {
                    0..=0x1f | 0x7f => write!(quoted, "\\x{code:02x}"),
                    0..=0xffff => write!(quoted, "\\u{code:04x}"),
                    _ => write!(quoted, "\\U{code:08x}"),
                };
                debug_assert!(written.is_ok(), "writing to a String cannot fail");
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Go's `unicode.IsPrint`. Rust leaves the same characters alone when it escapes a text; the letter before keeps a
/// combining mark from being escaped for standing first.
fn is_printable(c: char) -> bool {
    let text = String::from_iter(['a', c]);
    c == '\'' || text.escape_debug().eq(text.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_as_go_does_it() {
        for (text, want) in [
            ("inst", r#""inst""#),
            ("a\nb", r#""a\nb""#),
            ("a\"b\\", r#""a\"b\\""#),
            ("á'\u{301}", "\"á'\u{301}\""),
            ("\u{a0}\u{7f}\u{200b}", r#""\u00a0\x7f\u200b""#),
        ] {
            assert_eq!(quote(text), want);
        }
    }
}
