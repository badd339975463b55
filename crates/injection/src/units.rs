//! Which containers does the operator see at this point of the request?
//!
//! Earlier steps change what later ones find: a collector sidecar comes or goes, agent init containers are added, and one
//! language's variables decide whether the next one skips the container. [`Units`] follows just that.

use std::borrow::Cow;

use facts::{Container, InstrumentationSpec, Language, PodSpec};

/// Variables that decide about a skip or about the hook, in any language.
pub(crate) const CHECKED: [&str; 7] = [
    "JAVA_TOOL_OPTIONS",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "DOTNET_STARTUP_HOOKS",
    "DOTNET_ADDITIONAL_DEPS",
    "DOTNET_SHARED_STORE",
    "OTEL_DOTNET_AUTO_HOME",
];

/// How a variable has its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A literal, or none at all.
    Literal,
    /// `valueFrom`.
    Reference,
}

/// A container as far as a decision needs it.
#[derive(Clone, Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) name: Cow<'a, str>,
    container: Option<&'a Container>,
    /// What is known of [`CHECKED`] by now; filled at the first question.
    checked: Option<[Option<Source>; CHECKED.len()]>,
}

impl<'a> Unit<'a> {
    fn of(container: &'a Container) -> Self {
        Self { name: Cow::Borrowed(&container.name), container: Some(container), checked: None }
    }

    /// A container that the operator itself added.
    pub(crate) fn made(name: impl Into<Cow<'a, str>>) -> Self {
        Self { name: name.into(), container: None, checked: None }
    }

    fn checked(&mut self) -> &mut [Option<Source>; CHECKED.len()] {
        let container = self.container;
        self.checked.get_or_insert_with(|| {
            let mut checked = [None; CHECKED.len()];
            for var in container.map(|container| &*container.env).unwrap_or_default() {
                set_if_absent(&mut checked, &var.name, var.value_from.is_some());
            }
            checked
        })
    }

    /// How a checked variable has its value; the first entry of its name counts.
    pub(crate) fn source(&mut self, variable: &str) -> Option<Source> {
        let index = CHECKED.iter().position(|name| *name == variable)?;
        self.checked()[index]
    }

    /// Follows what an injection adds to the environment: the language's own variables, those of every language, and what
    /// the operator makes, which is there `made_first` or last.
    pub(crate) fn inject(
        &mut self,
        language: Language,
        spec: &InstrumentationSpec,
        made: &[&str],
        made_first: bool,
    ) {
        let own = spec.language(language).map(|block| &*block.env).unwrap_or_default().iter();
        let (before, after) = if made_first { (&[][..], &*spec.env) } else { (&*spec.env, &[][..]) };
        let checked = self.checked();
        for var in own.chain(before) {
            set_if_absent(checked, &var.name, var.value_from.is_some());
        }
        for name in made {
            set_if_absent(checked, name, false);
        }
        for var in after {
            set_if_absent(checked, &var.name, var.value_from.is_some());
        }
    }
}

fn set_if_absent(checked: &mut [Option<Source>; CHECKED.len()], name: &str, is_reference: bool) {
    if let Some(index) = CHECKED.iter().position(|checked| *checked == name) {
        let source = if is_reference { Source::Reference } else { Source::Literal };
        checked[index].get_or_insert(source);
    }
}

/// The containers of a Pod on its way through the operator.
#[derive(Clone, Debug)]
pub(crate) struct Units<'a> {
    pub(crate) init: Vec<Unit<'a>>,
    pub(crate) containers: Vec<Unit<'a>>,
}

/// Where a container stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Init(usize),
    Container(usize),
}

impl<'a> Units<'a> {
    pub(crate) fn of(spec: &'a PodSpec) -> Self {
        let units = |containers: &'a [Container]| containers.iter().map(Unit::of).collect();
        Self { init: units(&spec.init_containers), containers: units(&spec.containers) }
    }

    pub(crate) fn get(&mut self, slot: Slot) -> &mut Unit<'a> {
        match slot {
            Slot::Init(index) => &mut self.init[index],
            Slot::Container(index) => &mut self.containers[index],
        }
    }

    /// Position of the first container of that name.
    pub(crate) fn container(&self, name: &str) -> Option<usize> {
        self.containers.iter().position(|unit| unit.name == name)
    }

    /// Position of the first init container of that name.
    pub(crate) fn init_container(&self, name: &str) -> Option<usize> {
        self.init.iter().position(|unit| unit.name == name)
    }

    /// Puts an agent's init container before its first target, or last where that is no init container
    /// (`internal/instrumentation/sdk.go` `insertInitContainer`, v0.158.0).
    pub(crate) fn insert_init(&mut self, name: impl Into<Cow<'a, str>>, first_target: &str) {
        let index = self.init_container(first_target).unwrap_or(self.init.len());
        self.init.insert(index, Unit::made(name));
    }
}
