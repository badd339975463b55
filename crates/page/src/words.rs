//! How are numbers and times said?

use jiff::Timestamp;
use maud::{Markup, html};

/// `1 workload`, `2 workloads`, `7,500 workloads`.
pub fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(count))
}

/// `7,500`.
pub fn number(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time, in UTC to the second: people compare it with logs.
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%Y-%m-%d %H:%M:%S UTC")) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (count, said) in [
            (0, "0 Pods"),
            (1, "1 Pod"),
            (999, "999 Pods"),
            (7500, "7,500 Pods"),
            (1_234_567, "1,234,567 Pods"),
        ] {
            assert_eq!(plural(count, "Pod"), said);
        }
    }
}
