{{/* Whole seconds, rounded up, of a duration as Spring reads it; "name" and "value" in a dict. */}}
{{- define "starling.seconds" -}}
{{- $text := toString .value -}}
{{- if not (regexMatch "^[0-9]{1,9}(ms|s|m|h)$" $text) -}}
{{- fail (printf "%s: %q can't be understood; a duration is a number and ms, s, m or h, such as 10s" .name $text) -}}
{{- end -}}
{{- $number := regexFind "^[0-9]+" $text | int64 -}}
{{- $unit := regexFind "[a-z]+$" $text -}}
{{- if eq $unit "ms" -}}{{ div (add $number 999) 1000 }}
{{- else -}}{{ mul $number (get (dict "s" 1 "m" 60 "h" 3600) $unit) }}
{{- end -}}
{{- end -}}

{{/* From when a pod is asked to leave until it is killed. */}}
{{- define "starling.graceSeconds" -}}
{{- with .Values.drain -}}
{{- add .preStopSeconds (include "starling.seconds" (dict "name" "drain.deadline" "value" .deadline) | int64) .marginSeconds -}}
{{- end -}}
{{- end -}}

{{/* Fails if a silent connection would be cut by the proxy before the server asks after it. */}}
{{- define "starling.checkProxyTimeout" -}}
{{- $config := fromYaml (include "starling.givenConfig" .) -}}
{{- $quiet := 0 -}}
{{- range $name, $default := dict "starling.heartbeat.interval" "30s" "starling.heartbeat.timeout" "10s" -}}
{{- $quiet = add $quiet (include "starling.seconds" (dict "name" $name "value" (get $config $name | default $default)) | int64) -}}
{{- end -}}
{{- if le (int64 .Values.ingress.timeoutSeconds) (int64 $quiet) -}}
{{- fail (printf "ingress.timeoutSeconds is %d: it must be above the heartbeat's interval and timeout, together %d s, or the proxy cuts silent connections" (int64 .Values.ingress.timeoutSeconds) $quiet) -}}
{{- end -}}
{{- end -}}
