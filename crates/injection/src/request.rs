//! Which Pod is the operator asked about?

use facts::{OwnerReference, PodShape};

/// A Pod as the webhook would be given it. For a template, or a Pod that is made anew, the name is empty.
#[derive(Clone, Copy, Debug)]
pub struct PodRequest<'a> {
    /// Namespace of the request.
    pub namespace: &'a str,
    /// Name; empty where the API server will make one from `generate_name`.
    pub name: &'a str,
    /// Prefix of the name to be made; empty where the Pod has a name.
    pub generate_name: &'a str,
    /// Owners; the one that controls the Pod is enough.
    pub owners: &'a [OwnerReference],
    /// Spec, labels and annotations.
    pub shape: &'a PodShape,
}

impl<'a> PodRequest<'a> {
    /// The question for a Pod that a controller would make from this shape, without identity and owners.
    pub fn of_shape(namespace: &'a str, shape: &'a PodShape) -> Self {
        Self { namespace, name: "", generate_name: "", owners: &[], shape }
    }
}
