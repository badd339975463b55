//! Which languages does the operator inject?

use facts::Language;
use serde_json::Value;

use super::flags::{Flag, parse_bool};
use crate::releases::{Release, Rule};

/// Language switches and multi-instrumentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    on: [bool; 8],
    /// Whether every language can have containers of its own.
    pub multi_instrumentation: bool,
}

/// One switch: language, flag, variable, key in the configuration file, gate of releases before 0.95
/// (`internal/config/{cli,env,config}.go`, v0.158.0; `pkg/featuregate/featuregate.go`, v0.86.0).
struct Names {
    language: Option<Language>,
    flag: &'static str,
    variable: &'static str,
    key: &'static str,
    gate: &'static str,
}

const NAMES: [Names; 8] = [
    Names {
        language: Some(Language::Java),
        flag: "enable-java-instrumentation",
        variable: "ENABLE_JAVA_AUTO_INSTRUMENTATION",
        key: "enable-java-auto-instrumentation",
        gate: "operator.autoinstrumentation.java",
    },
    Names {
        language: Some(Language::NodeJs),
        flag: "enable-nodejs-instrumentation",
        variable: "ENABLE_NODEJS_AUTO_INSTRUMENTATION",
        key: "enable-node-js-auto-instrumentation",
        gate: "operator.autoinstrumentation.nodejs",
    },
    Names {
        language: Some(Language::Python),
        flag: "enable-python-instrumentation",
        variable: "ENABLE_PYTHON_AUTO_INSTRUMENTATION",
        key: "enable-python-auto-instrumentation",
        gate: "operator.autoinstrumentation.python",
    },
    Names {
        language: Some(Language::DotNet),
        flag: "enable-dotnet-instrumentation",
        variable: "ENABLE_DOTNET_AUTO_INSTRUMENTATION",
        key: "enable-dot-net-auto-instrumentation",
        gate: "operator.autoinstrumentation.dotnet",
    },
    Names {
        language: Some(Language::Go),
        flag: "enable-go-instrumentation",
        variable: "ENABLE_GO_AUTO_INSTRUMENTATION",
        key: "enable-go-auto-instrumentation",
        gate: "operator.autoinstrumentation.go",
    },
    Names {
        language: Some(Language::ApacheHttpd),
        flag: "enable-apache-httpd-instrumentation",
        variable: "ENABLE_APACHE_HTTPD_AUTO_INSTRUMENTATION",
        key: "enable-apache-httpd-instrumentation",
        gate: "operator.autoinstrumentation.apache-httpd",
    },
    Names {
        language: Some(Language::Nginx),
        flag: "enable-nginx-instrumentation",
        variable: "ENABLE_NGINX_AUTO_INSTRUMENTATION",
        key: "enable-nginx-auto-instrumentation",
        gate: "operator.autoinstrumentation.nginx",
    },
    Names {
        language: None,
        flag: "enable-multi-instrumentation",
        variable: "ENABLE_MULTI_INSTRUMENTATION",
        key: "enable-multi-instrumentation",
        gate: "operator.autoinstrumentation.multi-instrumentation",
    },
];

/// Whether a variable of the operator switches a language or multi-instrumentation.
pub(super) fn is_switch_variable(name: &str) -> bool {
    NAMES.iter().any(|names| names.variable == name)
}

impl Switches {
    /// The operator's own defaults: everything but Go and nginx.
    pub fn built_in(release: Release) -> Self {
        let on = Language::ALL.map(|language| !matches!(language, Language::Go | Language::Nginx));
        Self { on, multi_instrumentation: release.follows(Rule::MultiByDefault) }
    }

    /// Whether a language is injected. SDK has no switch.
    pub fn is_on(&self, language: Language) -> bool {
        self.on[language as usize]
    }

    /// Switches a language.
    pub fn set(&mut self, language: Language, on: bool) {
        self.on[language as usize] = on;
    }

    /// The flag that switches a language on; none for SDK.
    pub fn flag(language: Language) -> Option<&'static str> {
        NAMES.iter().find(|names| names.language == Some(language)).map(|names| names.flag)
    }

    pub(super) fn apply_file(&mut self, file: &Value) {
        for names in &NAMES {
            if let Some(on) = file.get(names.key).and_then(Value::as_bool) {
                self.switch(names.language, on);
            }
        }
    }

    pub(super) fn apply_env(&mut self, name: &str, value: &str) {
        if let Some(names) = NAMES.iter().find(|names| names.variable == name) {
            self.switch(names.language, parse_bool(value).unwrap_or(false));
        }
    }

    pub(super) fn apply_flag(&mut self, flag: Flag<'_>) {
        if flag.name == "feature-gates" {
            self.apply_gates(flag.text());
        } else if let Some(names) = NAMES.iter().find(|names| names.flag == flag.name) {
            self.switch(names.language, flag.is_on());
        }
    }

    fn apply_gates(&mut self, gates: &str) {
        for gate in gates.split(',') {
            let (gate, on) = match gate.strip_prefix('-') {
                Some(gate) => (gate, false),
                None => (gate.strip_prefix('+').unwrap_or(gate), true),
            };
            if let Some(names) = NAMES.iter().find(|names| names.gate == gate) {
                self.switch(names.language, on);
            }
        }
    }

    fn switch(&mut self, language: Option<Language>, on: bool) {
        match language {
            Some(language) => self.set(language, on),
            None => self.multi_instrumentation = on,
        }
    }
}
