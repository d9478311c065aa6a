{{/* Secrets with certificates that pods read, by the directory where they are mounted, as YAML. */}}
{{- define "starling.certificates" -}}
{{- with .Values.tls.secretName }}
starling-tls: {{ . }}
{{- end }}
{{- if .Values.redis.enabled }}
{{- with .Values.redis.tls.caSecret }}
starling-redis-ca: {{ . }}
{{- end }}
{{- with .Values.redis.tls.clientSecret }}
starling-redis-client: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "starling.certificateMounts" -}}
{{- range $name, $_ := fromYaml (include "starling.certificates" .) }}
- name: {{ $name }}
  mountPath: /etc/{{ $name }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "starling.certificateVolumes" -}}
{{- range $name, $secret := fromYaml (include "starling.certificates" .) }}
- name: {{ $name }}
  secret:
    secretName: {{ $secret }}
{{- end }}
{{- end -}}
