//! How does the product behave on a real Kubernetes control plane?
