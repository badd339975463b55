//! Which Nodes does a bed have?

use k8s_openapi::api::core::v1::Node;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;

use super::Error;

/// Creates the linux/amd64 Nodes `worker-1` … `worker-N`, ready at once: admission taints a new Node as not ready, and as
/// no node lifecycle controller runs here, the taint is taken off by hand.
pub(super) async fn create_nodes(client: &Client, count: u8) -> Result<(), Error> {
    let api: Api<Node> = Api::all(client.clone());
    for number in 1..=count {
        let name = format!("worker-{number}");
        let node = node(&name, number)?;
        api.create(&PostParams::default(), &node).await.map_err(Error::api(format!("create Node {name}")))?;
        let patch = Patch::Merge(json!({"spec": {"taints": null}}));
        api.patch(&name, &PatchParams::default(), &patch)
            .await
            .map_err(Error::api(format!("take the taint off Node {name}")))?;
        let patch = Patch::Merge(json!({"status": node.status}));
        api.patch_status(&name, &PatchParams::default(), &patch)
            .await
            .map_err(Error::api(format!("report Node {name} ready")))?;
    }
    Ok(())
}

/// Labels, sizes and system facts as in the recorded clusters.
fn node(name: &str, number: u8) -> Result<Node, Error> {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": status, "reason": reason, "message": message,
               "lastHeartbeatTime": jiff::Timestamp::now(), "lastTransitionTime": jiff::Timestamp::now()})
    };
    let size = json!({"cpu": "64", "memory": "256Gi", "ephemeral-storage": "100Gi", "pods": "500"});
    let node = json!({
        "metadata": {"name": name, "labels": {
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": "m7.2xlarge",
            "topology.kubernetes.io/zone": format!("zone-{number}"),
        }},
        // One /20 each, so that KWOK gives every Pod of the bed an address of its own.
        "spec": {"podCIDR": format!("10.{}.{}.0/20", 244 + (number - 1) / 16, (number - 1) % 16 * 16)},
        "status": {
            "capacity": size, "allocatable": size,
            "addresses": [{"type": "InternalIP", "address": format!("10.0.0.{}", 10 + u16::from(number))},
                          {"type": "Hostname", "address": name}],
            "nodeInfo": {"architecture": "amd64", "operatingSystem": "linux", "osImage": "Ubuntu 24.04.3 LTS",
                         "kernelVersion": "6.8.0-79-generic", "containerRuntimeVersion": "containerd://2.1.4",
                         "kubeletVersion": "v1.36.3", "kubeProxyVersion": "", "machineID": "", "systemUUID": "", "bootID": ""},
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
        },
    });
    serde_json::from_value(node)
        .map_err(|error| Error::Manifest { what: format!("Node {name}"), problem: error.to_string() })
}
