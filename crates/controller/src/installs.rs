//! How long after the creation of a Pod was its agent installed?
//!
//! That is what instrumentation costs when a Pod starts. It is told when the end of the agent's init container is seen for
//! the first time: neither by a restart of the controller nor by a list that is made anew.

use std::time::Duration;

use facts::{ContainerStatus, Language, Pod, PodView};
use injection::marks;
use jiff::Timestamp;

/// Init containers run again when the node has restarted: what ends so long after the Pod was created was not its start.
const START: Duration = Duration::from_secs(3600);

/// Languages whose agent has been installed since `before`, and how long after the Pod was created. `since`: from when on
/// Pods are followed; the first state that is seen of an older one may be long past.
pub fn installed<'v>(
    view: &'v PodView,
    before: Option<&'v Pod>,
    since: Timestamp,
) -> impl Iterator<Item = (Language, Duration)> + 'v {
    let created = view.metadata.creation_timestamp;
    let before = before.filter(|pod| pod.uid == view.metadata.uid);
    let followed = before.is_some() || created.is_some_and(|created| created >= since);
    let ended = view.status.init_container_statuses.iter().filter(move |status| {
        let known = before.and_then(|pod| pod.status.container(&status.name));
        followed && has_ended(status) && !known.is_some_and(has_ended)
    });
    ended.filter_map(move |status| {
        let language = marks::installs(&status.name)?;
        let finished = status.state.terminated.as_ref()?.finished_at?;
        let after = Duration::try_from(finished.duration_since(created?)).ok()?;
        (status.restart_count == 0 || after < START).then_some((language, after))
    })
}

fn has_ended(status: &ContainerStatus) -> bool {
    status.state.terminated.as_ref().is_some_and(|terminated| terminated.exit_code == 0)
}

#[cfg(test)]
mod tests {
    use facts::Interner;
    use serde_json::{Value, json};

    use super::*;

    fn view(created: &str, state: &Value, restarts: i32) -> PodView {
        serde_json::from_value(json!({
            "metadata": {"name": "checkout-1", "namespace": "shop", "uid": "u1", "creationTimestamp": created},
            "status": {"phase": "Pending", "initContainerStatuses": [
                {"name": "migrate", "state": {"terminated": {"exitCode": 0, "finishedAt": "2026-11-24T10:00:02Z"}}},
                {"name": "opentelemetry-auto-instrumentation-java", "state": state, "restartCount": restarts},
            ]},
        }))
        .unwrap()
    }

    fn ended(code: i32) -> Value {
        json!({"terminated": {"exitCode": code, "finishedAt": "2026-11-24T10:00:09Z"}})
    }

    #[test]
    fn it_is_told_once_when_it_is_seen_to_happen() {
        let created = "2026-11-24T10:00:00Z";
        let now: Timestamp = "2026-11-24T10:00:10Z".parse().unwrap();
        let start: Timestamp = created.parse().unwrap();
        let running = || json!({"running": {"startedAt": "2026-11-24T10:00:03Z"}});
        let pod = |state: &Value| Pod::new(view(created, state, 0), &mut Interner::default());
        let told = |view: &PodView, before: Option<&Pod>, since| {
            let all: Vec<_> = installed(view, before, since).collect();
            all.first().map(|(language, after)| (*language, after.as_secs()))
        };
        let java = Some((Language::Java, 9));
        let done = view(created, &ended(0), 0);
        assert_eq!(told(&done, Some(&pod(&running())), now), java);
        assert_eq!(told(&done, None, start), java, "a Pod that is younger than we are");
        assert_eq!(told(&done, None, now), None, "a Pod that was there before us");
        assert_eq!(told(&done, Some(&pod(&ended(0))), start), None, "told already");
        assert_eq!(told(&view(created, &running(), 0), None, start), None);
        assert_eq!(told(&view(created, &ended(1), 0), None, start), None, "it failed");
        assert_eq!(
            told(&view(created, &ended(0), 2), Some(&pod(&ended(1))), now),
            java,
            "at the third attempt"
        );
        let other = Pod { uid: "u0".into(), ..pod(&ended(0)) };
        assert_eq!(told(&done, Some(&other), start), java, "another Pod had the name before");
        let old = view("2026-11-20T10:00:00Z", &ended(0), 1);
        assert_eq!(told(&old, Some(&pod(&running())), now), None, "run again after the node restarted");
    }
}
