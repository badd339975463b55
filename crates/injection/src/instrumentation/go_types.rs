//! Which Go types does the operator read an Instrumentation into?
//!
//! `apis/v1alpha1/instrumentation_types.go`, v0.158.0, and what it uses of `k8s.io/api/core/v1`. They decide what is
//! refused (`json: cannot unmarshal …`), what is left out when written back, and what appears though nobody wrote it.

/// A Go type.
#[derive(Debug)]
pub(super) enum Type {
    Struct(&'static Struct),
    /// A string; the name of its type.
    Text(&'static str),
    Bool,
    /// An integer; the name of its type.
    Int(&'static str),
    Quantity,
    /// A slice; the name of its element's type.
    List(&'static str, &'static Type),
    /// A map from string.
    Map(&'static str, &'static Type),
    /// Taken over as it stands.
    Opaque,
}

/// A Go struct.
#[derive(Debug)]
pub(super) struct Struct {
    /// Package and name.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// A field of a Go struct.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) kind: Type,
    /// Written even where it is empty: no `omitempty`, or a struct.
    pub(super) always: bool,
    /// A pointer: given is given, empty or not.
    pub(super) pointer: bool,
    /// The embedded struct that it is a field of; shown in the path, though not in the JSON.
    pub(super) embedded_in: Option<&'static str>,
}

const STRING: Type = Type::Text("string");

const fn field(key: &'static str, kind: Type) -> Field {
    Field { key, kind, always: false, pointer: false, embedded_in: None }
}
const fn always(key: &'static str, kind: Type) -> Field {
    Field { key, kind, always: true, pointer: false, embedded_in: None }
}
const fn pointer(key: &'static str, kind: Type) -> Field {
    Field { key, kind, always: false, pointer: true, embedded_in: None }
}
const fn text(key: &'static str) -> Field {
    field(key, STRING)
}
/// The name in a reference to a key.
const NAME: Field = Field { embedded_in: Some("LocalObjectReference"), ..text("name") };

const TEXTS: Type = Type::Map("string", &STRING);
const QUANTITIES: Type = Type::Map("resource.Quantity", &Type::Quantity);

macro_rules! structs {
    ($($name:ident = $go:literal [$($field:expr),* $(,)?];)*) => {
        $(pub(super) static $name: Struct = Struct { name: $go, fields: &[$($field),*] };)*
    };
}

structs! {
    INSTRUMENTATION = "v1alpha1.Instrumentation" [
        text("apiVersion"),
        text("kind"),
        always("metadata", Type::Opaque),
        always("spec", Type::Struct(&SPEC)),
        field("status", Type::Struct(&STATUS)),
    ];
    STATUS = "v1alpha1.InstrumentationStatus" [field("upgradeBlockedVersions", TEXTS)];
    SPEC = "v1alpha1.InstrumentationSpec" [
        always("exporter", Type::Struct(&EXPORTER)),
        always("resource", Type::Struct(&RESOURCE)),
        field("propagators", Type::List("v1alpha1.Propagator", &Type::Text("v1alpha1.Propagator"))),
        always("sampler", Type::Struct(&SAMPLER)),
        always("defaults", Type::Struct(&DEFAULTS)),
        field("env", ENV),
        always("java", Type::Struct(&JAVA)),
        always("nodejs", Type::Struct(&NODEJS)),
        always("python", Type::Struct(&PYTHON)),
        always("dotnet", Type::Struct(&DOTNET)),
        always("go", Type::Struct(&GO)),
        always("apacheHttpd", Type::Struct(&APACHE)),
        always("nginx", Type::Struct(&NGINX)),
        field("imagePullPolicy", Type::Text("v1.PullPolicy")),
        pointer("initContainerSecurityContext", Type::Struct(&SECURITY_CONTEXT)),
    ];
    EXPORTER = "v1alpha1.Exporter" [text("endpoint"), pointer("tls", Type::Struct(&TLS))];
    TLS = "v1alpha1.TLS" [text("secretName"), text("configMapName"), text("ca_file"), text("cert_file"), text("key_file")];
    RESOURCE = "v1alpha1.Resource" [field("resourceAttributes", TEXTS), field("addK8sUIDAttributes", Type::Bool)];
    SAMPLER = "v1alpha1.Sampler" [field("type", Type::Text("v1alpha1.SamplerType")), text("argument")];
    DEFAULTS = "v1alpha1.Defaults" [field("useLabelsForResourceAttributes", Type::Bool)];
    JAVA = "v1alpha1.Java" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        always("resources", Type::Struct(&RESOURCES)),
        field("extensions", Type::List("v1alpha1.Extensions", &Type::Struct(&EXTENSION))),
    ];
    EXTENSION = "v1alpha1.Extensions" [always("image", STRING), always("dir", STRING)];
    NODEJS = "v1alpha1.NodeJS" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        always("resourceRequirements", Type::Struct(&RESOURCES)),
    ];
    PYTHON = "v1alpha1.Python" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        always("resourceRequirements", Type::Struct(&RESOURCES)),
    ];
    DOTNET = "v1alpha1.DotNet" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        always("resourceRequirements", Type::Struct(&RESOURCES)),
    ];
    GO = "v1alpha1.Go" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        always("resourceRequirements", Type::Struct(&RESOURCES)),
        pointer("securityContext", Type::Struct(&SECURITY_CONTEXT)),
    ];
    APACHE = "v1alpha1.ApacheHttpd" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        field("attrs", ENV),
        text("version"),
        text("configPath"),
        always("resourceRequirements", Type::Struct(&RESOURCES)),
    ];
    NGINX = "v1alpha1.Nginx" [
        text("image"),
        always("volumeClaimTemplate", CLAIM),
        pointer("volumeLimitSize", Type::Quantity),
        field("env", ENV),
        field("attrs", ENV),
        text("configFile"),
        always("resourceRequirements", Type::Struct(&RESOURCES)),
    ];
    RESOURCES = "v1.ResourceRequirements" [
        field("limits", QUANTITIES),
        field("requests", QUANTITIES),
        field("claims", Type::List("v1.ResourceClaim", &Type::Struct(&RESOURCE_CLAIM))),
    ];
    RESOURCE_CLAIM = "v1.ResourceClaim" [always("name", STRING), text("request")];
    ENV_VAR = "v1.EnvVar" [always("name", STRING), text("value"), pointer("valueFrom", Type::Struct(&ENV_SOURCE))];
    ENV_SOURCE = "v1.EnvVarSource" [
        pointer("fieldRef", Type::Struct(&FIELD_REF)),
        pointer("resourceFieldRef", Type::Struct(&RESOURCE_FIELD_REF)),
        pointer("configMapKeyRef", Type::Struct(&CONFIG_MAP_KEY)),
        pointer("secretKeyRef", Type::Struct(&SECRET_KEY)),
        pointer("fileKeyRef", Type::Struct(&FILE_KEY)),
    ];
    FIELD_REF = "v1.ObjectFieldSelector" [text("apiVersion"), always("fieldPath", STRING)];
    RESOURCE_FIELD_REF = "v1.ResourceFieldSelector" [text("containerName"), always("resource", STRING), always("divisor", Type::Quantity)];
    CONFIG_MAP_KEY = "v1.ConfigMapKeySelector" [NAME, always("key", STRING), pointer("optional", Type::Bool)];
    SECRET_KEY = "v1.SecretKeySelector" [NAME, always("key", STRING), pointer("optional", Type::Bool)];
    FILE_KEY = "v1.FileKeySelector" [
        always("volumeName", STRING),
        always("path", STRING),
        always("key", STRING),
        pointer("optional", Type::Bool),
    ];
    CLAIM_TEMPLATE = "v1.PersistentVolumeClaimTemplate" [
        always("metadata", Type::Struct(&CLAIM_METADATA)),
        always("spec", Type::Struct(&CLAIM_SPEC)),
    ];
    CLAIM_METADATA = "v1.ObjectMeta" [
        text("name"),
        text("generateName"),
        text("namespace"),
        field("labels", TEXTS),
        field("annotations", TEXTS),
        field("finalizers", Type::List("string", &STRING)),
    ];
    CLAIM_SPEC = "v1.PersistentVolumeClaimSpec" [
        field("accessModes", Type::List("v1.PersistentVolumeAccessMode", &Type::Text("v1.PersistentVolumeAccessMode"))),
        pointer("selector", Type::Struct(&SELECTOR)),
        always("resources", Type::Struct(&CLAIM_RESOURCES)),
        text("volumeName"),
        pointer("storageClassName", STRING),
        pointer("volumeMode", Type::Text("v1.PersistentVolumeMode")),
        pointer("dataSource", Type::Struct(&DATA_SOURCE)),
        pointer("dataSourceRef", Type::Struct(&DATA_SOURCE_REF)),
        pointer("volumeAttributesClassName", STRING),
    ];
    SELECTOR = "v1.LabelSelector" [
        field("matchLabels", TEXTS),
        field("matchExpressions", Type::List("v1.LabelSelectorRequirement", &Type::Struct(&REQUIREMENT))),
    ];
    REQUIREMENT = "v1.LabelSelectorRequirement" [
        always("key", STRING),
        always("operator", Type::Text("v1.LabelSelectorOperator")),
        field("values", Type::List("string", &STRING)),
    ];
    DATA_SOURCE = "v1.TypedLocalObjectReference" [pointer("apiGroup", STRING), always("kind", STRING), always("name", STRING)];
    DATA_SOURCE_REF = "v1.TypedObjectReference" [
        pointer("apiGroup", STRING),
        always("kind", STRING),
        always("name", STRING),
        pointer("namespace", STRING),
    ];
    CLAIM_RESOURCES = "v1.VolumeResourceRequirements" [field("limits", QUANTITIES), field("requests", QUANTITIES)];
    SECURITY_CONTEXT = "v1.SecurityContext" [
        pointer("capabilities", Type::Struct(&CAPABILITIES)),
        pointer("privileged", Type::Bool),
        pointer("seLinuxOptions", Type::Struct(&SE_LINUX)),
        pointer("windowsOptions", Type::Struct(&WINDOWS)),
        pointer("runAsUser", Type::Int("int64")),
        pointer("runAsGroup", Type::Int("int64")),
        pointer("runAsNonRoot", Type::Bool),
        pointer("readOnlyRootFilesystem", Type::Bool),
        pointer("allowPrivilegeEscalation", Type::Bool),
        pointer("procMount", Type::Text("v1.ProcMountType")),
        pointer("seccompProfile", Type::Struct(&SECCOMP)),
        pointer("appArmorProfile", Type::Struct(&APP_ARMOR)),
    ];
    CAPABILITIES = "v1.Capabilities" [
        field("add", Type::List("v1.Capability", &Type::Text("v1.Capability"))),
        field("drop", Type::List("v1.Capability", &Type::Text("v1.Capability"))),
    ];
    SE_LINUX = "v1.SELinuxOptions" [text("user"), text("role"), text("type"), text("level")];
    WINDOWS = "v1.WindowsSecurityContextOptions" [
        pointer("gmsaCredentialSpecName", STRING),
        pointer("gmsaCredentialSpec", STRING),
        pointer("runAsUserName", STRING),
        pointer("hostProcess", Type::Bool),
    ];
    SECCOMP = "v1.SeccompProfile" [always("type", Type::Text("v1.SeccompProfileType")), pointer("localhostProfile", STRING)];
    APP_ARMOR = "v1.AppArmorProfile" [always("type", Type::Text("v1.AppArmorProfileType")), pointer("localhostProfile", STRING)];
}

const ENV: Type = Type::List("v1.EnvVar", &Type::Struct(&ENV_VAR));
const CLAIM: Type = Type::Struct(&CLAIM_TEMPLATE);
