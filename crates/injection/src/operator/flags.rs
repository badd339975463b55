//! How does Go read command lines and booleans?

use std::sync::Arc;

/// Go's `strconv.ParseBool`.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// A flag of a command line, as `github.com/spf13/pflag` sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flag<'a> {
    /// Name, without dashes.
    pub(super) name: &'a str,
    /// What follows a `=`.
    inline: Option<&'a str>,
    /// The next argument.
    next: Option<&'a str>,
}

impl<'a> Flag<'a> {
    /// The value of a flag that has one: after a `=`, else the next argument, whatever that is.
    pub(super) fn text(self) -> &'a str {
        self.inline.or(self.next).unwrap_or_default()
    }

    /// The value of a switch: a bare one is on, and `--switch false` is bare too.
    pub(super) fn is_on(self) -> bool {
        self.inline.and_then(parse_bool).unwrap_or(true)
    }
}

/// The flags of a command line; those with one dash are others, and `--` ends them.
pub(super) fn all(args: &[Arc<str>]) -> impl Iterator<Item = Flag<'_>> {
    let until = args.iter().position(|arg| &**arg == "--").unwrap_or(args.len());
    args[..until].iter().enumerate().filter_map(|(i, arg)| {
        let flag = arg.strip_prefix("--")?;
        let (name, inline) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        Some(Flag { name, inline, next: args.get(i + 1).map(|next| &**next) })
    })
}

/// The last value of a flag; an empty one where it stands alone.
pub(super) fn value<'a>(args: &'a [Arc<str>], name: &str) -> Option<&'a str> {
    all(args).filter(|flag| flag.name == name).last().map(Flag::text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_takes_no_value_from_the_next_argument() {
        let args = |text: &str| text.split(' ').map(Arc::from).collect::<Vec<Arc<str>>>();
        let is_on = |text: &str| all(&args(text)).find(|flag| flag.name == "x").map(Flag::is_on);
        assert_eq!(is_on("--x"), Some(true));
        assert_eq!(is_on("--x=false"), Some(false));
        assert_eq!(is_on("--x false"), Some(true));
        assert_eq!(is_on("-x=false"), None);
        assert_eq!(is_on("-- --x=false"), None);
        assert_eq!(value(&args("--config-file a --config-file=b"), "config-file"), Some("b"));
        assert_eq!(value(&args("--config-file a"), "config-file"), Some("a"));
    }
}
