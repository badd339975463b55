//! How does a Pod template look as YAML?

use std::fmt::Write as _;

use ::preview::Preview;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::Value;

use crate::preview::remarks::{self, Around};

/// Keys that come first, so that one sees whose list follows; the others by name, as `kubectl` has them.
const FIRST: [&str; 5] = ["apiVersion", "kind", "metadata", "name", "image"];

/// One document for each template, with what is to be said about it in comments.
pub fn documents(previews: &[Preview], around: &Around) -> String {
    let mut text = String::new();
    for (index, preview) in previews.iter().enumerate() {
        if index > 0 {
            text.push_str("---\n");
        }
        let what = if preview.path.is_empty() { "Pod" } else { "Pod template" };
        let did =
            if preview.before == preview.after { "as it is: nothing is injected" } else { "after injection" };
        let _ = writeln!(text, "# {}: {what} {did}, {}\n# from {}", preview.id, around.by, preview.place);
        text.push_str(&anstream::adapter::strip_str(&remarks::lines(preview, around, "# ")).to_string());
        text.push_str(&template(&preview.after));
    }
    text
}

/// A template as text.
pub fn template(template: &Value) -> String {
    // Long values stay on their line: folded ones cannot be searched for.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(&Ordered(template), options)
        .expect("JSON has string keys only, and writing to memory does not fail")
}

/// A value whose objects are written in the order in which people read them.
struct Ordered<'v>(&'v Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(object) => {
                let mut keys: Vec<&String> = object.keys().collect();
                keys.sort_by_key(|key| {
                    (FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()), *key)
                });
                let mut map = serializer.serialize_map(Some(keys.len()))?;
                for key in keys {
                    map.serialize_entry(key, &Ordered(&object[key]))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&Ordered(item))?;
                }
                sequence.end()
            }
            other => other.serialize(serializer),
        }
    }
}
