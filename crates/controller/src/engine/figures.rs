//! What do the figures tell of what the engine takes in and holds?

use facts::PodView;
use tokio::time::Instant;
use tracing::{debug, warn};

use super::{Engine, FIGURES};
use crate::installs::installed;
use crate::metrics::Load;

impl Engine {
    /// Notes how long agents took to be installed.
    pub(super) fn note_installs(&self, view: &PodView) {
        let before = self.world.pod(&view.metadata.namespace, &view.metadata.name);
        for (language, after) in installed(view, before, self.since) {
            self.metrics.installed(language, after);
        }
    }

    /// Says once that an object does not parse.
    pub(super) fn say_odd_once(&mut self, odd: &crate::watched::Unparsable) {
        if self.intake.is_new(odd) {
            warn!(%odd, "an object does not parse; what depends on it cannot be judged");
        } else {
            debug!(%odd, "an object still does not parse");
        }
    }

    /// Renews what is held, now and then.
    pub(super) fn renew_figures(&mut self, now: Instant) {
        match self.figures_due {
            Some(due) if due <= now => {
                self.metrics.load(&Load {
                    world: &self.world,
                    kinds: self.intake.kinds(),
                    evaluations: self.queue.len(),
                    writes: self.ledger.backlog(),
                });
                self.figures_due = None;
            }
            _ => {}
        }
    }

    /// What is held has changed.
    pub(super) fn figures_changed(&mut self) {
        self.figures_due.get_or_insert_with(|| Instant::now() + FIGURES);
    }
}
