//! Which names lists are in effect for a language, and where do they stand?

use facts::{Language, Pod};
use injection::names::{self, CONTAINER_NAMES};

use crate::case::Case;
use crate::catalogue::origin::{Origin, origin};
use crate::catalogue::runtime::{Runtime, guess};
use crate::found::Found;

/// The lists in effect for a language: the common one and its own, as far as they are there.
pub fn lists<'s>(case: &'s Case<'_>, pod: Option<&'s Pod>, language: Language) -> Vec<Origin<'s>> {
    let keys = [CONTAINER_NAMES, language.container_names_key()];
    keys.into_iter().map(|key| origin(case, pod, key)).filter(|origin| !origin.value.is_empty()).collect()
}

/// Adds the lists to the evidence.
pub fn show<'c>(mut found: Found<'c>, lists: &[Origin<'_>]) -> Found<'c> {
    for list in lists {
        found = found.because(&*list.object, list.field(), list.value);
    }
    found
}

/// The names of the containers of the template (or Pod), init containers last.
pub fn containers<'s>(case: &'s Case<'_>, pod: Option<&'s Pod>) -> Vec<&'s str> {
    let Some(shape) = pod.map(|pod| &pod.shape).or(case.template) else { return Vec::new() };
    let added = |name: &str| {
        name.starts_with("opentelemetry-auto-instrumentation") || name.starts_with("otel-agent-")
    };
    let all = shape.spec.containers.iter().chain(&shape.spec.init_containers);
    all.map(|container| &*container.name).filter(|name| !added(name)).collect()
}

/// The container that most likely runs a language: by image or command, else the one of the same place in the Pod.
pub fn container_for<'s>(
    case: &'s Case<'_>,
    pod: Option<&'s Pod>,
    language: Language,
    place: usize,
) -> Option<&'s str> {
    let shape = pod.map(|pod| &pod.shape).or(case.template)?;
    let own: Vec<_> =
        shape.spec.containers.iter().filter(|c| containers(case, pod).contains(&&*c.name)).collect();
    let fits = own.iter().find(|container| guess(container) == Some(Runtime::Of(language)));
    fits.or_else(|| own.get(place)).or_else(|| own.last()).map(|container| &*container.name)
}

/// The list with its bad characters mended: blanks and semicolons become commas, each name stands once.
pub fn mended(list: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in list.split(|c: char| c == ',' || c == ';' || c.is_whitespace()) {
        if !name.is_empty() && names::is_valid_list(name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn lists_are_mended() {
        for (list, want) in [("app, loader", "app,loader"), ("a;b a", "a,b"), ("a.b,c", "c"), (" ", "")] {
            assert_eq!(mended(list), want, "{list:?}");
        }
    }
}
