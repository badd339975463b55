//! What are the manifests, and what is around them?

use ::preview::{Refused, admit, is_raw_instrumentation};
use controller::Unparsable;
use diagnosis::OperatorState;
use facts::{InputKind, Object};
use injection::{AgentImages, OperatorConfig, OperatorSource, Release, Version};
use input::{Manifest, Options, Supplied};
use jiff::Timestamp;
use kube::Config;
use world::World;

use crate::arguments::PreviewArguments;
use crate::check::CheckError;
use crate::check::cluster::{Cluster, block_on};
use crate::connect::config;
use crate::preview::error::PreviewError;
use crate::terminal::Terminal;

/// What a preview is made from.
pub struct Gathered {
    /// Everything that is known, the manifests included.
    pub world: World,
    /// The manifests.
    pub manifests: Vec<Manifest>,
    /// The operator.
    pub operator: OperatorState,
    /// Instrumentations that the operator would refuse.
    pub refused: Vec<Refused>,
    /// What was left out because it does not read.
    pub left_out: Vec<String>,
    /// What should be known before the preview is read.
    pub remarks: Vec<String>,
    /// The time by which certificates are judged.
    pub now: Timestamp,
}

/// What of a cluster decides about injection. Pods and Events do not.
const READ: &[InputKind] = &[
    InputKind::Namespaces,
    InputKind::CustomResourceDefinitions,
    InputKind::MutatingWebhookConfigurations,
    InputKind::Instrumentations,
    InputKind::Collectors,
    InputKind::Services,
    InputKind::EndpointSlices,
    InputKind::Deployments,
];

/// Reads the files and, where asked, the cluster.
pub fn gather(arguments: &PreviewArguments, terminal: &mut Terminal) -> Result<Gathered, PreviewError> {
    let supplied = arguments.complete.then_some(Supplied::Dump);
    let mut options = Options { supplied, keep: |_| true, ..Options::default() };
    let context = || block_on(config(arguments.context.as_deref()));
    let kube = arguments.live.then(context).transpose()?.transpose().map_err(CheckError::from)?;
    if let Some(namespace) =
        arguments.namespace.as_ref().or(kube.as_ref().map(|kube| &kube.default_namespace))
    {
        options.namespace.clone_from(namespace);
    }
    terminal.progress("reading files …");
    let input = input::load(&arguments.files, &mut *terminal.input, &options)?;
    let mut left_out: Vec<String> = input.problems.iter().map(ToString::to_string).collect();
    let newest = input.newest;
    let mut world = match kube {
        None => input.world,
        Some(kube) => {
            let (mut world, odd) = block_on(read(kube, &options.namespace, terminal))??;
            left_out.extend(odd.iter().map(|object| format!("{object}; left out")));
            apply(&mut world, &input.manifests);
            world
        }
    };
    let operator = operator(&world, arguments);
    let refused = admit(&mut world, &input.manifests, &operator.config);
    Ok(Gathered {
        remarks: remarks(&operator, arguments),
        world,
        manifests: input.manifests,
        operator,
        refused,
        left_out,
        now: if arguments.live { Timestamp::now() } else { newest.unwrap_or_else(Timestamp::now) },
    })
}

/// Reads what of the cluster decides about injection.
async fn read(
    kube: Config,
    namespace: &str,
    terminal: &mut Terminal,
) -> Result<(World, Vec<Unparsable>), CheckError> {
    let cluster = Cluster::of(kube, Some(namespace), false)?;
    let mut world = World::new();
    let odd = cluster.read(&mut world, Some(READ), terminal).await?;
    cluster.read_certificates(&OperatorState::discover(&world), &mut world).await?;
    Ok((world, odd))
}

/// Puts the manifests into the cluster, as if they were applied. Raw Instrumentations have to pass the operator first.
fn apply(world: &mut World, manifests: &[Manifest]) {
    let raw = |manifest: &&Manifest| manifest.object.as_object().is_some_and(is_raw_instrumentation);
    for manifest in manifests.iter().filter(|manifest| !raw(manifest)) {
        if let Ok(Some(object)) = Object::from_value(manifest.object.clone()) {
            world.apply(object);
        }
    }
}

/// The operator as it is found, with what the arguments say instead.
fn operator(world: &World, arguments: &PreviewArguments) -> OperatorState {
    let mut state = OperatorState::discover(world);
    let version = arguments.operator_version;
    if !arguments.operator_arguments.is_empty() {
        let version = version.or(state.config.version).map(|version| version.to_string());
        let args: Vec<_> = arguments.operator_arguments.iter().map(|arg| arg.as_str().into()).collect();
        state.config = OperatorConfig::read(&OperatorSource {
            version_label: version.as_deref(),
            args: &args,
            ..OperatorSource::default()
        });
        state.config_known = true;
    } else if let Some(version) = version {
        if state.config_known {
            state.config.release = Release::nearest(Some(version));
            state.config.version = Some(version);
            state.config.images = AgentImages::built_in(state.config.release);
        } else {
            state.config = OperatorConfig::built_in(Some(version));
        }
    }
    state
}

/// `operator 0.158.0`
pub fn operator_in_words(operator: &OperatorState) -> String {
    let version = operator.config.version.unwrap_or_else(|| operator.config.release.version());
    format!("operator {version}")
}

fn remarks(operator: &OperatorState, arguments: &PreviewArguments) -> Vec<String> {
    let mut remarks = Vec::new();
    let config = &operator.config;
    let is_told = arguments.operator_version.is_some() || !arguments.operator_arguments.is_empty();
    if !operator.config_known && !is_told {
        let place = if arguments.live { "the cluster that can be read" } else { "the files" };
        let otherwise = if arguments.live { "" } else { ", and --live looks into the cluster" };
        remarks.push(format!(
            "no operator in {place}: taken for {} with the settings it has by default; --operator-version and --operator-arg say otherwise{otherwise}",
            config.release.version()
        ));
    }
    match config.version {
        Some(version) if version > Release::NEWEST.version() => remarks.push(format!(
            "operator {version} is newer than this program knows; judged by the rules of {}",
            config.release.version()
        )),
        None if operator.config_known => remarks.push(format!(
            "the operator does not tell its version; judged by the rules of {}",
            config.release.version()
        )),
        _ => {}
    }
    remarks.extend(
        config.unread.iter().map(|what| format!("not all of the operator's settings are known: {what}")),
    );
    remarks
}

/// Reads a version as `--operator-version` takes it.
pub fn parse_version(text: &str) -> Result<Version, &'static str> {
    Version::parse(text).ok_or("a version of the operator, for example 0.158.0")
}
