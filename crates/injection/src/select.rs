//! Which containers does a language mean?
//!
//! `internal/instrumentation/sdk.go` `ensureContainer`, `containersToInstrument`, `findContainerByName`, v0.158.0.

use std::sync::Arc;

use crate::releases::{Release, Rule};
use crate::units::{Slot, Units};

/// The targets of a names list, in the order in which they are injected: init containers by their place in the Pod, then
/// containers by their place in the list. No list means the first container, whichever that is by now. Names that fit
/// nothing are dropped; up to 0.142 each of them meant the first container.
pub(crate) fn targets(names: &[Arc<str>], units: &Units<'_>, release: Release) -> Vec<Slot> {
    if names.is_empty() {
        return if units.containers.is_empty() { Vec::new() } else { vec![Slot::Container(0)] };
    }
    let mut init = Vec::new();
    let mut containers = Vec::new();
    for name in names {
        let container = units.container(name).map(Slot::Container);
        if !release.follows(Rule::InitTargets) {
            let fallback = (!release.follows(Rule::UnknownNamesIgnored)).then_some(Slot::Container(0));
            containers.extend(container.or(fallback));
            continue;
        }
        let as_init = units.init_container(name);
        match (container.or(as_init.map(Slot::Init)), as_init) {
            (Some(slot), Some(place)) => init.push((place, slot)),
            (Some(slot), None) => containers.push(slot),
            (None, _) => {}
        }
    }
    init.sort_by_key(|(place, _)| *place);
    init.into_iter().map(|(_, slot)| slot).chain(containers).collect()
}
