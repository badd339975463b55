//! Does every link between the Markdown files of the repository lead to a file, and to a heading, that exists?
//!
//! Links to other sites are left alone: whether they answer today says nothing about the repository.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Folders without pages of ours.
const PASSED_OVER: [&str; 3] = ["target", "node_modules", ".git"];

/// A Markdown file, as far as links go.
#[derive(Debug, Default)]
struct Page {
    /// Where its links lead, as they are written.
    links: Vec<String>,
    /// The fragments of its headings, as forges make them.
    fragments: BTreeSet<String>,
}

/// A line for each link in the repository that leads nowhere.
pub fn dead(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut pages = HashMap::new();
    collect(root, Path::new(""), &mut pages)?;
    let mut dead: Vec<String> = pages
        .iter()
        .flat_map(|(path, page)| page.links.iter().map(move |link| (path, link)))
        .filter_map(|(path, link)| {
            wrong(root, &pages, path, link).map(|why| format!("{}: {link}: {why}", path.display()))
        })
        .collect();
    dead.sort();
    Ok(dead)
}

fn collect(root: &Path, folder: &Path, pages: &mut HashMap<PathBuf, Page>) -> anyhow::Result<()> {
    let entries = fs::read_dir(root.join(folder)).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            let name = entry.file_name();
            if !PASSED_OVER.iter().any(|passed_over| name == **passed_over) {
                collect(root, &path, pages)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(root.join(&path)).with_context(|| path.display().to_string())?;
            pages.insert(path, page(&text));
        }
    }
    Ok(())
}

fn page(text: &str) -> Page {
    let mut page = Page::default();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                page.fragments.extend(heading.take().map(|heading| fragment(&heading)));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    page
}

/// The fragment that forges give a heading: lower case, blanks as hyphens, no other punctuation.
fn fragment(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

/// Why a link leads nowhere.
fn wrong(root: &Path, pages: &HashMap<PathBuf, Page>, from: &Path, link: &str) -> Option<&'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, fragment) =
        link.split_once('#').map_or((link, None), |(file, fragment)| (file, Some(fragment)));
    let target = if file.is_empty() { Some(from.to_owned()) } else { resolved(from, file) };
    let Some(target) = target else { return Some("leads out of the repository") };
    if !root.join(&target).exists() {
        return Some("there is no such file");
    }
    let known =
        pages.get(&target).is_none_or(|page| fragment.is_none_or(|name| page.fragments.contains(name)));
    (!known).then_some("the page has no such heading")
}

/// The file that a relative link names; none outside of the repository.
fn resolved(from: &Path, link: &str) -> Option<PathBuf> {
    let mut path = from.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("docs")).unwrap();
        fs::write(
            root.join("README.md"),
            "# A `b` & c\n[1](docs/x.md) [2](docs/x.md#two-words) [3](docs/y.md)",
        )
        .unwrap();
        fs::write(
            root.join("docs/x.md"),
            "# Two words\n[1](../README.md#a-b--c) [2](#two-words) [3](#gone) [4](../../etc) [5](https://example.com/z)\n\n| a |\n|---|\n| [6](z.md) |\n",
        )
        .unwrap();
        assert_eq!(
            dead(root).unwrap(),
            [
                "README.md: docs/y.md: there is no such file",
                "docs/x.md: #gone: the page has no such heading",
                "docs/x.md: ../../etc: leads out of the repository",
                "docs/x.md: z.md: there is no such file",
            ]
        );
    }
}
