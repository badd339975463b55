//! Which variables does every injected container get, and in which order?
//!
//! `internal/instrumentation/sdk.go` `injectCommonEnvVar`, `injectCommonSDKConfig`, v0.158.0. A name that is there already is
//! left alone, unless a rule says so. `OTEL_RESOURCE_ATTRIBUTES` is extended and moved to the end, behind the variables
//! that it refers to.

use std::rc::Rc;

use facts::{EnvSource, InstrumentationSpec};

use crate::go_slice::Slice;
use crate::pod::EnvVar;

pub(crate) const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
pub(crate) const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
pub(crate) const NODE_IP: &str = "OTEL_NODE_IP";
pub(crate) const POD_IP: &str = "OTEL_POD_IP";

impl Slice<EnvVar> {
    /// Position of the first variable of that name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.read(|env| env.iter().position(|var| &*var.name == name))
    }

    /// The first variable of that name.
    pub(crate) fn get(&self, name: &str) -> Option<EnvVar> {
        self.read(|env| env.iter().find(|var| &*var.name == name).cloned())
    }

    /// The literal value of a variable; empty where it is not there or taken from a reference.
    pub(crate) fn value(&self, name: &str) -> Rc<str> {
        self.get(name).map(|var| var.value).unwrap_or_default()
    }

    /// Go's `appendIfNotSet` for one variable.
    pub(crate) fn append_if_not_set(&mut self, var: EnvVar) {
        if self.position(&var.name).is_none() {
            self.append(var);
        }
    }

    /// Go's `appendIfNotSet` for the variables of an Instrumentation.
    pub(crate) fn append_all_if_not_set(&mut self, vars: &[EnvSource]) {
        for var in vars {
            self.append_if_not_set(var.into());
        }
    }

    /// Sets the literal value of a variable, and nothing else of it.
    pub(crate) fn set_value(&self, index: usize, value: impl Into<Rc<str>>) {
        self.change(index, |var| var.value = value.into());
    }
}

/// `injectCommonEnvVar`: the addresses first, so that an endpoint can refer to them, then `spec.env`.
pub(crate) fn add_common(env: &mut Slice<EnvVar>, spec: &InstrumentationSpec, with_addresses: bool) {
    if with_addresses {
        for (name, path) in [(POD_IP, "status.podIP"), (NODE_IP, "status.hostIP")] {
            if env.position(name).is_none() {
                env.prepend(EnvVar::field(name, path));
            }
        }
    }
    env.append_all_if_not_set(&spec.env);
}

/// Propagators and sampler, which the container or the Instrumentation's variables may have set already.
pub(crate) fn add_propagators_and_sampler(env: &mut Slice<EnvVar>, spec: &InstrumentationSpec) {
    if !spec.propagators.is_empty() {
        env.append_if_not_set(EnvVar::literal("OTEL_PROPAGATORS", spec.propagators.join(",")));
    }
    let sampler = &spec.sampler;
    let is_set =
        ["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"].iter().any(|name| env.position(name).is_some());
    if sampler.kind.is_empty() || is_set {
        return;
    }
    env.append(EnvVar::literal("OTEL_TRACES_SAMPLER", &*sampler.kind));
    if !sampler.argument.is_empty() {
        env.append(EnvVar::literal("OTEL_TRACES_SAMPLER_ARG", &*sampler.argument));
    }
}

/// Extends `OTEL_RESOURCE_ATTRIBUTES`, whatever it was before: also a reference, which the API server then refuses.
pub(crate) fn add_resource_attributes(env: &mut Slice<EnvVar>, attributes: &str) {
    match env.position(RESOURCE_ATTRIBUTES) {
        None => env.append(EnvVar::literal(RESOURCE_ATTRIBUTES, attributes)),
        Some(index) => env.change(index, |var| {
            let comma = if var.value.ends_with(',') { "" } else { "," };
            var.value = format!("{}{comma}{attributes}", var.value).into();
        }),
    }
}
