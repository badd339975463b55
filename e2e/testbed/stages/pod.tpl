{{- /* Whose turn is it? First the failures the Pod asks for: $play, and for its containers $plays. */ -}}
{{- $pod := . -}}
{{- $now := Now -}}
{{- $play := fromJson (index (default dict .metadata.annotations) "kubelet.e2e.instrumentation-health.dev/play" | default "{}") -}}
{{- if and $play.node (ne $play.node .spec.nodeName) -}}{{- $play = dict -}}{{- end -}}
{{- $plays := default dict $play.containers -}}
{{- $full_name := printf "%s_%s(%s)" .metadata.name .metadata.namespace .metadata.uid -}}
{{- $path := "" -}}
{{- $seconds := sub (now | unixEpoch) (default .metadata.creationTimestamp .status.startTime | mustToDate "2006-01-02T15:04:05Z07:00" | unixEpoch) -}}
