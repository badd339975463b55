//! The version of the program is that of the chart, of the image in the book and of the newest release in the changelog.

use serde::Deserialize;

use crate::read;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chart {
    version: String,
    app_version: String,
}

#[test]
fn the_chart_has_the_version_of_the_program() {
    let chart: Chart = serde_saphyr::from_str(&read("deploy/chart/Chart.yaml")).unwrap();
    assert_eq!([chart.version.as_str(), &chart.app_version], [VERSION; 2], "deploy/chart/Chart.yaml");
}

#[test]
fn the_book_names_the_image_by_this_version() {
    let file = "docs/install.md";
    let text = read(file);
    let tags: Vec<&str> = ["instrumentation-health:", "newTag: "]
        .iter()
        .flat_map(|before| versions_after(&text, before))
        .collect();
    assert!(!tags.is_empty(), "{file} names no image");
    for tag in tags {
        assert_eq!(tag, VERSION, "{file}");
    }
}

#[test]
fn the_newest_release_in_the_changelog_is_this_version() {
    let text = read("CHANGELOG.md");
    let mut headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.next(), Some("Unreleased"), "changes to come have a place");
    // `## 0.2.0 - 2027-01-31`; before the first release there is none.
    if let Some(newest) = headings.next() {
        assert_eq!(newest.split(' ').next(), Some(VERSION), "CHANGELOG.md");
    }
}

/// Every `1.2.3` that follows these words.
fn versions_after<'a>(text: &'a str, words: &str) -> Vec<&'a str> {
    let after = text.split(words).skip(1);
    let ends = |rest: &str| {
        rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len())
    };
    after.map(|rest| &rest[..ends(rest)]).filter(|version| version.split('.').count() == 3).collect()
}
