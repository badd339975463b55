//! Which workloads are to be judged again although nothing changes, and when?

use std::collections::BTreeSet;

use ahash::AHashMap;
use facts::WorkloadRef;
use jiff::Timestamp;

/// One deadline a workload, the soonest first.
#[derive(Debug, Default)]
pub struct Deadlines {
    queue: BTreeSet<(Timestamp, WorkloadRef)>,
    times: AHashMap<WorkloadRef, Timestamp>,
}

impl Deadlines {
    /// Sets or removes the deadline of a workload.
    pub fn set(&mut self, workload: &WorkloadRef, at: Option<Timestamp>) {
        if self.times.get(workload).copied() == at {
            return;
        }
        if let Some(old) = self.times.remove(workload) {
            self.queue.remove(&(old, workload.clone()));
        }
        if let Some(at) = at {
            self.times.insert(workload.clone(), at);
            self.queue.insert((at, workload.clone()));
        }
    }

    /// The soonest deadline.
    pub fn next(&self) -> Option<Timestamp> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes out the workloads whose deadline has come.
    pub fn due(&mut self, now: Timestamp) -> Vec<WorkloadRef> {
        let mut due = Vec::new();
        while let Some((at, workload)) = self.queue.pop_first() {
            if at > now {
                self.queue.insert((at, workload));
                break;
            }
            self.times.remove(&workload);
            due.push(workload);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workload_has_one_deadline_and_comes_once() {
        let second = |s| Timestamp::from_second(s).unwrap();
        let workload = |name: &str| WorkloadRef { name: name.into(), ..WorkloadRef::default() };
        let mut deadlines = Deadlines::default();
        deadlines.set(&workload("a"), Some(second(10)));
        deadlines.set(&workload("b"), Some(second(5)));
        deadlines.set(&workload("a"), Some(second(3)));
        deadlines.set(&workload("c"), Some(second(4)));
        deadlines.set(&workload("c"), None);
        assert_eq!((deadlines.queue.len(), deadlines.next()), (2, Some(second(3))));
        assert_eq!(deadlines.due(second(4)), [workload("a")]);
        assert_eq!(deadlines.due(second(60)), [workload("b")]);
        assert!(deadlines.due(second(60)).is_empty() && deadlines.next().is_none());
    }
}
