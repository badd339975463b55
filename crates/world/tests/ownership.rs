//! Whose Pods are these?

mod stage;

use facts::{InputKind, Readability};
use serde_json::json;
use stage::*;
use world::World;

#[test]
fn each_controller_leads_to_its_workload() {
    let rollout = owner("argoproj.io/v1alpha1", "Rollout", "checkout");
    let mirror = annotated("kubernetes.io/config.mirror", "x");
    let cases = [
        ("bare Pod", vec![pod("p")], "shop/pod/p"),
        ("Deployment", vec![pod_of_set("p", "web-1"), replica_set("web-1", "web")], "shop/deployment/web"),
        (
            "ReplicaSet without owner",
            vec![pod_of_set("p", "web-1"), bare_replica_set("web-1")],
            "shop/replicaset/web-1",
        ),
        (
            "Rollout",
            vec![pod_of_set("p", "r-1"), with(bare_replica_set("r-1"), rollout)],
            "shop/rollout/checkout",
        ),
        ("StatefulSet", vec![with(pod("p"), owner("apps/v1", "StatefulSet", "db"))], "shop/statefulset/db"),
        (
            "old version",
            vec![with(pod("p"), owner("apps/v1beta1", "StatefulSet", "db"))],
            "shop/statefulset/db",
        ),
        ("DaemonSet", vec![with(pod("p"), owner("apps/v1", "DaemonSet", "agent"))], "shop/daemonset/agent"),
        ("Job", vec![with(pod("p"), owner("batch/v1", "Job", "once")), job("once")], "shop/job/once"),
        (
            "CronJob",
            vec![
                with(pod("p"), owner("batch/v1", "Job", "n-1")),
                with(job("n-1"), owner("batch/v1", "CronJob", "nightly")),
            ],
            "shop/cronjob/nightly",
        ),
        (
            "Job of another kind: no climbing beyond",
            vec![
                with(pod("p"), owner("batch/v1", "Job", "n-1")),
                with(job("n-1"), owner("jobset.x-k8s.io/v1alpha2", "JobSet", "set")),
            ],
            "shop/job/n-1",
        ),
        (
            "a kind that is not watched",
            vec![with(pod("p"), owner("v1", "ReplicationController", "old"))],
            "shop/replicationcontroller/old",
        ),
        ("static Pod", vec![with(with(pod("p"), owner("v1", "Node", "n1")), mirror)], ""),
        ("ReplicaSet that is not there", vec![pod_of_set("p", "web-1")], ""),
    ];
    for (case, objects, want) in cases {
        let want: Vec<_> = Some(want.to_owned()).into_iter().filter(|want| !want.is_empty()).collect();
        let world = world_with(objects.clone());
        assert_eq!(workloads(&world), want, "{case}");
        let backwards = world_with(objects.into_iter().rev());
        assert_eq!(workloads(&backwards), want, "{case}, the other way round");
        for id in world.workloads() {
            let names: Vec<_> =
                world.subject(&id).unwrap().pods.iter().map(|pod| pod.name.to_string()).collect();
            assert_eq!(names, ["p"], "{case}");
        }
    }
}

#[test]
fn a_pod_waits_for_its_replica_set() {
    let mut world = World::new();
    assert_eq!(after(&mut world, pod_of_set("p", "web-1")), [""; 0], "nobody knows yet whose it is");
    assert_eq!(workloads(&world), [""; 0]);
    assert_eq!(after(&mut world, replica_set("web-1", "web")), ["shop/deployment/web"]);
    assert_eq!(pods(&world, "apps/v1", "Deployment", "web"), ["p"]);
}

#[test]
fn a_deployment_is_guessed_where_replica_sets_cannot_be_read() {
    let mut world = empty_world();
    world.set_readability(InputKind::ReplicaSets, unreadable(InputKind::ReplicaSets));
    world.take_dirty();
    assert_eq!(after(&mut world, pod_of_set("p", "web-front-6d5f")), ["shop/deployment/web-front"]);
    assert_eq!(pods(&world, "apps/v1", "Deployment", "web-front"), ["p"]);
    let unlabelled = with(pod("q"), owner("apps/v1", "ReplicaSet", "other-1"));
    assert_eq!(after(&mut world, unlabelled), ["shop/replicaset/other-1"], "there is no hash to guess from");
    assert_eq!(workloads(&world), ["shop/deployment/web-front", "shop/replicaset/other-1"]);
    assert_eq!(after_delete(&mut world, pod_of_set("p", "web-front-6d5f")), ["shop/deployment/web-front"]);
    assert!(world.subject(&id("apps/v1", "Deployment", "web-front")).is_none());
}

#[test]
fn a_guess_yields_to_the_replica_set() {
    let mut world = empty_world();
    world.set_readability(InputKind::ReplicaSets, Readability::Partial);
    world.apply(object(pod_of_set("p", "web-1")));
    world.take_dirty();
    let owned = with(bare_replica_set("web-1"), owner("argoproj.io/v1alpha1", "Rollout", "web"));
    assert_eq!(after(&mut world, owned), ["shop/deployment/web", "shop/rollout/web"]);
    assert_eq!(workloads(&world), ["shop/rollout/web"]);
    assert!(pods(&world, "apps/v1", "Deployment", "web").is_empty());
}

#[test]
fn a_job_stands_for_itself_where_jobs_cannot_be_read() {
    let mut world = empty_world();
    world.set_readability(InputKind::Jobs, unreadable(InputKind::Jobs));
    world.take_dirty();
    assert_eq!(after(&mut world, with(pod("p"), owner("batch/v1", "Job", "n-1"))), ["shop/job/n-1"]);
    assert_eq!(pods(&world, "batch/v1", "Job", "n-1"), ["p"]);
}

#[test]
fn losing_the_right_to_read_forgets_what_was_read() {
    let mut world = world_with([deployment("web"), replica_set("web-1", "web"), pod_of_set("p", "web-1")]);
    world.set_readability(InputKind::ReplicaSets, unreadable(InputKind::ReplicaSets));
    assert_eq!(dirty(&mut world), ["shop/deployment/web"]);
    let subject = world.subject(&id("apps/v1", "Deployment", "web")).unwrap();
    assert!(subject.replica_sets.is_empty());
    assert_eq!(subject.pods.len(), 1, "guessed now");
}

#[test]
fn a_subject_has_everything_below_it_in_order() {
    let revision = |number: &str| annotated("deployment.kubernetes.io/revision", number);
    let leaving = json!({"metadata": {"deletionTimestamp": "2026-11-22T10:00:00Z"}});
    let world = world_with([
        deployment("web"),
        with(replica_set("web-1", "web"), revision("9")),
        with(replica_set("web-2", "web"), revision("10")),
        pod_of_set("b", "web-1"),
        pod_of_set("a", "web-2"),
        with(pod_of_set("leaving", "web-2"), leaving),
        replica_set("other-1", "other"),
        pod_of_set("c", "other-1"),
    ]);
    let subject = world.subject(&id("apps/v1", "Deployment", "web")).unwrap();
    assert!(subject.workload.is_some());
    assert_eq!(subject.pods.iter().map(|pod| &*pod.name).collect::<Vec<_>>(), ["a", "b"]);
    let sets: Vec<_> = subject.replica_sets.iter().map(|set| &*set.metadata.name).collect();
    assert_eq!(sets, ["web-2", "web-1"]);
}

#[test]
fn finished_pods_count_for_their_cron_job_and_jobs_come_newest_first() {
    let run = |name: &str, hour: &str| {
        let created = json!({"metadata": {"creationTimestamp": format!("2026-11-22T{hour}:00:00Z")}});
        with(with(job(name), owner("batch/v1", "CronJob", "nightly")), created)
    };
    let done = json!({"status": {"phase": "Succeeded"}});
    let world = world_with([
        run("n-1", "01"),
        run("n-2", "02"),
        with(with(pod("p"), owner("batch/v1", "Job", "n-1")), done),
    ]);
    let subject = world.subject(&id("batch/v1", "CronJob", "nightly")).unwrap();
    assert_eq!(subject.jobs.iter().map(|job| &*job.id.name).collect::<Vec<_>>(), ["n-2", "n-1"]);
    assert_eq!(subject.pods.len(), 1);
    assert!(
        world.subject(&id("batch/v1", "Job", "n-1")).is_none(),
        "a run of a CronJob is no workload of its own"
    );
}

#[test]
fn pods_of_a_replica_set_that_was_made_anew_do_not_belong_to_it() {
    let anew = with(replica_set("web-1", "web"), json!({"metadata": {"uid": "another"}}));
    let world = world_with([deployment("web"), anew, pod_of_set("old", "web-1")]);
    assert!(pods(&world, "apps/v1", "Deployment", "web").is_empty());
}

#[test]
fn a_rollout_that_wants_pods_and_gets_none_exists() {
    let set = with(bare_replica_set("r-1"), owner("argoproj.io/v1alpha1", "Rollout", "checkout"));
    let mut world = world_with([set.clone()]);
    assert_eq!(workloads(&world), ["shop/rollout/checkout"]);
    assert_eq!(after(&mut world, with(set, json!({"spec": {"replicas": 0}}))), ["shop/rollout/checkout"]);
    assert_eq!(workloads(&world), [""; 0]);
    assert!(world.subject(&id("argoproj.io/v1alpha1", "Rollout", "checkout")).is_none());
}
