{{/* Fails if metrics could not be read, or would be read twice. */}}
{{- define "starling.checkMonitors" -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- fail "metrics.serviceMonitor and metrics.podMonitor are both enabled: each pod would be read twice" -}}
{{- end -}}
{{- if not (or .Values.management.port .Values.metrics.tokenSecret.name) -}}
{{- fail "metrics want a token of scope ops where they share the port: set metrics.tokenSecret.name, or management.port" -}}
{{- end -}}
{{- end -}}

{{/* How to read the metrics of a pod; "interval" in a dict with the context as "root". */}}
{{- define "starling.scrape" -}}
{{- $values := .root.Values -}}
- path: /actuator/prometheus
  port: {{ ternary "management" "http" (gt (int $values.management.port) 0) }}
  interval: {{ .interval }}
  {{- /* The management's own port has the certificate of the main one. */}}
  {{- if $values.tls.secretName }}
  scheme: https
  tlsConfig: { insecureSkipVerify: true }
  {{- end }}
  {{- if not $values.management.port }}
  authorization:
    credentials:
      name: {{ $values.metrics.tokenSecret.name }}
      key: {{ $values.metrics.tokenSecret.key }}
  {{- end }}
{{- end -}}
