//! Are the printed objects the very ones that the controller would write?

use diagnosis::{OperatorState, diagnose, resource};
use serde_json::{Value, json};

use crate::program::{run, snapshot};

#[test]
fn json_is_a_list_of_the_objects_themselves() {
    for scenario in ["healthy-all-languages", "messy-cluster-one", "fifty-one-cannot-pull"] {
        let dump = snapshot(scenario);
        let input =
            input::load(&[dump.clone().into()], &mut std::io::empty(), &input::Options::default()).unwrap();
        let operator = OperatorState::discover(&input.world);
        let now = input.newest.unwrap();
        let options = diagnosis::Options::default();
        let mut want: Vec<Value> = input
            .world
            .workloads()
            .iter()
            .filter_map(|id| {
                let subject = input.world.subject(id)?;
                let diagnosis = diagnose(&subject, &input.world, &operator, None, now, &options)?;
                Some(serde_json::to_value(resource(&subject, &diagnosis)).unwrap())
            })
            .collect();
        let key = |item: &Value| {
            [&item["metadata"]["namespace"], &item["metadata"]["name"]].map(ToString::to_string)
        };
        want.sort_by_key(key);
        let printed: Value = serde_json::from_str(&run(&["check", "-f", &dump, "-o", "json"]).out).unwrap();
        assert_eq!(printed["apiVersion"], "v1");
        assert_eq!(printed["kind"], "List");
        assert_eq!(printed["items"], json!(want), "{scenario}");
        let yaml = run(&["check", "-f", &dump, "-o", "yaml"]).out;
        let read: Value = serde_saphyr::from_str(&yaml).unwrap();
        assert_eq!(read, printed, "{scenario}: YAML and JSON differ");
    }
}

#[test]
fn the_clock_is_the_newest_time_unless_set() {
    let dump = snapshot("healthy-java");
    let time = |arguments: &[&str]| {
        let ran = run(&[&["check", "-o", "json", "-f", &dump], arguments].concat());
        let list: Value = serde_json::from_str(&ran.out).unwrap();
        list["items"][0]["status"]["conditions"][0]["lastTransitionTime"].as_str().unwrap().to_owned()
    };
    assert!(time(&[]).starts_with("2026-11-22T23:1"), "{}", time(&[]));
    assert_eq!(time(&["--at", "2026-12-24T00:00:00Z"]), "2026-12-24T00:00:00Z");
}
