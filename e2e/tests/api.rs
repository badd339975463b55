//! Do the operator's resources and a webhook work on the bed as they do in a cluster?

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that does not work

use std::net::Ipv4Addr;
use std::sync::Arc;

use base64::Engine as _;
use e2e::bed::certificates::{Authority, ServingCertificate, Validity};
use e2e::{Bed, Options};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{DynamicObject, PostParams};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_resources_and_a_webhook_behind_a_service_work() {
    let bed = Bed::start(Options::named("api")).await.unwrap();
    bed.apply_operator_crds().await.unwrap();
    instrumentations_are_pruned_and_checked(&bed).await;
    collectors_keep_what_they_are_given(&bed).await;
    a_webhook_is_reached_through_its_service_while_its_certificate_is_good(&bed).await;
    bed.stop();
}

/// As recorded: an unknown field is dropped without a word (cause B6), an unknown value is refused.
async fn instrumentations_are_pruned_and_checked(bed: &Bed) {
    let kind =
        ApiResource::from_gvk(&GroupVersionKind::gvk("opentelemetry.io", "v1alpha1", "Instrumentation"));
    let api: Api<DynamicObject> = Api::default_namespaced_with(bed.client(), &kind);
    let instrumentation = |name: &str, spec: Value| -> DynamicObject {
        serde_json::from_value(json!({"apiVersion": "opentelemetry.io/v1alpha1", "kind": "Instrumentation",
                                      "metadata": {"name": name}, "spec": spec}))
        .unwrap()
    };
    let submitted = json!({
        "exporter": {"endpoint": "http://otel-collector.observability:4318"},
        "propagators": ["tracecontext", "baggage"],
        "sampler": {"type": "parentbased_traceidratio", "argument": "1"},
        "node": {"env": [{"name": "OTEL_NODE_ENABLED_INSTRUMENTATIONS", "value": "http"}]},
        "python": {"resources": {"limits": {"memory": "512Mi"}}},
    });
    let stored = api.create(&PostParams::default(), &instrumentation("pruned", submitted)).await.unwrap();
    assert_eq!(
        stored.data["spec"],
        json!({
            "exporter": {"endpoint": "http://otel-collector.observability:4318"},
            "propagators": ["tracecontext", "baggage"],
            "sampler": {"type": "parentbased_traceidratio", "argument": "1"},
            "python": {},
        })
    );

    for (spec, message) in [
        (json!({"propagators": ["zipkin"]}), "spec.propagators[0]: Unsupported value: \"zipkin\""),
        (json!({"sampler": {"type": "parentbased_jaeger_remote"}}), "spec.sampler.type: Unsupported value"),
        (
            json!({"apacheHttpd": {"configPath": "/etc/ap ache"}}),
            "spec.apacheHttpd.configPath in body should match",
        ),
    ] {
        let refusal =
            api.create(&PostParams::default(), &instrumentation("refused", spec)).await.unwrap_err();
        assert!(refusal.to_string().contains(message), "{refusal}");
    }
}

async fn collectors_keep_what_they_are_given(bed: &Bed) {
    let collector = json!({"apiVersion": "opentelemetry.io/v1beta1", "kind": "OpenTelemetryCollector", "metadata": {"name": "otel"},
        "spec": {"mode": "sidecar", "config": {"receivers": {"otlp": {"protocols": {"grpc": {}}}}}}});
    let stored = bed.apply_yaml(&collector.to_string()).await.unwrap();
    assert_eq!(stored[0].data["spec"], collector["spec"]);
}

/// The whole way that an injection takes: configuration, Service, cluster IP, certificate, process; and it breaks where a link breaks.
async fn a_webhook_is_reached_through_its_service_while_its_certificate_is_good(bed: &Bed) {
    let authority = Authority::new("webhook").unwrap();
    for (name, validity, mutated) in
        [("good", Validity::Current, true), ("expired", Validity::Expired, false)]
    {
        let address = bed.reserve_cluster_ip();
        let certificate = authority.issue_for_service(name, "default", validity).unwrap();
        let server = tokio::spawn(serve(address, certificate));
        let bundle = base64::prelude::BASE64_STANDARD.encode(authority.certificate());
        bed.apply_yaml(&manifests(name, address, &bundle).to_string()).await.unwrap();

        let pods: Api<Pod> = Api::default_namespaced(bed.client());
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"generateName": "admitted-", "labels": {"webhook": name}},
            "spec": {"containers": [{"name": "app", "image": "a"}]},
        }))
        .unwrap();
        let dry_run = PostParams { dry_run: true, ..PostParams::default() };
        let mut seen = false;
        // The API server takes a moment to notice a new webhook configuration.
        for _ in 0..20 {
            let admitted = pods.create(&dry_run, &pod).await.unwrap();
            seen = admitted.metadata.annotations.is_some_and(|annotations| annotations.contains_key("seen"));
            if seen {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(seen, mutated, "webhook with the {name} certificate");
        server.abort();
    }
}

fn manifests(name: &str, address: Ipv4Addr, bundle: &str) -> Value {
    json!({"kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
         "spec": {"clusterIP": address, "ports": [{"port": 9443, "targetPort": 9443}]}},
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": name},
         "webhooks": [{
            "name": "mpod.example.com", "failurePolicy": "Ignore", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 5,
            "clientConfig": {"service": {"namespace": "default", "name": name, "path": "/mutate", "port": 9443}, "caBundle": bundle},
            "objectSelector": {"matchLabels": {"webhook": name}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
         }]},
    ]})
}

/// A webhook in its smallest form: annotates every Pod it is asked about. One request a connection.
async fn serve(address: Ipv4Addr, certificate: ServingCertificate) {
    let chain = vec![CertificateDer::from_pem_slice(certificate.certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind((address, 9443)).await.unwrap();
    loop {
        let (connection, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(connection).await else { continue };
        let mut request = Vec::new();
        let review: Value = loop {
            let mut chunk = [0; 16_384];
            let read = stream.read(&mut chunk).await.unwrap();
            request.extend_from_slice(&chunk[..read]);
            let body =
                request.windows(4).position(|window| window == b"\r\n\r\n").map(|end| &request[end + 4..]);
            if let Some(review) = body.and_then(|body| serde_json::from_slice(body).ok()) {
                break review;
            }
        };
        let patch = base64::prelude::BASE64_STANDARD.encode(
            json!([{"op": "add", "path": "/metadata/annotations", "value": {"seen": "true"}}]).to_string(),
        );
        let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {
            "uid": review["request"]["uid"], "allowed": true, "patchType": "JSONPatch", "patch": patch}})
        .to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        stream.write_all((head + &answer).as_bytes()).await.unwrap();
        let _closed = stream.shutdown().await;
    }
}
