{{- /* Then the container that takes $step: $spec, $status, its play $own. The same rules as in turn.jq. */ -}}
{{- $initialized := true -}}
{{- $candidates := list -}}
{{- range $i, $spec := .spec.initContainers -}}
  {{- $status := index $pod.status.initContainerStatuses $i -}}
  {{- $sidecar := eq (default "" $spec.restartPolicy) "Always" -}}
  {{- $code := dig "state" "terminated" "exitCode" "" $status | toString -}}
  {{- $done := or (and $sidecar $status.started) (and (not $sidecar) (eq $code "0")) -}}
  {{- if and $initialized (not $done) -}}
    {{- $initialized = false -}}
    {{- $candidates = append $candidates (dict "list" "initContainers" "sidecar" $sidecar "spec" $spec "status" $status) -}}
  {{- end -}}
{{- end -}}
{{- if $initialized -}}
  {{- range $i, $spec := .spec.containers -}}
    {{- $status := index $pod.status.containerStatuses $i -}}
    {{- $candidates = append $candidates (dict "list" "containers" "sidecar" false "spec" $spec "status" $status) -}}
  {{- end -}}
{{- end -}}
{{- $acting := dict -}}
{{- range $candidates -}}
  {{- $init := eq .list "initContainers" -}}
  {{- $own := index $plays .spec.name | default dict -}}
  {{- $state := .status.state -}}
  {{- $reason := dig "waiting" "reason" "" $state -}}
  {{- $restarts := .status.restartCount | toString | int -}}
  {{- $code := dig "terminated" "exitCode" "" $state | toString -}}
  {{- $policy := $pod.spec.restartPolicy -}}
  {{- $exits := and $own.exit (or (not $own.exit.times) (lt $restarts (int $own.exit.times))) -}}
  {{- $_ := set . "exits" (not (empty $exits)) -}}
  {{- $next := "" -}}
  {{- if $state.running -}}
    {{- if or $exits (and $init (not .sidecar)) -}}{{- $next = "container-ends" -}}
    {{- else if $own.startup_fail -}}{{- $next = "startup-probe-fails" -}}
    {{- end -}}
  {{- else if $state.terminated -}}
    {{- $finished := ternary (or $init (ne $policy "Always")) (eq $policy "Never") (eq $code "0") -}}
    {{- if not $finished -}}{{- $next = ternary "container-starts" "container-backs-off" (eq $restarts 0) -}}{{- end -}}
  {{- else if eq $reason "CrashLoopBackOff" -}}{{- $next = "container-starts" -}}
  {{- else if $own.invalid_image -}}
    {{- if ne $reason "InvalidImageName" -}}{{- $next = "image-name-is-invalid" -}}{{- end -}}
  {{- else if $own.pull_error -}}
    {{- $next = ternary "image-pull-backs-off" "image-pull-fails" (eq $reason "ErrImagePull") -}}
  {{- else if or (eq $reason "ErrImagePull") (eq $reason "ImagePullBackOff") -}}{{- $next = "pulled-container-starts" -}}
  {{- else if and $own.pull (not (hasKey .status "started")) -}}{{- $next = "image-pull-starts" -}}
  {{- else if $own.config_error -}}
    {{- if ne $reason "CreateContainerConfigError" -}}{{- $next = "container-config-fails" -}}{{- end -}}
  {{- else if $own.pull -}}{{- $next = "pulled-container-starts" -}}
  {{- else -}}{{- $next = "container-starts" -}}
  {{- end -}}
  {{- if and (eq $next $step) (not $acting.spec) -}}{{- $acting = . -}}{{- end -}}
{{- end -}}
{{- $spec := $acting.spec -}}
{{- $status := $acting.status -}}
{{- $init := eq $acting.list "initContainers" -}}
{{- $own := index $plays $spec.name | default dict -}}
{{- $path = printf "spec.%s{%s}" $acting.list $spec.name -}}
{{- $restarts := $status.restartCount | toString | int -}}
{{- $ran := or $status.state.terminated (dig "lastState" "terminated" "exitCode" "" $status | toString) -}}
{{- $starts := add $restarts (ternary 2 1 (not (empty $ran))) -}}
{{- $pull_error := default "" $own.pull_error | replace "{img}" $spec.image -}}
{{- $config_error := default "" $own.config_error | replace "{pod}" $full_name | replace "{c}" $spec.name -}}
{{- $retries := add1 (div $seconds (int (default 10 $own.back_off) | max 1)) -}}
{{- $back_offs := list "10s" "20s" "40s" "1m20s" "2m40s" "5m0s" -}}
{{- $back_off := index $back_offs (min 5 (max 0 (sub $restarts 1)) | int) -}}
{{- $bad_name := printf "Failed to apply default image tag \"%s\": couldn't parse image name \"%s\": invalid reference format" $spec.image $spec.image -}}
