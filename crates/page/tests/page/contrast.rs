//! Can everybody read it? Every pair of colours in the style sheet, in both schemes, by WCAG 2.2: 4.5 for text (1.4.3), 3 for
//! edges of fields and for pictures (1.4.11).

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../../src/style.css");

/// Text and what it stands on.
const TEXT: [(&str, &[&str]); 7] = [
    ("text", &["background", "surface", "failing-soft", "uncertain-soft", "starting-soft"]),
    ("quiet", &["background", "surface"]),
    ("link", &["background", "surface", "failing-soft", "uncertain-soft", "starting-soft"]),
    ("failing", &["background", "failing-soft"]),
    ("uncertain", &["background", "uncertain-soft"]),
    ("starting", &["background", "starting-soft"]),
    ("healthy", &["background", "healthy-soft"]),
];

/// Shapes and what they stand on.
const SHAPES: [(&str, &[&str]); 5] = [
    ("edge", &["background", "surface"]),
    ("failing", &["background", "failing-soft"]),
    ("uncertain", &["background", "uncertain-soft"]),
    ("starting", &["background", "starting-soft"]),
    ("healthy", &["background"]),
];

/// The colours of a block of custom properties.
fn colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
    let declarations = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"));
    declarations
        .map(|(name, hex)| {
            let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            (name, [part(0), part(2), part(4)])
        })
        .collect()
}

/// Relative luminance.
fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] =
        colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_pair_of_colours_can_be_told_apart() {
    let blocks: Vec<_> = STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(blocks.len(), 2, "light and dark");
    for (scheme, block) in ["light", "dark"].into_iter().zip(blocks) {
        let colours = colours(block);
        for (pairs, least) in [(&TEXT[..], 4.5), (&SHAPES[..], 3.0)] {
            for (front, backs) in pairs {
                for back in *backs {
                    let found = contrast(colours[front], colours[back]);
                    assert!(found >= least, "{scheme}: {front} on {back} is {found:.2}, not {least}");
                }
            }
        }
    }
}

#[test]
fn contrast_is_that_of_wcag() {
    let (black, white) = ([0.0; 3], [1.0; 3]);
    assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    let grey = [f64::from(0x77_u8) / 255.0; 3];
    assert!((contrast(grey, white) - 4.48).abs() < 0.01);
}

/// A colour that is written out beside its name would escape the test.
#[test]
fn colours_are_named_in_one_place() {
    let rules = STYLE.rsplit_once(":root {").unwrap().1.split_once('}').unwrap().1;
    for written in ["#", "rgb(", "hsl("] {
        assert!(!rules.contains(written), "{written} outside of :root");
    }
}
