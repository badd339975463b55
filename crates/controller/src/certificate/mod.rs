//! Which certificate does the operator's webhook answer with?
//!
//! The API server fails open when it does not trust that certificate, and tells nobody. A TLS handshake with the webhook's
//! Service shows the certificate without any right to read Secrets. Whether it chains to the `caBundle` is judged elsewhere.

mod handshake;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use facts::{Service, ServingCertificate, WebhookClientConfig};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::message::{Delivery, Message};

/// Between two looks at a certificate that was seen.
const AGAIN: Duration = Duration::from_secs(600);
/// Between two attempts at a webhook that did not answer: what was true a moment ago may be wrong.
const RETRY: Duration = Duration::from_secs(30);
/// Port of a webhook's Service where its configuration names none.
const DEFAULT_PORT: i32 = 443;

/// A webhook's Service, as an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    namespace: Arc<str>,
    service: Arc<str>,
    address: String,
    /// Hash of the CA bundle: where that is renewed, the certificate most likely is as well.
    bundle: u64,
}

impl Target {
    /// The address behind a webhook's configuration. `None`: the Service has no address of its own.
    pub fn of(service: &Service, config: &WebhookClientConfig) -> Option<Self> {
        let ip: std::net::IpAddr = service.spec.cluster_ip.parse().ok()?;
        let port = config.service.as_ref()?.port.unwrap_or(DEFAULT_PORT);
        let mut hasher = DefaultHasher::new();
        config.ca_bundle.hash(&mut hasher);
        Some(Self {
            namespace: service.metadata.namespace.clone(),
            service: service.metadata.name.clone(),
            address: std::net::SocketAddr::new(ip, u16::try_from(port).ok()?).to_string(),
            bundle: hasher.finish(),
        })
    }

    /// The name that the API server expects in the certificate.
    fn server_name(&self) -> String {
        format!("{}.{}.svc", self.service, self.namespace)
    }
}

/// Looks at the certificates of the targets: at once where they change, and again from time to time.
pub async fn watch_certificates(
    mut targets: watch::Receiver<Vec<Target>>,
    deliveries: mpsc::Sender<Delivery>,
    shutdown: CancellationToken,
) {
    let mut last: Vec<(Target, ServingCertificate)> = Vec::new();
    loop {
        let wanted = targets.borrow_and_update().clone();
        let mut pause = AGAIN;
        let mut seen = Vec::with_capacity(wanted.len());
        for target in wanted {
            let certificate = handshake::look(&target.address, &target.server_name()).await;
            if certificate.chain.is_empty() {
                pause = RETRY;
            }
            if !last.iter().any(|(known, before)| *known == target && *before == certificate) {
                tell(&target, &certificate);
                let (namespace, service) = (target.namespace.clone(), target.service.clone());
                let message = Message::Certificate { namespace, service, certificate: certificate.clone() };
                if deliveries.send(Delivery { received: Instant::now(), message }).await.is_err() {
                    return;
                }
            }
            seen.push((target, certificate));
        }
        last = seen;
        tokio::select! {
            () = shutdown.cancelled() => return,
            changed = targets.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause), if !last.is_empty() => {}
        }
    }
}

fn tell(target: &Target, certificate: &ServingCertificate) {
    let Target { namespace, service, address, .. } = target;
    match &certificate.error {
        Some(error) if certificate.chain.is_empty() => {
            info!(%namespace, %service, %address, %error, "the operator's webhook shows no certificate");
        }
        _ => {
            debug!(%namespace, %service, %address, certificates = certificate.chain.len(), "the operator's webhook shows a certificate");
        }
    }
}

#[cfg(test)]
mod tests {
    use facts::{Metadata, ServiceSpec, WebhookService};

    use super::*;

    #[test]
    fn a_target_has_the_address_that_the_api_server_uses() {
        let service = |ip: &str| Service {
            metadata: Metadata { name: "hook".into(), namespace: "otel".into(), ..Metadata::default() },
            spec: ServiceSpec { cluster_ip: ip.into(), ..ServiceSpec::default() },
        };
        let config = |port| WebhookClientConfig {
            service: Some(WebhookService { port, ..WebhookService::default() }),
            ..WebhookClientConfig::default()
        };
        let target = Target::of(&service("10.0.0.7"), &config(None)).unwrap();
        assert_eq!(
            (target.address.as_str(), target.server_name().as_str()),
            ("10.0.0.7:443", "hook.otel.svc")
        );
        assert_eq!(Target::of(&service("fd00::7"), &config(Some(9443))).unwrap().address, "[fd00::7]:9443");
        assert_eq!(Target::of(&service("None"), &config(None)), None, "a headless Service has no address");
    }
}
