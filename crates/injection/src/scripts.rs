//! With which scripts do the web server agents start (`internal/instrumentation/{apachehttpd,nginx}.go`)?
//!
//! The recordings of 0.158.0 have only length and hash of scripts longer than 200 characters; they are held here as that
//! same opaque text. Those of older releases are recorded in full.

use serde_json::{Value, json};

use crate::releases::{Release, Rule};

/// Arguments of the init container that adds the Apache module.
pub(crate) fn apache_attach(folder: &str, release: Release) -> Value {
    if release.follows(Rule::WebServerArguments) {
        return json!([APACHE_ATTACH, "--", folder]);
    }
    let include =
        if release.follows(Rule::ApacheIncludeOnOwnLine) { "echo -e '\nInclude " } else { "echo 'Include " };
    let script = include_str!("scripts/apache_attach.txt")
        .replace("{copy}", copy(release, Rule::PlainCopy))
        .replace("{log_file}", log_file(release))
        .replace("{include}", include)
        .replace("{folder}", folder);
    json!([script])
}

/// Arguments of the clone of an nginx container.
pub(crate) fn nginx_clone(folder: &str, release: Release) -> Value {
    if release.follows(Rule::WebServerArguments) {
        return json!([NGINX_CLONE, "--", folder]);
    }
    let version = "$( { nginx -v ; } 2>&1 )";
    let version =
        if release.follows(Rule::NginxVersionQuoted) { format!("\"{version}\"") } else { version.to_owned() };
    json!([include_str!("scripts/nginx_clone.txt")
        .replace("{folder}", folder)
        .replace("{version}", &version)])
}

/// Arguments of the init container that adds the nginx module.
pub(crate) fn nginx_attach(file: &str, release: Release) -> Value {
    if release.follows(Rule::WebServerArguments) {
        return json!([NGINX_ATTACH, "--", file]);
    }
    json!([include_str!("scripts/nginx_attach.txt").replace("{file}", file)])
}

/// The script that older releases hand over in a variable.
pub(crate) fn nginx_attach_variable(release: Release) -> String {
    include_str!("scripts/nginx_instrumentation.txt")
        .replace("{copy}", copy(release, Rule::NginxPlainCopy))
        .replace("{log_file}", log_file(release))
}

fn copy(release: Release, rule: Rule) -> &'static str {
    if release.follows(rule) { "cp -r" } else { "cp -ar" }
}

fn log_file(release: Release) -> &'static str {
    if release.follows(Rule::WebServerLogName) {
        "opentelemetry_sdk_log4cxx"
    } else {
        "appdynamics_sdk_log4cxx"
    }
}

/// The part of Apache's module configuration that loads it.
pub(crate) fn apache_load_module(version_suffix: &str) -> String {
    let folder = crate::language::web_server::AGENT_FOLDER;
    let libraries: String =
        ["common", "resources", "trace", "otlp_recordable", "exporter_ostream_span", "exporter_otlp_grpc"]
            .iter()
            .fold(String::new(), |text, name| {
                format!("{text}LoadFile {folder}/sdk_lib/lib/libopentelemetry_{name}.so\n")
            });
    format!(
        "\n#Load the Otel Webserver SDK\n{libraries}\
         #Load the Otel ApacheModule SDK\nLoadFile {folder}/sdk_lib/lib/libopentelemetry_webserver_sdk.so\n\
         #Load the Apache Module. In this example for Apache 2.4\n\
         #LoadModule otel_apache_module {folder}/WebServerModule/Apache/libmod_apache_otel.so\n\
         #Load the Apache Module. In this example for Apache 2.2\n\
         #LoadModule otel_apache_module {folder}/WebServerModule/Apache/libmod_apache_otel22.so\n\
         LoadModule otel_apache_module {folder}/WebServerModule/Apache/libmod_apache_otel{version_suffix}.so\n\
         #Attributes\n"
    )
}

const APACHE_ATTACH: &str =
    "<script 2347 bytes sha256:023f3bf7e10d5f5758724ca626bc7688ddaa0b3764fda3fe03e4588f87bca0f6>";
const NGINX_CLONE: &str =
    "<script 1054 bytes sha256:f010422ee6b97545444a15af596d57d8e9a00886de11b9354852c186f35a2e16>";
const NGINX_ATTACH: &str =
    "<script 2579 bytes sha256:56b7358e415f5dd47df6523e261addc36908f1b69a2db3d7b55e65e23e062d9c>";
