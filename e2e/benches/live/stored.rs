//! How large are objects as the API server stores them?

use std::fmt;

use kube::Client;
use serde_json::Value;

use crate::{Result, requests};

/// Sizes of several objects, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    count: usize,
    largest: usize,
    largest_stored: usize,
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} (the largest of {})", self.largest, self.largest_stored, self.count)
    }
}

/// Of our own objects that have this verdict.
pub async fn own_objects(client: &Client, healthy: &str) -> Result<Sizes> {
    let list =
        requests::get(client, "/apis/instrumentation-health.dev/v1alpha1/instrumentationhealths").await?;
    let mut sizes = Sizes::default();
    for object in list["items"].as_array().into_iter().flatten().filter(|object| says(object, healthy)) {
        let mut object = object.clone();
        sizes.count += 1;
        sizes.largest_stored = sizes.largest_stored.max(object.to_string().len());
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
        sizes.largest = sizes.largest.max(object.to_string().len());
    }
    Ok(sizes)
}

fn says(object: &Value, healthy: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().any(|condition| condition["type"] == "Healthy" && condition["status"] == healthy)
}

/// Of Pods, on average over a few.
pub async fn pod_bytes(client: &Client) -> Result<usize> {
    let list = requests::get(client, "/api/v1/namespaces/team-0/pods?limit=100").await?;
    let pods = list["items"].as_array().ok_or("a list has items")?;
    Ok(pods.iter().map(|pod| pod.to_string().len()).sum::<usize>() / pods.len().max(1))
}
