//! What can happen to the operator?
//!
//! What recorded clusters went through: another set-up, Pods that fail, a certificate that is lost or has expired, packets that
//! nobody answers, a restart. [`StandIn::restore`] makes good whatever happened.

use std::net::SocketAddr;
use std::time::Duration;

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Answers, CONFIGURATION, DEPLOYMENT, Model, NAMESPACE, PATIENCE, PORT, StandIn, upgrade};
use crate::Error;
use crate::bed::apply::{apply_operator_crds, apply_yaml};
use crate::bed::certificates::Validity;
use crate::play::ANNOTATION;

/// Its validating webhook configuration.
const VALIDATION: &str = "opentelemetry-operator-validating-webhook-configuration";
/// The Secret with its serving certificate.
const CERTIFICATE_SECRET: &str = "opentelemetry-operator-controller-manager-service-cert";

impl StandIn {
    /// Where its webhooks listen.
    ///
    /// # Errors
    /// As for everything here, where a program answers in the place of the stand-in.
    pub fn address(&mut self) -> Result<SocketAddr, Error> {
        Ok(self.model()?.address)
    }

    /// What the `caBundle` of its webhooks has to be, in base64.
    pub fn bundle(&mut self) -> Result<String, Error> {
        Ok(self.model()?.bundle())
    }

    fn model(&mut self) -> Result<&mut Model, Error> {
        match &mut self.answers {
            Answers::Model(model) => Ok(model),
            Answers::Program(_) => Err(Error::Manifest {
                what: "OTEL_OPERATOR_BIN".into(),
                problem: "only the stand-in operator can be taken through this".into(),
            }),
        }
    }

    /// Sets it up as another manifest of its Deployment says, and waits until the new Pod has taken over. It goes on listening where
    /// its Service leads to.
    pub async fn deploy(&mut self, deployment: &Value) -> Result<(), Error> {
        let mut deployment = deployment.clone();
        let ports = deployment["spec"]["template"]["spec"]["containers"][0]["ports"].as_array_mut();
        for port in ports.into_iter().flatten().filter(|port| port["name"] == "webhook-server") {
            port["containerPort"] = json!(PORT);
        }
        let client = self.client.clone();
        let model = self.model()?;
        model.configure(&deployment["spec"]["template"]["spec"]["containers"][0])?;
        model.stop().await;
        apply_yaml(&client, &deployment.to_string()).await?;
        if model.config().webhooks {
            model.listen(&client).await?;
        }
        self.until_rolled_out().await
    }

    /// It restarts: Instrumentations are upgraded as far as it may.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.go_down().await?;
        self.come_back().await?;
        let client = self.client.clone();
        upgrade::upgrade(&client, self.model()?.config()).await
    }

    /// Nobody answers any more, and its next Pod does what the kubelets are told by `play`.
    pub async fn fail(&mut self, play: &Value) -> Result<(), Error> {
        self.go_down().await?;
        let annotations = json!({ANNOTATION: play.to_string()});
        self.patch_deployment(
            &json!({"spec": {"replicas": 1, "template": {"metadata": {"annotations": annotations}}}}),
        )
        .await
    }

    /// The Secret with its serving certificate is gone, and its next Pod cannot start without.
    pub async fn lose_certificate(&mut self, play: &Value) -> Result<(), Error> {
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), NAMESPACE);
        let deleted = secrets.delete(CERTIFICATE_SECRET, &DeleteParams::default()).await;
        deleted.map_err(Error::api("delete the operator's certificate"))?;
        self.fail(play).await
    }

    /// It serves with a certificate that ran out long ago, of an authority that [`StandIn::bundle`] names from now on.
    pub async fn let_certificate_expire(&mut self) -> Result<(), Error> {
        let client = self.client.clone();
        let model = self.model()?;
        model.renew_certificate(Validity::Expired)?;
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": CERTIFICATE_SECRET, "namespace": NAMESPACE},
            "stringData": {
                "ca.crt": model.authority.certificate(),
                "tls.crt": model.certificate.certificate,
                "tls.key": model.certificate.key,
            },
        });
        apply_yaml(&client, &secret.to_string()).await?;
        model.listen(&client).await
    }

    /// It serves with a new certificate that runs out in three days; nothing else is amiss.
    pub async fn let_certificate_end_soon(&mut self) -> Result<(), Error> {
        let client = self.client.clone();
        let model = self.model()?;
        model.renew_certificate(Validity::EndsSoon)?;
        model.listen(&client).await?;
        apply_yaml(&client, &model.manifests()).await?;
        Ok(())
    }

    /// Its webhooks take connections and never answer, as behind a firewall that drops packets; its Pod stays ready.
    pub async fn fall_silent(&mut self) -> Result<(), Error> {
        self.model()?.fall_silent().await
    }

    /// Its webhook configurations are gone.
    pub async fn unregister(&mut self) -> Result<(), Error> {
        let mutating: Api<MutatingWebhookConfiguration> = Api::all(self.client.clone());
        let validating: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let parameters = DeleteParams::default();
        mutating.delete(CONFIGURATION, &parameters).await.map_err(Error::api("delete the webhooks"))?;
        validating.delete(VALIDATION, &parameters).await.map_err(Error::api("delete the webhooks"))?;
        Ok(())
    }

    /// Everything is as it was installed, with a new certificate and a new Pod.
    pub async fn restore(&mut self) -> Result<(), Error> {
        self.model()?.stop().await;
        let nothing = json!({"spec": {"replicas": 0, "template": {"metadata": {"annotations": null}}}});
        self.patch_deployment(&nothing).await?;
        let policies: Api<NetworkPolicy> = Api::namespaced(self.client.clone(), NAMESPACE);
        let cleared = policies.delete_collection(&DeleteParams::default(), &ListParams::default()).await;
        cleared.map_err(Error::api("delete the NetworkPolicies around the operator"))?;
        self.until_endpoints(false).await?;
        let client = self.client.clone();
        let model = self.model()?;
        model.renew_certificate(Validity::Current)?;
        model.configure_as_installed()?;
        apply_operator_crds(&client).await?;
        model.listen(&client).await?;
        apply_yaml(&client, &model.manifests()).await?;
        // A ReplicaSet whose Pods were refused waits longer and longer before it tries again, unless it is scaled.
        self.scale(0).await?;
        self.scale(1).await?;
        self.until_rolled_out().await?;
        self.until_endpoints(true).await
    }

    pub(super) async fn patch_deployment(&self, patch: &Value) -> Result<(), Error> {
        let api: Api<Deployment> = Api::namespaced(self.client.clone(), NAMESPACE);
        let patched = api.patch(DEPLOYMENT, &PatchParams::default(), &Patch::Merge(patch)).await;
        patched.map_err(Error::api("change the operator's Deployment"))?;
        Ok(())
    }

    async fn until_rolled_out(&self) -> Result<(), Error> {
        let api: Api<Deployment> = Api::namespaced(self.client.clone(), NAMESPACE);
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let deployment =
                api.get(DEPLOYMENT).await.map_err(Error::api("read the operator's Deployment"))?;
            let status = deployment.status.unwrap_or_default();
            let seen = status.observed_generation >= deployment.metadata.generation;
            let one = [status.replicas, status.updated_replicas, status.ready_replicas];
            if seen && one == [Some(1); 3] {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let what = format!("Deployment {DEPLOYMENT}");
        Err(Error::NotReady { what, seconds: PATIENCE.as_secs(), logs: std::path::PathBuf::new() })
    }
}
