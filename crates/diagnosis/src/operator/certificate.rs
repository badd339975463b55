//! Would the API server trust the certificate that the webhook serves?
//!
//! It verifies like any client of Go's `crypto/x509`: the chain must lead to a certificate of `caBundle`, every part of it
//! must be valid now, and the name must be among the subject alternative names; the common name does not count. Whether it
//! is valid *now* is asked later, by [`Trust::fault_at`]: the rest does not change with time.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Longest chain that is followed.
const MAX_CHAIN: usize = 8;

/// Smallest RSA key, in bits, that the verifier takes. Go takes smaller ones, so these are not judged.
const MIN_RSA_BITS: usize = 2048;

/// What the API server would think of a certificate, apart from the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It chains to `caBundle` and has the right name.
    Chained {
        /// From when every certificate of the chain is valid.
        from: Timestamp,
        /// Until when every certificate of the chain is valid.
        until: Timestamp,
    },
    /// It does not verify, at no time.
    Refused(CertificateFault),
    /// Cannot be told: no certificate is known, or an algorithm is not supported here.
    Unknown,
}

/// Why the API server refuses the webhook's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// `caBundle` is empty, so that the API server's own roots count; those never issue names of Services.
    BundleEmpty,
    /// `caBundle` holds no certificate that can be read.
    BundleUnreadable,
    /// The serving certificate cannot be read.
    CertificateUnreadable,
    /// No certificate of `caBundle` has issued it.
    UnknownAuthority {
        /// Who did.
        issuer: String,
    },
    /// It is for other names.
    OtherName {
        /// The name that the API server expects.
        expected: String,
        /// The names it has.
        names: Vec<String>,
    },
    /// It, or a CA above it, is no longer valid.
    Expired {
        /// Since when.
        since: Timestamp,
    },
    /// It, or a CA above it, is not valid yet.
    NotYetValid {
        /// From when it will be.
        from: Timestamp,
    },
}

impl Trust {
    /// What is wrong with it at `now`.
    pub fn fault_at(&self, now: Timestamp) -> Option<CertificateFault> {
        match self {
            Self::Refused(fault) => Some(fault.clone()),
            Self::Chained { until, .. } if now > *until => Some(CertificateFault::Expired { since: *until }),
            Self::Chained { from, .. } if now < *from => Some(CertificateFault::NotYetValid { from: *from }),
            Self::Chained { .. } | Self::Unknown => None,
        }
    }

    /// Whether it verifies at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        matches!(self, Self::Chained { .. }) && self.fault_at(now).is_none()
    }
}

/// Judges a chain as a TLS handshake shows it, leaf first, each as DER. `bundle` is `caBundle` as the API holds it: base64
/// of PEM. `name` is the host that the API server calls.
pub fn judge(chain: &[Vec<u8>], bundle: &str, name: &str) -> Trust {
    if bundle.is_empty() {
        return Trust::Refused(CertificateFault::BundleEmpty);
    }
    let roots = certificates_of(bundle);
    let roots: Vec<X509Certificate<'_>> = roots.iter().filter_map(|der| read(der)).collect();
    if roots.is_empty() {
        return Trust::Refused(CertificateFault::BundleUnreadable);
    }
    let certificates: Vec<Option<X509Certificate<'_>>> = chain.iter().map(|der| read(der)).collect();
    let Some((Some(leaf), rest)) = certificates.split_first() else {
        return Trust::Refused(CertificateFault::CertificateUnreadable);
    };
    let between: Vec<&X509Certificate<'_>> = rest.iter().flatten().collect();
    let names = names_of(leaf);
    if !names.iter().any(|known| covers(known, name)) {
        let expected = name.to_owned();
        return Trust::Refused(CertificateFault::OtherName { expected, names });
    }
    match validity(leaf, &between, &roots, MAX_CHAIN) {
        Ok((from, until)) => Trust::Chained { from, until },
        Err(Broken::NotJudged) => Trust::Unknown,
        Err(Broken::NoIssuer) => {
            let issuer = leaf.issuer().to_string();
            Trust::Refused(CertificateFault::UnknownAuthority { issuer })
        }
    }
}

/// The certificates of a base64 of PEM, each as DER; what is none is left out.
pub fn certificates_of(base64_of_pem: &str) -> Vec<Vec<u8>> {
    let Ok(text) = STANDARD.decode(base64_of_pem) else { return Vec::new() };
    let blocks = Pem::iter_from_buffer(&text).filter_map(Result::ok);
    blocks.filter(|block| block.label == "CERTIFICATE").map(|block| block.contents).collect()
}

fn read(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().map(|(_, certificate)| certificate)
}

/// Why no chain leads to a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    NoIssuer,
    NotJudged,
}

/// When a certificate and what leads from it to a root are all valid. Of several ways the one that lasts longest.
fn validity(
    certificate: &X509Certificate<'_>,
    between: &[&X509Certificate<'_>],
    roots: &[X509Certificate<'_>],
    depth: usize,
) -> Result<(Timestamp, Timestamp), Broken> {
    let own = window(certificate);
    if roots.iter().any(|root| root.as_raw() == certificate.as_raw()) {
        return Ok(own);
    }
    if depth == 0 {
        return Err(Broken::NoIssuer);
    }
    let mut best: Result<(Timestamp, Timestamp), Broken> = Err(Broken::NoIssuer);
    for (issuer, is_root) in
        roots.iter().map(|root| (root, true)).chain(between.iter().map(|between| (*between, false)))
    {
        let way = has_issued(issuer, certificate).and_then(|()| {
            if is_root { Ok(window(issuer)) } else { validity(issuer, between, roots, depth - 1) }
        });
        let way = way.map(|(from, until)| (own.0.max(from), own.1.min(until)));
        best = match (best, way) {
            (Ok(best), Ok(way)) => Ok(if way.1 > best.1 { way } else { best }),
            (Ok(best), Err(_)) => Ok(best),
            (Err(_), Ok(way)) => Ok(way),
            (Err(Broken::NotJudged), _) | (_, Err(Broken::NotJudged)) => Err(Broken::NotJudged),
            (Err(Broken::NoIssuer), Err(Broken::NoIssuer)) => Err(Broken::NoIssuer),
        };
    }
    best
}

fn window(certificate: &X509Certificate<'_>) -> (Timestamp, Timestamp) {
    let validity = certificate.validity();
    let time = |seconds: i64, far: Timestamp| Timestamp::from_second(seconds).unwrap_or(far);
    (
        time(validity.not_before.timestamp(), Timestamp::MIN),
        time(validity.not_after.timestamp(), Timestamp::MAX),
    )
}

/// Whether one certificate has signed another, and may.
fn has_issued(issuer: &X509Certificate<'_>, certificate: &X509Certificate<'_>) -> Result<(), Broken> {
    if issuer.subject().as_raw() != certificate.issuer().as_raw() || !issuer.is_ca() {
        return Err(Broken::NoIssuer);
    }
    if let Ok(PublicKey::RSA(key)) = issuer.public_key().parsed()
        && key.key_size() < MIN_RSA_BITS
    {
        return Err(Broken::NotJudged);
    }
    certificate.verify_signature(Some(issuer.public_key())).map_err(|error| match error {
        X509Error::SignatureVerificationError => Broken::NoIssuer,
        _ => Broken::NotJudged,
    })
}

/// DNS names and addresses that a certificate is for.
fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    names.value.general_names.iter().filter_map(text).collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

/// Whether a name of a certificate fits a host; `*.` stands for exactly one label.
fn covers(known: &str, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    match known.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
        None => known.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests;
