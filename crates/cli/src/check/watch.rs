//! What changes while somebody looks?
//!
//! The cluster is listed again and again, as by a person who repeats the command: whoever wants every change at once installs the
//! controller. The first look is a whole report, the others are a line a change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread::sleep;
use std::time::Duration;

use api::Standing;
use jiff::Timestamp;

use crate::arguments::CheckArguments;
use crate::check::block::sign;
use crate::check::error::CheckError;
use crate::check::judge::{Verdict, Verdicts};
use crate::check::{Checked, look, report};
use crate::exit::Exit;
use crate::paint::BOLD;
use crate::terminal::Terminal;
use crate::wrap::wrap;

/// What is remembered of a workload between two looks.
type Seen = BTreeMap<String, (Standing, String)>;

/// Looks until interrupted. Trouble on a later look is said and waited out.
///
/// # Errors
/// Only where the first look fails.
pub fn follow(
    arguments: &CheckArguments,
    every: Duration,
    terminal: &mut Terminal,
) -> Result<Exit, CheckError> {
    let first = look(arguments, terminal)?;
    terminal.say(&report::report(&first.verdicts, arguments.verbose));
    terminal.say(&format!("\nLooking again every {} s; Ctrl-C ends it.\n", every.as_secs()));
    let mut seen = seen(&first.verdicts);
    let mut in_trouble = false;
    loop {
        sleep(every);
        match look(arguments, terminal) {
            Ok(Checked { verdicts, at, .. }) => {
                in_trouble = false;
                terminal.say(&changes(&seen, &verdicts, at));
                seen = self::seen(&verdicts);
            }
            Err(error) if !in_trouble => {
                in_trouble = true;
                terminal.error(&error.to_string(), Some("patience: trying again"));
            }
            Err(_) => {}
        }
    }
}

fn seen(verdicts: &Verdicts) -> Seen {
    let entry = |verdict: &Verdict| (verdict.id.to_string(), (verdict.standing, verdict.reason().to_owned()));
    verdicts.list.iter().map(entry).collect()
}

/// A line for each workload that is new, stands otherwise than before, or is gone.
fn changes(before: &Seen, verdicts: &Verdicts, at: Timestamp) -> String {
    let time = at.strftime("%H:%M:%S");
    let mut text = String::new();
    for verdict in &verdicts.list {
        let name = verdict.id.to_string();
        let same = |(standing, reason): &(Standing, String)| {
            *standing == verdict.standing && *reason == verdict.reason()
        };
        if before.get(&name).is_some_and(same) {
            continue;
        }
        let (sign, style) = sign(verdict.standing);
        let first = format!("{time} {style}{sign}{style:#} {BOLD}{name}{BOLD:#} ");
        let says = format!("{}: {}", verdict.reason(), verdict.message());
        text.push_str(&wrap(&first, "           ", &says));
    }
    let is_there = |name: &str| verdicts.list.iter().any(|verdict| verdict.id.to_string() == name);
    for name in before.keys().filter(|name| !is_there(name)) {
        let _ = writeln!(text, "{time} - {name} is gone, or asks no more");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::check::judge::judge;

    fn verdicts(scenario: &str) -> Verdicts {
        let path = format!("{}/../input/scenarios/{scenario}/snapshot.json.gz", env!("CARGO_MANIFEST_DIR"));
        let input = input::load(&[PathBuf::from(path)], &mut std::io::empty(), &input::Options::default());
        let world = input.unwrap().world;
        judge(&world, &world.workloads(), Timestamp::UNIX_EPOCH, &diagnosis::Options::default())
    }

    #[test]
    fn only_what_changes_is_said() {
        let (broken, healthy) = (verdicts("instrumentation-missing"), verdicts("healthy-java"));
        let at = "2026-11-22T10:02:11Z".parse().unwrap();
        assert_eq!(changes(&seen(&broken), &broken, at), "");
        let text = changes(&seen(&broken), &healthy, at);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("10:02:11 "), "{text}");
        assert!(lines[0].contains("/deployment/checkout"), "{text}");
        assert!(
            lines.last().unwrap().ends_with("/deployment/recommendation is gone, or asks no more"),
            "{text}"
        );
    }
}
