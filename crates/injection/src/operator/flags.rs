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

/// Flags with their values: `--name=value`, `--name value` or a bare `--name`. A value that stands alone is taken for
/// the flag before it, which is harmless for switches: those never have one.
pub(super) fn all(args: &[Arc<str>]) -> impl Iterator<Item = (&str, Option<&str>)> {
    args.iter().enumerate().filter_map(|(i, arg)| {
        let flag = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'))?;
        match flag.split_once('=') {
            Some((name, value)) => Some((name, Some(value))),
            None => Some((flag, args.get(i + 1).map(|next| &**next).filter(|next| !next.starts_with('-')))),
        }
    })
}

/// The last value of a flag; an empty one where it stands alone.
pub(super) fn value<'a>(args: &'a [Arc<str>], name: &str) -> Option<&'a str> {
    all(args).filter(|(flag, _)| *flag == name).last().map(|(_, value)| value.unwrap_or_default())
}
