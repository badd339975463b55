//! Do the pages say what is so, for one workload and for very many, and nothing that the cluster makes them say?

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

mod contrast;
mod stage;

use api::{InstrumentationHealth, Severity};
use diagnosis::known::named;
use diagnosis::operator::Presence;
use page::{Controller, Kind};
use stage::{controller, deployment, finding, get, hostile, now};

/// The text of a page as a reader sees it, without marks.
fn text(page: &str) -> String {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let mut text = String::new();
    let mut in_tag = false;
    for letter in body.replace("<wbr>", "").chars() {
        match letter {
            '<' => {
                in_tag = true;
                text.push(' ');
            }
            '>' => in_tag = false,
            letter if !in_tag => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("&amp;", "&")
}

fn shop() -> Vec<InstrumentationHealth> {
    let mut muted = deployment("shop", "cart", "True", "Instrumented");
    let status = muted.status.as_mut().unwrap();
    status.muted_until = Some(now());
    let mut drifted = finding("AgentImageDrifted");
    (drifted.severity, drifted.ignored) = (Severity::Info, true);
    status.findings.push(drifted);
    vec![
        muted,
        deployment("shop", "checkout", "False", "AgentImagePullFailed"),
        deployment("shop", "search", "False", "AgentImagePullFailed"),
        deployment("billing", "ledger", "False", "InstrumentationNotFound"),
        deployment("billing", "invoices", "Unknown", "Progressing"),
    ]
}

#[test]
fn the_first_page_answers_what_is_wrong() {
    let answer = get("/", &controller(), &shop());
    assert_eq!((answer.code, answer.kind), (200, Kind::Html));
    let page = text(&answer.body);
    for said in [
        "3 of 5 workloads are failing",
        "One cause explains 2 of 3: AgentImagePullFailed .",
        "5 workloads asking for injection in 2 namespaces, 15 Pods. As of 2026-11-24 10:02:40 UTC .",
        "3 ✗ failing 1 … starting 1 ✓ healthy",
        "1 workload muted : no Events are sent.",
        "1 workload ignored : a finding is called intended.",
        "shop/ deployment/ checkout , shop/ deployment/ search 2 2 errors",
        "Worth knowing, no telemetry is lost: 1 reason",
        "OpenTelemetry Operator 0.158.0. instrumentation-health 0.1.0.",
        "every change seen so far is judged",
    ] {
        let said = said.replace("/ ", "/");
        assert!(page.contains(&said), "{said}\n{page}");
    }
}

#[test]
fn links_narrow_the_list_down() {
    for (target, listed) in [
        ("/workloads", "5 workloads "),
        ("/workloads?namespace=shop", "3 workloads in shop"),
        ("/workloads?cause=AgentImagePullFailed", "2 workloads "),
        ("/workloads?cause=AgentImageDrifted", "1 workload "),
        ("/workloads?cause=Progressing", "1 workload "),
        ("/workloads?standing=failing&namespace=shop", "2 failing workloads in shop"),
        ("/workloads?standing=starting", "1 starting workload "),
        ("/workloads?silenced=muted", "1 workload "),
        ("/workloads?silenced=ignored", "1 workload "),
        ("/workloads?q=LEDGER", "1 workload "),
        ("/workloads?q=IH-F004+deployment/check", "1 workload "),
        ("/workloads?q=java+nothing", "0 workloads "),
    ] {
        let answer = get(target, &controller(), &shop());
        assert_eq!(answer.code, 200);
        let page = text(&answer.body);
        assert!(page.contains(&format!("Search {listed}")), "{target}: {page}");
    }
    let wrong = get("/workloads?page=none", &controller(), &shop());
    assert_eq!(wrong.code, 400);
    assert!(text(&wrong.body).contains("expected 1, 2, 3"), "{}", wrong.body);
}

#[test]
fn a_workload_shows_findings_proof_and_remedy() {
    let mut object = deployment("shop", "checkout", "False", "AgentImagePullFailed");
    let status = object.status.as_mut().unwrap();
    status.findings[0].remedy = "Restart it: kubectl -n shop rollout restart deployment/checkout".to_owned();
    status.findings[0].documentation = "javascript:alert(1)".to_owned();
    status.findings[0].evidence = vec![api::Evidence {
        object: "Pod/checkout-1".to_owned(),
        field: "status.reason".to_owned(),
        value: "ImagePullBackOff".to_owned(),
    }];
    let answer = get("/shop/deployment/checkout", &controller(), &[object]);
    assert_eq!(answer.code, 200);
    let page = text(&answer.body);
    for said in [
        "✗ failing AgentImagePullFailed Since 2026-11-24 10:02:40 UTC .",
        "AgentImagePullFailed error certain A sentence about it.",
        "Fix Restart it: kubectl -n shop rollout restart deployment/checkout Proof Pod/checkout-1 status.reason = ImagePullBackOff",
        "kubectl -n shop describe instrumentationhealth deployment-checkout",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    assert!(!answer.body.contains("javascript:"), "only web addresses are links");
    for missing in ["/shop/deployment/other", "/other/deployment/checkout", "/shop/job/checkout"] {
        let answer = get(missing, &controller(), &shop());
        assert_eq!(answer.code, 404, "{missing}");
        assert!(
            text(&answer.body).contains("Nothing asks for its injection, or it is not there."),
            "{missing}"
        );
    }
}

#[test]
fn workloads_of_one_name_are_told_apart() {
    let mut argo = deployment("shop", "web", "True", "Instrumented");
    argo.spec.workload_ref.api_version = "argoproj.io/v1alpha1".to_owned();
    argo.spec.workload_ref.kind = "Rollout".to_owned();
    argo.metadata.name = Some(api::object_name(&argo.spec.workload_ref));
    let mut other = argo.clone();
    other.spec.workload_ref.api_version = "example.com/v1".to_owned();
    other.metadata.name = Some(api::object_name(&other.spec.workload_ref));
    let objects = [argo, other];
    for kind in ["rollout.argoproj.io", "rollout.example.com"] {
        let answer = get(&format!("/shop/{kind}/web"), &controller(), &objects);
        assert!(text(&answer.body).contains(&format!("{kind}/web")), "{kind}: {}", answer.body);
    }
    assert_eq!(get("/shop/rollout/web", &controller(), &objects).code, 200, "as people type it");
}

#[test]
fn every_cause_has_its_page() {
    for cause in diagnosis::known::all() {
        let answer = get(&format!("/causes/{}", cause.reason), &controller(), &shop());
        assert_eq!(answer.code, 200, "{}", cause.reason);
        assert!(answer.body.contains("<h2>What it is</h2>"), "{}", cause.reason);
    }
    let page = text(&get("/causes/AgentImagePullFailed", &controller(), &shop()).body);
    assert!(page.contains("2 workloads show it now, 2 of them failing."), "{page}");
}

#[test]
fn very_many_workloads_stay_readable_and_are_all_counted() {
    let objects: Vec<_> = (0..7500)
        .map(|n| {
            deployment(&format!("team-{:03}", n % 150), &format!("app-{n:04}"), "False", "OperatorNotReady")
        })
        .collect();
    let overview = get("/", &controller(), &objects);
    assert!(text(&overview.body).contains("All 7,500 workloads are failing"));
    assert!(text(&overview.body).contains("All 150 namespaces"));
    let list = get("/workloads?page=2", &controller(), &objects);
    let page = text(&list.body);
    assert!(page.contains("7,500 workloads") && page.contains("51–100 of 7,500"), "{page}");
    let namespaces = get("/namespaces?page=3", &controller(), &objects);
    assert!(text(&namespaces.body).contains("101–150 of 150"));
    for answer in [overview, list, namespaces] {
        assert!(answer.body.len() < 60_000, "{} bytes", answer.body.len());
    }
}

#[test]
fn what_the_controller_lacks_stands_above_everything() {
    let lacking = Controller {
        unreadable: vec![("Services".to_owned(), "list, watch services".to_owned())],
        to_judge: 12,
        to_write: 7,
        leads: false,
        operator: Presence::None,
        faults: Some(vec![named("OperatorNotReady").unwrap()]),
        ..controller()
    };
    let page = text(&get("/", &lacking, &shop()).body);
    for said in [
        "The operator does not inject now OperatorNotReady :",
        "Blind: 1 kind cannot be read",
        "Services: list, watch services",
        "Standby This replica judges everything and writes nothing.",
        "12 workloads still to be judged again",
        "No OpenTelemetry Operator found.",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
    assert!(!page.contains("still to be made"), "a standby owes no writes");
    let page = text(&get("/", &lacking, &[]).body);
    assert!(page.contains("Nothing that can be read asks for auto-instrumentation"), "{page}");
    assert!(page.contains("None in what can be read") && !page.contains("None."), "{page}");
    for target in ["/workloads", "/shop/deployment/checkout"] {
        let page = text(&get(target, &lacking, &[]).body);
        assert!(!page.contains("Nothing asks"), "it may be what cannot be read: {page}");
    }
    let starting =
        Controller { judging: false, missing: vec!["first list of pods".to_owned()], ..controller() };
    let page = text(&get("/", &starting, &[]).body);
    assert!(page.contains("Still reading the cluster") && page.contains("first list of pods"), "{page}");
    assert!(!page.contains("Nothing asks") && !page.contains("None."), "nothing is known yet: {page}");
}

/// How often each letter stands in a page that has a meaning in HTML.
fn marks(page: &str) -> [usize; 3] {
    ['<', '>', '"'].map(|mark| page.matches(mark).count())
}

#[test]
fn nothing_from_the_cluster_becomes_markup() {
    let pages = |text: &str| -> Vec<(String, String)> {
        let encoded: String =
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let controller = Controller {
            missing: vec![text.to_owned()],
            unreadable: vec![(text.to_owned(), text.to_owned())],
            operator: Presence::Version(text.to_owned()),
            ..controller()
        };
        let targets = [
            "/".to_owned(),
            "/namespaces".to_owned(),
            format!("/workloads?q={encoded}&namespace={encoded}&cause={encoded}"),
            format!("/workloads?standing={encoded}"),
            format!("/{encoded}/deployment/{encoded}"),
            format!("/{encoded}/{encoded}/{encoded}"),
            "/causes/OperatorNotReady".to_owned(),
        ];
        let objects = [hostile(text)];
        targets.map(|target| (get(&target, &controller, &objects).body, target)).into()
    };
    let harmless = pages("harmless");
    for text in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' autofocus onfocus alert(1) '",
        "&lt;b>",
    ] {
        for ((page, target), (plain, _)) in pages(text).iter().zip(&harmless) {
            assert_eq!(marks(page), marks(plain), "{target}: {page}");
            assert!(!page.contains("='"), "an apostrophe would end this value: {page}");
        }
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for target in [
        "/",
        "/workloads",
        "/namespaces",
        "/causes",
        "/causes/AgentImagePullFailed",
        "/shop/deployment/checkout",
    ] {
        let page = get(target, &controller(), &shop()).body;
        for word in ["src=", "style=", "<script", "<style", "http-equiv", "//"] {
            let found = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
            assert!(!found.contains(word), "{target}: {word}");
        }
    }
}
