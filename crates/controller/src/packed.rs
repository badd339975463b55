//! How are thousands of statuses kept in little memory?
//!
//! As compressed JSON, about a kilobyte each, unpacked on demand. As values they would take twenty times that.

use std::io::{Read, Write};
use std::marker::PhantomData;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value, packed. Cloning shares it.
#[derive(Debug)]
pub struct Packed<T> {
    bytes: Arc<[u8]>,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), value: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value.
    pub fn new(value: &T) -> Self {
        let json =
            serde_json::to_vec(value).expect("types of the API have string keys and serialize without error");
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&json).expect("writing to memory does not fail");
        let bytes = encoder.finish().expect("writing to memory does not fail");
        Self { bytes: bytes.into(), value: PhantomData }
    }

    /// Whether two packed values are the same. Unpacks them only where their bytes differ.
    pub fn is_same(&self, other: &Self) -> bool
    where
        T: PartialEq,
    {
        self.bytes == other.bytes || self.unpack() == other.unpack()
    }

    /// The value.
    pub fn unpack(&self) -> T {
        let mut json = Vec::with_capacity(self.bytes.len() * 4);
        DeflateDecoder::new(&*self.bytes).read_to_end(&mut json).expect("packed by `Packed::new`");
        serde_json::from_slice(&json).expect("packed by `Packed::new` from a value of this type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let value: Vec<String> = (0..200).map(|n| format!("message number {n} of many")).collect();
        let packed = Packed::new(&value);
        assert_eq!(packed.unpack(), value);
        assert!(packed.bytes.len() < serde_json::to_vec(&value).unwrap().len() / 4);
    }
}
