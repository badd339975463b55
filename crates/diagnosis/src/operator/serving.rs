//! Which certificate does the webhook serve?
//!
//! One fact with two sources: a TLS handshake with the Service, or the Secret that the operator's Deployment mounts.

use std::sync::Arc;

use facts::{ClusterView, Lookup, Webhook, Workload};

use super::certificate::{self, Trust};
use super::deployment;
use super::registration::ServiceName;

/// Where the operator looks for its certificate (`sigs.k8s.io/controller-runtime` `pkg/webhook/server.go`, v0.24.1).
const CERTIFICATE_FOLDER: &str = "serving-certs";

/// The certificate of a webhook, and what the API server would think of it.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Whether a TLS handshake showed it; else the Secret did.
    pub by_handshake: bool,
    /// Why nobody answered the handshake.
    pub error: Option<String>,
    /// Namespace and name of the Secret that holds it.
    pub secret: Option<(Arc<str>, Arc<str>)>,
    /// Whether the CA in that Secret would make a `caBundle` with which it verifies.
    pub secret_has_ca: bool,
    /// What the API server would think of it.
    pub trust: Trust,
}

impl Serving {
    pub(super) fn find(
        cluster: &dyn ClusterView,
        service: Option<&ServiceName>,
        deployment: Option<&Workload>,
        entry: &Webhook,
        host: Option<&str>,
    ) -> Self {
        let secret = secret_name(service, deployment, cluster);
        let mut serving =
            Self { by_handshake: false, error: None, secret, secret_has_ca: false, trust: Trust::Unknown };
        let bundle = &*entry.client_config.ca_bundle;
        // A URL may have a certificate of a public CA, which no `caBundle` need know.
        let by_public_ca = bundle.is_empty() && entry.client_config.service.is_none();
        let Some(host) = host.filter(|_| !by_public_ca) else { return serving };
        if let Some(service) = service
            && let Lookup::Found(shown) = cluster.serving_certificate(&service.namespace, &service.name)
        {
            serving.error.clone_from(&shown.error);
            if !shown.chain.is_empty() {
                serving.by_handshake = true;
                serving.trust = certificate::judge(&shown.chain, bundle, host);
            }
        }
        let Some((namespace, name)) = &serving.secret else { return serving };
        let Lookup::Found(secret) = cluster.secret(namespace, name) else { return serving };
        let chain = certificate::certificates_of(secret.public.tls_crt.as_deref().unwrap_or_default());
        if !chain.is_empty() {
            if !serving.by_handshake {
                serving.trust = certificate::judge(&chain, bundle, host);
            }
            let own_ca = secret.public.ca_crt.as_deref().unwrap_or_default();
            serving.secret_has_ca = matches!(certificate::judge(&chain, own_ca, host), Trust::Chained { .. });
        }
        serving
    }
}

/// The Secret mounted where the operator looks for its certificate; else one that is named after the Service or the
/// Deployment, as OLM and the manifests do.
fn secret_name(
    service: Option<&ServiceName>,
    deployment: Option<&Workload>,
    cluster: &dyn ClusterView,
) -> Option<(Arc<str>, Arc<str>)> {
    let mounted = deployment.and_then(|deployment| {
        let container = deployment::container(&deployment.template)?;
        let mut mounts = container.volume_mounts.iter();
        let mount = mounts.find(|mount| mount.mount_path.contains(CERTIFICATE_FOLDER))?;
        let mut volumes = deployment.template.spec.volumes.iter();
        let volume = volumes.find(|volume| volume.name == mount.name)?;
        Some((deployment.id.namespace.clone(), volume.secret.as_ref()?.secret_name.clone()))
    });
    let by_service =
        service.map(|service| (service.namespace.clone(), Arc::from(format!("{}-cert", service.name))));
    let by_deployment = deployment.map(|deployment| {
        let id = &deployment.id;
        (id.namespace.clone(), Arc::from(format!("{}-service-cert", id.name)))
    });
    mounted.or_else(|| {
        let named = [by_service, by_deployment].into_iter().flatten();
        named.into_iter().find(|(namespace, name)| cluster.secret(namespace, name).found().is_some())
    })
}
