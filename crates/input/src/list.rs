//! How are the objects of a document handed over one by one?
//!
//! A dump is one `List` of many objects. Its items are taken in one after the other, so that a document of a gigabyte never
//! stands in memory as a tree.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Takes the objects of a document: as it stands, or the items of a list of any kind.
pub trait Sink {
    /// An object; `Map` because everything else is no object.
    fn object(&mut self, object: Map<String, Value>);
}

/// What a document was, once its objects are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing but comments.
    Nothing,
    /// One object, or a list of objects.
    Objects,
    /// Something else, in words.
    Other(&'static str),
}

/// Reads one document into a sink.
pub struct Document<'s, S>(pub &'s mut S);

impl<'de, S: Sink> DeserializeSeed<'de> for Document<'_, S> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Document<'_, S> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object or a list of them")
    }

    fn visit_unit<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Other("a truth value"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Other("a number"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Other("a number"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Other("a number"))
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Other("plain text"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut only_objects = true;
        while let Some(item) = items.next_element::<Value>()? {
            match item {
                Value::Object(object) if object.contains_key("kind") => hand_over(object, self.0),
                _ => only_objects = false,
            }
        }
        Ok(if only_objects { Shape::Objects } else { Shape::Other("a sequence") })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Shape, A::Error> {
        let mut rest = Map::new();
        let mut list = None;
        while let Some(key) = fields.next_key::<String>()? {
            if key == "items" {
                let items = Items { kind: item_kind(&rest), sink: &mut *self.0 };
                list = Some(fields.next_value_seed(items)?);
            } else {
                rest.insert(key, fields.next_value()?);
            }
        }
        match list {
            None => hand_over(rest, self.0),
            Some(nameless) => {
                // `items` came before the list's own kind, and the items do not name theirs.
                let kind = item_kind(&rest);
                for item in nameless {
                    hand_over(with_kind(item, kind.as_ref()), self.0);
                }
            }
        }
        Ok(Shape::Objects)
    }
}

/// Group, version and kind of the items of a `PodList` and the like: the API server leaves them out of each item.
struct ItemKind {
    api_version: String,
    kind: String,
}

fn item_kind(list: &Map<String, Value>) -> Option<ItemKind> {
    let kind = list.get("kind")?.as_str()?.strip_suffix("List").filter(|kind| !kind.is_empty())?;
    let api_version = list.get("apiVersion")?.as_str()?;
    Some(ItemKind { api_version: api_version.to_owned(), kind: kind.to_owned() })
}

fn with_kind(mut item: Map<String, Value>, kind: Option<&ItemKind>) -> Map<String, Value> {
    if let Some(known) = kind.filter(|_| !item.contains_key("kind")) {
        item.insert("kind".to_owned(), known.kind.clone().into());
        item.insert("apiVersion".to_owned(), known.api_version.clone().into());
    }
    item
}

/// Hands an object over; a list inside a list is taken apart.
fn hand_over<S: Sink>(mut object: Map<String, Value>, sink: &mut S) {
    if !matches!(object.get("items"), Some(Value::Array(_))) {
        return sink.object(object);
    }
    let kind = item_kind(&object);
    if let Some(Value::Array(items)) = object.remove("items") {
        for item in items {
            if let Value::Object(item) = item {
                hand_over(with_kind(item, kind.as_ref()), sink);
            }
        }
    }
}

/// Reads the items of a list; returns those whose kind is not known yet.
struct Items<'s, S> {
    kind: Option<ItemKind>,
    sink: &'s mut S,
}

impl<'de, S: Sink> DeserializeSeed<'de> for Items<'_, S> {
    type Value = Vec<Map<String, Value>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Items<'_, S> {
    type Value = Vec<Map<String, Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of Kubernetes objects")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut nameless = Vec::new();
        while let Some(Item(item)) = items.next_element()? {
            let item = with_kind(item, self.kind.as_ref());
            if item.contains_key("kind") {
                hand_over(item, self.sink);
            } else {
                nameless.push(item);
            }
        }
        Ok(nameless)
    }
}

/// An item of a list.
#[derive(Deserialize)]
#[serde(transparent)]
struct Item(Map<String, Value>);
