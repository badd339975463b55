//! Are the rights in `config/rbac` exactly those that are used, and what is said where one of them is missing?

use std::collections::BTreeSet;

use controller::{LeaseSettings, Settings};
use e2e::bed::audit::Request;
use e2e::operator::StandIn;
use e2e::product::{NAMESPACE, SERVICE_ACCOUNT, kubectl};
use e2e::verdicts::verdicts;
use e2e::{Bed, Options};
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview};
use k8s_openapi::api::rbac::v1::{ClusterRole, PolicyRule, Role};
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;

use crate::running::{Running, until, until_says};
use crate::{CHECKOUT, INSTRUMENTATION, SHOP, install, not_checked, objects};

/// Rights whose use the API server notes under another verb: a server-side apply is a `patch`, and needs `create` where
/// nothing is there yet.
const NOTED_OTHERWISE: (&str, &str) = ("instrumentationhealths.instrumentation-health.dev", "create");

/// What the objects of `checkout`, which is injected, and of `late`, which names what does not exist, say without the right
/// to read a kind. Without it nobody may be told that something is missing that may well be there.
const WITHOUT: [(&str, &str, &str); 17] = [
    ("pods", "Unknown NotChecked", "False InstrumentationNotFound"),
    ("namespaces", "Unknown NotChecked", "False InstrumentationNotFound"),
    ("instrumentations.opentelemetry.io", "True Instrumented", "Unknown NotChecked"),
    ("services", "Unknown NotChecked", "False InstrumentationNotFound"),
    ("endpointslices.discovery.k8s.io", "Unknown NotChecked", "False InstrumentationNotFound"),
    ("events", "True Instrumented", "False InstrumentationNotFound"),
    ("deployments.apps", "True Instrumented", "False InstrumentationNotFound"),
    ("replicasets.apps", "True Instrumented", "False InstrumentationNotFound"),
    ("statefulsets.apps", "True Instrumented", "False InstrumentationNotFound"),
    ("daemonsets.apps", "True Instrumented", "False InstrumentationNotFound"),
    ("jobs.batch", "True Instrumented", "False InstrumentationNotFound"),
    ("cronjobs.batch", "True Instrumented", "False InstrumentationNotFound"),
    ("nodes", "True Instrumented", "False InstrumentationNotFound"),
    ("networkpolicies.networking.k8s.io", "True Instrumented", "False InstrumentationNotFound"),
    ("opentelemetrycollectors.opentelemetry.io", "True Instrumented", "False InstrumentationNotFound"),
    (
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "True Instrumented",
        "False InstrumentationNotFound",
    ),
    ("customresourcedefinitions.apiextensions.k8s.io", "True Instrumented", "False InstrumentationNotFound"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_right_is_used_none_is_lacking_and_without_one_the_rest_works() {
    let bed = Bed::start(Options { audit: true, ..Options::named("rights") }).await.unwrap();
    let _operator = StandIn::install(&bed, &[]).await.unwrap();
    install(&bed, "default").await;
    bed.apply_yaml(SHOP).await.unwrap();
    bed.apply_yaml(INSTRUMENTATION).await.unwrap();
    bed.apply_yaml(CHECKOUT).await.unwrap();
    let late = CHECKOUT.replace("checkout", "late").replace(r#""true""#, "of-nobody");
    bed.apply_yaml(&late).await.unwrap();
    bed.apply_yaml(&CHECKOUT.replace("checkout", "fickle")).await.unwrap();

    // A normal run: objects come, change and go, and something is told.
    let controller = Running::start(&bed).await;
    until_says(&bed, "deployment-checkout", "True", "Instrumented").await;
    until_says(&bed, "deployment-late", "False", "InstrumentationNotFound").await;
    until_says(&bed, "deployment-fickle", "True", "Instrumented").await;
    controller.until_ready().await;
    let no_more = r#"{"spec": {"template": {"metadata": {"annotations": null}}}}"#;
    kubectl(&bed, &["-n", "shop", "patch", "deployment", "fickle", "--type=merge", "-p", no_more])
        .await
        .unwrap();
    until("the object of a workload that asks no more is gone", async || {
        objects(&bed).get_opt("deployment-fickle").await.unwrap().is_none()
    })
    .await;
    controller.stop().await;
    // Where the API server cannot stream lists, which `check` does not ask for either; and where replicas elect a leader.
    let elects = |mut settings: Settings| {
        settings.streaming_lists = false;
        settings.lease = settings.lease.map(|lease| LeaseSettings { elect: true, ..lease });
        settings
    };
    let leader = Running::start_with(&bed, elects).await;
    leader.until_ready().await;
    let standby = Running::start_with(&bed, elects).await;
    standby.until_ready().await;
    standby.stop().await;
    leader.stop().await;
    let requests = bed.audit(NAMESPACE, SERVICE_ACCOUNT).unwrap();
    let refused: Vec<&Request> = requests.iter().filter(|request| request.is_refused()).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let roles: Api<ClusterRole> = Api::all(bed.client());
    let rules = roles.get(SERVICE_ACCOUNT).await.unwrap().rules.unwrap();
    let used =
        requests.iter().map(|request| (named(&request.group, &request.resource), request.verb.clone()));
    let noted_otherwise = (NOTED_OTHERWISE.0.to_owned(), NOTED_OTHERWISE.1.to_owned());
    let lease: Api<Role> = Api::namespaced(bed.client(), NAMESPACE);
    let lease = lease.get(SERVICE_ACCOUNT).await.unwrap().rules.unwrap();
    let granted: BTreeSet<_> = granted(&rules).union(&granted(&lease)).cloned().collect();
    assert_eq!(granted, used.chain([noted_otherwise]).collect());

    // Without one of the rights to read.
    let account = bed.client_for(NAMESPACE, SERVICE_ACCOUNT).await.unwrap();
    let mut said = Vec::new();
    for (resource, ..) in WITHOUT {
        set_rules(&roles, &without(&rules, resource)).await;
        until_may(&account, resource, false).await;
        let controller = Running::start(&bed).await;
        let needed = format!("list, watch {resource}");
        for name in ["deployment-checkout", "deployment-late"] {
            until("the missing rule is named", async || not_checked(&bed, name).await.contains(&needed))
                .await;
        }
        controller.until_ready().await;
        let now = verdicts(&bed.client()).await.unwrap();
        let of = |name: &str| {
            let verdict = now.iter().find(|verdict| verdict.name == name);
            verdict.map(|verdict| format!("{} {}", verdict.healthy, verdict.reason)).unwrap_or_default()
        };
        said.push((resource.to_owned(), of("deployment-checkout"), of("deployment-late")));
        controller.stop().await;
    }
    let expected = WITHOUT.map(|(resource, a, b)| (resource.to_owned(), a.to_owned(), b.to_owned()));
    assert_eq!(said, expected);
    set_rules(&roles, &rules).await;
    until_may(&account, WITHOUT[16].0, true).await;

    cannot_write(&bed, &roles, &rules, &account).await;
    bed.stop();
}

/// What is said where our own objects may not be read or written, or Events not be sent; and that it is made up for.
async fn cannot_write(bed: &Bed, roles: &Api<ClusterRole>, rules: &[PolicyRule], account: &Client) {
    let own = "instrumentationhealths.instrumentation-health.dev";
    set_rules(roles, &without(rules, own)).await;
    until_may(account, own, false).await;
    let controller = Running::start(bed).await;
    until("it is not ready, and names its own objects", async || {
        let (code, page) = controller.page("/readyz").await;
        code == 503 && page.contains("instrumentationhealths") && !page.contains("first list")
    })
    .await;
    set_rules(roles, rules).await;
    controller.until_ready().await;

    for (index, (resource, complaint)) in [
        (
            "instrumentationhealths/status.instrumentation-health.dev",
            r#"write_errors_total{error="forbidden"}"#,
        ),
        ("events.events.k8s.io", r#"result="refused"}"#),
    ]
    .into_iter()
    .enumerate()
    {
        set_rules(roles, &without(rules, resource)).await;
        // What is not there yet has to be told and written.
        let name = format!("new-{index}");
        let new = CHECKOUT.replace("checkout", &name).replace(r#""true""#, "of-nobody");
        // RBAC takes a moment; what is written before says nothing.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        bed.apply_yaml(&new).await.unwrap();
        until("the refusal is counted", async || controller.page("/metrics").await.1.contains(complaint))
            .await;
        set_rules(roles, rules).await;
        until_says(bed, &format!("deployment-{name}"), "False", "InstrumentationNotFound").await;
    }
    controller.stop().await;
}

/// A resource as rules are spoken of: `pods`, `deployments.apps`.
fn named(group: &str, resource: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

/// Every resource and verb of these rules.
fn granted(rules: &[PolicyRule]) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for rule in rules {
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                all.extend(rule.verbs.iter().map(|verb| (named(group, resource), verb.clone())));
            }
        }
    }
    all
}

/// The rules without a resource.
fn without(rules: &[PolicyRule], resource: &str) -> Vec<PolicyRule> {
    let mut left = Vec::new();
    for rule in rules {
        let group = rule.api_groups.as_ref().and_then(|groups| groups.first()).cloned().unwrap_or_default();
        let mut rule = rule.clone();
        let others = |name: &String| named(&group, name) != resource;
        rule.resources = rule.resources.map(|names| names.into_iter().filter(others).collect());
        if rule.resources.as_ref().is_some_and(|names| !names.is_empty()) {
            left.push(rule);
        }
    }
    assert!(left != rules, "nobody grants {resource}");
    left
}

async fn set_rules(roles: &Api<ClusterRole>, rules: &[PolicyRule]) {
    let patch = Patch::Merge(json!({ "rules": rules }));
    roles.patch(SERVICE_ACCOUNT, &PatchParams::default(), &patch).await.unwrap();
}

/// Waits until the API server heeds the rules: it takes a moment to notice.
async fn until_may(account: &Client, resource: &str, may: bool) {
    let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
    let review: SelfSubjectAccessReview = serde_json::from_value(json!({"spec": {}})).unwrap();
    let attributes = ResourceAttributes {
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        verb: Some("list".to_owned()),
        // The only name for which definitions may be listed.
        name: (resource == "customresourcedefinitions")
            .then(|| "instrumentations.opentelemetry.io".to_owned()),
        ..ResourceAttributes::default()
    };
    let mut review = review;
    review.spec.resource_attributes = Some(attributes);
    let reviews: Api<SelfSubjectAccessReview> = Api::all(account.clone());
    until("the rules are heeded", async || {
        let answer = reviews.create(&PostParams::default(), &review).await.unwrap();
        answer.status.is_some_and(|status| status.allowed) == may
    })
    .await;
}
