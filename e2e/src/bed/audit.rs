//! Which requests did somebody make of the API server, and which were refused?
//!
//! Read from the API server's own audit log. It is written before the answer is sent, so what a test has seen done stands there.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use super::Error;

/// Name of the log among those of the bed.
pub(super) const LOG: &str = "audit.log";

/// Every request of a `ServiceAccount` once: a watch when it begins, everything else when it is answered.
pub(super) const POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: [system:serviceaccounts]
- level: None
";

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// What was to be done: `list`, `watch`, `patch` and so on.
    pub verb: String,
    /// API group; empty for the core group, and for a path that is no resource.
    pub group: String,
    /// Resource in plural, with its subresource as rules name it: `pods`, `instrumentationhealths/status`. Of a path that
    /// is no resource the path.
    pub resource: String,
    /// Namespace; empty for the whole cluster.
    pub namespace: String,
    /// Code of the answer.
    pub code: u16,
}

impl Request {
    /// Whether the rights were missing.
    pub fn is_refused(&self) -> bool {
        matches!(self.code, 401 | 403)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    verb: String,
    user: User,
    #[serde(default)]
    object_ref: Option<ObjectReference>,
    #[serde(rename = "requestURI")]
    uri: String,
    #[serde(default)]
    response_status: Option<Status>,
}

#[derive(Deserialize)]
struct User {
    username: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectReference {
    #[serde(default)]
    api_group: String,
    #[serde(default)]
    resource: String,
    #[serde(default)]
    subresource: String,
    #[serde(default)]
    namespace: String,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
}

/// The requests of a `ServiceAccount`, each kind of request once.
pub(super) fn requests(logs: &Path, namespace: &str, account: &str) -> Result<Vec<Request>, Error> {
    let path = logs.join(LOG);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(Error::file("read", &path))?,
    };
    let user = format!("system:serviceaccount:{namespace}:{account}");
    // The last line may not be complete.
    let entries = text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
    let requests: BTreeSet<Request> =
        entries.filter(|entry| entry.user.username == user).map(request).collect();
    Ok(requests.into_iter().collect())
}

fn request(entry: Entry) -> Request {
    let code = entry.response_status.map_or(0, |status| status.code);
    let Entry { verb, uri, object_ref, .. } = entry;
    match object_ref {
        Some(ObjectReference { api_group: group, resource, subresource, namespace }) => {
            let resource =
                if subresource.is_empty() { resource } else { format!("{resource}/{subresource}") };
            Request { verb, group, resource, namespace, code }
        }
        None => Request { verb, group: String::new(), resource: uri, namespace: String::new(), code },
    }
}
