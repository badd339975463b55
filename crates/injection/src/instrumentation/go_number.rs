//! Which texts are numbers for Go?
//!
//! `strconv.ParseFloat` and `strconv.Atoi`, Go 1.26.

/// Go's `strconv.ParseFloat(text, 64)`; none for an error, a number out of range included.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = rest.to_ascii_lowercase();
    let number = match lower.as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" if rest.len() == text.len() => f64::NAN,
        _ => {
            if !underscores_separate_digits(&lower) {
                return None;
            }
            let digits = lower.replace('_', "");
            let number = match digits.strip_prefix("0x") {
                Some(hex) => parse_hex(hex)?,
                None => parse_decimal(&digits)?,
            };
            if number.is_infinite() {
                return None;
            }
            number
        }
    };
    Some(if negative { -number } else { number })
}

/// Rust's own reading, after what it takes beyond Go is ruled out.
fn parse_decimal(text: &str) -> Option<f64> {
    let is_number = text.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'+' | b'-'));
    let starts_well = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    (is_number && starts_well).then(|| text.parse().ok()).flatten()
}

/// `1.8p-3`: the exponent must be there.
fn parse_hex(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    Some(value * 2_f64.powi(exponent - 4 * i32::try_from(fraction.len()).ok()?))
}

/// Go's `underscoreOK`: only between digits, or after the prefix.
fn underscores_separate_digits(text: &str) -> bool {
    let is_hex = text.starts_with("0x");
    let is_digit = |c: u8| c.is_ascii_digit() || (is_hex && c.is_ascii_hexdigit());
    let bytes = text.as_bytes();
    let start = if is_hex { 2 } else { 0 };
    (start..bytes.len()).filter(|at| bytes[*at] == b'_').all(|at| {
        let after_prefix = is_hex && at == 2;
        let follows = at > 0 && (after_prefix || is_digit(bytes[at - 1]));
        follows && bytes.get(at + 1).is_some_and(|c| is_digit(*c))
    })
}

/// Go's `strconv.Atoi`.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_takes_more_and_less_than_one_would_think() {
        for (text, want) in [
            ("0.25", Some(0.25)),
            ("-0", Some(0.0)),
            ("1e-3", Some(0.001)),
            ("0x1p-2", Some(0.25)),
            ("0_1", Some(1.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("Inf", Some(f64::INFINITY)),
            ("1e400", None),
            (" 0.5", None),
            ("0,5", None),
            ("50%", None),
            ("_1", None),
            ("1__0", None),
            ("0x1", None),
            ("", None),
            ("-nan", None),
            ("1f", None),
        ] {
            assert_eq!(parse_float(text), want, "{text}");
        }
        assert!(parse_float("NaN").is_some_and(f64::is_nan));
        assert_eq!(parse_int("99999999999999999999"), None);
        assert_eq!(parse_int("-5"), Some(-5));
    }
}
