//! How does the same word, decoded thousands of times a second, come to be one string?
//!
//! Nearly every string of a Pod was also in the Pod before it: images, variables, reasons. Each thread keeps the strings that
//! it decoded last in a small table, so that most of them cost a look-up instead of an allocation.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// Number of strings that a thread remembers, a power of two.
const SLOTS: usize = 2048;
/// Longer strings rarely repeat.
const LONGEST: usize = 256;

struct Recent {
    hasher: ahash::RandomState,
    slots: Vec<Arc<str>>,
}

thread_local! {
    static RECENT: RefCell<Recent> =
        RefCell::new(Recent { hasher: ahash::RandomState::new(), slots: vec![Arc::default(); SLOTS] });
}

/// A shared copy of a string.
pub(crate) fn shared_copy(text: &str) -> Arc<str> {
    if text.len() > LONGEST {
        return text.into();
    }
    RECENT.with_borrow_mut(|recent| {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the slot")]
        let slot = recent.hasher.hash_one(text) as usize % SLOTS;
        let known = &mut recent.slots[slot];
        if **known != *text {
            *known = text.into();
        }
        known.clone()
    })
}

/// A string in decoding.
pub(crate) struct Text(Arc<str>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(shared_copy(text)))
            }
        }
        deserializer.deserialize_str(Word)
    }
}

impl From<Text> for Arc<str> {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// Reads a string that may be `null`.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    Ok(optional(deserializer)?.unwrap_or_default())
}

/// Reads a string where `null` means none.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arc<str>>, D::Error> {
    Ok(Option::<Text>::deserialize(deserializer)?.map(Arc::from))
}

/// Reads a list of strings that may be `null`.
pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<[Arc<str>]>, D::Error> {
    let texts = Option::<Vec<Text>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(texts.into_iter().map(Arc::from).collect())
}
