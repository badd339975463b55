//! What does the shipped dashboard ask?

use serde_json::Value;

use crate::helm::file;

/// Title of the panel, or name of the variable, and what it asks, with Grafana's variables filled in.
pub fn queries() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file("config/dashboards/instrumentation-health.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let mut queries = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row") {
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{}", panel["title"]);
        for target in targets {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
            queries.push((panel["title"].to_string(), filled_in(target["expr"].as_str().unwrap())));
        }
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        let Some(query) = variable["query"]["query"].as_str() else { continue };
        let (metric, label) =
            query.trim_start_matches("label_values(").trim_end_matches(')').split_once(", ").unwrap();
        queries
            .push((variable["name"].to_string(), format!("group by ({label}) ({metric}{{{label}!=\"\"}})")));
    }
    assert!(queries.len() > 40, "{queries:?}");
    queries
}

fn filled_in(query: &str) -> String {
    let query = query.replace("$__rate_interval", "15s").replace("$namespace", ".*");
    assert!(!query.contains('$'), "{query}");
    query
}
