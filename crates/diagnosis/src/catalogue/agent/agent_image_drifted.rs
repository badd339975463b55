//! F7: one image reference has stood for different images.

use api::{Certainty, ConditionType, Severity};
use facts::{InputKind, Pod};

use super::agent_image_platform_mismatch::processor;
use crate::case::{Case, Group};
use crate::catalogue::crash::failing;
use crate::catalogue::remedy::named;
use crate::cause::{Cause, Sight};
use crate::found::Found;
use crate::progress::{Progress, progress};

/// `AgentImageDrifted`.
pub static CAUSE: Cause = Cause {
    code: "IH-F007",
    reason: "AgentImageDrifted",
    summary: "Pods with the same agent image reference run different images: the tag was moved.",
    condition: ConditionType::UpToDate,
    severities: &[Severity::Error, Severity::Info],
    certainties: &[Certainty::Certain, Certainty::Likely],
    sight: Sight::Always("the digests that the Pods of one revision report for one image"),
    since: "0.1.0",
    reads: &[InputKind::Nodes],
    page: include_str!("agent_image_drifted.md"),
    check,
};

/// Pods in which one image reference stands for one image.
struct Variant<'k, 'c> {
    container: &'k str,
    image: &'k str,
    digest: &'c str,
    /// The processor of the nodes: some runtimes report the image of the platform, not that of all of them.
    processor: Option<&'c str>,
    pods: Vec<&'c Pod>,
    /// One that runs well.
    works: Option<&'c Pod>,
    /// Those in which the agent or the application that carries it fails.
    fail: Vec<&'c Pod>,
}

fn check<'c>(case: &Case<'c>) -> Vec<Found<'c>> {
    let variants = variants(case);
    let others = |one: &Variant<'_, '_>| {
        let (image, digest, processor) = (one.image.to_owned(), one.digest.to_owned(), one.processor);
        variants
            .iter()
            .find(move |other| other.image == image && other.digest != digest && other.processor == processor)
    };
    let Some((one, other)) = variants.iter().find_map(|one| Some((one, others(one)?))) else {
        return Vec::new();
    };
    // Pods of one spec differ in nothing else: where those with one image fail and those with the other run, it is to blame.
    let (works, fails) = if one.fail.is_empty() { (one, other) } else { (other, one) };
    let is_clear = works.works.is_some() && works.fail.is_empty() && fails.works.is_none();
    let is_to_blame = is_clear && !fails.fail.is_empty();
    let image = one.image;
    let language = case.groups.iter().flat_map(|group| &group.marks.agents).find_map(|agent| agent.language);
    let source = language.map_or_else(|| "the Instrumentation".to_owned(), |language| named(case, language));
    let (severity, certainty, effect, pods) = if is_to_blame {
        let effect = format!(" {} of them fail with the other one.", fails.fail.len());
        (Severity::Error, Certainty::Likely, effect, fails.fail.clone())
    } else {
        let both = one.pods.iter().chain(&other.pods).copied().collect();
        (Severity::Info, Certainty::Certain, String::new(), both)
    };
    let seen = |variant: &Variant<'_, '_>| {
        (format!("Pod/{}", variant.pods[0].name), format!("status imageID of {}", variant.container))
    };
    let (first, second) = (seen(works), seen(fails));
    vec![
        Found::new(&CAUSE, severity, certainty)
            .message(format!(
                "Agent image {image} stands for different images in the Pods of {}: its tag was moved.{effect}",
                case.subject.id.slug()
            ))
            .remedy(format!("Pin the image in {source} by a tag that never moves or by its digest, then"), case.restart_command())
            .because(first.0, first.1, works.digest)
            .because(second.0, second.1, fails.digest)
            .pods(pods),
    ]
}

/// What each agent image stands for in the Pods of the present revision, or of any.
fn variants<'k, 'c>(case: &'k Case<'c>) -> Vec<Variant<'k, 'c>> {
    let mut variants: Vec<Variant<'k, 'c>> = Vec::new();
    for (group, pod) in case.injected_pods() {
        let fails = fails(case, group, pod);
        for agent in &group.marks.agents {
            let Some(status) = pod.status.container(&agent.name) else { continue };
            let Some(digest) = digest(&status.image_id) else { continue };
            let processor = processor(case, pod);
            let known = variants.iter().position(|one| {
                *one.image == *agent.image && one.digest == digest && one.processor == processor
            });
            let at = known.unwrap_or_else(|| {
                let (container, image) = (&*agent.name, &*agent.image);
                variants.push(Variant {
                    container,
                    image,
                    digest,
                    processor,
                    pods: Vec::new(),
                    works: None,
                    fail: Vec::new(),
                });
                variants.len() - 1
            });
            variants[at].pods.push(pod);
            if fails {
                variants[at].fail.push(pod);
            } else if pod.status.is_ready() {
                variants[at].works = Some(pod);
            }
        }
    }
    variants
}

/// Whether an agent container of a Pod, or a container that carries an agent, fails.
fn fails(case: &Case<'_>, group: &Group<'_>, pod: &Pod) -> bool {
    let container =
        |name: &str| pod.status.container(name).is_some_and(|status| failing(status, case.now).is_some());
    matches!(progress(pod, &group.marks, case.now), Progress::Failed { .. })
        || group.marks.containers.iter().any(|target| container(&target.name))
}

/// The digest of an image; nodes of different platforms have the same one for an index.
fn digest(image_id: &str) -> Option<&str> {
    image_id.rsplit_once('@').map(|(_, digest)| digest)
}
