//! How are missing programs built, so that an interrupted build does no harm?
//!
//! One build at a time on a machine (a file lock), each family into a directory of its own that gets its final
//! name only when everything is in it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use super::Error;
use super::binaries::{Family, cache_directory, cached, source_directory};

/// Between two progress lines.
const PROGRESS: Duration = Duration::from_secs(15);

/// Builds these families into the cache; says beforehand how long it takes.
pub(super) fn build(families: &[&Family]) -> Result<(), Error> {
    let directory = cache_directory().join("bin");
    fs::create_dir_all(&directory).map_err(Error::file("create", &directory))?;
    let _lock = lock(&directory)?;
    // Another process may have built them while this one waited for the lock.
    let missing: Vec<&&Family> = families.iter().filter(|family| !cached(family).is_dir()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|family| family.name).collect();
    let seconds: u64 = missing.iter().map(|family| family.cold_seconds).sum();
    eprintln!(
        "building {} from Go modules: about {} min on 2 cores if Go's own cache is cold; done once, kept in {}",
        names.join(", "),
        seconds.div_ceil(60),
        directory.display()
    );
    missing.into_iter().try_for_each(|family| build_family(family))
}

fn lock(directory: &Path) -> Result<File, Error> {
    let path = directory.join(".lock");
    let file = File::create(&path).map_err(Error::file("create", &path))?;
    if file.try_lock().is_err() {
        eprintln!("another process builds the programs of the test bed; waiting for it");
        file.lock().map_err(Error::file("lock", &path))?;
    }
    Ok(file)
}

fn build_family(family: &Family) -> Result<(), Error> {
    let target = cached(family);
    let partial = target.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(Error::file("remove", &partial))?;
    }
    fs::create_dir_all(&partial).map_err(Error::file("create", &partial))?;

    let started = Instant::now();
    let mut go = Command::new("go")
        .args(["build", "-v", "-buildvcs=false", "-tags", family.tags, "-ldflags", family.link_flags, "-o"])
        .arg(format!("{}/", partial.display()))
        .arg("tool")
        .current_dir(source_directory(family))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| Error::Spawn { program: "go build".into(), source })?;
    let output = go.stderr.take().map(|stderr| report(family, started, stderr)).unwrap_or_default();
    let status = go.wait().map_err(|source| Error::Spawn { program: "go build".into(), source })?;
    if !status.success() {
        return Err(Error::Build { family: family.name, status, output });
    }
    // `go` names a program after its import path, which for go.etcd.io/etcd/server/v3 is "server".
    let server = partial.join("server");
    if server.exists() {
        fs::rename(&server, partial.join("etcd")).map_err(Error::file("rename", &server))?;
    }
    fs::rename(&partial, &target).map_err(Error::file("rename", &partial))?;
    eprintln!("  {}: built in {} s", family.name, started.elapsed().as_secs());
    Ok(())
}

/// Reads what `go build -v` says (a line per package or download), prints progress, returns the last lines.
fn report(family: &Family, started: Instant, stderr: ChildStderr) -> String {
    let (mut last_lines, mut lines, mut printed) = (VecDeque::new(), 0_u32, Instant::now());
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        lines += 1;
        last_lines.push_back(line);
        if last_lines.len() > 30 {
            last_lines.pop_front();
        }
        if printed.elapsed() >= PROGRESS {
            printed = Instant::now();
            let seconds = started.elapsed().as_secs();
            eprintln!("  {}: {seconds} s of about {}, {lines} packages", family.name, family.cold_seconds);
        }
    }
    last_lines.into_iter().collect::<Vec<_>>().join("\n")
}
