//! Would the operator take an Instrumentation, and with which warnings?
//!
//! `internal/webhook/instrumentation_webhook.go` `validate`, v0.158.0. The first error ends it; the warnings collected so far are
//! shown all the same. Deletion is validated too.

use facts::Language;
use serde_json::Value;

use super::go_number::{parse_float, parse_int};
use super::upgrade;
use crate::operator::OperatorConfig;
use crate::volume::is_template_given;

/// What the operator says to an Instrumentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// Warnings, shown by `kubectl`.
    pub warnings: Vec<String>,
    /// Why it is refused.
    pub error: Option<String>,
}

/// Languages in the order in which the operator checks their volumes.
const VOLUME_ORDER: [Language; 7] = [
    Language::ApacheHttpd,
    Language::DotNet,
    Language::Go,
    Language::Java,
    Language::Nginx,
    Language::NodeJs,
    Language::Python,
];

/// Validates an Instrumentation as it would be stored: after [`super::default_instrumentation`].
pub fn validate_instrumentation(object: &Value, operator: &OperatorConfig) -> Validation {
    let spec = &object["spec"];
    let mut warnings = blocked_upgrades(object, operator);
    let error = validate_sampler(&spec["sampler"], &mut warnings).or_else(|| validate_volumes(spec));
    if error.is_none() {
        warn_about_exporter(&spec["exporter"], &mut warnings);
        warn_about_deprecation(spec, &mut warnings);
    }
    Validation { warnings, error }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_default()
}

/// The operator goes through a Go map here: with two blocked images the order is random. Here it is Java before .NET.
fn blocked_upgrades(object: &Value, operator: &OperatorConfig) -> Vec<String> {
    let metadata = &object["metadata"];
    let name = format!("{}/{}", text(metadata, "namespace"), text(metadata, "name"));
    let warning = |language: Language| {
        let image = text(&object["spec"][language.spec_field()?], "image");
        upgrade::warning(&name, language, image, operator.images.get(language)?)
    };
    Language::ALL.into_iter().filter_map(warning).collect()
}

fn validate_sampler(sampler: &Value, warnings: &mut Vec<String>) -> Option<String> {
    let argument = text(sampler, "argument");
    let kind = text(sampler, "type");
    match kind {
        "" => {
            warnings.push("sampler type not set".to_owned());
            None
        }
        _ if argument.is_empty() => None,
        "traceidratio" | "parentbased_traceidratio" => match parse_float(argument) {
            None => Some(format!("spec.sampler.argument is not a number: {argument}")),
            Some(rate) if !(0.0..=1.0).contains(&rate) && !rate.is_nan() => {
                Some(format!("spec.sampler.argument should be in rage [0..1]: {argument}"))
            }
            Some(_) => None,
        },
        "jaeger_remote" | "parentbased_jaeger_remote" => {
            argument.split(',').find_map(jaeger_problem).map(|problem| {
                format!("spec.sampler.argument is not a valid argument for sampler {kind}: {problem}")
            })
        }
        _ => None,
    }
}

fn jaeger_problem(part: &str) -> Option<String> {
    let pieces: Vec<&str> = part.split('=').collect();
    let [key, value] = pieces[..] else {
        return Some(format!("invalid argument: {part}, the argument should be in the form of key=value"));
    };
    match key {
        "endpoint" => value.is_empty().then(|| "endpoint cannot be empty".to_owned()),
        "pollingIntervalMs" => {
            parse_int(value).is_none().then(|| format!("invalid pollingIntervalMs: {value}"))
        }
        "initialSamplingRate" => match parse_float(value) {
            None => Some(format!("invalid initialSamplingRate: {value}")),
            Some(rate) if !(0.0..=1.0).contains(&rate) && !rate.is_nan() => {
                Some(format!("initialSamplingRate should be in rage [0..1]: {value}"))
            }
            Some(_) => None,
        },
        _ => None,
    }
}

/// The operator's own word for a language in these messages, and its block.
fn block(spec: &Value, language: Language) -> Option<(String, &Value)> {
    let field = language.spec_field()?;
    Some((field.to_ascii_lowercase(), &spec[field]))
}

fn validate_volumes(spec: &Value) -> Option<String> {
    VOLUME_ORDER.into_iter().find_map(|language| {
        let (word, block) = block(spec, language)?;
        let both = !block["volumeLimitSize"].is_null() && is_template_given(&block["volumeClaimTemplate"]);
        both.then(|| {
            format!(
                "spec.{word}.volumeClaimTemplate and spec.{word}.volumeSizeLimit cannot both be defined: unable to resolve \
                 volume size"
            )
        })
    })
}

fn warn_about_exporter(exporter: &Value, warnings: &mut Vec<String>) {
    let tls = &exporter["tls"];
    let is_https = text(exporter, "endpoint").starts_with("https://");
    if !tls.is_object() {
        if is_https {
            warnings.push("exporter is using https:// but exporter.tls is unset".to_owned());
        }
        return;
    }
    if text(tls, "key_file").is_empty() != text(tls, "cert_file").is_empty() {
        warnings.push("both exporter.tls.key and exporter.tls.cert mut be set".to_owned());
    }
    if !is_https {
        warnings.push(
            "exporter.tls is configured but exporter.endpoint is not enabling TLS with https://".to_owned(),
        );
    }
}

/// The text names fields that do not exist.
fn warn_about_deprecation(spec: &Value, warnings: &mut Vec<String>) {
    for language in Language::ALL {
        let Some((word, block)) = block(spec, language) else { continue };
        if !block["volumeLimitSize"].is_null() {
            warnings.push(format!(
                "spec.{word}.volumeSizeLimit is deprecated and will be removed in a future release; use spec.{word}.volume.size \
                 instead"
            ));
        }
    }
}
