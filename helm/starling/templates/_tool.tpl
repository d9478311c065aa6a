{{/* Whether test and load test have something to log in with. */}}
{{- define "starling.toolHasKey" -}}
{{- if or .Values.toolTokenSecret.name (include "starling.jwtSecret" .) -}}true{{- end -}}
{{- end -}}

{{/* The pod of the load tool; "args", "urls" and "resources" in a dict with the context as "root". */}}
{{- define "starling.toolPod" -}}
{{- $root := .root -}}
{{- $scheme := ternary "wss" "ws" (not (empty $root.Values.tls.secretName)) -}}
{{- $host := printf "%s.%s" (include "starling.fullname" $root) $root.Release.Namespace -}}
{{- $own := printf "%s://%s:%d%s" $scheme $host (int $root.Values.service.port) (include "starling.socketPath" $root) -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml $root.Values.podSecurityContext | nindent 2 }}
{{- if not .urls }}
initContainers:
  # Kubernetes refuses connections to a service until a pod of it is ready.
  - name: wait
    image: {{ include "starling.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    command: [timeout, "300", bash, -c, 'until (exec 3<> "/dev/tcp/$0/$1"); do sleep 1; done']
    args: [{{ $host | quote }}, {{ $root.Values.service.port | int | toString | quote }}]
    securityContext:
      {{- toYaml $root.Values.securityContext | nindent 6 }}
    {{- with .resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
containers:
  - name: loadtest
    image: {{ include "starling.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    command: [java, "@jvm.options", -jar, loadtest.jar]
    args:
      {{- toYaml .args | nindent 6 }}
      {{- range .urls | default (list $own) }}
      - --url={{ . }}
      {{- end }}
      {{- if $root.Values.tls.secretName }}
      - --insecure
      {{- end }}
      {{- if $root.Values.toolTokenSecret.name }}
      - --token=$(TOKEN)
      {{- else }}
      - --secret=$(STARLING_SECURITY_JWT_SECRET)
      {{- end }}
    env:
      {{- with $root.Values.toolTokenSecret }}
      {{- if .name }}
      {{- include "starling.secretEnv" (dict "name" "TOKEN" "secret" .name "key" .key) | nindent 6 }}
      {{- else }}
      {{- include "starling.secretEnv" (dict "name" "STARLING_SECURITY_JWT_SECRET" "secret" (include "starling.jwtSecret" $root) "key" (include "starling.jwtSecretKey" $root)) | nindent 6 }}
      {{- end }}
      {{- end }}
    securityContext:
      {{- toYaml $root.Values.securityContext | nindent 6 }}
    {{- with .resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: tmp
        mountPath: /tmp
volumes:
  - name: tmp
    emptyDir: {}
{{- end -}}
