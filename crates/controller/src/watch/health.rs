//! Since when has a watch failed, and what does that say of the kind?

use std::time::Duration;

use facts::Readability;
use tokio::time::Instant;

use super::trouble::Trouble;
use crate::backoff::Backoff;

/// Between attempts.
const FIRST_DELAY: Duration = Duration::from_millis(400);
const MOST_DELAY: Duration = Duration::from_secs(15);
/// A kind whose first list has failed for so long is treated as one that cannot be read, so that the rest can be judged.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long a kind that was read has to be refused before it is called unreadable.
const LASTS: Duration = Duration::from_secs(10);
/// The same for one that never was.
const LASTS_AT_FIRST: Duration = Duration::from_secs(1);

/// How a watch has been doing.
pub(super) struct Health {
    /// Delays between attempts.
    pub(super) backoff: Backoff,
    /// Since when every attempt has failed in this way: with a refusal, or otherwise.
    failing: Option<(bool, Instant)>,
    /// Whether the kind was listed, and has not been called absent since.
    listed: bool,
    /// How long to wait before the next attempt.
    pub(super) pause: Option<Duration>,
}

impl Health {
    pub(super) fn new() -> Self {
        Self { backoff: Backoff::new(FIRST_DELAY, MOST_DELAY), failing: None, listed: false, pause: None }
    }

    /// Something has arrived; `listed`: a whole list.
    pub(super) fn works(&mut self, listed: bool) {
        self.backoff.reset();
        self.failing = None;
        self.listed |= listed;
    }

    /// Takes trouble in; answers what it says of the kind, once it has lasted. An API server that has just started says for a
    /// moment that nothing is allowed and nothing served.
    pub(super) fn fails(&mut self, trouble: &Trouble, rule: &str, now: Instant) -> Option<Readability> {
        let refused = matches!(trouble, Trouble::Absent(_));
        let since = self.failing.filter(|(before, _)| *before == refused).map_or(now, |(_, since)| since);
        self.failing = Some((refused, since));
        let lasted = now - since;
        self.pause = (!matches!(trouble, Trouble::Expired)).then(|| self.backoff.next());
        let known = match trouble {
            Trouble::Absent(known) if lasted >= if self.listed { LASTS } else { LASTS_AT_FIRST } => {
                known.clone()
            }
            Trouble::Other | Trouble::DoesNotParse if !self.listed && lasted > PATIENCE => {
                let needs = format!("an answer of the API server to: {rule}");
                Readability::Unreadable { needs: needs.into() }
            }
            _ => return None,
        };
        self.listed = false;
        Some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(health: &mut Health, seconds: u64, trouble: &Trouble, start: Instant) -> Option<Readability> {
        health.fails(trouble, "get, list, watch pods", start + Duration::from_secs(seconds))
    }

    #[test]
    fn a_kind_is_called_absent_once_that_has_lasted() {
        let (start, absent) = (Instant::now(), Trouble::Absent(Readability::NotServed));
        let mut health = Health::new();
        assert_eq!(after(&mut health, 0, &absent, start), None);
        assert_eq!(after(&mut health, 1, &absent, start), Some(Readability::NotServed));
        assert_eq!(after(&mut health, 9, &absent, start), Some(Readability::NotServed), "and stays so");
        health.works(true);
        assert_eq!(after(&mut health, 20, &Trouble::Other, start), None);
        assert_eq!(after(&mut health, 40, &absent, start), None, "an API server may just have started");
        assert_eq!(after(&mut health, 49, &absent, start), None);
        assert_eq!(after(&mut health, 50, &absent, start), Some(Readability::NotServed));
    }

    #[test]
    fn errors_say_nothing_of_a_kind_that_was_listed_and_something_of_one_that_never_was() {
        let start = Instant::now();
        let mut health = Health::new();
        assert_eq!(after(&mut health, 0, &Trouble::Other, start), None);
        assert_eq!(after(&mut health, 60, &Trouble::Other, start), None);
        assert!(matches!(
            after(&mut health, 61, &Trouble::Other, start),
            Some(Readability::Unreadable { .. })
        ));
        health.works(true);
        assert_eq!(after(&mut health, 100, &Trouble::Other, start), None);
        assert_eq!(after(&mut health, 300, &Trouble::Other, start), None);
    }

    #[test]
    fn an_expired_watch_is_listed_again_at_once() {
        let mut health = Health::new();
        health.fails(&Trouble::Expired, "", Instant::now());
        assert_eq!(health.pause, None);
        health.fails(&Trouble::Other, "", Instant::now());
        assert!(health.pause.is_some());
    }
}
