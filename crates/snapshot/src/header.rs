//! How well was the cluster known when a snapshot was taken, and when was that?

use std::borrow::Cow;
use std::sync::Arc;

use facts::{InputKind, OptIn, Readability};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The entry of a snapshot that tells about the others. It looks like an object, so that the file is an ordinary list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Always [`Header::API_VERSION`].
    pub api_version: Cow<'static, str>,
    /// Always [`Header::KIND`].
    pub kind: Cow<'static, str>,
    /// Version of the program that wrote it.
    pub version: String,
    /// When the cluster had been read.
    pub taken: Timestamp,
    /// Namespace of the workloads; none where all are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How well each kind is known, in the order of [`InputKind::ALL`]; then what differs in single namespaces.
    pub inputs: Vec<InputState>,
    /// Checks that were not made because nobody asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switched_off: Vec<SwitchedOff>,
}

/// A check that is made only where somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    /// Its name.
    pub check: String,
    /// What it needs.
    pub needs: String,
}

/// How well one kind is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputState {
    /// The resource in plural, with its group: `pods`, `deployments.apps`.
    pub resource: String,
    /// The only namespace that this is about; of Namespaces, the one of that name. None: all of which nothing else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `Complete`, `Partial`, `NotServed` or `Unreadable`.
    pub state: String,
    /// What would have to be allowed, where it is `Unreadable`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub needs: String,
}

impl Header {
    /// Group and version.
    pub const API_VERSION: &'static str = "instrumentation-health.dev/v1alpha1";
    /// Kind.
    pub const KIND: &'static str = "ClusterSnapshot";

    /// Of a cluster that is known so well.
    pub fn new<'r>(
        version: &str,
        taken: Timestamp,
        namespace: Option<String>,
        known: impl Fn(InputKind) -> &'r Readability,
    ) -> Self {
        let inputs = InputKind::ALL.iter().map(|kind| InputState::new(*kind, known(*kind))).collect();
        Self {
            api_version: Self::API_VERSION.into(),
            kind: Self::KIND.into(),
            version: version.to_owned(),
            taken,
            namespace,
            inputs,
            switched_off: Vec::new(),
        }
    }

    /// The same, of a cluster of which kinds are known so well in these namespaces.
    #[must_use]
    pub fn with_inside<'r>(
        mut self,
        inside: impl IntoIterator<Item = (InputKind, &'r str, &'r Readability)>,
    ) -> Self {
        let state = |(kind, namespace, known): (InputKind, &str, &Readability)| InputState {
            namespace: Some(namespace.to_owned()),
            ..InputState::new(kind, known)
        };
        self.inputs.extend(inside.into_iter().map(state));
        self
    }

    /// The same, of a cluster in which these checks were not made.
    #[must_use]
    pub fn without(mut self, off: &[(OptIn, Arc<str>)]) -> Self {
        let entry = |(check, needs): &(OptIn, Arc<str>)| SwitchedOff {
            check: check.check().to_owned(),
            needs: needs.to_string(),
        };
        self.switched_off = off.iter().map(entry).collect();
        self
    }

    /// Checks that were not made, and what they need.
    pub fn off(&self) -> Vec<(OptIn, Arc<str>)> {
        let known = |entry: &SwitchedOff| {
            let check = OptIn::ALL.into_iter().find(|check| check.check() == entry.check)?;
            Some((check, entry.needs.as_str().into()))
        };
        self.switched_off.iter().filter_map(known).collect()
    }

    /// How well a kind is known. A kind that this version reads and the one that wrote the snapshot did not, is not.
    pub fn readability(&self, kind: InputKind) -> Readability {
        let resource = resource(kind);
        let mut states = self.inputs.iter().filter(|state| state.namespace.is_none());
        let state = states.find(|state| state.resource == resource);
        state.map_or(Readability::Partial, InputState::readability)
    }

    /// How well kinds are known in single namespaces, where that differs.
    pub fn inside(&self) -> impl Iterator<Item = (InputKind, &str, Readability)> {
        self.inputs.iter().filter_map(|state| {
            let kind = InputKind::ALL.iter().find(|kind| resource(**kind) == state.resource)?;
            Some((*kind, state.namespace.as_deref()?, state.readability()))
        })
    }

    /// Kinds that could not be read, and what that needs.
    pub fn unreadable(&self) -> impl Iterator<Item = &InputState> {
        self.inputs.iter().filter(|state| state.state == UNREADABLE)
    }
}

const COMPLETE: &str = "Complete";
const PARTIAL: &str = "Partial";
const NOT_SERVED: &str = "NotServed";
const UNREADABLE: &str = "Unreadable";

impl InputState {
    fn new(kind: InputKind, known: &Readability) -> Self {
        let (state, needs) = match known {
            Readability::Complete => (COMPLETE, ""),
            Readability::Partial | Readability::Pending => (PARTIAL, ""),
            Readability::NotServed => (NOT_SERVED, ""),
            Readability::Unreadable { needs } => (UNREADABLE, &**needs),
        };
        Self { resource: resource(kind), namespace: None, state: state.to_owned(), needs: needs.to_owned() }
    }

    fn readability(&self) -> Readability {
        match self.state.as_str() {
            COMPLETE => Readability::Complete,
            NOT_SERVED => Readability::NotServed,
            UNREADABLE => Readability::Unreadable { needs: self.needs.as_str().into() },
            _ => Readability::Partial,
        }
    }
}

fn resource(kind: InputKind) -> String {
    let dot = if kind.group().is_empty() { "" } else { "." };
    format!("{}{dot}{}", kind.plural(), kind.group())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_is_known_again() {
        let unreadable = Readability::Unreadable { needs: "list, watch nodes".into() };
        let known = |kind| match kind {
            InputKind::Pods => &Readability::Complete,
            InputKind::Nodes => &unreadable,
            InputKind::Collectors => &Readability::NotServed,
            _ => &Readability::Partial,
        };
        let inside = [(InputKind::Services, "shop", &Readability::Complete)];
        let header = Header::new("0.1.0", Timestamp::UNIX_EPOCH, None, known).with_inside(inside);
        let text = serde_json::to_string(&header).unwrap();
        let read: Header = serde_json::from_str(&text).unwrap();
        assert_eq!(read, header);
        for kind in InputKind::ALL {
            assert_eq!(read.readability(*kind), *known(*kind), "{kind:?}");
        }
        let known_inside: Vec<_> = read.inside().collect();
        assert_eq!(known_inside, [(InputKind::Services, "shop", Readability::Complete)]);
        assert_eq!(read.unreadable().map(|state| state.resource.as_str()).collect::<Vec<_>>(), ["nodes"]);
    }
}
