//! What in a text may be a credential, and what stands in its place in a file that leaves the cluster?

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use regex::{Captures, Regex, RegexSet};

/// Puts a mark in the place of everything that looks like a credential. Equal credentials get equal marks, so that a
/// comparison of two values comes out as it did before; the mark says nothing else about what it stands for.
#[derive(Debug, Default)]
pub struct Credentials {
    marks: HashMap<String, usize>,
    is_unnumbered: bool,
}

/// Stands for a credential.
const MARK: &str = "redacted";

/// Parts of names that promise a credential.
const WORDS: &str = r"(?:passw(?:or)?d|passphrase|secret|token|credentials?|authorization|api[-_.]?key|access[-_.]?key|license[-_.]?key|private[-_.]?key|headers)";

/// Words before the credential proper in an `Authorization` header.
const SCHEMES: [&str; 5] = ["", "basic", "bearer", "api-token", "api-key"];

fn pattern(text: &str) -> Regex {
    Regex::new(&text.replace("WORDS", WORDS)).expect("the patterns in this file are well-formed")
}

/// A name that promises a credential.
static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)WORDS"));

/// Places of credentials in a text: what stands before, the credential, and what stands after.
const PLACES: [&str; 6] = [
    // --api-key=…, -Dotel.exporter.otlp.headers=api-key=…, PASSWORD=…
    r#"(?i)(?<before>[\w.-]*WORDS[\w.-]*=["']?)(?<secret>(?:(?:bearer|basic)(?:\s|%20)+)?[^\s,;&"']+)(?<after>)"#,
    // "password": "…"
    r#"(?i)(?<before>["'][\w.-]*WORDS[\w.-]*["']\s*:\s*["'])(?<secret>[^"']+)(?<after>["'])"#,
    r#"(?i)(?<before>authorization\s*:\s*)(?<secret>(?:bearer\s+|basic\s+)?[^\s,;"']+)(?<after>)"#,
    r"(?i)(?<before>\b(?:bearer|basic)\s+)(?<secret>[\w+/=.~-]{8,})(?<after>)",
    // https://user:password@host, and the mark that stands there in a snapshot.
    r"(?<before>://)(?<secret>[^/\s@:]+:[^/\s@]+|redacted-[0-9]+)(?<after>@)",
    // Directives in the configuration of the web servers' modules.
    r"(?<before>(?:Apache|Nginx)Module\w*Headers\s+)(?<secret>[^\s;]+)(?<after>)",
];

static EACH_PLACE: LazyLock<[Regex; 6]> = LazyLock::new(|| PLACES.map(pattern));

/// All of [`PLACES`] at once: most texts hold no credential.
static ANY_PLACE: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(EACH_PLACE.iter().map(Regex::as_str)).expect("each of the patterns is well-formed")
});

impl Credentials {
    /// With one mark for all credentials: for what people read, where numbers would only raise questions.
    pub fn unnumbered() -> Self {
        Self { is_unnumbered: true, ..Self::default() }
    }

    /// The value of a variable, by its name.
    pub fn variable(&mut self, name: &str, value: &str) -> String {
        if matches!(value, "" | "true" | "false" | "0" | "1") {
            return value.to_owned();
        }
        if name.to_ascii_uppercase().ends_with("HEADERS") {
            return self.headers(value);
        }
        if NAME.is_match(name) { self.around_references(value) } else { self.text(value) }
    }

    /// Any other text.
    pub fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        if !ANY_PLACE.is_match(&text) {
            return text;
        }
        for place in EACH_PLACE.iter() {
            if place.is_match(&text) {
                let clean = |found: &Captures<'_>| {
                    format!(
                        "{}{}{}",
                        &found["before"],
                        self.around_references(&found["secret"]),
                        &found["after"]
                    )
                };
                text = place.replace_all(&text, clean).into_owned();
            }
        }
        text
    }

    /// The words of a command: also the word after `--password`.
    pub fn words(&mut self, words: &mut [Arc<str>]) {
        let mut expects_credential = false;
        for word in words {
            let is_option = word.starts_with('-');
            let clean =
                if expects_credential && !is_option { self.around_references(word) } else { self.text(word) };
            expects_credential = is_option && !word.contains('=') && NAME.is_match(word);
            if clean != **word {
                *word = clean.into();
            }
        }
    }

    /// `api-key=…,tenant=…`: the names stay.
    fn headers(&mut self, value: &str) -> String {
        let one = |header: &str| match header.split_once('=') {
            Some((name, value)) => format!("{name}={}", self.around_references(value)),
            None => self.around_references(header),
        };
        value.split(',').map(one).collect::<Vec<_>>().join(",")
    }

    /// Everything but `$(NAME)`, which only names another variable.
    fn around_references(&mut self, text: &str) -> String {
        let mut clean = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("$(") {
            let Some(length) = rest[start..].find(')') else { break };
            clean.push_str(&self.literal(&rest[..start]));
            clean.push_str(&rest[start..=start + length]);
            rest = &rest[start + length + 1..];
        }
        clean.push_str(&self.literal(rest));
        clean
    }

    fn literal(&mut self, text: &str) -> String {
        let word = text.trim().trim_end_matches("%20");
        if SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
            return text.to_owned();
        }
        if self.is_unnumbered {
            return MARK.to_owned();
        }
        let next = self.marks.len() + 1;
        let number = *self.marks.entry(text.to_owned()).or_insert(next);
        format!("{MARK}-{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_and_the_rest_stays() {
        for (name, value, want) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.otel:4317", "http://collector.otel:4317"),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "https://me:pw@backend:443/x",
                "https://redacted-1@backend:443/x",
            ),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=abc,tenant=7", "api-key=redacted-1,tenant=redacted-2"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=$(API_KEY)", "api-key=$(API_KEY)"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer $(TOKEN)", "authorization=Bearer $(TOKEN)"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc", "authorization=redacted-1"),
            (
                "OTEL_EXPORTER_OTLP_CLIENT_KEY",
                "/otel-auto-instrumentation/client.key",
                "/otel-auto-instrumentation/client.key",
            ),
            ("DD_API_KEY", "0123456789", "redacted-1"),
            ("NEW_RELIC_LICENSE_KEY", "$(LICENSE)", "$(LICENSE)"),
            ("DD_TRACE_ENABLED", "false", "false"),
            (
                "JAVA_TOOL_OPTIONS",
                "-javaagent:/otel/javaagent.jar -Djavax.net.ssl.trustStorePassword=changeit -Xmx1g",
                "-javaagent:/otel/javaagent.jar -Djavax.net.ssl.trustStorePassword=redacted-1 -Xmx1g",
            ),
            (
                "JAVA_TOOL_OPTIONS",
                "-Dotel.exporter.otlp.headers=api-key=abc -Dotel.traces.exporter=otlp",
                "-Dotel.exporter.otlp.headers=redacted-1 -Dotel.traces.exporter=otlp",
            ),
            (
                "OTEL_APACHE_AGENT_CONF",
                "ApacheModuleOtelExporterOtlpHeaders key=abc\nApacheModuleServiceName web",
                "ApacheModuleOtelExporterOtlpHeaders redacted-1\nApacheModuleServiceName web",
            ),
        ] {
            assert_eq!(Credentials::default().variable(name, value), want, "{name}={value}");
        }
    }

    #[test]
    fn what_components_of_the_cluster_say_stays_as_it_is() {
        for text in [
            r#"MountVolume.SetUp failed for volume "otel-auto-secret-tls" : secret "otel-tls" not found"#,
            "couldn't find key api-key in Secret shop/otel-credentials",
            r#"Error: secret "otel-token" not found"#,
            r#"pods "a" is forbidden: exceeded quota: compute, requested: limits.memory=64Mi, used: limits.memory=1Gi"#,
            r#"Failed to pull image "registry/x:1": unauthorized: authentication required"#,
        ] {
            assert_eq!(Credentials::default().text(text), text);
        }
    }

    #[test]
    fn a_command_keeps_its_options_and_loses_their_credentials() {
        let words = |words: &[&str]| words.iter().map(|word| Arc::from(*word)).collect::<Vec<Arc<str>>>();
        let mut command = words(&[
            "run",
            "--password",
            "abc",
            "--token=def",
            "--password-file",
            "--verbose",
            "curl -H 'Authorization: Bearer abcdefgh'",
        ]);
        Credentials::default().words(&mut command);
        let clean = words(&[
            "run",
            "--password",
            "redacted-1",
            "--token=redacted-2",
            "--password-file",
            "--verbose",
            "curl -H 'Authorization: redacted-3'",
        ]);
        assert_eq!(command, clean);
    }

    #[test]
    fn equal_credentials_stay_equal_and_others_differ() {
        let mut credentials = Credentials::default();
        let mut header = |value: &str| credentials.variable("OTEL_EXPORTER_OTLP_HEADERS", value);
        assert_eq!(header("k=a"), header("k=a"));
        assert_ne!(header("k=a"), header("k=b"));
    }
}
