//! Did the operator's webhook answer when the Pod was created?

use std::sync::Arc;

use api::Certainty;
use jiff::{SignedDuration, Timestamp};

use crate::operator::{Crash, OperatorState, WebhookVerdict};

/// How long after the operator became ready its endpoints may still not have reached the API server.
const SETTLING: SignedDuration = SignedDuration::from_secs(10);

/// How soon after the creation of a Pod a crash of the operator counts as one over that Pod: the time that the API server
/// waits for the answer at most (`timeoutSeconds`), and a little.
const CRASH_WINDOW: SignedDuration = SignedDuration::from_secs(15);

/// Why the operator was not asked, or did not answer, when a Pod was created.
#[derive(Clone, Debug)]
pub enum Gap {
    /// The webhook was registered later.
    RegisteredLater {
        /// Name of the configuration.
        configuration: Arc<str>,
        /// When it was created.
        created: Timestamp,
    },
    /// The webhook's Service was created later.
    ServiceLater {
        /// Namespace and name.
        service: String,
        /// When it was created.
        created: Timestamp,
    },
    /// The operator became ready later.
    ReadyLater {
        /// When.
        ready: Timestamp,
        /// How sure it is that it was away before.
        certainty: Certainty,
    },
    /// The operator crashed just then.
    Crashed {
        /// Name of its Pod.
        pod: Arc<str>,
        /// How it ended.
        crash: Crash,
    },
}

impl Gap {
    /// How sure it is that this is why.
    pub const fn certainty(&self) -> Certainty {
        match self {
            Self::RegisteredLater { .. } => Certainty::Certain,
            Self::ServiceLater { .. } | Self::Crashed { .. } => Certainty::Likely,
            Self::ReadyLater { certainty, .. } => *certainty,
        }
    }
}

/// Looks for a gap at the time when a Pod was created.
pub fn gap(operator: &OperatorState, verdict: Option<&WebhookVerdict<'_>>, pod: Timestamp) -> Option<Gap> {
    let webhook = verdict.and_then(WebhookVerdict::webhook);
    let is_later = |time: &Timestamp| time.as_second() > pod.as_second();
    if let Some(webhook) = webhook {
        if let Some(created) = webhook.created.filter(is_later) {
            return Some(Gap::RegisteredLater { configuration: webhook.configuration.clone(), created });
        }
        let crashed = webhook.backend.pods.iter().find_map(|operator| {
            let crash = operator.crash.as_ref()?;
            let alone = webhook.backend.ready_since.is_none_or(|ready| is_later(&ready));
            let away = alone && before_recovery(crash.at, operator.ready_since, pod);
            (over(crash.at, pod) || away).then_some(())?;
            Some(Gap::Crashed { pod: operator.name.clone(), crash: crash.clone() })
        });
        if crashed.is_some() {
            return crashed;
        }
        if let (Some(service), Some(created)) =
            (&webhook.backend.service, webhook.backend.service_created.filter(is_later))
        {
            let service = format!("{}/{}", service.namespace, service.name);
            return Some(Gap::ServiceLater { service, created });
        }
    }
    let ready = webhook.map_or(operator.ready_since, |webhook| webhook.backend.ready_since)?;
    if pod.as_second() <= ready.as_second() {
        return Some(Gap::ReadyLater { ready, certainty: Certainty::Likely });
    }
    (pod <= ready + SETTLING).then_some(Gap::ReadyLater { ready, certainty: Certainty::Hint })
}

/// Whether a Pod was created while a crashed container of the operator was not ready again.
fn before_recovery(crash: Timestamp, ready: Option<Timestamp>, pod: Timestamp) -> bool {
    let second = pod.as_second();
    crash.as_second() <= second && ready.is_some_and(|ready| second <= ready.as_second())
}

fn over(crash: Timestamp, pod: Timestamp) -> bool {
    crash.as_second() >= pod.as_second() && crash <= pod + CRASH_WINDOW
}
