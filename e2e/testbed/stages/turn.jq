# What does the kubelet do next with this Pod, and in how many seconds?
# Answers {step, delay}, or nothing when there is nothing left to do. `step` names an entry of steps.yaml.
# turn.tpl finds the container of that step by the same rules: change both together.
(.metadata.annotations["kubelet.e2e.instrumentation-health.dev/play"] // "{}" | fromjson) as $asked
| .spec as $spec | .status as $status | .metadata as $metadata
| (if $asked.node and $asked.node != $spec.nodeName then {} else $asked end) as $play

| def paired($specs; $statuses; $init):
    [$specs // [], $statuses // []] | transpose
    | map({spec: .[0], status: .[1], init: $init, play: ($play.containers[.[0].name] // {})});
  def sidecar: .spec.restartPolicy == "Always";
  def done: if sidecar then .status.started == true else .status.state.terminated.exitCode == 0 end;
  def exits: .play.exit != null and (.play.exit.times == null or .status.restartCount < .play.exit.times);
  def finished:
    if .status.state.terminated.exitCode == 0 then $spec.restartPolicy != "Always" or .init
    else $spec.restartPolicy == "Never" end;

  def step:
    .status.state.waiting.reason as $reason
    | if .status.state.running then
        if exits or (.init and (sidecar | not)) then "container-ends"
        elif .play.startup_fail then "startup-probe-fails"
        else null end
      elif .status.state.terminated then
        if finished then null
        elif .status.restartCount == 0 then "container-starts"
        else "container-backs-off" end
      elif $reason == "CrashLoopBackOff" then "container-starts"
      elif .play.invalid_image then
        if $reason == "InvalidImageName" then null else "image-name-is-invalid" end
      elif .play.pull_error then
        if $reason == "ErrImagePull" then "image-pull-backs-off" else "image-pull-fails" end
      elif $reason == "ErrImagePull" or $reason == "ImagePullBackOff" then "pulled-container-starts"
      elif .play.pull and .status.started == null then "image-pull-starts"
      elif .play.config_error then
        if $reason == "CreateContainerConfigError" then null else "container-config-fails" end
      elif .play.pull then "pulled-container-starts"
      else "container-starts" end;

  # The kubelet's crash back-off: 10 s after the second failure, doubled each time, 5 minutes at most.
  def back_off: .play.back_off // ([10 * pow(2; .status.restartCount - 1), 300] | min);
  def delay:
    .status.state.waiting.reason as $reason
    | if .step == "container-starts" and $reason == "CrashLoopBackOff" then back_off
      elif .step == "pulled-container-starts" then .play.pull // 1
      elif .step == "image-pull-fails" and $reason == "ImagePullBackOff" then .play.back_off // 10
      elif .step == "image-pull-fails" then .play.pull_time // 0.5
      elif .step == "image-pull-backs-off" then 0.5
      elif .step == "container-ends" then .play.exit.after // 0.2
      elif .step == "startup-probe-fails" then 2
      else 0.1 end;

  if $play.hands_off or $metadata.deletionTimestamp or ($status.phase | IN("Succeeded", "Failed")) then empty
  elif $status.startTime == null then
    if $play.at_once then {step: "pod-runs-at-once", delay: 0} else {step: "pod-starts", delay: 0.1} end
  elif $status.podIP == null then
    if $play.mount_error then {step: "pod-mount-fails", delay: 0.5} else {step: "pod-starts", delay: 0.1} end
  elif $play.evict and ($status.containerStatuses | all(.ready)) then {step: "pod-is-evicted", delay: $play.evict.after}
  else
    (paired($spec.initContainers; $status.initContainerStatuses; true) | map(select(done | not)) | .[:1])
    | if . == [] then paired($spec.containers; $status.containerStatuses; false) else . end
    | map(. + {step: step} | select(.step) | {step: .step, delay: delay})
    | min_by(.delay) // empty
  end
