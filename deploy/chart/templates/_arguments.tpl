{{- /* Arguments of the program, a YAML list. What is null stays at the program's default. */}}
{{- define "instrumentation-health.arguments" -}}
{{- $controller := .Values.controller -}}
- run
- {{ printf "--listen=%s:%v" $controller.listen.address $controller.listen.port | quote }}
- --log-format={{ $controller.log.format }}
{{- with .Values.namespaces }}
- {{ printf "--namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- $settings := dict
  "lease-duration" .Values.leaderElection.leaseDuration
  "writes-per-second" $controller.writesPerSecond
  "write-concurrency" $controller.writeConcurrency
  "write-timeout" $controller.writeTimeout
  "debounce" $controller.debounce
  "grace" $controller.grace
  "docs-base-url" $controller.docsBaseUrl
}}
{{- range $flag, $value := $settings }}
{{- if $value }}
- {{ printf "--%s=%v" $flag $value | quote }}
{{- end }}
{{- end }}
{{- if include "instrumentation-health.electsLeader" . }}
- --leader-elect
{{- end }}
{{- if not $controller.streamingLists }}
- --no-streaming-lists
{{- end }}
{{- if .Values.checks.readKeys }}
- --read-keys
{{- end }}
{{- if .Values.checks.probeAdmission }}
- --probe-admission
{{- end }}
{{- if .Values.statusPage.enabled }}
{{- if eq (int .Values.statusPage.port) (int $controller.listen.port) }}
{{- fail "statusPage.port and controller.listen.port are the same port" }}
{{- end }}
- --status-page=127.0.0.1:{{ .Values.statusPage.port }}
{{- end }}
{{- with $controller.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}
