//! Why was a write not done, and is there a point in trying again?

use kube::core::Status;

use crate::ledger::Finished;

/// Ways in which the API server does not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The object is not there.
    #[error("it is not there any more")]
    Gone,
    /// Its Namespace is being deleted, or is gone.
    #[error("its Namespace is being deleted")]
    NamespaceGoes,
    /// Another one is there, or somebody changed it in between.
    #[error("conflict: {0}")]
    Conflict(String),
    /// It may not be written.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// It is not valid.
    #[error("invalid: {0}")]
    Invalid(String),
    /// Another replica may be writing: nothing was sent.
    #[error("this replica does not lead any more")]
    NotLeading,
    /// No answer, too many requests, an internal error.
    #[error("{1}")]
    Later(Delay, String),
}

/// What keeps the API server from doing it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// It did not answer in time.
    Timeout,
    /// It is asked too much.
    Throttled,
    /// It says that it cannot, or something that is not understood.
    Server,
    /// It cannot be reached.
    Connection,
}

impl Refusal {
    /// Judges an error.
    pub fn of(error: &kube::Error) -> Self {
        let kube::Error::Api(status) = error else {
            return Self::Later(Delay::Connection, error.to_string());
        };
        let message = status.message.clone();
        match status.code {
            404 if of_namespace(status) => Self::NamespaceGoes,
            404 if of_object(status) => Self::Gone,
            403 if message.contains("being terminated") => Self::NamespaceGoes,
            403 => Self::Forbidden(message),
            409 => Self::Conflict(message),
            400 | 413 | 422 => Self::Invalid(message),
            429 => Self::Later(Delay::Throttled, message),
            _ => Self::Later(Delay::Server, format!("{} ({})", message, status.code)),
        }
    }

    /// For metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NamespaceGoes => "namespace_goes",
            Self::Conflict(_) => "conflict",
            Self::Forbidden(_) => "forbidden",
            Self::Invalid(_) => "invalid",
            Self::NotLeading => "not_leading",
            Self::Later(Delay::Timeout, _) => "timeout",
            Self::Later(Delay::Throttled, _) => "throttled",
            Self::Later(Delay::Server, _) => "server",
            Self::Later(Delay::Connection, _) => "connection",
        }
    }

    /// What that means for the wish.
    pub fn into_finished(self) -> Finished {
        match self {
            Self::Gone => Finished::Gone,
            Self::NamespaceGoes => Finished::Pointless,
            Self::Invalid(_) => Finished::Refused,
            Self::Conflict(_) | Self::Forbidden(_) | Self::NotLeading | Self::Later(..) => Finished::Failed,
        }
    }
}

fn of_namespace(status: &Status) -> bool {
    status.details.as_ref().is_some_and(|details| details.kind == "namespaces")
}

/// A kind that is not served answers 404 as well, but names no object.
fn of_object(status: &Status) -> bool {
    status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

#[cfg(test)]
mod tests {
    use kube::core::response::StatusDetails;

    use super::*;

    fn status(code: u16, message: &str, kind: &str, name: &str) -> kube::Error {
        let details: StatusDetails =
            serde_json::from_value(serde_json::json!({"kind": kind, "name": name})).unwrap();
        let status =
            Status { code, message: message.to_owned(), details: Some(details), ..Status::default() };
        kube::Error::Api(status.boxed())
    }

    #[test]
    fn each_refusal_has_its_consequence() {
        let ours = "instrumentationhealths";
        let table = [
            (status(404, "not found", ours, "deployment-a"), "gone"),
            (status(404, "namespaces \"shop\" not found", "namespaces", "shop"), "namespace_goes"),
            (status(404, "the server could not find the requested resource", "", ""), "server"),
            (
                status(403, "unable to create: namespace shop is being terminated", ours, "a"),
                "namespace_goes",
            ),
            (status(403, "cannot patch", ours, "a"), "forbidden"),
            (status(409, "already exists", ours, "a"), "conflict"),
            (status(422, "too long", ours, "a"), "invalid"),
            (status(429, "too many", "", ""), "throttled"),
            (status(500, "etcd", "", ""), "server"),
        ];
        for (error, expected) in table {
            assert_eq!(Refusal::of(&error).as_str(), expected, "{error}");
            assert!(crate::metrics::labels::WRITE_ERRORS.contains(&expected));
        }
    }
}
