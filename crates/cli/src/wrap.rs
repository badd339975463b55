//! How does a sentence fit into 80 columns, and how is a terminal kept from obeying what the cluster says?

use diagnosis::harmless;

/// Columns of the output. Not those of the terminal: output is pasted into tickets and chats.
pub const COLUMNS: usize = 80;

/// Breaks `text` at blanks into lines of at most [`COLUMNS`], the first after `first`, the others after `rest`. A word that is
/// longer stands alone: names and paths are not cut. `text` may come from the cluster and is made [`harmless`].
pub fn wrap(first: &str, rest: &str, text: &str) -> String {
    // Blanks part words, whichever they are; none of them is left for `harmless` to show.
    let words: Vec<&str> = text.split_whitespace().collect();
    wrap_painted(first, rest, &harmless(&words.join(" ")))
}

/// The same of a text of our own, which may have colours in it.
pub fn wrap_painted(first: &str, rest: &str, text: &str) -> String {
    let mut lines = String::from(first);
    let mut column = visible(first);
    let mut has_text = !first.trim().is_empty();
    let mut gap = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if has_text && column + gap + width > COLUMNS {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            lines.push_str(rest);
            (column, gap) = (visible(rest), 0);
        }
        lines.extend(std::iter::repeat_n(' ', gap));
        lines.push_str(word);
        column += gap + width;
        (has_text, gap) = (true, 1);
    }
    lines.push('\n');
    lines
}

/// Columns that a text takes; colours take none.
fn visible(text: &str) -> usize {
    let mut pieces = text.split('\u{1b}');
    let plain = pieces.next().unwrap_or_default().chars().count();
    plain
        + pieces.map(|piece| piece.split_once('m').map_or(0, |(_, rest)| rest.chars().count())).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks_and_hang() {
        let text = wrap("  Fix: ", "    ", &"word ".repeat(20));
        for line in text.lines() {
            assert!(line.len() <= COLUMNS, "{line}");
        }
        assert!(text.starts_with("  Fix: word word"));
        assert_eq!(text.lines().nth(1).map(|line| line.starts_with("    word")), Some(true));
    }

    #[test]
    fn colours_take_no_columns() {
        assert_eq!(visible("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m "), 7);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let text = wrap("", "", "a\u{1b}[2J b\u{202e}c\u{7}\td");
        assert_eq!(text, "a\\u{1b}[2J b\\u{202e}c\\u{7} d\n");
    }

    #[test]
    fn a_long_word_is_not_cut() {
        let long = "a".repeat(100);
        assert_eq!(wrap("- ", "  ", &format!("see {long} there")), format!("- see\n  {long}\n  there\n"));
    }
}
