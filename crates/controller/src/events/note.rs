//! How does an Event read?

use api::{Finding, InstrumentationHealthStatus};

/// Most bytes that `events.k8s.io/v1` takes in a note.
const MAX_NOTE: usize = 1024;

/// What is wrong, and what mends it.
pub fn broken(finding: &Finding) -> String {
    format!("{} {}", finding.message, finding.remedy)
}

/// What it was, and what is now.
pub fn recovered(from: &str, status: &InstrumentationHealthStatus) -> String {
    let healthy = status.conditions.iter().find(|condition| condition.type_ == "Healthy");
    format!("Recovered from {from}. {}", healthy.map_or("", |healthy| &healthy.message))
}

/// An error of the operator is over; these commands mend what it has left behind.
pub fn operator_recovered(reason: &str, restarts: &[String]) -> String {
    let mut note = format!("No workload suffers from {reason} any more.");
    if restarts.is_empty() {
        return note;
    }
    let bare = diagnosis::catalogue::ADMITTED_BARE.reason;
    let list = format!("kubectl get instrumentationhealth -A -l {}={bare}", api::LABEL_REASON);
    note.push_str(" Pods that were created meanwhile run without an agent; restart them: ");
    // Half a command must not be pasted: those that do not fit are left to the list.
    let room = MAX_NOTE - note.len() - list.len() - " …; all of them: ".len();
    let mut commands = String::new();
    for command in restarts {
        if commands.len() + "; ".len() + command.len() > room {
            return format!("{note}{commands} …; all of them: {list}");
        }
        if !commands.is_empty() {
            commands.push_str("; ");
        }
        commands.push_str(command);
    }
    note + &commands
}

/// As one line that the API server takes.
pub fn one_line(note: &str) -> String {
    let line = note.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&line, MAX_NOTE).to_owned()
}

/// At most so many bytes, cut between characters.
pub fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_outage_names_what_is_to_be_restarted() {
        let commands = |count: usize| {
            (0..count)
                .map(|n| format!("kubectl -n shop-{n} rollout restart deployment/checkout"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            operator_recovered("OperatorNotReady", &[]),
            "No workload suffers from OperatorNotReady any more."
        );
        let two = operator_recovered("OperatorNotReady", &commands(2));
        assert!(two.ends_with("restart them: kubectl -n shop-0 rollout restart deployment/checkout; kubectl -n shop-1 rollout restart deployment/checkout"), "{two}");
        let many = operator_recovered("OperatorNotReady", &commands(100));
        assert!(many.len() <= MAX_NOTE, "{}", many.len());
        assert!(many.ends_with("deployment/checkout …; all of them: kubectl get instrumentationhealth -A -l instrumentation-health.dev/reason=PodCreatedWhileWebhookUnavailable"), "{many}");
    }

    #[test]
    fn notes_are_one_line_that_fits() {
        assert_eq!(one_line("a\n  b\t c "), "a b c");
        let long = one_line(&"ü".repeat(1000));
        assert_eq!((long.len(), long.chars().count()), (1024, 512));
        assert_eq!(one_line(&format!("x{}", "ü".repeat(600))).len(), 1023, "never within a character");
    }
}
