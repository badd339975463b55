//! What do `ConfigMap`s and Secrets hold, as far as that is read?

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::cluster::Lookup;
use crate::metadata::Metadata;
use crate::object::Kind;
use crate::string_map::StringMap;

/// A `ConfigMap`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigMap {
    /// Metadata.
    pub metadata: Metadata,
    /// Its data.
    pub data: StringMap,
    /// Whether the values were left behind when it was read.
    #[serde(skip)]
    pub keys_only: bool,
}

impl Kind for ConfigMap {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "ConfigMap";
    const PLURAL: &'static str = "configmaps";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl ConfigMap {
    /// The value of a key: unknown where the key is there and its value was left behind.
    pub fn value(&self, key: &str) -> Lookup<&str> {
        match self.data.get(key) {
            Some(_) if self.keys_only => Lookup::Unknown,
            Some(value) => Lookup::Found(value),
            None => Lookup::Absent,
        }
    }

    /// Leaves the values behind.
    pub fn forget_values(&mut self) {
        self.data = self.data.iter().map(|(key, _)| (key, "")).collect();
        self.keys_only = true;
    }
}

/// A Secret: that it exists, its keys, and the public certificates of a TLS Secret. Other values are never decoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Secret {
    /// Metadata.
    pub metadata: Metadata,
    /// What of its data may be seen.
    #[serde(rename = "data", skip_serializing_if = "PublicData::is_unknown")]
    pub public: PublicData,
}

impl Kind for Secret {
    const API_VERSION: &'static str = "v1";
    const KIND: &'static str = "Secret";
    const PLURAL: &'static str = "secrets";
    fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

impl Secret {
    /// Whether it has a key. None where its data was not in the source.
    pub fn has_key(&self, key: &str) -> Option<bool> {
        Some(self.public.keys.as_ref()?.iter().any(|known| **known == *key))
    }
}

/// The keys of a Secret and its public certificates, as base64 of PEM. Every other value is skipped in decoding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublicData {
    /// The keys; none where the source has no data at all.
    pub keys: Option<Box<[Arc<str>]>>,
    /// Serving certificate and chain: `tls.crt`.
    pub tls_crt: Option<Arc<str>>,
    /// CA: `ca.crt`.
    pub ca_crt: Option<Arc<str>>,
}

impl PublicData {
    fn is_unknown(&self) -> bool {
        self.keys.is_none()
    }
}

impl<'de> Deserialize<'de> for PublicData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = PublicData;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the data of a Secret")
            }
            fn visit_unit<E>(self) -> Result<PublicData, E> {
                Ok(PublicData::default())
            }
            fn visit_none<E>(self) -> Result<PublicData, E> {
                Ok(PublicData::default())
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<PublicData, D::Error> {
                deserializer.deserialize_map(self)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PublicData, A::Error> {
                let mut public = PublicData::default();
                let mut keys: Vec<Arc<str>> = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "tls.crt" => public.tls_crt = map.next_value()?,
                        "ca.crt" => public.ca_crt = map.next_value()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                    keys.push(key.into());
                }
                keys.sort_unstable();
                public.keys = Some(keys.into());
                Ok(public)
            }
        }
        deserializer.deserialize_option(Keys)
    }
}

impl Serialize for PublicData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.keys.as_deref().unwrap_or_default();
        let mut map = serializer.serialize_map(Some(keys.len()))?;
        for key in keys {
            let value = match &**key {
                "tls.crt" => self.tls_crt.as_deref(),
                "ca.crt" => self.ca_crt.as_deref(),
                _ => None,
            };
            map.serialize_entry(key, value.unwrap_or_default())?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_secret_only_keys_and_public_certificates_are_decoded() {
        let read: Secret = serde_json::from_str(
            r#"{"metadata":{"name":"a"},"data":{"tls.key":"cHJpdmF0ZQ==","tls.crt":"cHVibGlj","password":"aHVudGVyMg=="}}"#,
        )
        .unwrap();
        assert_eq!((read.has_key("password"), read.has_key("token")), (Some(true), Some(false)));
        assert_eq!(read.public.tls_crt.as_deref(), Some("cHVibGlj"));
        let held = format!("{read:?}");
        assert!(!held.contains("cHJpdmF0ZQ") && !held.contains("aHVudGVyMg"), "{held}");
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Secret>(&written).unwrap(), read);
        let without: Secret = serde_json::from_str(r#"{"metadata":{"name":"a"}}"#).unwrap();
        assert_eq!(without.has_key("password"), None, "its data was left out");
    }

    #[test]
    fn a_config_map_without_its_values_still_has_its_keys() {
        let mut map: ConfigMap = serde_json::from_str(r#"{"data":{"OTEL_SERVICE_NAME":"cart"}}"#).unwrap();
        assert_eq!(map.value("OTEL_SERVICE_NAME"), Lookup::Found("cart"));
        map.forget_values();
        assert_eq!(map.value("OTEL_SERVICE_NAME"), Lookup::Unknown);
        assert_eq!(map.value("OTHER"), Lookup::Absent);
        assert!(!format!("{map:?}").contains("cart"));
    }
}
