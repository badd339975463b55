//! Which workloads are asked for, and how does a link say so?

use api::Standing;
use diagnosis::known::named;
use form_urlencoded::{Serializer, parse};

use crate::row::Row;

/// What a workload has to be to be listed: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this namespace.
    pub namespace: Option<String>,
    /// With this reason, as its main one or as that of a finding.
    pub cause: Option<String>,
    /// Standing so.
    pub standing: Option<Standing>,
    /// Silenced so.
    pub silence: Option<Silence>,
    /// With all these words somewhere in its name, its causes, its sentences, languages or Instrumentations.
    pub words: String,
    /// Which part of the list, counted from 1.
    pub part: usize,
}

/// How users silence the controller about a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// No Events are sent.
    Muted,
    /// A finding is called intended.
    Ignored,
}

impl Silence {
    /// As links and people say it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Muted => "muted",
            Self::Ignored => "ignored",
        }
    }
}

/// Most characters of a search that are looked at.
const MOST: usize = 200;

impl Filter {
    /// Reads the query of a link or of the search form. What is empty is not asked for.
    ///
    /// # Errors
    /// A sentence that says which value means nothing, and which ones do.
    pub fn parse(query: &str) -> Result<Self, String> {
        let mut filter = Self { part: part(query)?, ..Self::default() };
        for (key, value) in parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            match &*key {
                "namespace" => filter.namespace = Some(value.into_owned()),
                // Also by its code, or as a newer controller calls it.
                "cause" => {
                    filter.cause =
                        Some(named(&value).map_or(value.into_owned(), |cause| cause.reason.to_owned()));
                }
                "standing" => filter.standing = Some(standing(&value)?),
                "silenced" => filter.silence = Some(silence(&value)?),
                "q" => filter.words = value.trim().chars().take(MOST).collect(),
                _ => {}
            }
        }
        Ok(filter)
    }

    /// Whether a workload is asked for.
    pub fn keeps(&self, row: &Row) -> bool {
        let silenced = |silence| match silence {
            Silence::Muted => row.muted,
            Silence::Ignored => row.causes.iter().any(|cause| cause.ignored),
        };
        self.namespace.as_ref().is_none_or(|namespace| *namespace == row.namespace)
            && self.cause.as_ref().is_none_or(|reason| row.causes.iter().any(|cause| cause.reason == *reason))
            && self.standing.is_none_or(|standing| standing == row.standing)
            && self.silence.is_none_or(silenced)
            && (self.words.is_empty() || row.has(&self.words))
    }

    /// The first part of the list with these settings.
    pub fn href(&self) -> String {
        self.href_of_part(1)
    }

    /// A part of the list.
    pub fn href_of_part(&self, part: usize) -> String {
        let mut query = Serializer::new(String::new());
        for (key, value) in self.settings() {
            query.append_pair(key, &value);
        }
        if !self.words.is_empty() {
            query.append_pair("q", &self.words);
        }
        if part > 1 {
            query.append_pair("page", &part.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/workloads".to_owned() } else { format!("/workloads?{query}") }
    }

    /// What is set beside the words, as a form carries it along.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let standing = self.standing.map(|standing| standing.as_str().to_owned());
        let silenced = self.silence.map(|silence| silence.as_str().to_owned());
        [
            ("namespace", self.namespace.clone()),
            ("cause", self.cause.clone()),
            ("standing", standing),
            ("silenced", silenced),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}

/// Which part of a list a query asks for.
pub fn part(query: &str) -> Result<usize, String> {
    let wanted = parse(query.as_bytes()).find(|(key, value)| key == "page" && !value.is_empty());
    let Some((_, value)) = wanted else { return Ok(1) };
    value.parse().ok().filter(|part| *part > 0).ok_or_else(|| format!("page={value:?}: expected 1, 2, 3 …"))
}

fn standing(text: &str) -> Result<Standing, String> {
    Standing::ALL.into_iter().find(|standing| standing.as_str() == text).ok_or_else(|| {
        let known = Standing::ALL.map(Standing::as_str).join(", ");
        format!("standing={text:?}: expected one of {known}")
    })
}

fn silence(text: &str) -> Result<Silence, String> {
    [Silence::Muted, Silence::Ignored]
        .into_iter()
        .find(|silence| silence.as_str() == text)
        .ok_or_else(|| format!("silenced={text:?}: expected muted or ignored"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_means_what_it_was_made_of() {
        let filter = Filter {
            namespace: Some("shop & co".to_owned()),
            cause: Some("AgentImagePullFailed".to_owned()),
            standing: Some(Standing::NotJudged),
            silence: Some(Silence::Muted),
            words: "a=b <c>".to_owned(),
            part: 3,
        };
        let href = filter.href_of_part(3);
        assert_eq!(Filter::parse(href.strip_prefix("/workloads?").unwrap()), Ok(filter));
        assert_eq!(Filter::default().href(), "/workloads");
    }

    #[test]
    fn what_means_nothing_is_told() {
        for (query, told) in [
            ("page=0", "page=\"0\": expected 1, 2, 3 …"),
            ("page=x", "page=\"x\": expected 1, 2, 3 …"),
            (
                "standing=ill",
                "standing=\"ill\": expected one of failing, uncertain, not judged, starting, healthy",
            ),
            ("silenced=yes", "silenced=\"yes\": expected muted or ignored"),
        ] {
            assert_eq!(Filter::parse(query), Err(told.to_owned()));
        }
        assert_eq!(Filter::parse("cause=f4&other=1").unwrap().cause.as_deref(), Some("AgentImagePullFailed"));
    }
}
