//! Which agent images does the operator use where an Instrumentation names none?

use std::sync::Arc;

use facts::Language;
use serde_json::Value;

use super::flags::Flag;
use crate::releases::Release;

/// Default agent images by language (`internal/config/config.go` `New`, v0.158.0; tags: `versions.txt` of each release).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentImages([Arc<str>; 7]);

const LANGUAGES: [Language; 7] = [
    Language::Java,
    Language::NodeJs,
    Language::Python,
    Language::DotNet,
    Language::Go,
    Language::ApacheHttpd,
    Language::Nginx,
];

/// Tags of each recorded release, in the order of [`LANGUAGES`]; nginx takes Apache's image.
const TAGS: [(u16, [&str; 6]); 12] = [
    (85, ["1.30.0", "0.41.1", "0.40b0", "1.0.0", "v0.3.0-alpha", "1.0.3"]),
    (86, ["1.30.0", "0.41.1", "0.41b0", "1.0.2", "v0.3.0-alpha", "1.0.3"]),
    (100, ["1.32.1", "0.51.0", "0.44b0", "1.2.0", "v0.12.0-alpha", "1.0.4"]),
    (107, ["1.33.5", "0.52.1", "0.47b0", "1.2.0", "v0.14.0-alpha", "1.0.4"]),
    (110, ["1.33.5", "0.52.1", "0.48b0", "1.2.0", "v0.14.0-alpha", "1.0.4"]),
    (113, ["1.33.5", "0.53.0", "0.48b0", "1.2.0", "v0.17.0-alpha", "1.0.4"]),
    (120, ["1.33.6", "0.53.0", "0.51b0", "1.2.0", "v0.19.0-alpha", "1.0.4"]),
    (131, ["1.33.6", "0.62.0", "0.57b0", "1.2.0", "v0.22.1", "1.0.4"]),
    (142, ["1.33.6", "0.67.3", "0.60b1", "1.2.0", "v0.22.1", "1.0.4"]),
    (145, ["1.33.6", "0.70.0", "0.60b1", "1.2.0", "v0.23.0", "1.0.4"]),
    (148, ["1.33.6", "0.71.0", "0.60b1", "1.2.0", "v0.23.0", "1.0.4"]),
    (158, ["2.30.0", "0.78.0", "0.64b0", "1.16.0", "v0.24.0", "1.0.4"]),
];

impl AgentImages {
    /// The images of the recorded release at or before this one.
    pub fn built_in(release: Release) -> Self {
        let row = TAGS.iter().rev().find(|(minor, _)| *minor <= release.version().minor).unwrap_or(&TAGS[0]);
        Self(LANGUAGES.map(|language| {
            let (word, tag) = match language {
                Language::Nginx => {
                    (Language::ApacheHttpd.annotation_word(), row.1[Language::ApacheHttpd as usize])
                }
                language => (language.annotation_word(), row.1[language as usize]),
            };
            let repository = match language {
                Language::Go => "ghcr.io/open-telemetry/opentelemetry-go-instrumentation",
                _ => "ghcr.io/open-telemetry/opentelemetry-operator",
            };
            format!("{repository}/autoinstrumentation-{word}:{tag}").into()
        }))
    }

    /// The default image of a language; none for SDK, which has no agent.
    pub fn get(&self, language: Language) -> Option<&str> {
        self.0.get(language as usize).map(|image| &**image)
    }

    pub(super) fn apply_file(&mut self, file: &Value) {
        for (i, language) in LANGUAGES.into_iter().enumerate() {
            let word = match language {
                Language::NodeJs => "node-js",
                Language::DotNet => "dot-net",
                language => language.annotation_word(),
            };
            if let Some(image) =
                file.get(format!("auto-instrumentation-{word}-image")).and_then(Value::as_str)
            {
                self.0[i] = image.into();
            }
        }
    }

    pub(super) fn apply_env(&mut self, name: &str, value: &str) {
        let Some(word) = name.strip_prefix("RELATED_IMAGE_AUTO_INSTRUMENTATION_") else { return };
        self.apply(value, |language| {
            language.annotation_word().replace('-', "_").to_ascii_uppercase() == word
        });
    }

    pub(super) fn apply_flag(&mut self, flag: Flag<'_>) {
        let Some(word) =
            flag.name.strip_prefix("auto-instrumentation-").and_then(|rest| rest.strip_suffix("-image"))
        else {
            return;
        };
        self.apply(flag.text(), |language| language.annotation_word() == word);
    }

    fn apply(&mut self, image: &str, is_meant: impl Fn(Language) -> bool) {
        if let Some(i) = LANGUAGES.into_iter().position(is_meant) {
            self.0[i] = image.into();
        }
    }
}
