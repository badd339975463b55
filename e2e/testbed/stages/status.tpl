{{- /* The Pod's status after the acting container took $state: what follows for its counters, the conditions and the phase. */ -}}
{{- if $status.state.terminated -}}{{- $_ := set $status "lastState" (dict "terminated" $status.state.terminated) -}}{{- end -}}
{{- if $state.running -}}
  {{- if dig "lastState" "terminated" "exitCode" "" $status | toString -}}{{- $_ := set $status "restartCount" (add1 $restarts) -}}{{- end -}}
  {{- $_ := set $status "imageID" (printf "%s@sha256:%s" (regexReplaceAll "(@sha256)?:[^:/]*$" $spec.image "") ($spec.image | sha256sum)) -}}
  {{- $_ := set $status "containerID" (printf "containerd://%s" (printf "%s %s %d" $pod.metadata.uid $spec.name $starts | sha256sum)) -}}
{{- end -}}
{{- $_ := set $status "state" $state -}}
{{- $_ := set $status "started" (not (empty $state.running)) -}}
{{- $succeeded := eq (dig "terminated" "exitCode" "" $state | toString) "0" -}}
{{- $serves := and $state.running (or (not $init) $acting.sidecar) (not $own.startup_fail) -}}
{{- $_ := set $status "ready" (or (and $init $succeeded) (not (empty $serves))) -}}

{{- $incomplete := list -}}{{- $unready := list -}}{{- $failed_init := false -}}
{{- range $i, $s := .status.initContainerStatuses -}}
  {{- $sidecar := eq (default "" (index $pod.spec.initContainers $i).restartPolicy) "Always" -}}
  {{- if not (or (and $sidecar $s.started) (and (not $sidecar) $s.ready)) -}}{{- $incomplete = append $incomplete $s.name -}}{{- end -}}
  {{- if and (not $sidecar) $s.state.terminated (not $s.ready) (eq $pod.spec.restartPolicy "Never") -}}{{- $failed_init = true -}}{{- end -}}
{{- end -}}
{{- if and $initialized (not $init) -}}{{- $incomplete = list -}}{{- end -}}
{{- $waiting := 0 -}}{{- $alive := 0 -}}{{- $failures := 0 -}}
{{- range .status.containerStatuses -}}
  {{- if not .ready -}}{{- $unready = append $unready .name -}}{{- end -}}
  {{- $code := dig "state" "terminated" "exitCode" "" . | toString -}}
  {{- $ends := or (eq $pod.spec.restartPolicy "Never") (and (eq $code "0") (eq $pod.spec.restartPolicy "OnFailure")) -}}
  {{- if .state.running -}}{{- $alive = add1 $alive -}}
  {{- else if and .state.terminated $ends -}}{{- if ne $code "0" -}}{{- $failures = add1 $failures -}}{{- end -}}
  {{- else if or .state.terminated (dig "lastState" "terminated" "exitCode" "" . | toString) -}}{{- $alive = add1 $alive -}}
  {{- else -}}{{- $waiting = add1 $waiting -}}
  {{- end -}}
{{- end -}}
{{- $phase := "Running" -}}
{{- if $failed_init -}}{{- $phase = "Failed" -}}
{{- else if or $incomplete (gt (int $waiting) 0) -}}{{- $phase = "Pending" -}}
{{- else if eq (int $alive) 0 -}}{{- $phase = ternary "Failed" "Succeeded" (gt (int $failures) 0) -}}
{{- end -}}
{{- $ended := or (eq $phase "Failed") (eq $phase "Succeeded") -}}

{{- $conditions := list
  (dict "type" "Initialized" "status" (ternary "False" "True" (not (empty $incomplete)))
    "reason" (ternary "ContainersNotInitialized" (ternary "PodCompleted" nil (eq $phase "Succeeded")) (not (empty $incomplete)))
    "message" (ternary (printf "containers with incomplete status: [%s]" (join " " $incomplete)) nil (not (empty $incomplete)))) -}}
{{- $reason := ternary (ternary "PodCompleted" "PodFailed" (eq $phase "Succeeded")) (ternary "ContainersNotReady" nil (not (empty $unready))) $ended -}}
{{- $message := ternary (printf "containers with unready status: [%s]" (join " " $unready)) nil (and (not $ended) (not (empty $unready))) -}}
{{- range list "Ready" "ContainersReady" -}}
  {{- $conditions = append $conditions (dict "type" . "status" (ternary "False" "True" (or $ended (not (empty $unready)))) "reason" $reason "message" $message) -}}
{{- end -}}
{{- if $ended -}}{{- $conditions = append $conditions (dict "type" "PodReadyToStartContainers" "status" "False") -}}{{- end -}}
{{- range $conditions -}}
  {{- $new := . -}}
  {{- $_ := set $new "observedGeneration" (default 1 $pod.metadata.generation) -}}
  {{- range $pod.status.conditions -}}
    {{- if and (eq .type $new.type) (ne .status $new.status) -}}{{- $_ := set $new "lastTransitionTime" $now -}}{{- end -}}
  {{- end -}}
{{- end -}}
phase: {{ $phase }}
conditions: {{ toJson $conditions }}
containerStatuses: {{ toJson .status.containerStatuses }}
{{- if .status.initContainerStatuses }}
initContainerStatuses: {{ toJson .status.initContainerStatuses }}
{{- end }}
