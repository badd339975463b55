//! With which certificates do the webhooks' Services answer?

use std::sync::Arc;

use ahash::AHashMap;
use facts::ServingCertificate;

use crate::world::World;

/// By namespace and name of the Service.
pub(crate) type Certificates = AHashMap<(Arc<str>, Arc<str>), ServingCertificate>;

impl World {
    /// Notes what a TLS handshake with a webhook's Service showed.
    pub fn set_serving_certificate(
        &mut self,
        namespace: &Arc<str>,
        service: &Arc<str>,
        shown: ServingCertificate,
    ) {
        let key = (namespace.clone(), service.clone());
        if self.certificates.get(&key) != Some(&shown) {
            self.certificates.insert(key, shown);
            self.operator_changed();
        }
    }
}
