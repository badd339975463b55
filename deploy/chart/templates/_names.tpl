{{- define "instrumentation-health.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "instrumentation-health.fullname" -}}
{{- $name := include "instrumentation-health.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "instrumentation-health.serviceAccountName" -}}
{{- $created := ternary (include "instrumentation-health.fullname" .) "default" .Values.serviceAccount.create }}
{{- default $created .Values.serviceAccount.name }}
{{- end }}

{{- define "instrumentation-health.image" -}}
{{- $repository := .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- /* What never changes of a release: selectors are immutable. */}}
{{- define "instrumentation-health.selectorLabels" -}}
app.kubernetes.io/name: {{ include "instrumentation-health.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "instrumentation-health.labels" -}}
{{ include "instrumentation-health.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: instrumentation-health
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "instrumentation-health.metadata" -}}
name: {{ include "instrumentation-health.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "instrumentation-health.labels" . | nindent 2 }}
{{- end }}

{{- define "instrumentation-health.clusterMetadata" -}}
name: {{ include "instrumentation-health.fullname" . }}
labels:
  {{- include "instrumentation-health.labels" . | nindent 2 }}
{{- end }}

{{- /* `true` where replicas elect a leader, else empty. */}}
{{- define "instrumentation-health.electsLeader" -}}
{{- $enabled := .Values.leaderElection.enabled }}
{{- if kindIs "invalid" $enabled }}
{{- $enabled = gt (int .Values.replicaCount) 1 }}
{{- end }}
{{- if $enabled }}true{{ end }}
{{- end }}

{{- /* The rules of one of the files made of config/rbac, comments included. */}}
{{- define "instrumentation-health.rules" -}}
{{- index (regexSplit "(?m)^rules:\n" . 2) 1 | trimSuffix "\n" }}
{{- end }}
