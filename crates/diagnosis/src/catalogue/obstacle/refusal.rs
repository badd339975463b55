//! Would the API server refuse the Pod for what the injection adds to it?

use injection::RefusalCause;

use super::Obstacle;

impl Obstacle {
    /// Why the API server would not take the injected Pod, in its own words.
    pub fn of_refusal(cause: &RefusalCause) -> Self {
        let verb = if cause.is_invalid() { "is invalid" } else { "is forbidden" };
        let remedy = match cause {
            RefusalCause::PodSecurity { .. } => {
                "spec.initContainerSecurityContext (Go: spec.go.securityContext) of the Instrumentation says what the agent's container runs with; Go needs a privileged one, and so a namespace that lets it in"
            }
            RefusalCause::LimitRange(_) | RefusalCause::Quota { .. } => {
                "spec.<language>.resourceRequirements (java: resources) of the Instrumentation says what the agent's container asks for"
            }
            RefusalCause::Invalid(_) => "",
        };
        Self::new(
            format!("the API server would refuse the injected Pod: it {verb}: {}", cause.text()),
            remedy,
        )
    }
}
