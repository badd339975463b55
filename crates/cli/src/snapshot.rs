//! How does a cluster get into one file?

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use ::snapshot::{Header, Reduction, Scope, entry, list};
use controller::Listing;
use diagnosis::OperatorState;
use facts::{InputKind, Object, OptIn, Readability};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{Timestamp, Unit};
use world::World;

use crate::arguments::SnapshotArguments;
use crate::check::CheckError;
use crate::check::cluster::{Cluster, block_on};
use crate::exit::Exit;
use crate::paint::YELLOW;
use crate::terminal::Terminal;
use crate::wrap::wrap;

/// Runs `snapshot`.
pub fn run(arguments: &SnapshotArguments, terminal: &mut Terminal) -> Exit {
    let taken = block_on(take(arguments, terminal)).flatten();
    terminal.progress_done();
    let written = taken.and_then(|taken| {
        let size = write(&taken.text, &arguments.output, terminal)
            .map_err(|source| CheckError::Write { file: arguments.output.display().to_string(), source })?;
        Ok((taken, size))
    });
    match written {
        Ok((taken, size)) => {
            tell(&taken, &arguments.output, size, terminal);
            Exit::Fine
        }
        Err(error) => {
            terminal.error(&error.to_string(), error.needed().as_deref());
            Exit::CouldNotCheck
        }
    }
}

struct Taken {
    text: String,
    objects: usize,
    namespaces: usize,
    /// What could not be read.
    warnings: Vec<String>,
}

async fn take(arguments: &SnapshotArguments, terminal: &mut Terminal) -> Result<Taken, CheckError> {
    let SnapshotArguments { context, namespace, all_namespaces, .. } = arguments;
    let cluster = Cluster::connect(context.as_deref(), namespace.as_deref(), *all_namespaces).await?;
    let mut collected = Collected::new(cluster.namespace.as_deref());
    let odd = cluster.read(&mut collected, None, terminal).await?;
    cluster.require_pods(collected.readability(InputKind::Pods)).await?;
    let forbidden =
        cluster.read_certificates(&OperatorState::discover(&collected.operator), &mut collected).await?;
    let now = Timestamp::now().round(Unit::Second).unwrap_or_else(|_| Timestamp::now());
    let known = |kind| collected.readability(kind);
    let inside = collected.inside.iter().map(|(kind, namespace, known)| (*kind, &**namespace, known));
    let header = Header::new(env!("CARGO_PKG_VERSION"), now, cluster.namespace.clone(), known)
        .with_inside(inside)
        .without(&collected.off);
    let mut warnings: Vec<String> = odd.iter().map(|object| format!("{object}; left out")).collect();
    let unreadable: Vec<&str> = header.unreadable().map(|state| state.resource.as_str()).collect();
    if !unreadable.is_empty() {
        warnings.push(format!(
            "may not be read, and so are not in it: {} (needs: get, list)",
            unreadable.join(", ")
        ));
    }
    for secret in forbidden {
        warnings.push(format!(
            "the public certificate in Secret {secret} is not in it: reading it is forbidden (needs: get secrets); what depends on it counts as unknown"
        ));
    }
    collected.failure.map_or(Ok(()), Err)?;
    Ok(Taken {
        text: list(&header, &collected.entries).map_err(CheckError::Encode)?,
        objects: collected.entries.len(),
        namespaces: collected.namespaces.len(),
        warnings,
    })
}

/// What has been read so far, reduced.
struct Collected {
    scope: Option<Scope>,
    reduction: Reduction,
    entries: Vec<String>,
    namespaces: BTreeSet<String>,
    known: BTreeMap<InputKind, Readability>,
    inside: Vec<(InputKind, Arc<str>, Readability)>,
    off: Vec<(OptIn, Arc<str>)>,
    /// What tells where the operator's certificate is.
    operator: World,
    failure: Option<CheckError>,
}

impl Collected {
    fn new(namespace: Option<&str>) -> Self {
        Self {
            scope: namespace.map(Scope::new),
            reduction: Reduction::default(),
            entries: Vec::new(),
            namespaces: BTreeSet::new(),
            known: BTreeMap::new(),
            inside: Vec::new(),
            off: Vec::new(),
            operator: World::new(),
            failure: None,
        }
    }

    fn readability(&self, kind: InputKind) -> &Readability {
        self.known.get(&kind).unwrap_or(&Readability::Partial)
    }
}

impl Listing for Collected {
    fn object(&mut self, object: Object) {
        if self.scope.as_mut().is_some_and(|scope| !scope.includes(&object)) {
            return;
        }
        if matches!(
            object,
            Object::MutatingWebhookConfiguration(_) | Object::Service(_) | Object::Deployment(_)
        ) {
            self.operator.apply(object.clone());
        }
        let Some(object) = self.reduction.take(object) else { return };
        let namespace = &object.metadata().namespace;
        if !namespace.is_empty() && !self.namespaces.contains(&**namespace) {
            self.namespaces.insert(namespace.to_string());
        }
        match entry(&object) {
            Ok(entry) => self.entries.push(entry),
            Err(source) => self.failure = Some(CheckError::Encode(source)),
        }
    }

    fn known(&mut self, kind: InputKind, readability: Readability) {
        self.known.insert(kind, readability);
    }

    fn known_in(&mut self, kind: InputKind, namespace: &Arc<str>, readability: Readability) {
        self.inside.push((kind, namespace.clone(), readability));
    }

    fn switched_off(&mut self, off: Vec<(OptIn, Arc<str>)>) {
        self.off = off;
    }
}

/// Writes the text in the form that the file's name asks for. Answers the number of bytes.
fn write(text: &str, file: &Path, terminal: &mut Terminal) -> io::Result<usize> {
    let bytes = encode(text, &file.to_string_lossy())?;
    if file.as_os_str() == "-" {
        terminal.out.write_all(&bytes)?;
        terminal.out.flush()?;
    } else {
        std::fs::write(file, &bytes)?;
    }
    Ok(bytes.len())
}

fn encode(text: &str, name: &str) -> io::Result<Vec<u8>> {
    let lower = name.to_lowercase();
    let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
    let text = if unpacked.ends_with(".yaml") || unpacked.ends_with(".yml") {
        let value: serde_json::Value = serde_json::from_str(text)?;
        serde_saphyr::to_string(&value).map_err(io::Error::other)?
    } else {
        text.to_owned()
    };
    if !lower.ends_with(".gz") {
        return Ok(text.into_bytes());
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes())?;
    packed.finish()
}

fn tell(taken: &Taken, file: &Path, size: usize, terminal: &mut Terminal) {
    for warning in &taken.warnings {
        terminal.complain(&wrap(&format!("{YELLOW}warning:{YELLOW:#} "), "  ", warning));
    }
    if file.as_os_str() == "-" {
        return;
    }
    let told = format!(
        "Wrote {} objects of {} namespaces to {} ({} KiB). Values that no diagnosis reads and what looks like a credential are not in it; names, images and commands are: look through it before you give it away.",
        taken.objects,
        taken.namespaces,
        file.display(),
        size.div_ceil(1024),
    );
    terminal.complain(&wrap("", "", &told));
    terminal.complain(&format!("  instrumentation-health check -f {}\n", file.display()));
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn the_name_of_the_file_says_how_it_is_written() {
        let text = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}\n";
        for (name, is_packed, begins) in [
            ("-", false, "{\"apiVersion\""),
            ("a.json", false, "{\"apiVersion\""),
            ("a.json.gz", true, "{\"apiVersion\""),
            ("a.yaml", false, "apiVersion: v1"),
            ("A.YML.GZ", true, "apiVersion: v1"),
        ] {
            let bytes = encode(text, name).unwrap();
            let mut unpacked = String::new();
            if is_packed {
                GzDecoder::new(bytes.as_slice()).read_to_string(&mut unpacked).unwrap();
            } else {
                unpacked = String::from_utf8(bytes).unwrap();
            }
            assert!(unpacked.starts_with(begins), "{name}: {unpacked}");
        }
    }
}
