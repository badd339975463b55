//! From when on may workloads be judged, and what is still missing?

use tokio::time::Instant;
use tracing::info;

use super::{Engine, write};
use crate::http::Missing;
use crate::lease::Leadership;

impl Engine {
    /// Judging begins when everything has been read, or is known not to be readable. Renews what is still missing.
    pub(super) fn begin_judging_when_settled(&mut self) {
        let mut missing: Missing =
            self.intake.pending().map(|kind| format!("first list of {kind}")).collect();
        let settled = missing.is_empty() && self.own_settled;
        if !self.ledger.is_listed() {
            missing.push(format!("{}: is the CustomResourceDefinition installed? (`instrumentation-health crd | kubectl apply -f -`) May it be read?", crate::own::LABEL));
        }
        if let Leadership::Standby { problem: Some(problem) } = &*self.channels.leadership.borrow() {
            missing.push(problem.to_string());
        }
        self.metrics.ready(missing.is_empty());
        self.channels.missing.send_if_modified(|known| {
            let modified = *known != missing;
            *known = missing;
            modified
        });
        if settled && !self.judging {
            self.judging = true;
            info!("the cluster has been read; judging {} workloads", self.world.workloads().len());
            self.judge_all();
        }
    }

    /// Puts every workload, and everything that our objects speak of, into the queue.
    pub(super) fn judge_all(&mut self) {
        let now = Instant::now();
        self.world.take_dirty();
        for workload in self.world.workloads() {
            self.queue.push(workload, now);
        }
        let stored: Vec<_> =
            self.ledger.all_stored().map(|(key, stored)| write::workload_of(key, &stored.object)).collect();
        for workload in stored {
            self.queue.push(workload, now);
        }
    }
}
