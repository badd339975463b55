//! What does a server show in a TLS handshake?

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use facts::ServingCertificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long a handshake may take; the API server gives a webhook 10 s by default, for more than that.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shakes hands, notes what is shown and hangs up. Nothing else is sent.
pub async fn look(address: &str, server_name: &str) -> ServingCertificate {
    let recorder = Arc::new(Recorder { chain: Mutex::default(), provider: ring::default_provider() });
    let error = match timeout(PATIENCE, shake_hands(address, server_name, recorder.clone())).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error),
        Err(_) => Some(format!("no TLS handshake within {} s", PATIENCE.as_secs())),
    };
    let chain = std::mem::take(&mut *recorder.chain.lock().unwrap_or_else(PoisonError::into_inner));
    // A server that shows its certificate and then wants one of ours has told what we came for.
    let error = error.filter(|_| chain.is_empty());
    ServingCertificate { chain, error }
}

async fn shake_hands(address: &str, server_name: &str, recorder: Arc<Recorder>) -> Result<(), String> {
    let name = ServerName::try_from(server_name.to_owned()).map_err(|error| error.to_string())?;
    let config = ClientConfig::builder_with_provider(Arc::new(recorder.provider.clone()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(recorder)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.map_err(|error| words(&error))?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| words(&error))?;
    Ok(())
}

/// What happened, without numbers of the operating system, which differ between machines.
fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset => {
            "the connection was closed".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Accepts every certificate and notes it. That is safe here and only here: no data is sent over the connection, no data is
/// read from it, and it ends with the handshake. What is noted is judged against the `caBundle` afterwards, as a fact.
#[derive(Debug)]
struct Recorder {
    chain: Mutex<Vec<Vec<u8>>>,
    provider: CryptoProvider,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|certificate| certificate.to_vec());
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain.collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::ServerConfig;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    #[tokio::test]
    async fn the_certificate_of_a_server_is_noted_whoever_signed_it() {
        let key = rcgen::generate_simple_self_signed(["hook.otel.svc".to_owned()]).unwrap();
        let der = key.cert.der().clone();
        let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![der.clone()], private)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            drop(TlsAcceptor::from(Arc::new(config)).accept(stream).await);
        });
        let seen = look(&address, "hook.otel.svc").await;
        assert_eq!(seen, ServingCertificate { chain: vec![der.to_vec()], error: None });
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_closed_port_is_an_error_and_no_chain() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let error = Some("connection refused".to_owned());
        assert_eq!(look(&address, "hook.otel.svc").await, ServingCertificate { chain: Vec::new(), error });
    }
}
