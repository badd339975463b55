//! Do the causes that sit in the operator, and those that times explain, fire where they should and nowhere else?
//!
//! Each case is a recorded cluster in which one thing is changed.

mod faults;
mod recorded;
mod times;
