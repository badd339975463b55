//! Does the program understand every command that the repository's pages tell people to type?

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::run;

const PROGRAM: &str = "instrumentation-health";

#[test]
fn every_documented_command_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md"), root.join("CHANGELOG.md")];
    markdown(&root.join("docs"), &mut pages);
    let mut wrong = Vec::new();
    let mut known = 0;
    for page in pages {
        for command in commands(&fs::read_to_string(&page).unwrap()) {
            known += 1;
            if let Err(error) = cli::command().try_get_matches_from(&command)
                && error.use_stderr()
            {
                wrong.push(format!("{}: {}\n{error}", page.display(), command.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(known > 20, "only {known} commands were found");
}

/// What people see first is what they will see.
#[test]
fn the_readme_shows_what_check_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cluster = root.join("crates/input/scenarios/agent-image-not-found/snapshot.json.gz");
    let printed = run(&["check", "-f", cluster.to_str().unwrap()]).out;
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(
        readme.contains(&format!("```\n{printed}```\n")),
        "README.md has another output than:\n{printed}"
    );
}

fn markdown(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}

/// The program's name and arguments, wherever a code block or a piece of code in a sentence calls it.
fn commands(page: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut in_block = false;
    for line in page.replace("\\\n", " ").lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            commands.extend(line.split(" | ").filter_map(command));
        } else {
            commands.extend(line.split('`').skip(1).step_by(2).filter_map(command));
        }
    }
    commands
}

/// One command of a pipeline, up to a redirection or what follows it; none for output, or for a program with a longer name.
fn command(text: &str) -> Option<Vec<String>> {
    let text = text.trim_start();
    let text = text.strip_prefix("kubectl ").unwrap_or(text);
    if !text.starts_with(&format!("{PROGRAM} ")) || text.starts_with(&format!("{PROGRAM} =")) {
        return None;
    }
    let words = shlex::split(text).unwrap_or_else(|| panic!("the quotes do not match: {text}"));
    let ends = |word: &String| matches!(word.as_str(), ">" | "|" | "&&" | ";");
    let words: Vec<String> = words.into_iter().take_while(|word| !ends(word)).collect();
    // `instrumentation-health snapshot` in a sentence is a name, not something to type.
    (words.len() > 2).then_some(words)
}
