//! It would be injected now: what was different when the Pod was created?
