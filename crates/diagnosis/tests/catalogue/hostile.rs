//! Can somebody who may only create a Pod, or write an annotation, put words into the mouth of a verdict: a command that is pasted
//! into a shell, an escape sequence for a terminal, a line that was never said?

use serde_json::{Value, json};

use crate::files::{CauseFiles, chosen};
use crate::fixture::Fixture;
use crate::fixtures::said_of;

/// Ends a quote of any shell, runs a command, colours a terminal, turns the direction of the text, begins another line.
const POISON: &str = "'\"$(p0ison)`p0ison`;p0ison\u{1b}[31m\u{202e}\n";

/// What is no name of an object, so that no API server has checked it, by the fields that hold it.
const UNCHECKED: [(&str, &[&str]); 8] = [
    ("annotations", &["annotations"]),
    ("variables", &["value"]),
    ("references", &["secretKeyRef", "configMapKeyRef", "secretRef", "configMapRef"]),
    ("endpoints and certificates", &["endpoint", "tls"]),
    ("messages", &["message", "note"]),
    ("images", &["image"]),
    ("commands", &["command", "args"]),
    ("owners", &["ownerReferences"]),
];

/// Kinds whose fields people without rights in the cluster can write.
const KINDS: [&str; 10] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Job",
    "CronJob",
    "Instrumentation",
    "Event",
    "Namespace",
];

#[test]
fn nothing_that_comes_from_the_cluster_gets_out_of_its_place() {
    let mut read = Read::default();
    // One of each cause: others of it make their commands in the same place.
    for fixture in firing(1) {
        for (what, fields) in UNCHECKED {
            let change = |object: &mut Value| {
                if KINDS.contains(&object["kind"].as_str().unwrap_or_default()) {
                    poison(object, fields, false);
                }
            };
            read.through(&fixture, change, "p0ison", |finding, _| {
                escapes(finding).map(|why| format!("hostile {what}: {why}"))
            });
        }
    }
    read.expect_none_wrong(100);
}

/// Whoever may read an `InstrumentationHealth` or an Event does not learn what stands in a variable of a Pod.
#[test]
fn no_credential_is_told() {
    let mut read = Read::default();
    for fixture in firing(usize::MAX) {
        read.through(&fixture, give_credentials, "redacted", |_, text| {
            text.contains("hunter2").then(|| "a password".to_owned())
        });
    }
    read.expect_none_wrong(10);
}

/// The first fixtures of each cause in which it fires.
fn firing(most: usize) -> impl Iterator<Item = Fixture> {
    chosen()
        .filter_map(|cause| CauseFiles::of(cause.reason)?.fixtures().ok())
        .flat_map(move |fixtures| fixtures.firing.into_iter().take(most).map(|firing| firing.fixture))
}

/// What was read of changed clusters.
#[derive(Default)]
struct Read {
    wrong: Vec<String>,
    /// Findings that show that the change reached them.
    reached: usize,
}

impl Read {
    /// Changes the objects of a cluster, and reads what is said of it; `mark` is in what quotes the change.
    fn through(
        &mut self,
        fixture: &Fixture,
        change: impl FnMut(&mut Value),
        mark: &str,
        wrong: impl Fn(&api::Finding, &str) -> Option<String>,
    ) {
        let mut cluster = fixture.cluster();
        cluster.objects.iter_mut().for_each(change);
        for finding in said_of(&cluster) {
            let text = serde_json::to_string(&finding).unwrap();
            self.reached += usize::from(text.contains(mark));
            if let Some(why) = wrong(&finding, &text) {
                self.wrong.push(format!("{} ({}): {why}: {finding:#?}", fixture.cluster, fixture.what));
            }
        }
    }

    /// Nothing is wrong, and enough was changed to tell.
    fn expect_none_wrong(self, enough: usize) {
        let Self { wrong, reached } = self;
        assert!(wrong.is_empty(), "{} of them\n{}", wrong.len(), wrong.join("\n"));
        assert!(
            reached > enough || std::env::var_os("CAUSE").is_some(),
            "only {reached} findings show the change"
        );
    }
}

/// Endpoints with a password, and headers with a key beside them.
fn give_credentials(value: &mut Value) {
    match value {
        Value::Array(list) => {
            if list.iter().any(|entry| entry["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT") {
                list.push(
                    json!({"name": "OTEL_EXPORTER_OTLP_HEADERS", "value": "api-key=hunter2,x=$(GONE)"}),
                );
            }
            list.iter_mut().for_each(give_credentials);
        }
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "value" || key == "endpoint" => {
                        *text = text.replacen("://", "://me:hunter2@", 1);
                    }
                    value => give_credentials(value),
                }
            }
        }
        _ => {}
    }
}

/// Makes the texts below these fields hostile. Keys, and what the API server checks, stay.
fn poison(value: &mut Value, fields: &[&str], below: bool) {
    match value {
        Value::String(text) if below => text.push_str(POISON),
        Value::Array(list) => list.iter_mut().for_each(|element| poison(element, fields, below)),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                let is_checked = matches!(key.as_str(), "apiVersion" | "uid" | "managedFields" | "status");
                if !is_checked || key == "status" {
                    poison(value, fields, below || fields.contains(&key.as_str()));
                }
            }
        }
        _ => {}
    }
}

/// How a finding lets something out.
fn escapes(finding: &api::Finding) -> Option<&'static str> {
    let evidence = finding.evidence.iter().flat_map(|one| [&one.object, &one.field, &one.value]);
    let texts = [&finding.message, &finding.remedy].into_iter().chain(evidence);
    let moves = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if texts.into_iter().any(|text| text.contains(moves)) {
        return Some("moves the cursor, or turns the text");
    }
    let command = finding.remedy.find("kubectl ").map_or("", |start| &finding.remedy[start..]);
    if outside_of_quotes(command).contains("p0ison") {
        return Some("a shell would run it");
    }
    None
}

/// What of a command a POSIX shell looks into: everything that is not in single quotes.
fn outside_of_quotes(command: &str) -> String {
    let mut outside = String::new();
    let mut rest = command;
    while let Some(start) = rest.find(['\'', '\\']) {
        outside.push_str(&rest[..start]);
        let quote = rest.as_bytes()[start] == b'\'';
        rest = &rest[start + 1..];
        let length =
            if quote { rest.find('\'').map(|end| end + 1) } else { rest.chars().next().map(char::len_utf8) };
        let Some(length) = length else { break };
        rest = &rest[length..];
    }
    outside.push_str(rest);
    outside
}

#[test]
fn what_a_shell_looks_into_is_known() {
    for (command, want) in [("a 'b; c' d", "a  d"), (r"a 'it'\''s' b", "a  b"), ("a \"$(b)\"", "a \"$(b)\"")]
    {
        assert_eq!(outside_of_quotes(command), want);
    }
}
