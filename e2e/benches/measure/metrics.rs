//! What does a running controller say of itself?

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One reading of `/metrics`.
#[derive(Debug)]
pub struct Metrics(String);

impl Metrics {
    /// Reads them; `None`: nobody answers yet.
    pub fn read(address: SocketAddr) -> Option<Self> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        Some(Self(text))
    }

    /// The sum over all samples of a metric, without the product's prefix, whose labels contain `labels`.
    pub fn sum(&self, name: &str, labels: &str) -> f64 {
        let name = format!("instrumentation_health_{name}");
        let samples = self.0.lines().filter_map(|line| line.strip_prefix(&*name));
        samples
            .filter(|rest| rest.starts_with(['{', ' ']) && rest.contains(labels))
            .filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }
}
