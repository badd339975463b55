//! What can be asked?

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use injection::Version;
use jiff::Timestamp;

use crate::check::{Filter, Name};
use crate::preview::parse_version;
use crate::run::{RunArguments, duration};

/// Says why Pods that ask for OpenTelemetry auto-instrumentation do not get it.
#[derive(Debug, Parser)]
#[command(name = "instrumentation-health", version, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge workloads now: on the current cluster (read-only, nothing installed), or on files
    Check(Box<CheckArguments>),
    /// Show manifests as the operator would have their Pods, before they are applied
    Preview(Box<PreviewArguments>),
    /// Run the controller: watch the cluster, write `InstrumentationHealth` objects and Events
    Run(Box<RunArguments>),
    /// Write what a diagnosis needs of the current cluster into one file: for a bug report, or for `check -f`
    Snapshot(SnapshotArguments),
    /// Tell all about a cause; without one, list them
    Explain {
        /// Reason or code, for example `AgentImagePullFailed` or `IH-F004`
        reason: Option<String>,
    },
    /// Print the `CustomResourceDefinition` of `InstrumentationHealth`
    Crd,
    /// Print the manual page, or write one for every command
    Man {
        /// Write them here, for example ~/.local/share/man/man1
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
}

/// What to check, and how to show it.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 nothing is failing, or nothing asks for injection; 1 a workload is failing;
2 could not check; 64 wrong usage.

Examples:
  instrumentation-health check -A
  instrumentation-health check -n shop deployment/checkout
  kinds=ns,pods,rs,deploy,sts,ds,jobs,cj,svc,endpointslices,netpol
  kinds=$kinds,cm,events,nodes,crd,instrumentations
  kinds=$kinds,opentelemetrycollectors,mutatingwebhookconfigurations
  kubectl get $kinds -A -o yaml | instrumentation-health check -f -
  instrumentation-health check -f deploy/ -o json
  instrumentation-health check -f deploy/ -o sarif > instrumentation.sarif
  instrumentation-health check -A --reason AgentImagePullFailed --watch")]
pub struct CheckArguments {
    /// Workloads to show; all when none is named
    #[arg(value_name = "KIND/NAME")]
    pub names: Vec<Name>,
    /// Namespace of the workloads (on a cluster, default: that of the context)
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// Workloads of all namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Read these files or folders, or `-` for standard input, instead of a cluster
    #[arg(short = 'f', long = "filename", value_name = "FILE", num_args = 1..)]
    pub files: Vec<PathBuf>,
    /// Form of the output
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
    /// The time to judge by, for files [default: the newest time in them]
    #[arg(long, value_name = "RFC3339", requires = "files")]
    pub at: Option<Timestamp>,
    /// The files are all there is: what they lack is absent
    #[arg(long, requires = "files", conflicts_with = "partial")]
    pub complete: bool,
    /// The files are a part: what they lack is unknown
    #[arg(long, requires = "files")]
    pub partial: bool,
    /// Print the summary only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print healthy workloads and notes as well
    #[arg(short, long)]
    pub verbose: bool,
    /// Look again every so often, and print what changes
    #[arg(
        short,
        long,
        value_name = "TIME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "10s",
        value_parser = interval,
        conflicts_with_all = ["files", "quiet"]
    )]
    pub watch: Option<Duration>,
    /// What gives exit code 1
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = FailOn::Failing)]
    pub fail_on: FailOn,
    /// Which of the verdicts to show and count
    #[command(flatten, next_help_heading = "Filters")]
    pub filter: Filter,
    /// Context of the kubeconfig
    #[arg(long, conflicts_with = "files")]
    pub context: Option<String>,
    /// Also read which keys the ConfigMaps and Secrets have that Pods and Instrumentations name; never their values
    #[arg(long, conflicts_with = "files")]
    pub read_keys: bool,
    /// Also try to create Pods (dry run) of workloads that lack the agent, to see whether a restart would inject it
    #[arg(long, conflicts_with = "files")]
    pub probe_admission: bool,
    /// Where the pages of causes are served, for links in the output
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    pub docs_base_url: String,
}

/// What to write, and where.
#[derive(Debug, Args)]
#[command(after_help = "\
Only reads the cluster. Not in the file: values of environment variables that no diagnosis reads,
what looks like a credential, keys of Secrets. Of Secrets only the public certificate of the
operator's webhook is read. Names, labels, images, commands and messages are in it: look through
it before you give it away.

Exit codes: 0 written, also where some kinds may not be read (the file says which); 2 could not
read the cluster or write the file; 64 wrong usage.

Examples:
  instrumentation-health snapshot -A -o cluster.json.gz
  instrumentation-health snapshot -n shop -o - | instrumentation-health check -f -")]
pub struct SnapshotArguments {
    /// Namespace of the workloads (default: that of the context)
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// Workloads of all namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// File to write, or `-` for standard output; packed where its name ends with .gz, YAML for .yaml
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Context of the kubeconfig
    #[arg(long)]
    pub context: Option<String>,
}

/// Every look lists the cluster.
fn interval(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|time| match time.as_secs() {
        0 => Err("expected a second or more".to_owned()),
        _ => Ok(time),
    })
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Table,
    /// A `v1` `List` of the `InstrumentationHealth` objects that the controller would write
    Json,
    /// The same as YAML
    Yaml,
    /// `JUnit` XML: a test a workload
    Junit,
    /// SARIF 2.1.0: findings beside the files that they are about
    Sarif,
}

/// What gives exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Nothing: the code only says whether it could be checked
    Nothing,
    /// A failing workload
    Failing,
    /// Also a workload that may be failing, is still starting, or could not be judged
    Unknown,
}

/// Which manifests to show, and what is around them.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 everything that is asked for is injected, or nothing is asked for; 1 something asked
for is not injected; 2 could not tell; 64 wrong usage.

Examples:
  instrumentation-health preview -f deploy.yaml -f instrumentation.yaml -o diff
  helm template shop ./chart | instrumentation-health preview -f - --live
  instrumentation-health preview -f deploy/ --operator-version 0.120.0 --operator-arg=--enable-go-instrumentation")]
pub struct PreviewArguments {
    /// Files or folders with manifests, or `-` for standard input: workloads or Pods, with the Namespaces, Instrumentations
    /// and, if it is at hand, the operator's Deployment beside them
    #[arg(short = 'f', long = "filename", value_name = "FILE", num_args = 1.., required = true)]
    pub files: Vec<PathBuf>,
    /// Namespace of objects that do not name theirs [default: `default`, with --live that of the context]
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// Form of the output
    #[arg(short, long, value_enum, default_value_t = PreviewOutput::Yaml)]
    pub output: PreviewOutput,
    /// Take Namespaces, Instrumentations and the operator from the cluster, as if the files were applied to it (read-only)
    #[arg(long)]
    pub live: bool,
    /// Context of the kubeconfig
    #[arg(long, requires = "live")]
    pub context: Option<String>,
    /// The files are all there is: what they lack is absent
    #[arg(long, conflicts_with = "live")]
    pub complete: bool,
    /// Version of the operator, in place of the one that is found
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    pub operator_version: Option<Version>,
    /// An argument that the operator is started with, in place of those that are found; may be repeated
    #[arg(long = "operator-arg", value_name = "ARG", allow_hyphen_values = true)]
    pub operator_arguments: Vec<String>,
}

/// Form of a preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PreviewOutput {
    /// The Pod template after injection, with remarks as comments; a document for each workload
    Yaml,
    /// What the injection changes, as a unified diff
    Diff,
}
