//! What does an error of a watch mean?

use facts::Readability;
use kube::runtime::watcher;

use crate::list::{absence, absence_by_code};

/// Kinds of trouble, by what is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The kind may not be read, or is not served: say so, and look again later.
    Absent(Readability),
    /// The watch is too old (410): list again at once.
    Expired,
    /// The API server does not stream lists (it answers 422 for ever): list in pages.
    NoStreamingLists,
    /// An object does not fit its view: decode tolerantly.
    DoesNotParse,
    /// No connection, no answer, too many requests, an internal error: try again.
    Other,
}

impl Trouble {
    /// Judges an error of a watch that `rule` allows.
    pub fn of(rule: &str, error: &watcher::Error, streaming: bool) -> Self {
        use watcher::Error::{
            InitialListFailed, NoResourceVersion, WatchError, WatchFailed, WatchStartFailed,
        };
        let (cause, starting) = match error {
            WatchError(status) if status.code == 410 => return Self::Expired,
            WatchError(status) => {
                return absence_by_code(rule, status.code).map_or(Self::Other, Self::Absent);
            }
            NoResourceVersion => return Self::Other,
            WatchStartFailed(cause) => (cause, true),
            InitialListFailed(cause) | WatchFailed(cause) => (cause, false),
        };
        match cause {
            kube::Error::SerdeError(_) => Self::DoesNotParse,
            // A watch event that does not parse is tried as a Status, of which every field is optional.
            kube::Error::Api(status) if status.code == 0 && status.status.is_none() => Self::DoesNotParse,
            kube::Error::Api(status) if status.code == 410 => Self::Expired,
            kube::Error::Api(status) if starting && streaming && matches!(status.code, 400 | 422) => {
                Self::NoStreamingLists
            }
            other => absence(rule, other).map_or(Self::Other, Self::Absent),
        }
    }

    /// For metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Absent(Readability::NotServed) => "not_served",
            Self::Absent(_) => "forbidden",
            Self::Expired => "expired",
            Self::NoStreamingLists => "no_streaming_lists",
            Self::DoesNotParse => "does_not_parse",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use watcher::Error::{InitialListFailed, WatchError, WatchFailed, WatchStartFailed};

    use super::*;

    fn api(code: u16) -> kube::Error {
        kube::Error::Api(Status { code, ..Status::default() }.boxed())
    }

    #[test]
    fn each_error_has_its_remedy() {
        let forbidden = Trouble::Absent(Readability::Unreadable { needs: "list, watch services".into() });
        let broken = || kube::Error::SerdeError(serde_json::from_str::<u8>("x").unwrap_err());
        let table = [
            (InitialListFailed(api(403)), true, forbidden.clone()),
            (WatchStartFailed(api(403)), true, forbidden),
            (WatchStartFailed(api(404)), true, Trouble::Absent(Readability::NotServed)),
            (WatchStartFailed(api(422)), true, Trouble::NoStreamingLists),
            (WatchStartFailed(api(422)), false, Trouble::Other),
            (WatchError(Box::new(Status { code: 410, ..Status::default() })), true, Trouble::Expired),
            (WatchStartFailed(api(410)), false, Trouble::Expired),
            (InitialListFailed(api(429)), false, Trouble::Other),
            (InitialListFailed(api(500)), false, Trouble::Other),
            (InitialListFailed(broken()), false, Trouble::DoesNotParse),
            (WatchFailed(broken()), true, Trouble::DoesNotParse),
            (WatchFailed(kube::Error::Api(Status::default().boxed())), true, Trouble::DoesNotParse),
        ];
        for (error, streaming, expected) in table {
            let trouble = Trouble::of("list, watch services", &error, streaming);
            assert_eq!(trouble, expected, "{error}");
            assert!(crate::metrics::labels::WATCH_ERRORS.contains(&trouble.as_str()));
        }
    }
}
