//! Which workloads are to be judged next?

use std::collections::VecDeque;
use std::time::Duration;

use ahash::AHashMap;
use facts::WorkloadRef;
use tokio::time::Instant;

/// Workloads in the order in which they came, each once, and the time until which changes are collected.
#[derive(Debug, Default)]
pub struct Queue {
    order: VecDeque<WorkloadRef>,
    since: AHashMap<WorkloadRef, Instant>,
    /// When the first change that is not in the queue yet arrived, and until when more are waited for.
    collecting: Option<(Instant, Instant)>,
}

impl Queue {
    /// Puts a workload at the end, unless it is there. `since`: when the change that touched it arrived.
    pub fn push(&mut self, workload: WorkloadRef, since: Instant) {
        let mut new = false;
        let known = self.since.entry(workload.clone()).or_insert_with(|| {
            new = true;
            since
        });
        *known = since.min(*known);
        if new {
            self.order.push_back(workload);
        }
    }

    /// Takes the first one, and when the change that touched it arrived.
    pub fn pop(&mut self) -> Option<(WorkloadRef, Instant)> {
        let workload = self.order.pop_front()?;
        let since = self.since.remove(&workload)?;
        Some((workload, since))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Changes have arrived: more are collected for a while, counted from the first one.
    pub fn collect(&mut self, received: Instant, debounce: Duration) {
        self.collecting.get_or_insert((received, received + debounce));
    }

    /// When collecting ends.
    pub fn collected_at(&self) -> Option<Instant> {
        self.collecting.map(|(_, until)| until)
    }

    /// Whether collecting has ended.
    pub fn collected(&self, now: Instant) -> bool {
        self.collected_at().is_some_and(|until| until <= now)
    }

    /// When the first change collected arrived; starts anew.
    pub fn since(&mut self, now: Instant) -> Instant {
        self.collecting.take().map_or(now, |(since, _)| since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workload_waits_once_and_from_its_first_change_on() {
        let workload = |name: &str| WorkloadRef { name: name.into(), ..WorkloadRef::default() };
        let (start, later) = (Instant::now(), Instant::now() + Duration::from_secs(1));
        let mut queue = Queue::default();
        queue.push(workload("b"), later);
        queue.push(workload("a"), later);
        queue.push(workload("b"), start);
        assert_eq!(queue.pop(), Some((workload("b"), start)));
        assert_eq!(queue.pop(), Some((workload("a"), later)));
        assert!(queue.is_empty() && queue.pop().is_none());
    }

    #[test]
    fn changes_are_collected_from_the_first_one_on() {
        let (start, debounce) = (Instant::now(), Duration::from_millis(100));
        let mut queue = Queue::default();
        queue.collect(start, debounce);
        queue.collect(start + Duration::from_millis(90), debounce);
        assert!(!queue.collected(start + Duration::from_millis(99)) && queue.collected(start + debounce));
        assert_eq!(queue.since(start + debounce), start);
        assert!(!queue.collected(start + debounce));
    }
}
