//! What does `preview` show of manifests as users write them?

use cli::Exit;

use crate::program::{Ran, files, run, run_with_input, text};

/// Every folder-mate of this test's manifests, with the exit code that it gives.
const MANIFESTS: [(&str, Exit); 12] = [
    ("annotation-on-deployment.yaml", Exit::Failing),
    ("container-name-unknown.yaml", Exit::Failing),
    ("copied-from-a-live-pod.yaml", Exit::Failing),
    ("cron-job.yaml", Exit::Failing),
    ("helm-rendered.yaml", Exit::Fine),
    ("instrumentation-missing.yaml", Exit::CouldNotCheck),
    ("instrumentation-refused.yaml", Exit::Failing),
    ("list.json", Exit::CouldNotCheck),
    ("namespace-annotation.yaml", Exit::Fine),
    ("operator-and-policies.yaml", Exit::Failing),
    ("other-namespace.yaml", Exit::Fine),
    ("two-languages.yaml", Exit::Failing),
];

fn manifest(name: &str) -> String {
    format!("{}/tests/manifests/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What a user sees, without the place where the checkout lies.
fn shown(ran: &Ran) -> String {
    let text = format!("exit code {}\n{}\n{}", ran.exit.code(), ran.err, ran.out);
    text.replace(&format!("{}/tests/manifests/", env!("CARGO_MANIFEST_DIR")), "")
}

#[test]
fn every_manifest_gives_the_output_that_was_read() {
    let folder = std::fs::read_dir(manifest("")).unwrap();
    assert_eq!(folder.count(), MANIFESTS.len(), "a manifest without expectation");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../manifests.expected");
    let _bound = settings.bind_to_scope();
    for (name, exit) in MANIFESTS {
        let path = manifest(name);
        // Read as from a pipe, so that no message depends on where the checkout lies.
        let content = std::fs::read_to_string(&path).unwrap();
        let ran = run_with_input(&["preview", "-f", "-", "-o", "diff"], text(content));
        assert_eq!(ran.exit, exit, "{name}: {ran:?}");
        insta::assert_snapshot!(name, shown(&ran));
    }
}

#[test]
fn yaml_is_valid_and_has_the_remarks_as_comments() {
    for (name, exit) in MANIFESTS {
        let ran = run(&["preview", "-f", &manifest(name)]);
        assert_eq!(ran.exit, exit, "{name}");
        let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(&ran.out).unwrap();
        assert!(!documents.is_empty(), "{name}");
        for document in &documents {
            assert!(document["spec"]["containers"].is_array(), "{name}: {document}");
        }
        let comments = ran.out.lines().filter(|line| line.starts_with("# "));
        assert!(comments.count() >= 3 * documents.len(), "{name}: {}", ran.out);
        assert!(!ran.out.contains('\u{1b}'), "{name}: colours in comments");
    }
    let ran = run(&["preview", "-f", &manifest("helm-rendered.yaml")]);
    let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(&ran.out).unwrap();
    let env = documents[0]["spec"]["containers"][0]["env"].as_array().unwrap();
    let java = env.iter().find(|var| var["name"] == "JAVA_TOOL_OPTIONS").unwrap();
    assert_eq!(
        java["value"],
        "-XX:MaxRAMPercentage=75 -javaagent:/otel-auto-instrumentation-java-checkout/javaagent.jar"
    );
}

#[test]
fn what_is_told_of_the_operator_counts() {
    let list = manifest("list.json");
    let flags =
        ["--operator-arg=--enable-go-instrumentation", "--operator-arg=--enable-nginx-instrumentation"];
    let ran = run(&[&["preview", "-o", "diff", "-f", &list], &flags[..]].concat());
    assert_eq!(ran.exit, Exit::Fine, "{ran:?}");
    assert_eq!(ran.err, "");
    assert!(
        ran.out.contains("injected: go into container gateway, from Instrumentation edge/default"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("injected: nginx into container nginx"), "{}", ran.out);

    let ran = run(&["preview", "-f", &list, "--operator-arg=--enable-webhooks"]);
    assert_eq!(
        ran.exit,
        Exit::Failing,
        "the operator's settings are told, and Go is not among them: {ran:?}"
    );

    let helm = manifest("helm-rendered.yaml");
    let ran = run(&["preview", "-f", &helm, "-o", "diff", "--operator-version", "0.110.0"]);
    assert!(ran.out.contains("after injection by operator 0.110.0"), "{}", ran.out);
    assert!(
        ran.out.contains("mountPath: /otel-auto-instrumentation-java\n"),
        "one mount for all containers then"
    );
    let ran = run(&["preview", "-f", &helm, "--operator-version", "0.999.0"]);
    assert!(
        ran.err.contains("operator 0.999.0 is newer than this program knows; judged by the"),
        "{}",
        ran.err
    );
}

#[test]
fn complete_files_prove_absence() {
    let ran = run(&["preview", "-o", "diff", "--complete", "-f", &manifest("instrumentation-missing.yaml")]);
    assert_eq!(ran.exit, Exit::Failing);
    let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("not injected: java — no Pod webhook of the operator is registered"), "{out}");
    assert!(
        out.contains("inject-java is \"true\", which means the only Instrumentation of namespace shop, and there is none"),
        "{out}"
    );
}

#[test]
fn bad_input_is_named_with_what_is_needed() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty.yaml", b"", "empty.yaml is empty"),
        ("values.yaml", b"replicas: 3\n", "no Kubernetes object in"),
        ("half.yaml", b"kind: Pod\n---\nmetadata: {name: b\n", "half.yaml, document 2, line 3: unclosed bracket"),
        ("text.yaml", b"hello\n", "text.yaml, document 1, line 1: not a Kubernetes object but plain text"),
        (
            "services.yaml",
            b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: b}\n",
            "no object in the files makes Pods (found 1 Service, 1 Widget)",
        ),
        (
            "odd.yaml",
            b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: many}\n",
            "odd.yaml, document 1, line 1: Deployment \"a\" does not read as the API describes it",
        ),
        (
            "bare.yaml",
            b"apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: a}\nspec: {replicas: 1}\n",
            "bare.yaml, document 1, line 1: ReplicaSet \"a\" has no spec.template.spec with containers",
        ),
    ];
    for (name, content, want) in cases {
        let (_folder, path) = files(&[(name, content)]);
        let ran = run(&["preview", "-f", path.join(name).to_str().unwrap()]);
        assert_eq!(ran.exit, Exit::CouldNotCheck, "{name}: {ran:?}");
        let err = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(err.contains(want), "{name}: {err}");
        assert_eq!(ran.out, "", "{name}");
    }
    for arguments in [
        &["preview"][..],
        &["preview", "-f", "-", "--operator-version", "new"],
        &["preview", "-f", "-", "-o", "json"],
    ] {
        assert_eq!(run(arguments).exit, Exit::WrongUsage, "{arguments:?}");
    }
    let ran = run(&["preview", "--live", "--context", "no-such-context", "-f", "-"]);
    assert_eq!(ran.exit, Exit::CouldNotCheck, "{ran:?}");
    assert!(ran.err.contains("without --live the files alone are looked at"), "{}", ran.err);
}

/// Pods that a controller made follow its template, and need no preview of their own.
#[test]
fn of_a_dump_only_what_makes_pods_is_shown() {
    let ran = run(&["preview", "-o", "diff", "-f", &crate::program::snapshot("healthy-java")]);
    assert_eq!(ran.exit, Exit::Fine, "{ran:?}");
    let headers: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("--- ")).collect();
    assert_eq!(headers.len(), 1, "{}", ran.out);
    assert!(headers[0].ends_with("/deployment/checkout"), "{headers:?}");
    assert_eq!(ran.err, "", "the operator is in the dump");
}
