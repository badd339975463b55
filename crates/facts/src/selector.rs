//! Does a label selector choose these labels?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::metadata::null_as_empty;
use crate::string_map::StringMap;

/// A label selector. An empty one selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must have exactly these values.
    pub match_labels: StringMap,
    /// Requirements that must all hold.
    #[serde(deserialize_with = "null_as_empty")]
    pub match_expressions: Box<[LabelSelectorRequirement]>,
}

/// One requirement of a label selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabelSelectorRequirement {
    /// Label key.
    pub key: Arc<str>,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: Arc<str>,
    /// Values of `In` and `NotIn`.
    #[serde(deserialize_with = "null_as_empty")]
    pub values: Box<[Arc<str>]>,
}

impl LabelSelector {
    /// Whether it selects an object with these labels (`k8s.io/apimachinery` `LabelSelectorAsSelector`).
    pub fn matches(&self, labels: &StringMap) -> bool {
        self.first_unmet(labels).is_none()
    }

    /// The first requirement that these labels do not meet, in words.
    pub fn first_unmet(&self, labels: &StringMap) -> Option<String> {
        let label = self.match_labels.iter().find(|(key, value)| labels.get(key) != Some(value));
        if let Some((key, value)) = label {
            return Some(format!("{key}={value}"));
        }
        self.match_expressions
            .iter()
            .find(|requirement| !requirement.matches(labels))
            .map(ToString::to_string)
    }
}

impl LabelSelectorRequirement {
    fn matches(&self, labels: &StringMap) -> bool {
        let value = labels.get(&self.key);
        let listed = |value: &str| self.values.iter().any(|v| &**v == value);
        match &*self.operator {
            "In" => value.is_some_and(listed),
            "NotIn" => !value.is_some_and(listed),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            // The API server refuses any other operator.
            _ => false,
        }
    }
}

impl std::fmt::Display for LabelSelectorRequirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.key, self.operator)?;
        if !self.values.is_empty() {
            write!(f, " ({})", self.values.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(json: &str) -> LabelSelector {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_empty_selector_selects_everything() {
        assert!(selector("{}").matches(&StringMap::default()));
    }

    #[test]
    fn expressions_follow_kubernetes() {
        let labels: StringMap = [("team", "payments")].into_iter().collect();
        for (expression, want) in [
            (r#"{"key":"team","operator":"In","values":["payments","shop"]}"#, true),
            (r#"{"key":"team","operator":"NotIn","values":["payments"]}"#, false),
            (r#"{"key":"tier","operator":"NotIn","values":["web"]}"#, true),
            (r#"{"key":"team","operator":"Exists"}"#, true),
            (r#"{"key":"team","operator":"DoesNotExist"}"#, false),
        ] {
            let selector = selector(&format!(r#"{{"matchExpressions":[{expression}]}}"#));
            assert_eq!(selector.matches(&labels), want, "{expression}");
        }
    }
}
