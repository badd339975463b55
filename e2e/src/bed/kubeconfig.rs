//! How does a program get into the bed?

use std::path::{Path, PathBuf};

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};

use super::Error;

/// What a kubeconfig of the bed holds.
#[derive(Debug)]
pub(super) struct Credentials<'a> {
    /// URL of the API server.
    pub server: &'a str,
    /// Certificate of its authority, PEM.
    pub authority: &'a str,
    /// Name of the user entry; the token decides who one is.
    pub user: &'a str,
    /// Bearer token.
    pub token: &'a str,
}

/// Writes a kubeconfig with one context, `bed`. JSON is YAML.
pub(super) fn write_kubeconfig(path: &Path, credentials: &Credentials<'_>) -> Result<(), Error> {
    let Credentials { server, authority, user, token } = credentials;
    let authority = k8s_openapi::ByteString(authority.as_bytes().to_vec());
    let kubeconfig = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bed",
        "clusters": [{"name": "bed", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "bed", "context": {"cluster": "bed", "user": user}}],
    });
    std::fs::write(path, format!("{kubeconfig:#}\n")).map_err(Error::file("write", path))
}

/// A client for the kubeconfig at `path`.
pub(super) async fn client_for(path: &Path) -> Result<Client, Error> {
    let kubeconfig = Kubeconfig::read_from(path)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Client::try_from(config).map_err(Error::api("make a client"))
}

/// Writes a kubeconfig beside `admin` that holds a token of the `ServiceAccount`, valid for a day.
pub(super) async fn kubeconfig_for(
    client: Client,
    admin: &Path,
    namespace: &str,
    service_account: &str,
) -> Result<PathBuf, Error> {
    let request = TokenRequest {
        spec: TokenRequestSpec { expiration_seconds: Some(86_400), ..TokenRequestSpec::default() },
        ..TokenRequest::default()
    };
    let issued = Api::<ServiceAccount>::namespaced(client, namespace)
        .create_token_request(service_account, &kube::api::PostParams::default(), &request)
        .await
        .map_err(Error::api(format!("issue a token for ServiceAccount {namespace}/{service_account}")))?;
    let token = issued.status.map(|status| status.token).unwrap_or_default();

    let mut kubeconfig = Kubeconfig::read_from(admin)?;
    for user in &mut kubeconfig.auth_infos {
        user.auth_info.get_or_insert_default().token = Some(token.clone().into());
    }
    let path = admin.with_file_name(format!("kubeconfig-{namespace}-{service_account}"));
    let text = serde_json::to_string_pretty(&kubeconfig).map_err(|error| Error::Manifest {
        what: format!("kubeconfig of {namespace}/{service_account}"),
        problem: error.to_string(),
    })?;
    std::fs::write(&path, text).map_err(Error::file("write", &path))?;
    Ok(path)
}
