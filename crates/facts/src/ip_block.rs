//! Whom does a range of addresses in a `NetworkPolicy` mean?

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::metadata::null_as_empty;

/// A range of addresses, less others (`networking.k8s.io/v1` `IPBlock`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IpBlock {
    /// The range, `192.168.1.0/24`.
    pub cidr: Arc<str>,
    /// Ranges inside of it that are not meant.
    #[serde(deserialize_with = "null_as_empty")]
    pub except: Box<[Arc<str>]>,
}

/// Ranges from which clusters give addresses to Pods: private ones (RFC 1918), and in clouds the one that carriers share (RFC 6598).
const OF_PODS: [Range; 3] =
    [Range::v4([10, 0, 0, 0], 8), Range::v4([172, 16, 0, 0], 12), Range::v4([192, 168, 0, 0], 16)];
const OF_CARRIERS: Range = Range::v4([100, 64, 0, 0], 10);

impl IpBlock {
    /// Whether Pods of the cluster may be meant, in a cloud or elsewhere. Ranges of IPv6, and what cannot be read, may mean anybody.
    pub fn may_mean_pods(&self, in_cloud: bool) -> bool {
        let Some(range) = Range::parse(&self.cidr).filter(|range| range.address.is_ipv4()) else {
            return true;
        };
        let of_carriers = in_cloud.then_some(&OF_CARRIERS);
        OF_PODS
            .iter()
            .chain(of_carriers)
            .filter_map(|pods| pods.narrower(&range))
            .any(|shared| !self.is_excepted(&shared))
    }

    /// Whether an address is meant. What cannot be read may mean anybody.
    pub fn may_mean(&self, address: IpAddr) -> bool {
        let one = Range { address, length: if address.is_ipv4() { 32 } else { 128 } };
        Range::parse(&self.cidr).is_none_or(|range| range.holds(&one) && !self.is_excepted(&one))
    }

    fn is_excepted(&self, range: &Range) -> bool {
        self.except.iter().filter_map(|text| Range::parse(text)).any(|except| except.holds(range))
    }
}

/// A range of addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    address: IpAddr,
    /// Number of leading bits that are fixed.
    length: u8,
}

impl Range {
    const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), length }
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        Some(Self { address: address.parse().ok()?, length: length.parse().ok()? })
    }

    /// Whether every address of another range is in this one.
    fn holds(&self, other: &Self) -> bool {
        self.length <= other.length
            && match (self.address, other.address) {
                (IpAddr::V4(one), IpAddr::V4(two)) => {
                    let differ = u32::from(one) ^ u32::from(two);
                    differ.leading_zeros() >= u32::from(self.length)
                }
                (IpAddr::V6(one), IpAddr::V6(two)) => {
                    let differ = u128::from(one) ^ u128::from(two);
                    differ.leading_zeros() >= u32::from(self.length)
                }
                _ => false,
            }
    }

    /// What two ranges share: one holds the other, or they share nothing.
    fn narrower(&self, other: &Self) -> Option<Self> {
        let inner = if self.holds(other) { Some(other) } else { other.holds(self).then_some(self) };
        inner.copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(cidr: &str, except: &[&str]) -> IpBlock {
        IpBlock { cidr: cidr.into(), except: except.iter().map(|text| (*text).into()).collect() }
    }

    #[test]
    fn pods_have_private_addresses() {
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
        for (block, want) in [
            (block("0.0.0.0/0", &[]), true),
            (block("0.0.0.0/0", &private[..3]), false),
            (block("0.0.0.0/0", &["10.0.0.0/8"]), true),
            (block("10.244.0.0/16", &[]), true),
            (block("10.244.0.0/16", &["10.244.0.0/16"]), false),
            (block("203.0.113.0/24", &[]), false),
            (block("::/0", &[]), true),
            (block("nonsense", &[]), true),
        ] {
            assert_eq!(block.may_mean_pods(false), want, "{block:?}");
        }
        assert!(block("0.0.0.0/0", &private[..3]).may_mean_pods(true));
        assert!(!block("0.0.0.0/0", &private).may_mean_pods(true));
    }

    #[test]
    fn an_address_is_in_a_range_unless_it_is_excepted() {
        let address = "203.0.113.7".parse().unwrap();
        for (block, want) in [
            (block("203.0.113.0/24", &[]), true),
            (block("203.0.113.0/24", &["203.0.113.0/29"]), false),
            (block("203.0.114.0/24", &[]), false),
            (block("203.0.113.7/32", &[]), true),
            (block("::/0", &[]), false),
        ] {
            assert_eq!(block.may_mean(address), want, "{block:?}");
        }
    }
}
