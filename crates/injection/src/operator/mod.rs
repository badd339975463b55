//! How is the operator set up?
//!
//! Built-in defaults, then the configuration file, then the environment, then the flags; the later wins
//! (`main.go`, `internal/config/{config,file,env,cli}.go`, v0.158.0).

mod flags;
mod images;
mod switches;

use std::sync::Arc;

use facts::{EnvVar, Instrumentation};
use serde_json::Value;

pub use images::AgentImages;
pub use switches::Switches;

use crate::releases::Release;
use crate::version::Version;

/// What of the operator's set-up decides about injection.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorConfig {
    /// The release that is modelled.
    pub release: Release,
    /// The version that the operator says it is; none where the image tag is no version.
    pub version: Option<Version>,
    /// Which languages are on, and multi-instrumentation.
    pub switches: Switches,
    /// Whether webhooks are served at all.
    pub webhooks: bool,
    /// Namespaces that the operator watches; empty: all.
    pub watched: Vec<Arc<str>>,
    /// The Instrumentation of the configuration file, where `true` means that one (≥ 0.152).
    pub static_instrumentation: Option<Arc<Instrumentation>>,
    /// Default agent images.
    pub images: AgentImages,
    /// Whether the operator may list Secrets in every namespace. Not part of its settings: to be set by whoever knows its
    /// rights (Helm grants it only with `manager.createRbacPermissions`).
    pub reads_secrets: bool,
    /// Settings that could not be read, for example a variable that is taken from a field. In words.
    pub unread: Vec<String>,
}

/// Where the operator's settings stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperatorSource<'a> {
    /// Image of the operator's container.
    pub image: &'a str,
    /// Version given elsewhere, for example by the label `app.kubernetes.io/version`; used where the tag is no version.
    pub version_label: Option<&'a str>,
    /// Arguments of the container.
    pub args: &'a [Arc<str>],
    /// Environment of the container.
    pub env: &'a [EnvVar],
    /// Text of the file that `--config-file` names, if it is known.
    pub config_file: Option<&'a str>,
}

impl<'a> OperatorSource<'a> {
    /// The file that `--config-file` names.
    pub fn config_file_path(args: &'a [Arc<str>]) -> Option<&'a str> {
        flags::value(args, "config-file").filter(|path| !path.is_empty())
    }
}

impl Default for OperatorConfig {
    /// The newest recorded release without any flag.
    fn default() -> Self {
        Self::built_in(Some(Release::NEWEST.version()))
    }
}

impl OperatorConfig {
    /// The set-up of an operator that is given nothing but its own defaults.
    pub fn built_in(version: Option<Version>) -> Self {
        let release = Release::nearest(version);
        Self {
            release,
            version,
            switches: Switches::built_in(release),
            webhooks: true,
            watched: Vec::new(),
            static_instrumentation: None,
            images: AgentImages::built_in(release),
            reads_secrets: true,
            unread: Vec::new(),
        }
    }

    /// Reads the set-up of a running operator.
    pub fn read(source: &OperatorSource<'_>) -> Self {
        let version =
            Version::from_image(source.image).or_else(|| source.version_label.and_then(Version::parse));
        let mut config = Self::built_in(version);
        let file_flag = flags::value(source.args, "config-file");
        match source.config_file {
            Some(text) if file_flag.is_some() => config.apply_file(text),
            None if file_flag.is_some() => config.unread.push("the file that --config-file names".to_owned()),
            Some(_) | None => {}
        }
        config.apply_env(source.env);
        config.apply_flags(source.args);
        config
    }

    /// Whether the operator sees objects of a namespace.
    pub fn watches(&self, namespace: &str) -> bool {
        self.watched.is_empty() || self.watched.iter().any(|watched| &**watched == namespace)
    }

    /// Whether the model is that of exactly the operator's version.
    pub fn is_modelled_exactly(&self) -> bool {
        self.version == Some(self.release.version())
    }

    fn apply_file(&mut self, text: &str) {
        let Ok(file) = serde_saphyr::from_str::<Value>(text) else {
            self.unread.push("the configuration file, which is no YAML".to_owned());
            return;
        };
        self.switches.apply_file(&file);
        self.images.apply_file(&file);
        if let Some(on) = file.get("enable-webhooks").and_then(Value::as_bool) {
            self.webhooks = on;
        }
        if let Some(namespaces) = file.get("watch-namespace").and_then(Value::as_str) {
            self.watch(namespaces);
        }
        if file.get("enable-instrumentation-crds").and_then(Value::as_bool) == Some(false) {
            let block = file
                .get("instrumentations")
                .cloned()
                .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
            match serde_json::from_value::<Instrumentation>(block) {
                Ok(instrumentation) => self.static_instrumentation = Some(Arc::new(instrumentation)),
                Err(error) => {
                    self.unread.push(format!("instrumentations in the configuration file: {error}"));
                }
            }
        }
    }

    fn apply_env(&mut self, env: &[EnvVar]) {
        for var in env {
            if var.value_from.is_some() {
                if switches::is_switch_variable(&var.name) || &*var.name == WATCH_NAMESPACE {
                    self.unread.push(format!("the variable {}, which is taken from a reference", var.name));
                }
                continue;
            }
            let value = var.literal();
            self.switches.apply_env(&var.name, value);
            self.images.apply_env(&var.name, value);
            match &*var.name {
                WATCH_NAMESPACE => self.watch(value),
                "ENABLE_WEBHOOKS" => self.webhooks = flags::parse_bool(value).unwrap_or(false),
                _ => {}
            }
        }
    }

    fn apply_flags(&mut self, args: &[Arc<str>]) {
        for flag in flags::all(args) {
            self.switches.apply_flag(flag);
            self.images.apply_flag(flag);
            match flag.name {
                "enable-webhooks" => self.webhooks = flag.is_on(),
                "watch-namespace" => self.watch(flag.text()),
                _ => {}
            }
        }
    }

    fn watch(&mut self, namespaces: &str) {
        self.watched = namespaces.split(',').filter(|_| !namespaces.is_empty()).map(Arc::from).collect();
    }
}

const WATCH_NAMESPACE: &str = "WATCH_NAMESPACE";

#[cfg(test)]
mod tests {
    use facts::Language;

    use super::*;

    fn read(args: &[&str], env: &[(&str, &str)], config_file: Option<&str>) -> OperatorConfig {
        let args: Vec<Arc<str>> = args.iter().copied().map(Arc::from).collect();
        let env: Vec<EnvVar> = env
            .iter()
            .map(|(name, value)| EnvVar {
                name: (*name).into(),
                value: Some((*value).into()),
                value_from: None,
            })
            .collect();
        OperatorConfig::read(&OperatorSource {
            image: "operator:0.158.0",
            args: &args,
            env: &env,
            config_file,
            ..Default::default()
        })
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let file = "enable-java-auto-instrumentation: false\nenable-go-auto-instrumentation: true\nenable-dot-net-auto-instrumentation: false\n";
        let config = read(
            &["--config-file=c.yaml", "--enable-nginx-instrumentation"],
            &[
                ("ENABLE_GO_AUTO_INSTRUMENTATION", "false"),
                ("ENABLE_DOTNET_AUTO_INSTRUMENTATION", "t"),
                ("ENABLE_PYTHON_AUTO_INSTRUMENTATION", "yes"),
            ],
            Some(file),
        );
        let on = |language| config.switches.is_on(language);
        assert!(!on(Language::Java), "the file says so");
        assert!(!on(Language::Go), "the environment overrides the file");
        assert!(on(Language::DotNet), "t is true for Go");
        assert!(!on(Language::Python), "a value that does not parse is false");
        assert!(on(Language::Nginx), "a bare flag is true");
    }

    #[test]
    fn a_static_instrumentation_is_read_from_the_file() {
        let file =
            "enable-instrumentation-crds: false\ninstrumentations:\n  spec:\n    java:\n      image: j:1\n";
        let config = read(&["--config-file", "c.yaml"], &[], Some(file));
        assert_eq!(&*config.static_instrumentation.unwrap().spec.java.image, "j:1");
        assert_eq!(read(&["--config-file=c.yaml"], &[], None).unread.len(), 1);
    }

    #[test]
    fn gates_of_old_releases_are_switches() {
        let args: Vec<Arc<str>> =
            vec!["--feature-gates=operator.autoinstrumentation.go,-operator.autoinstrumentation.java".into()];
        let config = OperatorConfig::read(&OperatorSource {
            image: "operator:0.86.0",
            args: &args,
            ..Default::default()
        });
        assert!(config.switches.is_on(Language::Go));
        assert!(!config.switches.is_on(Language::Java));
        assert!(!config.switches.multi_instrumentation);
    }
}
