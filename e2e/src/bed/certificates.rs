//! Which certificates does the bed serve with?

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use super::Error;

/// A certificate authority made for one bed or one webhook.
#[derive(Debug)]
pub struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A serving certificate and its key, in PEM.
#[derive(Debug, Clone)]
pub struct ServingCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key (PKCS#8).
    pub key: String,
}

/// When a certificate is valid, as seen from the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// For years around now.
    Current,
    /// It runs out in three days.
    EndsSoon,
    /// It ran out years ago.
    Expired,
}

impl Authority {
    /// A new authority with a key of its own.
    pub fn new(common_name: &str) -> Result<Self, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// The authority's own certificate in PEM: what a `caBundle` or a kubeconfig holds.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A serving certificate for these DNS names and IP addresses.
    pub fn issue(&self, names: &[String], validity: Validity) -> Result<ServingCertificate, Error> {
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name.push(DnType::CommonName, names.first().map_or("bed", String::as_str));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        match validity {
            Validity::Current => {}
            Validity::EndsSoon => {
                let day = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
                    + jiff::Span::new().days(3);
                params.not_after = rcgen::date_time_ymd(
                    day.year().into(),
                    day.month().unsigned_abs(),
                    day.day().unsigned_abs(),
                );
            }
            Validity::Expired => params.not_after = rcgen::date_time_ymd(2020, 1, 1),
        }
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(ServingCertificate { certificate, key: key.serialize_pem() })
    }

    /// A certificate for the webhook Service `service` in `namespace`, under the name the API server checks.
    pub fn issue_for_service(
        &self,
        service: &str,
        namespace: &str,
        validity: Validity,
    ) -> Result<ServingCertificate, Error> {
        self.issue(
            &[format!("{service}.{namespace}.svc"), format!("{service}.{namespace}.svc.cluster.local")],
            validity,
        )
    }
}
