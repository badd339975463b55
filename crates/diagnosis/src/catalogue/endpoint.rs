//! Where does a container send its telemetry, and is that known to exist?

use facts::InputKind;

use crate::case::Case;
use crate::found::Found;

/// What would have to be readable to say that the endpoint exists.
pub fn unproven(_case: &Case<'_>, _found: &[Found<'_>]) -> Option<InputKind> {
    None
}
