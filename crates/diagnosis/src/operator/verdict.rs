//! Would the operator be asked about a Pod that is created now, and would the question arrive?

use facts::{ClusterView, InputKind};
use injection::PodRequest;
use injection::webhook::{Call, NotCalled, call};
use jiff::Timestamp;

use super::certificate::{CertificateFault, Trust};
use super::{OperatorState, PodWebhook, Port};
use crate::progress::GRACE;

/// What becomes of the API server's question about a Pod.
#[derive(Clone, Debug)]
pub enum WebhookVerdict<'a> {
    /// No Pod webhook of the operator is registered: nobody is asked.
    NotRegistered,
    /// The webhook does not select the Pod.
    Excluded {
        /// The webhook.
        webhook: &'a PodWebhook,
        /// What does not select it.
        why: NotCalled,
    },
    /// A match condition fails at run time, and the policy says that the Pod is then refused.
    Refused {
        /// The webhook.
        webhook: &'a PodWebhook,
        /// Name of the condition.
        condition: std::sync::Arc<str>,
    },
    /// The webhook selects the Pod, but the call fails.
    Broken {
        /// The webhook.
        webhook: &'a PodWebhook,
        /// Everything that is wrong with it, what comes first on the way to the operator first.
        faults: Vec<Fault>,
    },
    /// As far as can be seen, the operator answers.
    Ready {
        /// The webhook.
        webhook: &'a PodWebhook,
        /// Whether a TLS handshake has proven it.
        verified: bool,
    },
    /// Cannot be told.
    Unknown {
        /// What would have to be read; none where reading more would not help.
        needs: Option<InputKind>,
    },
}

/// Why a call of the webhook fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its Service does not exist.
    ServiceMissing,
    /// Its Service has no port of this number.
    PortMissing(i32),
    /// The port of its Service leads to one where the operator does not listen.
    PortAstray(Port),
    /// The operator behind it runs with its webhooks switched off.
    SwitchedOff,
    /// The operator's Pod waits for the Secret with the serving certificate.
    CertificateSecretMissing,
    /// No address behind the Service is ready.
    NotReady,
    /// The serving certificate is not accepted.
    Certificate(CertificateFault),
}

impl<'a> WebhookVerdict<'a> {
    /// The webhook that is meant; none where there is none.
    pub fn webhook(&self) -> Option<&'a PodWebhook> {
        match self {
            Self::Excluded { webhook, .. }
            | Self::Refused { webhook, .. }
            | Self::Broken { webhook, .. }
            | Self::Ready { webhook, .. } => Some(webhook),
            Self::NotRegistered | Self::Unknown { .. } => None,
        }
    }

    /// Whether nothing is known that keeps the operator from being asked.
    pub const fn may_answer(&self) -> bool {
        matches!(self, Self::Ready { .. } | Self::Unknown { .. })
    }

    /// Of two operators, the one that is nearer to injecting counts. A configuration that calls a Service which is not there was
    /// left behind by another installation: to mend it would bring nothing.
    fn rank(&self) -> u8 {
        match self {
            Self::Ready { .. } => 0,
            Self::Unknown { .. } => 1,
            Self::Broken { faults, .. } if !faults.contains(&Fault::ServiceMissing) => 2,
            Self::Refused { .. } => 3,
            Self::Excluded { .. } => 4,
            Self::Broken { .. } => 5,
            Self::NotRegistered => 6,
        }
    }
}

impl OperatorState {
    /// What becomes of the question about a Pod that is created at `now`.
    pub fn webhook_for(
        &self,
        request: &PodRequest<'_>,
        cluster: &dyn ClusterView,
        now: Timestamp,
    ) -> WebhookVerdict<'_> {
        let verdicts = self.pod_webhooks.iter().map(|webhook| judge(webhook, request, cluster, now));
        let best = verdicts.min_by_key(WebhookVerdict::rank);
        best.unwrap_or(match &self.webhooks_unknown {
            Some(needs) => WebhookVerdict::Unknown { needs: Some(*needs) },
            None => WebhookVerdict::NotRegistered,
        })
    }
}

impl OperatorState {
    /// Until when the certificates of its webhooks are valid, the first to run out; none where none is known to verify.
    pub fn certificate_until(&self) -> Option<Timestamp> {
        let until = self.pod_webhooks.iter().filter_map(|webhook| match webhook.certificate.trust {
            Trust::Chained { until, .. } => Some(until),
            Trust::Refused(_) | Trust::Unknown => None,
        });
        until.min()
    }

    /// Times at which what is said about the operator changes although nothing in the cluster does.
    pub fn changes_at(&self) -> impl Iterator<Item = Timestamp> {
        self.pod_webhooks.iter().flat_map(|webhook| {
            let away = webhook.backend.unready_since().filter(|_| webhook.backend.ready == Some(false));
            let (from, until) = match webhook.certificate.trust {
                Trust::Chained { from, until } => (Some(from), Some(until)),
                Trust::Refused(_) | Trust::Unknown => (None, None),
            };
            [away.map(|since| since + GRACE), from, until].into_iter().flatten()
        })
    }
}

fn judge<'a>(
    webhook: &'a PodWebhook,
    request: &PodRequest<'_>,
    cluster: &dyn ClusterView,
    now: Timestamp,
) -> WebhookVerdict<'a> {
    match call(&webhook.entry, request, cluster) {
        Call::NotCalled(why) => WebhookVerdict::Excluded { webhook, why },
        Call::Refused { condition } => WebhookVerdict::Refused { webhook, condition },
        Call::Unknown(unknown) => WebhookVerdict::Unknown { needs: unknown.needs() },
        Call::Called => {
            let faults = webhook.faults_at(now);
            if faults.is_empty() {
                WebhookVerdict::Ready { webhook, verified: webhook.is_verified_at(now) }
            } else {
                WebhookVerdict::Broken { webhook, faults }
            }
        }
    }
}

impl PodWebhook {
    /// Everything that makes a call fail at `now`.
    pub fn faults_at(&self, now: Timestamp) -> Vec<Fault> {
        if self.backend.service_exists == Some(false) {
            return vec![Fault::ServiceMissing];
        }
        if let Some(port) = self.backend.missing_port {
            return vec![Fault::PortMissing(port)];
        }
        if self.backend.ready == Some(false) && self.backend.missing_secret().is_some() {
            return vec![Fault::CertificateSecretMissing];
        }
        if self.backend.switched_off {
            return vec![Fault::SwitchedOff];
        }
        if let Some(port) = &self.backend.astray {
            return vec![Fault::PortAstray(port.clone())];
        }
        let mut faults = Vec::new();
        if self.backend.ready == Some(false) {
            faults.push(Fault::NotReady);
        }
        faults.extend(self.certificate.trust.fault_at(now).map(Fault::Certificate));
        faults
    }

    /// Whether a TLS handshake has shown a certificate that the API server accepts at `now`.
    pub fn is_verified_at(&self, now: Timestamp) -> bool {
        self.certificate.by_handshake && self.certificate.trust.holds_at(now)
    }
}
