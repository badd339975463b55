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

/// A watch of which nothing happens says so with silence, and so does one that works again: without another error for so
/// long, longer than an attempt and the pause before it take, it works.
const QUIET: Duration = Duration::from_secs(60);

/// How a watch has been doing.
pub(super) struct Health {
    /// Delays between attempts.
    pub(super) backoff: Backoff,
    /// Since when every attempt has failed in this way: with a refusal, or otherwise.
    failing: Option<(bool, Instant)>,
    /// Whether the kind was listed, and has not been called absent since.
    listed: bool,
    /// Whether the last answer left nothing unseen, and when it was an error.
    seen: bool,
    failed: Option<Instant>,
    /// How long to wait before the next attempt.
    pub(super) pause: Option<Duration>,
}

impl Health {
    pub(super) fn new() -> Self {
        Self {
            backoff: Backoff::new(FIRST_DELAY, MOST_DELAY),
            failing: None,
            listed: false,
            seen: false,
            failed: None,
            pause: None,
        }
    }

    /// Something has arrived; `listed`: a whole list.
    pub(super) fn works(&mut self, listed: bool) {
        self.backoff.reset();
        self.failing = None;
        self.failed = None;
        self.listed |= listed;
        self.seen |= listed;
    }

    /// Whether what is watched is followed, or is certain not to be served.
    pub(super) fn is_up(&self, now: Instant) -> bool {
        self.seen && self.failed.is_none_or(|failed| now >= failed + QUIET)
    }

    /// When a watch that has failed is taken to work again, if nothing happens.
    pub(super) fn quiet_at(&self) -> Option<Instant> {
        self.failed.map(|failed| failed + QUIET)
    }

    /// Takes trouble in; answers what it says of the kind, once it has lasted. An API server that has just started says for a
    /// moment that nothing is allowed and nothing served.
    pub(super) fn fails(&mut self, trouble: &Trouble, rule: &str, now: Instant) -> Option<Readability> {
        let refused = matches!(trouble, Trouble::Absent(_));
        let since = self.failing.filter(|(before, _)| *before == refused).map_or(now, |(_, since)| since);
        self.failing = Some((refused, since));
        match trouble {
            Trouble::Absent(Readability::NotServed) => (self.seen, self.failed) = (true, None),
            Trouble::Absent(_) | Trouble::Other => self.failed = Some(now),
            Trouble::Expired | Trouble::NoStreamingLists | Trouble::DoesNotParse => {}
        }
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
        health.fails(trouble, "list, watch pods", start + Duration::from_secs(seconds))
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
    fn a_watch_is_up_once_listed_and_again_when_errors_stay_away() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut health = Health::new();
        health.works(false);
        assert!(!health.is_up(start), "the first list is not complete");
        health.works(true);
        assert!(health.is_up(start));
        after(&mut health, 10, &Trouble::Expired, start);
        assert!(health.is_up(at(10)), "that happens to every watch");
        after(&mut health, 20, &Trouble::Other, start);
        after(&mut health, 50, &Trouble::Other, start);
        assert!(!health.is_up(at(51)) && !health.is_up(at(109)));
        assert_eq!(health.quiet_at(), Some(at(110)));
        assert!(health.is_up(at(110)));
        health.works(false);
        assert!(health.is_up(at(52)) && health.quiet_at().is_none());
        let mut health = Health::new();
        after(&mut health, 0, &Trouble::Absent(Readability::NotServed), start);
        assert!(health.is_up(start), "there is nothing to be seen");
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
