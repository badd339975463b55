//! What a workload adds to the figures of the cluster.

use diagnosis::{Figures, LanguagePods};
use facts::Language;
use serde_json::json;

use crate::recorded::Recorded;

fn figures(cluster: &Recorded) -> Figures {
    cluster.diagnose().figures
}

fn pods(language: Language, asked: u32, injected: u32, healthy: u32) -> LanguagePods {
    LanguagePods { language, asked, injected, healthy }
}

#[test]
fn pods_are_counted_as_far_as_they_have_come() {
    for (scenario, expected, failed) in [
        ("healthy-java", pods(Language::Java, 2, 2, 2), 0),
        ("init-container-oom", pods(Language::Python, 2, 2, 0), 2),
        ("pod-created-while-webhook-unavailable", pods(Language::Java, 3, 0, 0), 3),
    ] {
        let figures = figures(&Recorded::new(scenario));
        assert_eq!((&*figures.pods, figures.failed), (&[expected][..], failed), "{scenario}");
    }
    let two = figures(&Recorded::new("healthy-two-languages-with-names"));
    assert_eq!(two.pods.len(), 2, "{two:?}");
    assert!(two.pods.iter().all(|count| count.asked == count.healthy && count.asked > 0), "{two:?}");
}

#[test]
fn findings_are_counted_with_what_users_say_of_them() {
    let recorded = || Recorded::new("init-container-oom");
    let plain = figures(&recorded());
    assert_eq!((plain.healthy, plain.reason), ("False", "InitContainerOOMKilled"));
    let oom = |severity| ("InitContainerOOMKilled", severity);
    let frozen = ("InstrumentationFrozenDefaults", api::Severity::Info);
    assert_eq!(*plain.findings, [oom(api::Severity::Error), frozen]);
    assert!(plain.ignored.is_empty() && !plain.muted);
    let intended = recorded().set(
        "Deployment",
        "app",
        "/metadata/annotations",
        &json!({
            "instrumentation-health.dev/ignore": "InitContainerOOMKilled",
            "instrumentation-health.dev/mute-until": "2030-01-01T00:00:00Z",
        }),
    );
    let intended = figures(&intended);
    assert_eq!(*intended.ignored, ["InitContainerOOMKilled"]);
    assert_eq!(intended.reason, "Instrumented");
    assert!(intended.findings.contains(&oom(api::Severity::Info)), "{:?}", intended.findings);
    assert!(intended.muted);
}
