//! In which release did the operator begin to behave like this?
//!
//! The only place that knows about differences between releases: a table of rules, each with the first release that
//! follows it (and the first that no longer does, where it was taken back). The rest of the crate asks
//! [`Release::follows`]. Recorded are twelve releases; where a change lies between two of them and the project's
//! changelog does not name the release, the later recorded one is taken and the row says so.

use crate::version::Version;

/// Releases whose answers were recorded, oldest first.
pub const RECORDED: [Version; 12] = [
    Version::zero(85, 0),
    Version::zero(86, 0),
    Version::zero(100, 0),
    Version::zero(107, 0),
    Version::zero(110, 0),
    Version::zero(113, 0),
    Version::zero(120, 0),
    Version::zero(131, 0),
    Version::zero(142, 0),
    Version::zero(145, 0),
    Version::zero(148, 0),
    Version::zero(158, 0),
];

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: $since:expr $(, until $until:expr)?;)*) => {
        /// A rule that not every release follows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// All of them, in the order of their releases.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The first release that follows the rule.
            pub const fn since(self) -> Version {
                match self { $(Self::$name => $since,)* }
            }

            /// The first release that no longer follows it.
            pub const fn until(self) -> Option<Version> {
                match self { $(Self::$name => rules!(@until $($until)?),)* }
            }
        }
    };
    (@until) => { None };
    (@until $until:expr) => { Some($until) };
}

const fn v(minor: u16, patch: u16) -> Version {
    Version::zero(minor, patch)
}

rules! {
    /// Init containers, volumes and mounts are named after their language; nginx exists; several languages can each have
    /// their own containers.
    NamedByLanguage: v(86, 0);
    /// The Go sidecar no longer asks for `SYS_PTRACE`. Between 0.86.0 and 0.100.0.
    GoWithoutPtrace: v(100, 0);
    /// The agent is copied with `cp -r`; with `cp -a` before. Between 0.86.0 and 0.100.0.
    PlainCopy: v(100, 0);
    /// The emptyDir of the agent is limited to 200Mi; 150Mi before.
    Volume200Mi: v(88, 0);
    /// `OTEL_NODE_IP` and `OTEL_POD_IP` are put first, and an Instrumentation may set any variable.
    NodeAndPodIp: v(97, 0);
    /// A `ReplicaSet` gives its name to the service where it has no Deployment. Between 0.86.0 and 0.100.0.
    ServiceNameFromReplicaSet: v(100, 0);
    /// The clone of an Apache or nginx container is a mark of an earlier injection. Between 0.86.0 and 0.100.0.
    CloneIsMark: v(100, 0);
    /// Apache's second init container gets the target's security context too. Between 0.86.0 and 0.100.0.
    ApacheAttachContext: v(100, 0);
    /// The `CronJob` of a Job is looked up. Between 0.86.0 and 0.100.0.
    CronJobs: v(100, 0);
    /// `service.instance.id` is added.
    ServiceInstanceId: v(99, 0);
    /// Log lines have the keys `message` and `level` in upper case; `msg` and lower case before.
    UpperCaseLog: v(100, 0);
    /// Log lines about unnamed Pods have `generateName`; an empty `name` before.
    GenerateNameInLog: v(103, 0);
    /// `k8s.pod.name` is always taken from the downward API; the literal name before, where there is one.
    /// Between 0.100.0 and 0.107.0.
    PodNameFromDownwardApi: v(107, 0);
    /// The log configuration of Apache and nginx has lost its former name. Between 0.100.0 and 0.107.0.
    WebServerLogName: v(107, 0);
    /// `resource.opentelemetry.io/…` annotations become resource attributes.
    ResourceAnnotations: v(107, 0);
    /// `resource.opentelemetry.io/service.name` and the labels of an Instrumentation that wants them decide about service
    /// name, version and namespace; in 0.107 the annotation was one attribute among others. Between 0.107.0 and 0.110.0.
    AnnotatedService: v(108, 0);
    /// `container-names` counts with multi-instrumentation too, characters of the lists are checked, and a name that
    /// stands twice in one list is found.
    NamesChecked: v(108, 0);
    /// Multi-instrumentation is on unless switched off; without it, several languages are injected into the same
    /// containers. Before: `multiple injection annotations present`.
    MultiByDefault: v(110, 0);
    /// nginx' module is copied with `cp -r` as well. Between 0.107.0 and 0.110.0.
    NginxPlainCopy: v(110, 0);
    /// Python gets `OTEL_EXPORTER_OTLP_PROTOCOL`; one variable for traces and one for metrics before.
    PythonOneProtocol: v(110, 0);
    /// Apache, nginx and SDK follow names lists.
    NamesForAllLanguages: v(110, 0);
    /// `spec.exporter.tls` exists and its Secret and `ConfigMap` are looked up.
    ExporterTls: v(111, 0);
    /// Python gets `OTEL_LOGS_EXPORTER`.
    PythonLogs: v(111, 0);
    /// A `JAVA_TOOL_OPTIONS` that is there already gets a second entry that refers to it, also one from a reference.
    JavaOptionsBesideReference: v(112, 0), until v(114, 1);
    /// `otel-python-platform` is read. Between 0.110.0 and 0.113.0.
    PythonPlatform: v(113, 0);
    /// The line that loads Apache's module follows a line feed. Between 0.110.0 and 0.113.0.
    ApacheIncludeOnOwnLine: v(113, 0);
    /// The Java mount carries the container's name; `imagePullPolicy` exists.
    JavaMountPerContainer: v(121, 0);
    /// The Go sidecar reports about its target; about the first container before. Between 0.120.0 and 0.131.0.
    GoReportsTarget: v(122, 0);
    /// `service.version` is read from the image as its reference is defined: tag, digest or both. Before, it was what
    /// follows the last colon. Between 0.120.0 and 0.131.0.
    ImageReferenceParsed: v(122, 0);
    /// `service.namespace` is added.
    ServiceNamespace: v(122, 0);
    /// An init container `otc-container` counts as collector sidecar, and sidecars are made as such.
    NativeSidecar: v(132, 0);
    /// A Pod that nothing is done to gets no patch; `creationTimestamp: null` before. Between 0.131.0 and 0.142.0.
    UntouchedWithoutPatch: v(142, 0);
    /// Missing TLS objects are named with Node.js before Python and Go after nginx; Python before Node.js and Go fifth before.
    /// Between 0.131.0 and 0.142.0.
    TlsObjectsInListOrder: v(142, 0);
    /// nginx' version is read in quotes. Between 0.131.0 and 0.142.0.
    NginxVersionQuoted: v(142, 0);
    /// The agent's variables are set after `spec.env`, so that one that stands there is kept and extended, and one from a
    /// reference is left alone. Before, the agent's came first: `spec.env` was lost, and a reference in `spec.<lang>.env` got
    /// a value beside it, which the API server refuses.
    SpecEnvKept: v(140, 0);
    /// The clone of an Apache or nginx container is built from chosen fields and shares the environment's memory with its
    /// original; a full copy before. Between 0.142.0 and 0.145.0.
    CloneFromFields: v(143, 0);
    /// Names that fit no container are ignored; they meant the first container before.
    UnknownNamesIgnored: v(143, 0);
    /// Init containers can be targets, and the agent's init container is added even if every target was skipped.
    InitTargets: v(146, 0);
    /// One container may be injected for several languages.
    SharedContainers: v(149, 0);
    /// `initContainerSecurityContext` and `go.securityContext` exist, and Python's agent gets its target's security context
    /// again, which it had lost in 0.146.
    SecurityContexts: v(150, 0);
    /// `true` can resolve to the operator's configuration file.
    StaticInstrumentation: v(152, 0);
    /// The security context of Java's init containers is settled before they are put in, and those of extensions have it too;
    /// none before.
    JavaExtensionContext: v(157, 0);
    /// .NET's profiler lies in `linux` and `linux-musl`; `linux-x64` and `linux-musl-x64` before.
    DotNetFolders: v(157, 0);
    /// Slices read from JSON double their capacity; before, they began with room for four. It shows in agents before init
    /// targets and in clones of web servers. Between 0.148.0 and 0.158.0, with the library that reads JSON.
    JsonDoublesCapacity: v(149, 0);
    /// Node.js gets `OTEL_METRICS_EXPORTER`.
    NodeMetrics: v(158, 0);
    /// Apache and nginx agents get their folders as arguments. Between 0.148.0 and 0.158.0.
    WebServerArguments: v(158, 0);
    /// An endpoint for Apache and nginx can use `$(VAR)`.
    WebServerVariables: v(158, 0);
}

/// A release of the operator, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Release {
    version: Version,
    exact: bool,
}

impl Release {
    /// The newest recorded release.
    pub const NEWEST: Self = Self { version: RECORDED[RECORDED.len() - 1], exact: true };

    /// The model for a version: every release from 0.85.0 to 0.158.0 has its own, an older or newer one is judged by the
    /// nearest recorded one, an unknown one by the newest.
    pub fn nearest(version: Option<Version>) -> Self {
        let oldest = RECORDED[0];
        let newest = RECORDED[RECORDED.len() - 1];
        match version {
            Some(version) if version < oldest => Self { version: oldest, exact: false },
            Some(version) if version <= newest => Self { version, exact: RECORDED.contains(&version) },
            Some(_) | None => Self { version: newest, exact: false },
        }
    }

    /// The version that is modelled.
    pub const fn version(self) -> Version {
        self.version
    }

    /// Whether answers of exactly this release were recorded.
    pub const fn is_recorded(self) -> bool {
        self.exact
    }

    /// Whether this release follows a rule.
    pub fn follows(self, rule: Rule) -> bool {
        self.version >= rule.since() && rule.until().is_none_or(|until| self.version < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_newer_versions_are_judged_by_the_newest_recorded_one() {
        for version in [None, Some(Version::zero(200, 0)), Some(Version { major: 1, minor: 0, patch: 0 })] {
            let release = Release::nearest(version);
            assert_eq!(release.version(), Version::zero(158, 0));
            assert!(!release.is_recorded());
        }
    }

    #[test]
    fn a_rule_can_be_taken_back() {
        let follows =
            |minor, patch| Release::nearest(Some(v(minor, patch))).follows(Rule::JavaOptionsBesideReference);
        assert_eq!(
            [follows(111, 0), follows(113, 0), follows(114, 0), follows(114, 1)],
            [false, true, true, false]
        );
    }
}
