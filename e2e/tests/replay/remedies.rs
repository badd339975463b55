//! Do the commands of the remedies work when they are pasted?
//!
//! Every command that stands in a verdict on a replayed scenario is given to a shell, on that scenario, with the real `kubectl`. What
//! would change something runs with `--dry-run=server`; what only looks, runs as it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::InstrumentationHealth;
use e2e::Bed;
use futures::StreamExt as _;
use kube::ResourceExt as _;
use tokio::process::Command;

/// Stands for `kubectl` in the shell, and says what it does not do for real.
const SHELL: &str = include_str!("dry_run.sh");
/// So many at a time.
const AT_A_TIME: usize = 3;

/// What a remedy asks of its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// No command: something has to be changed where it is kept, or thought about.
    Words,
    /// A command with a part that the reader has to fill in, in angle brackets.
    FillIn,
    /// A command that fetches a file of the operator's release.
    Fetches,
    /// A command that can be pasted.
    Command,
}

/// One remedy as it stands in a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Remedy {
    reason: String,
    kind: Kind,
    /// The command; for words, the whole remedy.
    text: String,
    /// The object that has it.
    object: String,
}

/// What came of all remedies.
#[derive(Debug, Default)]
pub struct Tried {
    /// One line for each kind of remedy and reason.
    pub report: String,
    /// Commands that did not work, with what they said.
    pub failed: Vec<String>,
}

/// Tries every command of these objects.
pub async fn try_all(bed: &Bed, objects: &[InstrumentationHealth]) -> Tried {
    let mut remedies: Vec<Remedy> = objects.iter().flat_map(remedies).collect();
    remedies.sort();
    remedies.dedup_by(|one, other| one.text == other.text);
    let commands = remedies.iter().filter(|remedy| remedy.kind == Kind::Command);
    let failed: Vec<Option<String>> =
        futures::stream::iter(commands.map(|remedy| run(bed, remedy))).buffered(AT_A_TIME).collect().await;
    let mut counts: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
    for remedy in &remedies {
        *counts.entry((remedy.kind, &remedy.reason)).or_default() += 1;
    }
    let mut tried = Tried { failed: failed.into_iter().flatten().collect(), ..Tried::default() };
    for ((kind, reason), count) in counts {
        writeln!(tried.report, "{kind:?} {reason} {count}").unwrap();
    }
    for remedy in &remedies {
        writeln!(tried.report, "  {:?} {}: {}", remedy.kind, remedy.reason, remedy.text).unwrap();
    }
    tried
}

fn remedies(object: &InstrumentationHealth) -> Vec<Remedy> {
    let findings = object.status.iter().flat_map(|status| &status.findings);
    let name = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
    findings
        .filter(|finding| !finding.remedy.is_empty())
        .map(|finding| {
            let (kind, text) = classify(&finding.remedy);
            Remedy { reason: finding.reason.clone(), kind, text: text.to_owned(), object: name.clone() }
        })
        .collect()
}

/// The command of a remedy begins with its first `kubectl` and goes to the end.
fn classify(remedy: &str) -> (Kind, &str) {
    let Some(start) = remedy.find("kubectl ") else { return (Kind::Words, remedy) };
    let command = &remedy[start..];
    let kind = if command.contains('<') {
        Kind::FillIn
    } else if command.contains("https://") && command.contains(" -f ") {
        Kind::Fetches
    } else {
        Kind::Command
    };
    (kind, command)
}

/// Runs a command; answers what went wrong.
async fn run(bed: &Bed, remedy: &Remedy) -> Option<String> {
    let Remedy { reason, text, object, .. } = remedy;
    let folder = bed.kubectl().parent().unwrap().to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let desk = desk(text);
    let output = Command::new("bash")
        .args(["-c", &format!("{SHELL}\n{text}\n")])
        .current_dir(desk.path())
        .env("KUBECONFIG", bed.kubeconfig())
        .env("PATH", path)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success())
        .then(|| format!("{reason} on {object}: {text}\n    {}: {}", output.status, said.trim()))
}

/// A folder with the files that the reader of a command has beside it: the keys of a Secret or ConfigMap to be made.
fn desk(command: &str) -> tempfile::TempDir {
    let desk = tempfile::tempdir().unwrap();
    let words = command.split_whitespace().map(|word| word.trim_matches('\''));
    for named in words.filter_map(|word| word.strip_prefix("--from-file=")) {
        let path = named.rsplit('=').next().unwrap_or(named);
        std::fs::write(desk.path().join(path), "brought by the reader").unwrap();
    }
    desk
}

#[test]
fn remedies_are_told_apart() {
    let table = [
        ("Correct the name in the annotation.", Kind::Words),
        ("Set it: kubectl -n a set env deployment/b -c c X='<value>'", Kind::FillIn),
        ("kubectl apply --server-side -f https://example.com/operator.yaml", Kind::Fetches),
        ("A restart now would inject: kubectl -n a rollout restart deployment/b", Kind::Command),
    ];
    for (remedy, kind) in table {
        assert_eq!(classify(remedy).0, kind, "{remedy}");
    }
}
