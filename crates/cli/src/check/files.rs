//! How do files become something to judge?

use ::preview::{admit, is_raw_instrumentation};
use diagnosis::OperatorState;
use facts::{ClusterView, InputKind};
use input::{Options, Supplied};
use jiff::Timestamp;
use snapshot::Header;

use crate::arguments::CheckArguments;
use crate::check::Gathered;
use crate::check::error::CheckError;
use crate::terminal::Terminal;

/// Reads the files.
pub fn gather(arguments: &CheckArguments, terminal: &mut Terminal) -> Result<Gathered, CheckError> {
    let mut options = Options {
        supplied: match (arguments.complete, arguments.partial) {
            (true, _) => Some(Supplied::Dump),
            (_, true) => Some(Supplied::Manifests),
            _ => None,
        },
        keep: is_raw_instrumentation,
        ..Options::default()
    };
    if let Some(namespace) = &arguments.namespace {
        options.namespace.clone_from(namespace);
    }
    terminal.progress("reading files …");
    let mut input = input::load(&arguments.files, &mut *terminal.input, &options)?;
    let operator = OperatorState::discover(&input.world).config;
    let refused = admit(&mut input.world, &input.manifests, &operator);
    terminal.progress("judging …");
    let mut remarks = Vec::new();
    if arguments.verbose {
        remarks.extend(skipped(&input));
    }
    if input.supplied == Supplied::Manifests && !arguments.partial {
        remarks.push(
            "taken for manifests, not for a dump of a whole cluster (no Pod with a status, or no Namespace with a uid): what the files lack counts as unknown; --complete says that it is absent"
                .to_owned(),
        );
    }
    match &input.snapshot {
        Some(snapshot) => remarks.push(about(snapshot)),
        None if input.supplied == Supplied::Dump && !arguments.complete => remarks.extend(lacking(&input)),
        None => {}
    }
    check_namespace(arguments.namespace.as_deref(), &input.world)?;
    let left_out = input.problems.iter().map(ToString::to_string);
    Ok(Gathered {
        now: arguments.at.or(input.newest).unwrap_or_else(Timestamp::now),
        namespace: arguments.namespace.clone(),
        left_out: left_out.chain(refused.iter().map(ToString::to_string)).collect(),
        remarks,
        // What a snapshot lacks, whoever took it may have been allowed to read.
        asks_for_rights: input.snapshot.is_some(),
        origins: input.origins,
        world: input.world,
    })
}

fn about(snapshot: &Header) -> String {
    let place = match &snapshot.namespace {
        Some(namespace) => format!("namespace {namespace}"),
        None => "the whole cluster".to_owned(),
    };
    format!("a snapshot of {place}, taken at {} by version {}", snapshot.taken, snapshot.version)
}

fn skipped(input: &input::Input) -> Option<String> {
    let kinds: Vec<String> = input
        .skipped
        .iter()
        .map(|(kind, count)| match kind.as_str() {
            "" => format!("{count} documents that are no Kubernetes object"),
            kind => format!("{count} {kind}"),
        })
        .collect();
    (!kinds.is_empty()).then(|| format!("no diagnosis reads these: {}", kinds.join(", ")))
}

/// Kinds that a cluster with an operator has, so that a dump without them may be a dump of a part.
const TELLING: [InputKind; 5] = [
    InputKind::MutatingWebhookConfigurations,
    InputKind::CustomResourceDefinitions,
    InputKind::Services,
    InputKind::EndpointSlices,
    InputKind::Instrumentations,
];

/// What a dump lacks, and what that counts as.
fn lacking(input: &input::Input) -> Option<String> {
    let lacks = TELLING.iter().filter(|kind| !input.kinds.contains(kind));
    let (absent, left_out): (Vec<InputKind>, Vec<InputKind>) =
        lacks.partition(|kind| input.world.readability(**kind).is_exhaustive());
    let says = |kinds: &[InputKind], counts_as: &str| {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.plural()).collect();
        (!kinds.is_empty()).then(|| format!("no {}, which counts as: {counts_as}", kinds.join(", no ")))
    };
    let absent = says(&absent, "there are none in the cluster (--partial says that they were left out)");
    let left_out = says(&left_out, "not known (--complete says that there are none)");
    let only =
        input.only.as_ref().map(|only| format!("namespace {only} alone, so that others are not known"));
    let said: Vec<String> = only.into_iter().chain(absent).chain(left_out).collect();
    (!said.is_empty()).then(|| format!("the dump holds {}", said.join("; ")))
}

fn check_namespace(namespace: Option<&str>, world: &world::World) -> Result<(), CheckError> {
    let Some(name) = namespace else { return Ok(()) };
    let mut others: Vec<String> = world.workloads().into_iter().map(|id| id.namespace.to_string()).collect();
    others.dedup();
    let is_there = others.iter().any(|other| other == name)
        || facts::ClusterView::namespace(world, name).found().is_some();
    if is_there { Ok(()) } else { Err(CheckError::NoSuchNamespace { name: name.to_owned(), others }) }
}
