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

/// Why a text is no quantity, in the words of `k8s.io/apimachinery`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It is not of the form of a quantity.
    #[error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    Format,
    /// Its suffix is none that is known, for example `K`.
    #[error("unable to parse quantity's suffix")]
    Suffix,
    /// There is no number before its suffix.
    #[error("unable to parse numeric part of quantity")]
    Number,
}

const ONE: i128 = 1_000_000_000;
const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
/// The largest binary amount; more is cut to it (`2^63 - 1`).
const LARGEST_BINARY: i128 = (i64::MAX as i128) * ONE;
/// Larger than every amount that makes sense; more is cut to it here, not by Kubernetes.
const LARGEST: i128 = i128::MAX / 4;

/// The parts of a text (`parseQuantityString`): digits before and after the point, without leading zeros, and the suffix.
struct Parts<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Self, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Format);
        }
        let (is_negative, rest) = match text.as_bytes()[0] {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let digits =
            |text: &'a str| text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let (whole, rest) = digits(rest.trim_start_matches('0'));
        let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), digits);
        let after_letters = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
        let exponent = after_letters.strip_prefix(['-', '+']).unwrap_or(after_letters);
        if !exponent.bytes().all(|c| c.is_ascii_digit()) {
            return Err(QuantityError::Format);
        }
        Ok(Self { is_negative, whole, fraction, suffix })
    }
}

impl Quantity {
    /// No amount, in the decimal form.
    pub const ZERO: Self = Self { nano: 0, format: Format::Decimal };

    /// One, in the decimal form.
    pub const ONE: Self = Self { nano: ONE, format: Format::Decimal };

    /// Reads a quantity; none where the API server would refuse it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    fn read(text: &str) -> Result<Self, QuantityError> {
        let parts = Parts::read(text.trim())?;
        let (format, multiplier, power) = read_suffix(parts.suffix)?;
        // Only what is not calculated in 64 bits has to have a digit.
        let needs_digit = multiplier >= 1 << 50 || power < -9;
        if needs_digit && !text.bytes().any(|c| c.is_ascii_digit()) {
            return Err(QuantityError::Number);
        }
        let digits = format!("{}{}", parts.whole, parts.fraction);
        // More digits than these are beyond every amount that can be kept.
        let digits = digits.trim_start_matches('0');
        let mantissa: i128 = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(LARGEST) };
        let scale = power.saturating_add(9) - i32::try_from(parts.fraction.len()).unwrap_or(i32::MAX);
        let scaled = mantissa.checked_mul(multiplier).unwrap_or(LARGEST);
        let nano = if scale >= 0 {
            let factor = 10_i128.checked_pow(scale.unsigned_abs()).filter(|_| scaled != 0);
            factor.map_or(if scaled == 0 { 0 } else { LARGEST }, |factor| scaled.saturating_mul(factor))
        } else {
            let divisor = 10_i128.checked_pow(scale.unsigned_abs()).unwrap_or(i128::MAX);
            // What is smaller than a billionth is rounded up.
            scaled.div_euclid(divisor) + i128::from(scaled.rem_euclid(divisor) != 0)
        };
        let nano = nano.min(if format == Format::Binary { LARGEST_BINARY } else { LARGEST });
        Ok(Self { nano: if parts.is_negative { -nano } else { nano }, format })
    }

    /// The text as it is stored: as it was given where that is canonical enough for Kubernetes (`+1`, `1.500`, `1E6`), else in
    /// the canonical form.
    ///
    /// # Errors
    /// Where the API server would refuse it.
    pub fn canonical(text: &str) -> Result<String, QuantityError> {
        let text = text.trim();
        let quantity = Self::read(text)?;
        let parts = Parts::read(text)?;
        let (format, _, power) = read_suffix(parts.suffix)?;
        let digits = format!("{}{}", if parts.whole.is_empty() { "0" } else { parts.whole }, parts.fraction);
        let scale = power - i32::try_from(parts.fraction.len()).unwrap_or(i32::MAX);
        let is_kept = match format {
            Format::Binary => {
                let fits = BINARY
                    .iter()
                    .find(|(name, _)| *name == parts.suffix)
                    .is_some_and(|(_, shift)| digits.len() + (*shift as usize * 3 / 10) < 15);
                fits && parts.fraction.is_empty() && digits.parse::<i64>().is_ok_and(|value| value & 7 != 0)
            }
            Format::Decimal | Format::Exponent => {
                digits.len() <= 18
                    && scale >= -9
                    && scale % 3 == 0
                    && !digits.ends_with("000")
                    && !digits.starts_with('0')
            }
        };
        Ok(if is_kept { text.to_owned() } else { quantity.to_string() })
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
        Self { nano: self.nano.saturating_add(other.nano), format }
    }

    /// The larger one.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.nano > self.nano { other } else { self }
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// In thousandths, rounded up (`MilliValue`).
    pub fn milli(self) -> i128 {
        const MILLI: i128 = ONE / 1000;
        self.nano.div_euclid(MILLI) + i128::from(self.nano.rem_euclid(MILLI) != 0)
    }

    /// How many times another it is; none of nothing.
    #[must_use]
    pub fn ratio(self, other: Self) -> Option<Self> {
        (other.nano > 0).then(|| Self { nano: self.nano * ONE / other.nano, format: Format::Decimal })
    }

    /// Whether it is more than another.
    pub fn exceeds(self, other: Self) -> bool {
        self.nano > other.nano
    }
}

/// Form, binary multiplier and decimal power of a suffix.
fn read_suffix(suffix: &str) -> Result<(Format, i128, i32), QuantityError> {
    if let Some((_, shift)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Ok((Format::Binary, 1 << shift, 0));
    }
    if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Ok((Format::Decimal, 1, *power));
    }
    let exponent = suffix.strip_prefix(['e', 'E']).and_then(|exponent| exponent.parse().ok());
    exponent.map(|power| (Format::Exponent, 1, power)).ok_or(QuantityError::Suffix)
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
        while number % 1000 == 0 {
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
    fn quantities_are_written_as_kubernetes_does() {
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
            ("1.500", "1.500"),
            ("+1", "+1"),
            ("0100m", "0100m"),
            ("1E6", "1E6"),
            ("1e5", "100e3"),
            ("1.", "1."),
            ("2.000", "2"),
            ("10E", "10E"),
            ("9Ei", "9223372036854775807"),
            ("0.3m", "300u"),
            ("0.1n", "1n"),
            ("Mi", "0"),
            (".", "0"),
        ] {
            assert_eq!(Quantity::canonical(text), Ok(want.to_owned()), "{text}");
        }
        let of = |text| Quantity::parse(text).unwrap();
        assert_eq!(of("500m").ratio(of("50m")), Some(of("10")));
        assert_eq!(of("1").ratio(Quantity::ZERO), None);
        for (text, error) in [
            ("", QuantityError::Format),
            ("abc", QuantityError::Format),
            ("1.2.3", QuantityError::Format),
            ("1 Gi", QuantityError::Format),
            ("1gb", QuantityError::Format),
            ("1GB", QuantityError::Format),
            ("1K", QuantityError::Suffix),
            ("1mm", QuantityError::Suffix),
            ("Ei", QuantityError::Number),
        ] {
            assert_eq!(Quantity::canonical(text), Err(error), "{text}");
        }
    }
}
