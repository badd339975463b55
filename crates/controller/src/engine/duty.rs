//! What is this replica for at the moment: to write, or to stand by?
//!
//! Only writing depends on it: a standby reads and judges like the leader, so that it can take over at once. What it would
//! write it forgets; the leader's statuses come to it by the watch of our own objects.

use tracing::info;

use super::Engine;

/// What this replica is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// Another replica writes, or nobody.
    Standby,
    /// It leads, and reads our objects anew before it writes: the watch may lag behind the last writes of its predecessor, and
    /// what was told before decides on what is told now.
    TakingOver {
        /// Whether the list that was asked for has begun.
        listing: bool,
    },
    /// It writes.
    Writing,
}

impl Engine {
    /// The leadership may have changed.
    pub(super) fn leadership_changed(&mut self) {
        let leads = self.channels.leadership.borrow_and_update().leads();
        match (self.duty, leads) {
            (Duty::Standby, true) => {
                info!("taking over: reading our own objects again");
                self.duty = Duty::TakingOver { listing: false };
                self.channels.own_again.notify_one();
            }
            (Duty::TakingOver { .. } | Duty::Writing, false) => {
                info!("standing by");
                self.duty = Duty::Standby;
                self.ledger.leave_all();
                self.outages.forget();
            }
            _ => {}
        }
    }

    /// The list that was asked for begins.
    pub(super) fn own_list_begins_again(&mut self) {
        if let Duty::TakingOver { listing } = &mut self.duty {
            *listing = true;
        }
    }

    /// A list of our objects is complete. Answers whether writing begins with it.
    pub(super) fn begins_to_write(&mut self) -> bool {
        let begins = self.duty == (Duty::TakingOver { listing: true });
        if begins {
            info!("taken over");
            self.duty = Duty::Writing;
        }
        begins
    }

    /// Whether this replica writes.
    pub(super) fn writes(&self) -> bool {
        self.duty == Duty::Writing
    }
}
