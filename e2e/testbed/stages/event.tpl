{{- /* One Event of the kubelet about $pod; a repetition counts up the one that is there. */ -}}
{{- $message := ${message} -}}
apiVersion: v1
kind: Event
metadata:
  namespace: {{ .metadata.namespace | toJson }}
  name: {{ printf "%s.%s" .metadata.name (printf "%s %s %s %s" .metadata.uid $path "${reason}" $message | sha256sum | trunc 16) | toJson }}
involvedObject:
  apiVersion: v1
  kind: Pod
  namespace: {{ .metadata.namespace | toJson }}
  name: {{ .metadata.name | toJson }}
  uid: {{ .metadata.uid | toJson }}
  {{- if $path }}
  fieldPath: {{ $path | toJson }}
  {{- end }}
type: ${type}
reason: ${reason}
message: {{ $message | toJson }}
count: {{ ${count} }}
firstTimestamp: {{ default $now .status.startTime | toJson }}
lastTimestamp: {{ $now | toJson }}
source: {component: kubelet, host: {{ .spec.nodeName | toJson }}}
reportingComponent: kubelet
reportingInstance: {{ .spec.nodeName | toJson }}
