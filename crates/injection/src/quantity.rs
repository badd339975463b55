//! How does Kubernetes write `1024Mi`?
//!
//! Quantities are compared and added exactly, and written in their canonical form: `1Gi`
//! (`k8s.io/apimachinery/pkg/api/resource/quantity.go`).

use std::fmt;

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `Ki`, `Mi` …
    Binary,
    /// `m`, `k`, `M` …
    Decimal,
    /// `e3`
    Exponent,
}

/// An amount of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// In billionths.
    nano: i128,
    format: Format,
}

const ONE: i128 = 1_000_000_000;
const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
/// The largest amount; more is cut to it (`2^63 - 1`).
const LARGEST: i128 = (i64::MAX as i128) * ONE;

impl Quantity {
    /// No amount, in the decimal form.
    pub const ZERO: Self = Self { nano: 0, format: Format::Decimal };

    /// Reads a quantity; none where the API server would refuse it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, rest) = match text.as_bytes().first()? {
            b'-' => (-1, &text[1..]),
            b'+' => (1, &text[1..]),
            _ => (1, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (format, multiplier, power) = read_suffix(suffix)?;
        let digits = format!("{whole}{fraction}");
        // More digits than these are beyond every amount that can be kept.
        let mantissa: i128 = digits
            .trim_start_matches('0')
            .get(..30.min(digits.trim_start_matches('0').len()))?
            .parse()
            .unwrap_or(0);
        let scale = power + 9 - i32::try_from(fraction.len()).ok()?;
        let scaled = mantissa.checked_mul(multiplier).unwrap_or(LARGEST);
        let nano = if scale >= 0 {
            10_i128
                .checked_pow(u32::try_from(scale).ok()?)
                .and_then(|factor| scaled.checked_mul(factor))
                .unwrap_or(LARGEST)
        } else {
            let divisor = 10_i128.checked_pow(scale.unsigned_abs()).unwrap_or(i128::MAX);
            // What is smaller than a billionth is rounded up.
            scaled.div_euclid(divisor) + i128::from(scaled.rem_euclid(divisor) != 0)
        };
        Some(Self { nano: sign * nano.min(LARGEST), format })
    }

    /// Reads a quantity from JSON: a text or a number.
    pub fn from_json(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::String(text) => Self::parse(text),
            serde_json::Value::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    /// The sum, in the form of the first that is not zero.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let format = if self.nano == 0 { other.format } else { self.format };
        Self { nano: self.nano + other.nano, format }
    }

    /// The larger one.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.nano > self.nano { other } else { self }
    }

    /// Whether it is more than another.
    pub fn exceeds(self, other: Self) -> bool {
        self.nano > other.nano
    }
}

/// Form, binary multiplier and decimal power of a suffix.
fn read_suffix(suffix: &str) -> Option<(Format, i128, i32)> {
    if let Some((_, shift)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some((Format::Binary, 1 << shift, 0));
    }
    if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((Format::Decimal, 1, *power));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    Some((Format::Exponent, 1, exponent.parse().ok()?))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nano == 0 {
            return f.write_str("0");
        }
        let is_small = self.nano.abs() < 1024 * ONE;
        if self.format == Format::Binary && !is_small && self.nano % ONE == 0 {
            let mut number = self.nano / ONE;
            let mut suffix = "";
            for (name, _) in BINARY {
                if number % 1024 != 0 {
                    break;
                }
                number /= 1024;
                suffix = name;
            }
            return write!(f, "{number}{suffix}");
        }
        let (mut number, mut power) = (self.nano, -9);
        while number % 1000 == 0 && power < 18 {
            number /= 1000;
            power += 3;
        }
        match self.format {
            Format::Exponent if power != 0 => write!(f, "{number}e{power}"),
            _ => {
                let suffix = DECIMAL.iter().find(|(_, known)| *known == power).map_or("", |(name, _)| name);
                write!(f, "{number}{suffix}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_canonically() {
        for (text, want) in [
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("0.5", "500m"),
            ("0.5Gi", "512Mi"),
            ("2", "2"),
            (" 1", "1"),
            ("1e6", "1e6"),
            ("1500m", "1500m"),
            ("100000", "100k"),
            ("1536Mi", "1536Mi"),
            ("0.1", "100m"),
            ("-1", "-1"),
            ("0", "0"),
            ("512", "512"),
            ("0.5Ki", "512"),
        ] {
            assert_eq!(Quantity::parse(text).unwrap().to_string(), want, "{text}");
        }
        for text in ["", "abc", "1.2.3", "1 Gi", "1gb", "."] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
