//! What does the last stage of the Dockerfile put into the image, and how does it start?
//!
//! Only what that stage uses is understood: an instruction that is not is refused, never passed over.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};

/// The last stage, as far as an image is made of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// What is copied out of another stage, and whereto.
    pub copied: Vec<(String, String)>,
    /// `USER`.
    pub user: String,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub command: Vec<String>,
    /// `LABEL`s.
    pub labels: BTreeMap<String, String>,
}

impl Stage {
    /// Reads it; `build_args` are `NAME=VALUE`, and go before the defaults of `ARG`.
    pub fn last_of(text: &str, build_args: &[String]) -> anyhow::Result<Self> {
        let mut given = BTreeMap::new();
        for argument in build_args {
            let (name, value) =
                argument.split_once('=').with_context(|| format!("{argument:?} is not NAME=VALUE"))?;
            given.insert(name, value);
        }
        let lines = instructions(text);
        let start = lines.iter().rposition(|line| line.starts_with("FROM ")).context("has no stage")?;
        ensure!(
            lines[start] == "FROM scratch",
            "the last stage starts from an image that is not at hand: {}",
            lines[start]
        );
        let mut stage = Self::default();
        let mut values = BTreeMap::new();
        for line in &lines[start + 1..] {
            stage.take(line, &given, &mut values).with_context(|| line.clone())?;
        }
        ensure!(!stage.copied.is_empty() && !stage.entrypoint.is_empty(), "the last stage starts no program");
        Ok(stage)
    }

    fn take(
        &mut self,
        line: &str,
        given: &BTreeMap<&str, &str>,
        values: &mut BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let (word, rest) = line.split_once(' ').context("has no arguments")?;
        let rest = rest.trim();
        match word {
            "ARG" => {
                let (name, default) = rest.split_once('=').unwrap_or((rest, ""));
                let value = given.get(name).copied().unwrap_or_else(|| unquoted(default));
                values.insert(name.to_owned(), value.to_owned());
            }
            "LABEL" => {
                let (name, value) = rest.split_once('=').context("has no value")?;
                ensure!(unquoted(value) != value || !value.contains(' '), "has more than one label");
                self.labels.insert(name.to_owned(), expanded(unquoted(value), values)?);
            }
            "COPY" => {
                let words: Vec<&str> = rest.split_whitespace().collect();
                let [from, source, target] = words[..] else { bail!("is not: COPY --from=STAGE FILE FILE") };
                ensure!(from.starts_with("--from="), "copies from outside of the build stage");
                self.copied.push((source.to_owned(), target.to_owned()));
            }
            "USER" => rest.clone_into(&mut self.user),
            "ENTRYPOINT" => self.entrypoint = words(rest)?,
            "CMD" => self.command = words(rest)?,
            _ => bail!("is not understood here"),
        }
        Ok(())
    }
}

/// Lines without comments, with their continuations.
fn instructions(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut whole = vec![String::new()];
    for line in lines {
        let open = line.strip_suffix('\\');
        if let Some(last) = whole.last_mut() {
            last.push_str(open.unwrap_or(line));
        }
        if open.is_none() {
            whole.push(String::new());
        }
    }
    whole.retain(|line| !line.is_empty());
    whole
}

/// The list of an `ENTRYPOINT` or `CMD`. The other form needs a shell, which an empty image has not.
fn words(text: &str) -> anyhow::Result<Vec<String>> {
    serde_saphyr::from_str(text).context("is not a list of words: [\"/program\", \"argument\"]")
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// A value that is a variable as a whole: `${NAME}`.
fn expanded(text: &str, values: &BTreeMap<String, String>) -> anyhow::Result<String> {
    match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => values.get(name).cloned().with_context(|| format!("no ARG {name} stands before it")),
        None if text.contains('$') => bail!("a variable stands for a whole value only: ${{NAME}}"),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
FROM rust AS build
RUN make
FROM scratch
# What it is
ARG REVISION=unknown
LABEL title="a program"
LABEL revision=${REVISION}
COPY --from=build /out/a \
  /a
USER 1:1
ENTRYPOINT ["/a"]
CMD ["run"]
"#;

    #[test]
    fn the_last_stage_is_read() {
        for (given, revision) in [(vec![], "unknown"), (vec!["REVISION=abc".to_owned()], "abc")] {
            let labels = [("revision", revision), ("title", "a program")];
            let want = Stage {
                copied: vec![("/out/a".into(), "/a".into())],
                user: "1:1".into(),
                entrypoint: vec!["/a".into()],
                command: vec!["run".into()],
                labels: labels.map(|(name, value)| (name.into(), value.into())).into(),
            };
            assert_eq!(Stage::last_of(FILE, &given).unwrap(), want);
        }
    }

    #[test]
    fn what_would_give_another_image_is_refused() {
        for (stage, want) in [
            ("", "has no stage"),
            ("FROM debian", "not at hand"),
            ("FROM scratch\nCMD [\"a\"]", "starts no program"),
            ("FROM scratch\nRUN x", "not understood"),
            ("FROM scratch\nCOPY a /a", "is not: COPY"),
            ("FROM scratch\nENTRYPOINT /a", "not a list"),
            ("FROM scratch\nLABEL a=b c=d", "more than one"),
            ("FROM scratch\nLABEL a=$B", "whole value"),
            ("FROM scratch\nLABEL a=${B}", "no ARG B"),
        ] {
            let error = format!("{:#}", Stage::last_of(stage, &[]).unwrap_err());
            assert!(error.contains(want), "{stage:?}: {error}");
        }
    }

    #[test]
    fn the_one_of_the_repository_is_understood() {
        let text = include_str!("../../../../deploy/Dockerfile");
        let stage = Stage::last_of(text, &["REVISION=abc".to_owned()]).unwrap();
        assert_eq!(stage.labels["org.opencontainers.image.version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(stage.labels["org.opencontainers.image.revision"], "abc");
        assert_eq!(stage.user, "65532:65532", "the numbers that runAsNonRoot can check");
    }
}
