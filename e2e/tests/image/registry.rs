//! A registry on loopback, and `crane` that talks to it.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::free_port;

/// It ends with this.
pub struct Registry {
    crane: PathBuf,
    address: String,
    server: Child,
}

impl Registry {
    /// An empty one.
    pub fn start() -> Self {
        let crane = e2e::bed::crane().unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let mut server = Command::new(&crane);
        server.args(["registry", "serve", "--address", &address]).stdout(Stdio::null()).stderr(Stdio::null());
        let registry = Self { crane, server: server.spawn().unwrap(), address };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(&registry.address).is_err() {
            assert!(Instant::now() < deadline, "the registry does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        registry
    }

    /// A name in it.
    pub fn name(&self, repository: &str) -> String {
        format!("{}/{repository}:test", self.address)
    }

    /// What `crane` answers; it has to be content.
    pub fn crane(&self, arguments: &[&str]) -> String {
        let ran = Command::new(&self.crane).args(arguments).output().unwrap();
        assert!(ran.status.success(), "crane {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
