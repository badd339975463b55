use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use super::*;

const HOST: &str = "webhook.operator.svc";

struct Ca {
    pem: String,
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

fn ca(name: &str, above: Option<&Ca>) -> Ca {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    let key = KeyPair::generate().unwrap();
    let certificate = match above {
        Some(above) => params.signed_by(&key, &above.issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    Ca { pem: certificate.pem(), der: certificate.der().to_vec(), issuer: Issuer::new(params, key) }
}

/// A serving certificate of the year 2026.
fn leaf(names: &[&str], ca: &Ca) -> Vec<u8> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
    params.signed_by(&KeyPair::generate().unwrap(), &ca.issuer).unwrap().der().to_vec()
}

fn bundle(pem: &str) -> String {
    STANDARD.encode(pem)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_chain_to_the_bundle_is_trusted_while_all_of_it_is_valid() {
    let root = ca("root", None);
    let between = ca("between", Some(&root));
    let chain = [leaf(&["other", HOST], &between), between.der.clone()];
    let both = format!("{}{}", ca("another", None).pem, root.pem);
    for trust in [
        judge(&[leaf(&[HOST], &root)], &bundle(&root.pem), HOST),
        judge(&chain, &bundle(&both), HOST),
        // An intermediate in the bundle is a root there.
        judge(&chain[..1], &bundle(&between.pem), HOST),
        judge(&[leaf(&["*.operator.svc"], &root)], &bundle(&root.pem), HOST),
        judge(&[leaf(&["10.0.0.1"], &root)], &bundle(&root.pem), "10.0.0.1"),
    ] {
        assert!(trust.holds_at(time("2026-06-01T00:00:00Z")), "{trust:?}");
        let fault = trust.fault_at(time("2027-06-01T00:00:00Z"));
        assert_eq!(fault, Some(CertificateFault::Expired { since: time("2027-01-01T00:00:00Z") }));
        let fault = trust.fault_at(time("2025-06-01T00:00:00Z"));
        assert_eq!(fault, Some(CertificateFault::NotYetValid { from: time("2026-01-01T00:00:00Z") }));
    }
}

#[test]
fn a_serving_certificate_may_stand_in_the_bundle_itself() {
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    let own = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let trust = judge(&[own.der().to_vec()], &bundle(&own.pem()), HOST);
    assert!(trust.holds_at(time("2026-06-01T00:00:00Z")), "{trust:?}");
}

#[test]
fn what_the_api_server_refuses_is_told_apart() {
    let root = ca("root", None);
    // Another CA of the same name, as every new self-signed one is.
    let namesake = ca("root", None);
    let good = [leaf(&[HOST], &root)];
    let refused = |trust| match trust {
        Trust::Refused(fault) => fault,
        other => panic!("{other:?}"),
    };
    for stranger in [&namesake, &ca("stranger", None)] {
        let fault = refused(judge(&good, &bundle(&stranger.pem), HOST));
        assert!(matches!(fault, CertificateFault::UnknownAuthority { .. }), "{fault:?}");
    }
    assert_eq!(refused(judge(&good, "", HOST)), CertificateFault::BundleEmpty);
    assert_eq!(refused(judge(&good, &bundle("no PEM"), HOST)), CertificateFault::BundleUnreadable);
    assert_eq!(refused(judge(&[vec![1]], &bundle(&root.pem), HOST)), CertificateFault::CertificateUnreadable);
    let names = vec!["webhook.other.svc".to_owned()];
    let fault = refused(judge(&[leaf(&["webhook.other.svc"], &root)], &bundle(&root.pem), HOST));
    assert_eq!(fault, CertificateFault::OtherName { expected: HOST.to_owned(), names });
    // The wildcard stands for one label.
    let fault = refused(judge(&[leaf(&["*.svc"], &root)], &bundle(&root.pem), HOST));
    assert!(matches!(fault, CertificateFault::OtherName { .. }), "{fault:?}");
}
