//! Does bad input give one clear error and exit code 2, and never a green verdict?

use cli::Exit;

use crate::program::{files, run, run_with_input, snapshot, text};

#[test]
fn a_bad_file_is_named_with_document_and_line() {
    let nested = "[".repeat(10_000);
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty.yaml", b"", "empty.yaml is empty"),
        ("blank.yaml", b"\n  \n\n", "blank.yaml is empty"),
        ("comments.yaml", b"# nothing\n---\n# here\n", "no Kubernetes object in "),
        ("values.yaml", b"replicas: 3\nimage: nginx\n", "no Kubernetes object in "),
        (
            "half.yaml",
            b"apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b\n",
            "half.yaml, document 2, line 6: unclosed bracket",
        ),
        (
            "half.json",
            b"{\"kind\":\"List\",\"items\":[\n{\"kind\":\"Po",
            "half.json, document 1, line 2: EOF while parsing a string",
        ),
        ("tab.yaml", b"kind: Pod\nmetadata:\n\tname: a\n", "tab.yaml, document 1, line 3: tabs disallowed"),
        (
            "text.yaml",
            b"---\n---\nhello world\n",
            "text.yaml, document 1, line 2: not a Kubernetes object but plain text",
        ),
        ("list.yaml", b"- a\n- b\n", "list.yaml, document 1, line 1: not a Kubernetes object but a sequence"),
        ("garbage", b"\x7fELF\x02\x01\x01\x00\x00", "garbage is not text: byte 7 is NUL"),
        ("latin1.yaml", b"kind: Pod\nname: caf\xe9\n", "latin1.yaml is not text: byte 19 is not UTF-8"),
        ("cut.json.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", "cannot read "),
        ("deep.json", nested.as_bytes(), "deep.json, document 1, line 1: "),
    ];
    for (name, content, want) in cases {
        let (_folder, path) = files(&[(name, content)]);
        let ran = run(&["check", "-f", path.join(name).to_str().unwrap()]);
        assert_eq!(ran.exit, Exit::CouldNotCheck, "{name}: {ran:?}");
        assert!(ran.err.starts_with("error: "), "{name}: {}", ran.err);
        assert!(ran.err.contains(want), "{name}: {}", ran.err);
        assert_eq!(ran.out, "", "{name}");
    }
}

#[test]
fn aliases_that_explode_are_stopped() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = level - 1;
        let ten = vec![format!("*a{below}"); 10].join(", ");
        bomb = format!("{bomb}a{level}: &a{level} [{ten}]\n");
    }
    let ran = run_with_input(&["check", "-f", "-"], text(bomb));
    assert_eq!(ran.exit, Exit::CouldNotCheck);
    assert!(ran.err.contains("aliases that expand too far"), "{}", ran.err);
}

#[test]
fn what_is_not_there_is_said_with_what_is_needed() {
    let dump = snapshot("healthy-java");
    let (_folder, empty) = files(&[]);
    let empty = empty.to_str().unwrap();
    let cases: &[(&[&str], &str, &str)] = &[
        (&["-f", "no-such-file.yaml"], "cannot read no-such-file.yaml: No such file", ""),
        (&["-f", &dump, "deployment/checkout"], "cannot read deployment/checkout", "put it before -f"),
        (&["-f", empty], "holds no .yaml, .yml or .json file", ""),
        (&["-f", "-"], "standard input is empty", "a dump of a cluster or manifests"),
        (
            &["deployment/chekout", "-f", &dump],
            "no deployment \"chekout\"",
            "did you mean deployment/checkout?",
        ),
        (&["sts/unlike", "-f", &dump], "no statefulset \"unlike\"", ""),
        (&["-n", "nowhere", "-f", &dump], "no namespace \"nowhere\"", "one of "),
    ];
    for (arguments, want, needed) in cases {
        let ran = run(&[&["check"], *arguments].concat());
        assert_eq!(ran.exit, Exit::CouldNotCheck, "{arguments:?}");
        assert!(ran.err.starts_with("error: ") && ran.err.contains(want), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(needed), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn wrong_usage_is_64() {
    for arguments in [
        &["check", "--frob"][..],
        &["check", "checkout"],
        &["check", "-f", "-", "--at", "yesterday"],
        &["check", "--at", "2026-01-01T00:00:00Z"],
        &["check", "-f", "-", "--complete", "--partial"],
        &["check", "-n", "shop", "-A"],
        &["check", "-o", "toml"],
        &["frobnicate"],
        &[],
        &["run", "--listen", "8080"],
        &["explain", "NoSuchReason"],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.exit, Exit::WrongUsage, "{arguments:?}: {ran:?}");
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
}

/// An odd object is left out and named. What cannot be seen any more must not look well.
#[test]
fn an_odd_object_leaves_no_false_green() {
    let manifests = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: many}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: b}\n";
    let ran = run_with_input(&["check", "-f", "-"], text(manifests));
    assert_eq!(ran.exit, Exit::CouldNotCheck);
    let warning = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        warning.contains("warning: standard input, document 1, line 1: Deployment \"a\" does not read as the API describes it"),
        "{warning}"
    );
}

#[test]
fn files_of_other_kinds_in_a_folder_do_no_harm() {
    let pod: &[u8] = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    let (_folder, path) = files(&[
        ("a/pod.yaml", pod),
        ("values.yaml", b"replicas: 3\n"),
        ("patch.yml", b"- op: add\n"),
        ("empty.json", b""),
        (".git/config.yaml", b"{{ not yaml"),
        ("notes.txt", b"{{ not yaml"),
        ("netpol.yaml", b"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: x}\n"),
    ]);
    let ran = run(&["check", "-v", "-f", path.to_str().unwrap()]);
    assert_eq!(ran.exit, Exit::Fine, "{ran:?}");
    assert!(
        ran.out.starts_with("Nothing asks for injection: looked at 1 workload in 1 namespace"),
        "{}",
        ran.out
    );
    let notes = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(notes.contains("1 documents that are no Kubernetes object, 1 PodDisruptionBudget"), "{notes}");
}

#[test]
fn a_terminal_obeys_nothing_that_stands_in_an_annotation() {
    let manifest = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: "checkout\e[8m"}
spec:
  selector: {matchLabels: {app: checkout}}
  template:
    metadata:
      annotations:
        instrumentation.opentelemetry.io/inject-java: "true"
        instrumentation.opentelemetry.io/java-container-names: "app\e[31m\e]0;title\a\u202e"
    spec: {containers: [{name: app, image: "shop/checkout:1"}]}
---
apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata: {name: default}
"#;
    for command in ["check", "preview"] {
        let ran = run_with_input(&[command, "-f", "-"], text(manifest));
        let shown = format!("{}{}", ran.out, ran.err);
        assert!(shown.contains(r"app\u{1b}[31m\u{1b}]0;title\u{7}\u{202e}"), "{command}: {shown}");
        // YAML escapes by its own rules, which leave the direction of writing alone.
        let obeyed = ["\u{1b}]", "\u{1b}[8m", "\u{7}", "\u{202e}"];
        for obeyed in &obeyed[..if command == "check" { 4 } else { 3 }] {
            assert!(!shown.contains(obeyed), "{command} prints {obeyed:?}: {shown}");
        }
    }
}
