//! Which ports and which Service range may this bed use?
//!
//! Several beds run side by side. Each takes one slot: the second octet of its Service range `127.X.0.0/16` and
//! a few ports. A file lock held for the bed's life keeps a slot from being taken twice; it falls with the
//! process, however that ends. The Service range matters as much as the ports: with a common range the API
//! server of one bed would call the webhooks of another.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU8, Ordering};

use super::Error;
use super::binaries::cache_directory;

/// Second octets that beds use. 127.0.0.0/16 and 127.1.0.0/16 are left to everything else on the machine.
const OCTETS: RangeInclusive<u8> = 96..=159;
/// Below the range from which Linux takes ports for outgoing connections (32768 and up), so that a stopped API
/// server finds its port free when it comes back.
const FIRST_PORT: u16 = 21_000;
const PORTS_PER_SLOT: u16 = 4;

/// Ports and Service range of one bed, its own until dropped.
#[derive(Debug)]
pub struct Slot {
    octet: u8,
    next_cluster_ip: AtomicU8,
    _lock: File,
}

impl Slot {
    /// Takes the first slot that is neither locked nor has a port in use.
    pub fn take() -> Result<Self, Error> {
        let directory = cache_directory().join("slots");
        std::fs::create_dir_all(&directory).map_err(Error::file("create", &directory))?;
        for octet in OCTETS {
            let path = directory.join(octet.to_string());
            let lock = File::create(&path).map_err(Error::file("create", &path))?;
            if lock.try_lock().is_err() {
                continue;
            }
            let slot = Self { octet, next_cluster_ip: AtomicU8::new(10), _lock: lock };
            if slot.ports_are_free() {
                return Ok(slot);
            }
        }
        Err(Error::NoFreeSlot)
    }

    /// The second octet of the Service range; names this bed among those that run now.
    pub fn octet(&self) -> u8 {
        self.octet
    }

    /// For `--service-cluster-ip-range`.
    pub fn service_range(&self) -> String {
        format!("127.{}.0.0/16", self.octet)
    }

    /// A cluster IP of this bed that was not handed out yet. It lies in the first 256 addresses, which the API server does not
    /// allocate by itself while others are left (KEP-3070), and it is local without being added to an interface.
    ///
    /// # Panics
    /// After 240 addresses of one bed.
    pub fn reserve_cluster_ip(&self) -> Ipv4Addr {
        let last = self.next_cluster_ip.fetch_add(1, Ordering::Relaxed);
        assert!((10..250).contains(&last), "a bed hands out at most 240 cluster IPs");
        Ipv4Addr::new(127, self.octet, 0, last)
    }

    /// Where etcd serves its clients.
    pub fn etcd_port(&self) -> u16 {
        self.port(0)
    }

    /// Where etcd would serve other members.
    pub fn etcd_peer_port(&self) -> u16 {
        self.port(1)
    }

    /// Where the API server serves.
    pub fn api_port(&self) -> u16 {
        self.port(2)
    }

    fn port(&self, index: u16) -> u16 {
        FIRST_PORT + u16::from(self.octet - OCTETS.start()) * PORTS_PER_SLOT + index
    }

    /// A bed that was killed hard leaves its programs alive for a moment, and other software may use a port.
    fn ports_are_free(&self) -> bool {
        (0..PORTS_PER_SLOT).all(|index| TcpListener::bind((Ipv4Addr::LOCALHOST, self.port(index))).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::Slot;

    #[test]
    fn two_slots_share_neither_ports_nor_service_range() {
        let (one, two) = (Slot::take().unwrap(), Slot::take().unwrap());
        assert_ne!(one.service_range(), two.service_range());
        assert!(one.api_port().abs_diff(two.api_port()) >= 4);
        assert_ne!(one.reserve_cluster_ip(), one.reserve_cluster_ip());
    }
}
