//! Which of the wanted looks is due next?

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

/// What is wanted, and when each was last found to be due.
#[derive(Debug)]
pub struct Rounds<T> {
    due: BTreeMap<T, Instant>,
}

impl<T> Default for Rounds<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Rounds<T> {
    /// What is new is due at once; what is no longer wanted is forgotten.
    pub fn want(&mut self, wanted: &BTreeSet<T>, now: Instant) {
        self.due.retain(|target, _| wanted.contains(target));
        for target in wanted {
            if !self.due.contains_key(target) {
                self.due.insert(target.clone(), now);
            }
        }
    }

    /// The one that is due first, and when.
    pub fn next(&self) -> Option<(T, Instant)> {
        let (target, due) = self.due.iter().min_by_key(|(_, due)| **due)?;
        Some((target.clone(), *due))
    }

    /// It was looked at, and is due again then.
    pub fn looked(&mut self, target: &T, again: Instant) {
        if let Some(due) = self.due.get_mut(target) {
            *due = again;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn new_ones_come_first_and_each_comes_again() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut rounds = Rounds::default();
        assert!(rounds.next().is_none());
        rounds.want(&BTreeSet::from(["a", "b"]), now);
        assert_eq!(rounds.next(), Some(("a", now)));
        rounds.looked(&"a", now + 10 * second);
        assert_eq!(rounds.next(), Some(("b", now)));
        rounds.looked(&"b", now + 20 * second);
        rounds.want(&BTreeSet::from(["a", "b", "c"]), now + second);
        assert_eq!(rounds.next(), Some(("c", now + second)));
        rounds.want(&BTreeSet::from(["b"]), now + second);
        assert_eq!(rounds.next(), Some(("b", now + 20 * second)), "looked at already");
    }
}
