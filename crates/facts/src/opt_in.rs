//! Which checks are made only where somebody asks for them, and what do they answer?

use std::sync::Arc;

use crate::cluster::InputKind;
use crate::shape::PodShape;

/// A check that needs more rights than most clusters give a controller, and is off by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OptIn {
    /// Whether `ConfigMap`s and Secrets that Pods and Instrumentations name exist, and which keys they have.
    ReferencedKeys,
    /// Whether a Pod that is created now comes back injected: a server-side dry run.
    AdmissionProbe,
}

impl OptIn {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ReferencedKeys, Self::AdmissionProbe];

    /// Its name, for `status.notChecked`.
    pub const fn check(self) -> &'static str {
        match self {
            Self::ReferencedKeys => "ReferencedKeys",
            Self::AdmissionProbe => "AdmissionProbe",
        }
    }

    /// What switches it on.
    pub const fn needs(self) -> &'static str {
        match self {
            Self::ReferencedKeys => "the flag --read-keys; get configmaps, secrets",
            Self::AdmissionProbe => "the flag --probe-admission; create pods",
        }
    }

    /// The right that it takes, beside those of every other check.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::ReferencedKeys => "get configmaps, secrets",
            Self::AdmissionProbe => "create pods",
        }
    }
}

/// Names a `ConfigMap` or Secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataRef {
    /// Whether it is a Secret.
    pub is_secret: bool,
    /// Namespace.
    pub namespace: Arc<str>,
    /// Name.
    pub name: Arc<str>,
}

impl DataRef {
    /// The kind of objects that it is of.
    pub const fn input(&self) -> InputKind {
        if self.is_secret { InputKind::Secrets } else { InputKind::ConfigMaps }
    }
}

/// What became of the creation of a Pod from a workload's template, made as a dry run.
#[derive(Clone, Debug, PartialEq)]
pub enum Trial {
    /// It would have been created so.
    Created(Arc<PodShape>),
    /// It was refused, for this reason: that says nothing about the injection.
    Refused(Arc<str>),
}
