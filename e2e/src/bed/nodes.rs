//! Which Nodes does a bed have?

use serde_json::{Value, json};

/// Manifests of the linux/amd64 Nodes `worker-1` … `worker-N`, labelled as in the recorded clusters. The stage
/// `node-ready` gives each its size and makes it ready, as it does with a Node that a test applies itself.
pub(super) fn manifests(count: u8) -> String {
    let nodes: Vec<Value> = (1..=count).map(node).collect();
    json!({"apiVersion": "v1", "kind": "List", "items": nodes}).to_string()
}

fn node(number: u8) -> Value {
    let name = format!("worker-{number}");
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "m7.2xlarge",
            "topology.kubernetes.io/zone": format!("zone-{number}"),
        }},
        // One /20 each, so that KWOK gives every Pod of the bed an address of its own.
        "spec": {"podCIDR": format!("10.{}.{}.0/20", 244 + (number - 1) / 16, (number - 1) % 16 * 16)},
        "status": {"addresses": [{"type": "InternalIP", "address": format!("10.0.0.{}", 10_u16 + u16::from(number))},
                                 {"type": "Hostname", "address": name}]},
    })
}
