//! Which annotation keys does the operator read, and which of them was a strange key meant to be?

use facts::{INSTRUMENTATION_PREFIX, Language};
use injection::names::CONTAINER_NAMES;

use crate::catalogue::nearest::nearest;

/// Platform of the Python agent.
pub const PYTHON_PLATFORM: &str = "instrumentation.opentelemetry.io/otel-python-platform";
/// Runtime of the .NET agent.
pub const DOTNET_RUNTIME: &str = "instrumentation.opentelemetry.io/otel-dotnet-auto-runtime";
/// Program that the Go agent watches.
pub const GO_TARGET: &str = "instrumentation.opentelemetry.io/otel-go-auto-target-exe";

/// Words by which people call a language although the operator does not.
const OTHER_WORDS: [(&str, Language); 13] = [
    ("node", Language::NodeJs),
    ("js", Language::NodeJs),
    ("javascript", Language::NodeJs),
    ("typescript", Language::NodeJs),
    ("net", Language::DotNet),
    ("csharp", Language::DotNet),
    ("aspnet", Language::DotNet),
    ("golang", Language::Go),
    ("py", Language::Python),
    ("jvm", Language::Java),
    ("apache", Language::ApacheHttpd),
    ("httpd", Language::ApacheHttpd),
    ("apachehttpd", Language::ApacheHttpd),
];

/// Words beside that of a language in keys by which people ask for its injection.
const ASKING_WORDS: [&str; 10] = [
    "inject",
    "injection",
    "auto",
    "autoinject",
    "instrumentation",
    "autoinstrumentation",
    "instrument",
    "agent",
    "enable",
    "enabled",
];

/// A key that the operator does not read although it looks as if it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrangeKey {
    /// Most likely this key was meant.
    Slip(&'static str),
    /// It asks for a language that the operator cannot inject, or for nothing that it knows.
    Unknown,
}

impl StrangeKey {
    /// The language whose injection was most likely meant to be asked for.
    pub fn language(self) -> Option<Language> {
        let Self::Slip(meant) = self else { return None };
        Language::ALL.into_iter().find(|language| language.inject_key() == meant)
    }
}

/// The keys that the operator reads from Pods and Namespaces (`internal/instrumentation/annotation.go`, v0.158.0).
pub fn known_keys() -> impl Iterator<Item = &'static str> {
    Language::ALL
        .into_iter()
        .flat_map(|language| [language.inject_key(), language.container_names_key()])
        .chain([CONTAINER_NAMES, PYTHON_PLATFORM, DOTNET_RUNTIME, GO_TARGET])
}

/// Whether a key that stands as an annotation is a strange one. As a label every key is: the operator reads none.
pub fn strange(key: &str, is_label: bool) -> Option<StrangeKey> {
    let (prefix, name) = key.split_once('/')?;
    let ours = INSTRUMENTATION_PREFIX.trim_end_matches('/');
    if key.starts_with(INSTRUMENTATION_PREFIX) {
        let is_known =
            known_keys().any(|known| known == key) || name.starts_with("default-auto-instrumentation-");
        return (is_label || !is_known).then(|| meant_by(name));
    }
    let means_ours = prefix.eq_ignore_ascii_case(ours)
        || nearest(prefix, [ours]).is_some()
        || (prefix.contains("opentelemetry") && is_known_name(name));
    let meant = means_ours.then(|| meant_by(name))?;
    // Under a prefix that is merely like ours, only what plainly asks for injection counts.
    (prefix.eq_ignore_ascii_case(ours) || meant.language().is_some()).then_some(meant)
}

fn is_known_name(name: &str) -> bool {
    known_keys().any(|known| known.strip_prefix(INSTRUMENTATION_PREFIX) == Some(name))
}

fn meant_by(name: &str) -> StrangeKey {
    let lower = name.trim().to_lowercase().replace(['_', '.', ' '], "-");
    let of = |key: Option<&'static str>| key.map_or(StrangeKey::Unknown, StrangeKey::Slip);
    if is_known_name(&lower) {
        return of(known_keys().find(|key| key.ends_with(&format!("/{lower}"))));
    }
    if let Some(language) = asked_in_words(&lower) {
        return StrangeKey::Slip(language.inject_key());
    }
    let by_word = |word: &str| {
        let word = word.trim_matches('-');
        called(word).or_else(|| {
            let word = nearest(word, Language::ALL.map(Language::annotation_word))?;
            Language::ALL.into_iter().find(|language| language.annotation_word() == word)
        })
    };
    for end in ["-container-names", "-container-name", "-containers", "-container", "-names"] {
        if let Some(word) = lower.strip_suffix(end) {
            let word = word.strip_prefix("inject-").unwrap_or(word);
            if let Some(language) = by_word(word) {
                return StrangeKey::Slip(language.container_names_key());
            }
        }
    }
    let asks = lower.strip_prefix("inject").or_else(|| lower.strip_suffix("-instrumentation"));
    let asks = asks.or_else(|| lower.strip_suffix("-inject"));
    if let Some(language) = asks.and_then(by_word) {
        return StrangeKey::Slip(language.inject_key());
    }
    if asks.is_some_and(|word| !word.trim_matches('-').is_empty()) {
        // `inject-php` is no slip of `inject-python`: such a language does not exist.
        let full = nearest(&lower, Language::ALL.map(|l| &l.inject_key()[INSTRUMENTATION_PREFIX.len()..]));
        let close = full.filter(|full| strsim::damerau_levenshtein(full, &lower) <= 2);
        return of(close.and_then(|name| known_keys().find(|key| key.ends_with(&format!("/{name}")))));
    }
    let names = known_keys().map(|key| &key[INSTRUMENTATION_PREFIX.len()..]);
    of(nearest(&lower, names).and_then(|name| known_keys().find(|key| key.ends_with(&format!("/{name}")))))
}

/// The language that people call by a word.
fn called(word: &str) -> Option<Language> {
    let exact = Language::ALL.into_iter().find(|language| language.annotation_word() == word);
    exact.or_else(|| OTHER_WORDS.iter().find(|(other, _)| *other == word).map(|(_, language)| *language))
}

/// The language of a name that is made of one language and words which ask: `java`, `auto-inject-java`, `java-enabled`.
fn asked_in_words(name: &str) -> Option<Language> {
    let mut words = name.split('-').filter(|word| !ASKING_WORDS.contains(word));
    let language = called(words.next()?)?;
    words.next().is_none().then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip(name: &str) -> StrangeKey {
        StrangeKey::Slip(known_keys().find(|key| key.ends_with(name)).expect("a known key"))
    }

    #[test]
    fn slips_lead_to_the_key_that_was_meant() {
        for (name, meant) in [
            ("inject-node", "/inject-nodejs"),
            ("inject-pyhton", "/inject-python"),
            ("inject-net", "/inject-dotnet"),
            ("inject-golang", "/inject-go"),
            ("inject-Java", "/inject-java"),
            ("injectjava", "/inject-java"),
            ("inject_nodejs", "/inject-nodejs"),
            ("java-instrumentation", "/inject-java"),
            ("java", "/inject-java"),
            ("node", "/inject-nodejs"),
            ("auto-inject-java", "/inject-java"),
            ("inject-java-agent", "/inject-java"),
            ("python-enabled", "/inject-python"),
            ("inject-apache", "/inject-apache-httpd"),
            ("nginx-container-names", "/inject-nginx-container-names"),
            ("java-container-name", "/java-container-names"),
            ("inject-java-container-names", "/java-container-names"),
            ("container-name", "/container-names"),
            ("python-platform", "/otel-python-platform"),
            ("otel-dotnet-auto-runtim", "/otel-dotnet-auto-runtime"),
        ] {
            let key = format!("{INSTRUMENTATION_PREFIX}{name}");
            assert_eq!(strange(&key, false), Some(slip(meant)), "{name}");
        }
    }

    #[test]
    fn what_nobody_can_have_meant_stays_unknown() {
        for name in ["inject-php", "inject-ruby", "team", "inject-rust", "enabled", "inject"] {
            let key = format!("{INSTRUMENTATION_PREFIX}{name}");
            assert_eq!(strange(&key, false), Some(StrangeKey::Unknown), "{name}");
        }
    }

    #[test]
    fn known_keys_are_strange_as_labels_only() {
        for key in known_keys() {
            assert_eq!(strange(key, false), None, "{key}");
            assert_eq!(strange(key, true), Some(StrangeKey::Slip(key)));
        }
    }

    #[test]
    fn a_misspelt_prefix_counts_where_it_asks_for_injection() {
        let java = Some(slip("/inject-java"));
        for key in [
            "instrumentation.opentelemtry.io/inject-java",
            "Instrumentation.OpenTelemetry.io/inject-java",
            "opentelemetry.io/inject-java",
            "sidecar.opentelemetry.io/inject-java",
        ] {
            assert_eq!(strange(key, false), java, "{key}");
        }
        for key in [
            "sidecar.opentelemetry.io/inject",
            "sidecar.opentelemetry.io/injected",
            "resource.opentelemetry.io/service.name",
            "instrumentation.newrelic.com/inject-java",
            "app.kubernetes.io/name",
        ] {
            assert_eq!(strange(key, false), None, "{key}");
        }
    }
}
