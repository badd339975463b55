//! Why is a workload not instrumented, how sure is that, and what mends it?
//!
//! The catalogue of causes, one file a cause, and the evaluator that turns facts into a verdict. Pure: the cluster comes in
//! as a [`facts::ClusterView`], the time as an argument.

mod annotations;
mod asked;
mod carry;
pub mod case;
pub mod catalogue;
mod cause;
mod evaluate;
mod figures;
pub mod flapping;
mod found;
mod harmless;
pub mod known;
pub mod next_shape;
pub mod operator;
mod outage;
mod outcome;
pub mod precedence;
mod progress;
mod proof;
pub mod prospect;
mod resource;
pub mod restart;
mod silence;
mod status;
mod transition;
mod wants;

pub use cause::{Cause, Check, Sight};
pub use evaluate::{Diagnosis, Options, diagnose};
pub use figures::{Figures, LanguagePods};
pub use found::Found;
pub use harmless::harmless;
pub use operator::{OperatorState, PodWebhook};
pub use outage::{Outage, Telling, begins, outages};
pub use outcome::OUTCOMES;
pub use progress::{GRACE, Progress, progress};
pub use resource::{labels, reference, resource};
pub use transition::{Transition, operator_wide, transition};
pub use wants::{TrialKey, Wants};
