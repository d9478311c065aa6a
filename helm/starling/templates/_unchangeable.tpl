{{/*
Fails if the release exists and Kubernetes would refuse a change to it in the middle of the upgrade, when other objects are
changed already. What renders charts without asking the cluster (helm template, GitOps) learns it from Kubernetes.
*/}}
{{- define "starling.checkUnchangeable" -}}
{{- $fullname := include "starling.fullname" . -}}
{{- $sets := list (lookup "apps/v1" "Deployment" .Release.Namespace $fullname) -}}
{{- $redis := dict -}}
{{- if and .Values.redis.enabled .Values.redis.bundled.enabled -}}
{{- $redis = lookup "apps/v1" "StatefulSet" .Release.Namespace (printf "%s-redis" $fullname) -}}
{{- $sets = append $sets $redis -}}
{{- end -}}
{{- range $set := $sets -}}
{{- $name := dig "spec" "selector" "matchLabels" "app.kubernetes.io/name" "" $set -}}
{{- if and $name (ne $name (include "starling.name" $)) -}}
{{- fail (printf "%s %s was installed with the name %s in its selector, which Kubernetes does not allow to be changed: leave nameOverride as it was, or install another release" $set.kind $set.metadata.name $name) -}}
{{- end -}}
{{- end -}}
{{- if $redis -}}
{{- $claim := dict -}}
{{- with dig "spec" "volumeClaimTemplates" list $redis -}}{{- $claim = (first .).spec -}}{{- end -}}
{{- $was := dig "resources" "requests" "storage" "" $claim -}}
{{- $class := dig "storageClassName" "" $claim -}}
{{- $bundled := .Values.redis.bundled -}}
{{- $sameSize := eq (include "starling.bytes" $was) (include "starling.bytes" $bundled.storage) -}}
{{- if not (and $sameSize (or (not $bundled.storage) (eq $class $bundled.storageClass))) -}}
{{- fail (printf "redis.bundled.storage and .storageClass were %q and %q when StatefulSet %s was made, and Kubernetes does not allow them to be changed: leave them as they were, or see \"Another volume for the bundled Redis\" in the chart's README" $was $class $redis.metadata.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A quantity of Kubernetes in bytes, since it may write 1024Mi as 1Gi. */}}
{{- define "starling.bytes" -}}
{{- $number := regexFind "^[0-9.]*" . -}}
{{- $units := dict "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 -}}
{{- mulf (float64 ($number | default "0")) (get $units (trimPrefix $number .) | default 1.0) | printf "%.0f" -}}
{{- end -}}
