//! When is the verdict on a recorded workload right?

use serde::Deserialize;
use serde_json::Value;

/// `scenario.json`.
#[derive(Debug, Deserialize)]
pub struct Scenario {
    pub title: String,
    pub now: jiff::Timestamp,
    pub workloads: Vec<Workload>,
}

/// One workload and what is to be said about it.
#[derive(Clone, Debug, Deserialize)]
pub struct Workload {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub expect: Expect,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Expect {
    /// `true`, `false`, `"progressing"` or `"unknown"`.
    pub healthy: Value,
    pub causes: Vec<String>,
    #[serde(default)]
    pub not: Vec<String>,
    #[serde(default)]
    pub accept: Vec<String>,
}

/// What a status says, as its JSON has it.
#[derive(Debug)]
pub struct Said {
    pub healthy: String,
    pub reason: String,
    /// Reason and severity of each finding.
    pub findings: Vec<(String, String)>,
}

impl Said {
    /// From the JSON of an `InstrumentationHealth`.
    pub fn of(object: &Value) -> Self {
        let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let list = |field: &str| object["status"][field].as_array().cloned().unwrap_or_default();
        let conditions = list("conditions");
        let healthy = conditions.iter().find(|condition| condition["type"] == "Healthy");
        let healthy = healthy.expect("every status has the condition Healthy");
        Self {
            healthy: text(healthy, "status"),
            reason: text(healthy, "reason"),
            findings: list("findings")
                .iter()
                .map(|finding| (text(finding, "reason"), text(finding, "severity")))
                .collect(),
        }
    }
}

/// Everything that is wrong with what was said of a workload. `asks`: whether anything asks for injection, so that there
/// has to be an object.
pub fn mistakes(expect: &Expect, said: Option<&Said>, asks: bool) -> Vec<String> {
    let Some(said) = said else {
        let fine = expect.healthy == true && expect.causes.is_empty() && !asks;
        return if fine { Vec::new() } else { vec!["there is no object".to_owned()] };
    };
    let mut wrong = Vec::new();
    let fits = |reason: &str| expect.causes.iter().chain(&expect.accept).any(|accepted| accepted == reason);
    let main_fits = expect.causes.first().is_some_and(|main| *main == said.reason)
        || expect.accept.contains(&said.reason);
    match &expect.healthy {
        Value::Bool(true) if said.healthy != "True" => wrong.push("is healthy".to_owned()),
        Value::Bool(false) if said.healthy != "False" => wrong.push("is not healthy".to_owned()),
        Value::Bool(false) if !main_fits => {
            wrong.push(format!("the main cause is {}", expect.causes.first().map_or("?", String::as_str)));
        }
        Value::String(word)
            if word == "unknown" && said.healthy == "False" && !expect.accept.contains(&said.reason) =>
        {
            wrong.push("nothing proves that it is unhealthy".to_owned());
        }
        Value::String(word) if word == "progressing" && said.healthy == "False" => {
            wrong.push("is merely starting".to_owned());
        }
        _ => {}
    }
    let named = |reason: &str| said.findings.iter().any(|(found, _)| found == reason);
    if let Some(main) = expect.causes.first()
        && !named(main)
        && !expect.accept.iter().any(|accepted| named(accepted))
    {
        wrong.push(format!("{main} is not among the findings"));
    }
    for (reason, severity) in &said.findings {
        let false_alarm = match severity.as_str() {
            "Error" => expect.healthy == "progressing" || !fits(reason),
            "Warning" => expect.healthy == true && !fits(reason),
            _ => false,
        };
        if false_alarm {
            wrong.push(format!("{reason} ({severity}) is a false alarm"));
        } else if expect.not.contains(reason) {
            wrong.push(format!("{reason} must not be named"));
        }
    }
    wrong
}
