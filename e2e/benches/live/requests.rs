//! How are tens of thousands of requests made without the client being what is measured?

use futures::stream::{self, StreamExt, TryStreamExt};
use kube::Client;
use serde_json::Value;

use crate::Result;

/// Requests at a time.
const AT_ONCE: usize = 16;

/// Creates an object in a collection; returns its uid.
pub async fn create(client: &Client, collection: &str, object: &Value) -> Result<String> {
    let request = http::Request::post(collection).header("content-type", "application/json");
    let answer = client.request_text(request.body(object.to_string().into_bytes())?).await?;
    let stored: Value = serde_json::from_str(&answer)?;
    Ok(stored["metadata"]["uid"].as_str().unwrap_or_default().to_owned())
}

/// Merges something into an object.
pub async fn merge(client: &Client, path: &str, patch: &Value) -> Result<()> {
    let request = http::Request::patch(path).header("content-type", "application/merge-patch+json");
    client.request_text(request.body(patch.to_string().into_bytes())?).await?;
    Ok(())
}

/// Deletes an object.
pub async fn delete(client: &Client, path: &str) -> Result<()> {
    client.request_text(http::Request::delete(path).body(Vec::new())?).await?;
    Ok(())
}

/// Reads a collection or an object.
pub async fn get(client: &Client, path: &str) -> Result<Value> {
    let answer = client.request_text(http::Request::get(path).body(Vec::new())?).await?;
    Ok(serde_json::from_str(&answer)?)
}

/// Does many things, several at a time; ends with the first error.
pub async fn all<T>(works: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    stream::iter(works).buffered(AT_ONCE).try_collect().await
}
