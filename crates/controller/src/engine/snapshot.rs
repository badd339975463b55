//! What is known at this moment, for somebody who wants to see all of it?

use diagnosis::catalogue::operator_faults;
use diagnosis::operator::Presence;
use jiff::Timestamp;

use super::Engine;
use crate::status_page::Snapshot;

impl Engine {
    /// Everything: verdicts are shared with the ledger, not copied.
    pub(super) fn snapshot(&self) -> Snapshot {
        let now = Timestamp::now();
        let operator = self.operator.known();
        let controller = page::Controller {
            at: now,
            version: env!("CARGO_PKG_VERSION"),
            judging: self.judging,
            missing: self.channels.missing.borrow().clone(),
            unreadable: facts::unreadable(&self.world)
                .into_iter()
                .map(|(kind, needs)| (kind.check().to_owned(), needs.to_owned()))
                .collect(),
            to_judge: self.queue.len(),
            to_write: self.ledger.backlog(),
            leads: self.metrics.is_leading(),
            operator: operator.map_or(Presence::Unknown, |state| state.presence(&self.world)),
            faults: operator.and_then(|state| operator_faults(state, now)),
        };
        let verdicts =
            self.ledger.all_latest().map(|(key, verdict)| (key.clone(), verdict.clone())).collect();
        Snapshot { controller, verdicts }
    }
}
