//! F7: one image reference has stood for different images.

use api::{Certainty, ConditionType, Severity};
use facts::Pod;

use crate::case::Case;
use crate::catalogue::remedy::named;
use crate::cause::{Cause, Sight};
use crate::found::Found;

/// `AgentImageDrifted`.
pub static CAUSE: Cause = Cause {
    code: "IH-F007",
    reason: "AgentImageDrifted",
    summary: "Pods with the same agent image reference run different images: the tag was moved.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Info],
    certainties: &[Certainty::Certain],
    sight: Sight::Always("the digests that the Pods of one revision report for one image"),
    since: "0.1.0",
    reads: &[],
    page: include_str!("agent_image_drifted.md"),
    check,
};

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let mut seen: Vec<(&str, &str, &str, Vec<&'c Pod>)> = Vec::new();
    for (group, pod) in case.injected_pods() {
        for agent in &group.marks.agents {
            let Some(status) = pod.status.container(&agent.name) else { continue };
            let Some(digest) = digest(&status.image_id) else { continue };
            match seen.iter_mut().find(|(_, image, known, _)| *image == &*agent.image && *known == digest) {
                Some((.., pods)) => pods.push(pod),
                None => seen.push((&agent.name, &agent.image, digest, vec![pod])),
            }
        }
    }
    let twice = |image: &str| seen.iter().filter(|(_, other, ..)| *other == image).count() > 1;
    let Some((container, image, digest, pods)) = seen.iter().find(|(_, image, ..)| twice(image)) else {
        return Vec::new();
    };
    let Some((.., other, others)) =
        seen.iter().find(|(_, known, found, _)| known == image && found != digest)
    else {
        return Vec::new();
    };
    let language = case.groups.iter().flat_map(|group| &group.marks.agents).find_map(|agent| agent.language);
    let source = language.map_or_else(|| "the Instrumentation".to_owned(), |language| named(case, language));
    let status = |pod: &Pod| (format!("Pod/{}", pod.name), format!("status imageID of {container}"));
    let (first, second) = (status(pods[0]), status(others[0]));
    vec![
        Found::new(&CAUSE, Severity::Info, Certainty::Certain)
            .message(format!("Agent image {image} stands for different images in the Pods of this workload: its tag was moved."))
            .remedy(format!("Pin the image in {source} by a tag that never moves or by its digest, then"), case.restart_command())
            .because(first.0, first.1, digest)
            .because(second.0, second.1, other)
            .pods(pods.iter().chain(others).copied()),
    ]
}

/// The digest of an image; nodes of different platforms have the same one for an index.
fn digest(image_id: &str) -> Option<&str> {
    image_id.rsplit_once('@').map(|(_, digest)| digest)
}
