//! Which failures can a Pod ask for?
