//! Which part of a refused Pod did the injection add?
//!
//! The refused Pod does not exist. What it looked like is worked out from the template and the decision on it; where that
//! cannot be done, the names that the operator always uses tell.

use facts::{Container, Language, PodShape};
use injection::{Marks, marks};

use super::text::FieldComplaint;
use crate::case::Case;

/// Beginnings of names, paths and volumes that only the operator makes.
const NAMES: [&str; 9] = [
    "opentelemetry-auto-instrumentation",
    "otel-auto-instrumentation",
    "otel-agent-attach-",
    "otel-agent-source-container-clone",
    "otel-auto-secret-",
    "otel-auto-configmap-",
    "otel-apache-",
    "otel-nginx-",
    "kernel-debug",
];

/// The Pod with and without injection.
pub struct Injected<'c> {
    /// Without: the template.
    pub before: Option<&'c PodShape>,
    /// With; none where the operator would not touch it now.
    pub after: Option<&'c PodShape>,
    /// Marks of the latter.
    pub marks: Marks,
}

impl<'c> Injected<'c> {
    /// Works it out for the next Pod of a workload.
    pub fn of(case: &'c Case<'_>) -> Self {
        let after = case.next_shape();
        Self {
            before: case.template.map(|shape| &**shape),
            after,
            marks: after.map(marks).unwrap_or_default(),
        }
    }

    /// Whether a container or volume of this name comes from the injection.
    pub fn adds(&self, name: &str) -> bool {
        let Some(before) = self.before else { return is_ours(name) };
        let had = containers(before).any(|container| &*container.name == name)
            || before.spec.volumes.iter().any(|volume| &*volume.name == name);
        !had && (is_ours(name) || self.after.is_some_and(|after| containers(after).any(|c| &*c.name == name)))
    }

    /// Whether a text names something that only the injection brings: a container, a volume, a mount, an agent's image.
    pub fn is_named_in(&self, text: &str) -> bool {
        let image =
            || self.added().any(|container| !container.image.is_empty() && text.contains(&*container.image));
        let copied = |name: &str| {
            let had = |before: &PodShape| containers(before).any(|c| c.name.starts_with(name));
            self.before.is_some_and(had)
        };
        NAMES.iter().any(|name| text.contains(name) && !copied(name)) || image()
    }

    /// The containers that paths in the words of a policy point at: `…/spec/initContainers/0/…`, `spec.initContainers[0].…`.
    pub fn pointed_at(&self, text: &str) -> Vec<&'c Container> {
        let Some(after) = self.after else { return Vec::new() };
        let spec = &after.spec;
        let mut pointed = Vec::new();
        for (list, containers) in
            [("initContainers", &spec.init_containers), ("containers", &spec.containers)]
        {
            for (at, _) in text.match_indices(list) {
                let is_word = text[..at].ends_with(['/', '.']);
                let rest = text[at + list.len()..].strip_prefix(['/', '[']).filter(|_| is_word);
                let digits = rest.map_or("", |rest| {
                    &rest[..rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len())]
                });
                pointed.extend(digits.parse::<usize>().ok().and_then(|index| containers.get(index)));
            }
        }
        pointed
    }

    /// Whether the words of a policy name a container of the application, or its image.
    pub fn owns_what_is_named_in(&self, text: &str) -> bool {
        let is_own = |container: &Container| self.own().any(|own| own.name == container.name);
        let by_name = |name: &str| {
            let quoted = [format!("<{name}>"), format!("\"{name}\""), format!("'{name}'")];
            let last = format!(": {name}");
            let after_word = format!("ontainer {name}");
            let is_whole = |at: usize| {
                let next = text[at + after_word.len()..].chars().next();
                next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != '-')
            };
            quoted.iter().any(|quoted| text.contains(quoted))
                || text.lines().any(|line| line.trim_end().ends_with(&last))
                || text.match_indices(&after_word).any(|(at, _)| is_whole(at))
        };
        let by_image = |image: &str| !image.is_empty() && text.contains(image);
        self.own().any(|own| by_name(&own.name) || by_image(&own.image))
            || self.pointed_at(text).into_iter().any(is_own)
    }

    /// The containers that the injection adds.
    pub fn added(&self) -> impl Iterator<Item = &'c Container> {
        let before = self.before;
        let is_new = move |container: &&Container| {
            before.is_none_or(|before| containers(before).all(|known| known.name != container.name))
        };
        self.after.into_iter().flat_map(containers).filter(is_new)
    }

    /// The containers of the application.
    pub fn own(&self) -> impl Iterator<Item = &'c Container> {
        self.before.into_iter().flat_map(containers)
    }

    /// The language that an added container belongs to.
    pub fn language(&self, container: &str) -> Option<Language> {
        let agent = self.marks.agents.iter().find(|agent| &*agent.name == container);
        let only = || match self.marks.languages().as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        agent.and_then(|agent| agent.language).or_else(only)
    }

    /// What an error of validation points at, if the injection has put it there.
    pub fn field(&self, complaint: &FieldComplaint<'_>) -> Option<Field<'c>> {
        let (list, index, rest) = indexed(complaint.path.strip_prefix("spec.")?)?;
        let spec = &self.after?.spec;
        if list == "volumes" {
            let volume = spec.volumes.get(index)?;
            let words = format!("volume {}", volume.name);
            return self.adds(&volume.name).then_some(Field { words, container: None, variable: None });
        }
        let containers = if list == "initContainers" { &spec.init_containers } else { &spec.containers };
        let container = containers.get(index)?;
        let had = self.own().find(|known| known.name == container.name);
        let part = rest.strip_prefix('.').and_then(indexed);
        let (words, variable, changed) = match part {
            Some(("env", index, _)) => {
                let var = container.env.get(index)?;
                let changed = had.is_none_or(|had| !had.env.contains(var));
                (format!("variable {} of container {}", var.name, container.name), Some(&*var.name), changed)
            }
            Some(("volumeMounts", index, _)) => {
                let mount = container.volume_mounts.get(index)?;
                let changed = had.is_none_or(|had| !had.volume_mounts.contains(mount));
                // A path that stands twice: one of the two is the injection's.
                let twice = mount.mount_path.starts_with("/otel-auto-instrumentation");
                (
                    format!("mount {} of container {}", mount.mount_path, container.name),
                    None,
                    changed || twice,
                )
            }
            _ => {
                let field = rest.trim_start_matches('.');
                (format!("{field} of container {}", container.name), None, had.is_none())
            }
        };
        changed.then_some(Field { words, container: Some(container), variable })
    }
}

/// A part of the Pod that the injection has put there.
pub struct Field<'c> {
    /// `variable X of container app`
    pub words: String,
    /// The container.
    pub container: Option<&'c Container>,
    /// The variable.
    pub variable: Option<&'c str>,
}

fn is_ours(name: &str) -> bool {
    NAMES.iter().any(|known| name.starts_with(known))
}

fn containers(shape: &PodShape) -> impl Iterator<Item = &Container> {
    shape.spec.init_containers.iter().chain(&shape.spec.containers)
}

/// `containers[0].env[3]` → `containers`, 0, `.env[3]`
fn indexed(path: &str) -> Option<(&str, usize, &str)> {
    let (list, rest) = path.split_once('[')?;
    let (index, rest) = rest.split_once(']')?;
    Some((list, index.parse().ok()?, rest))
}
