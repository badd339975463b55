//! SDK: configuration for an SDK that the application brings along; environment only, and no check
//! (`internal/instrumentation/sdk.go` `injectSdk`, v0.158.0).

use crate::inject::Injection;
use crate::pod::Pod;

/// Configures a target.
pub(crate) fn inject(injection: &Injection<'_>, pod: &mut Pod, container: &str) {
    injection.add_common(pod, container);
    injection.configure(pod, container, container);
}
