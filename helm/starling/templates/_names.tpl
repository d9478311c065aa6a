{{- define "starling.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/*
At most 46 characters: the pods of the StatefulSet of that name and -redis have a label of its name and 11 more, which 63 limit.
Without the dots that a release may have: a Service has none.
*/}}
{{- define "starling.fullname" -}}
{{- $name := include "starling.name" . -}}
{{- $own := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- .Values.fullnameOverride | default $own | replace "." "-" | trunc 46 | trimSuffix "-" -}}
{{- end -}}

{{- define "starling.selector" -}}
app.kubernetes.io/name: {{ include "starling.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What tells the server's pods from those of Redis and of the load tool. */}}
{{- define "starling.serverSelector" -}}
{{ include "starling.selector" . }}
app.kubernetes.io/component: server
{{- end -}}

{{/* Labels of an object: "component" and, if there are any, "more" in a dict with the context as "root". */}}
{{- define "starling.labels" -}}
{{- $own := include "starling.selector" .root | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/component" .component -}}
{{- $_ := set $own "app.kubernetes.io/version" .root.Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- toYaml (merge $own (.more | default dict) .root.Values.commonLabels) -}}
{{- end -}}

{{- define "starling.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "starling.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "starling.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}
