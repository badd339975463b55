//! Can a tired person use what is said: does it name the object, and can the command be pasted?

use crate::files::{CauseFiles, chosen};
use crate::fixtures::said;

#[test]
fn every_message_names_an_object_and_every_command_can_be_pasted() {
    for cause in chosen() {
        let Some(Ok(fixtures)) = CauseFiles::of(cause.reason).map(|files| files.fixtures()) else { continue };
        for firing in &fixtures.firing {
            let findings = said(&firing.fixture);
            let Some(finding) = findings.iter().find(|finding| finding.reason == cause.reason) else {
                continue;
            };
            let what = format!("{} on {}: {finding:#?}", cause.reason, firing.fixture.cluster);
            let examples = finding.pods.iter().flat_map(|pods| &pods.examples).map(String::as_str);
            let objects = finding.evidence.iter().filter_map(|evidence| evidence.object.rsplit('/').next());
            let workload = firing.fixture.cluster().workload_name();
            let mut names = examples.chain(objects).chain([workload.as_str()]);
            // `2 of 2 Pods` are those of the workload whose status it stands in.
            let named =
                finding.message.contains(" Pods ") || names.any(|name| finding.message.contains(name));
            assert!(named, "names no object: {what}");
            assert!(!finding.message.ends_with('…') && !finding.remedy.ends_with('…'), "cut: {what}");
            assert!(!finding.evidence.is_empty(), "proves nothing: {what}");
            // A shell takes `<` for a redirection, and whatever is to be filled in is pasted as it stands at three in the night.
            assert!(!finding.remedy.contains('<'), "cannot be pasted: {what}");
            let command = finding.remedy.find("kubectl ").map_or("", |start| &finding.remedy[start..]);
            assert!(command.matches('\'').count() % 2 == 0, "a quote is open: {what}");
        }
    }
}
