{{/*
Adds to "into" each property of "value", which "name" leads to: a.b[0].c. Whole numbers, which Helm has read as floating point,
become whole again, or a million would be 1e+06.
*/}}
{{- define "starling.flatten" -}}
{{- $name := .name -}}
{{- $into := .into -}}
{{- if and (kindIs "map" .value) .value -}}
{{- range $key, $value := .value -}}
{{- $dot := ternary "" "." (or (empty $name) (hasPrefix "[" $key)) -}}
{{- include "starling.flatten" (dict "name" (print $name $dot $key) "value" $value "into" $into) -}}
{{- end -}}
{{- else if and (kindIs "slice" .value) .value -}}
{{- range $index, $value := .value -}}
{{- include "starling.flatten" (dict "name" (printf "%s[%d]" $name $index) "value" $value "into" $into) -}}
{{- end -}}
{{- else if not $name -}}
{{- /* An empty config. */ -}}
{{- else if hasKey $into $name -}}
{{- fail (printf "config has %s twice" $name) -}}
{{- else if and (kindIs "float64" .value) (eq .value (floor .value)) -}}
{{- $_ := set $into $name (int64 .value) -}}
{{- else if not (kindIs "invalid" .value) -}}
{{- $_ := set $into $name .value -}}
{{- end -}}
{{- end -}}

{{/* The properties of .Values.config, flat, as YAML. */}}
{{- define "starling.givenConfig" -}}
{{- $flat := dict -}}
{{- include "starling.flatten" (dict "name" "" "value" .Values.config "into" $flat) -}}
{{- toYaml $flat -}}
{{- end -}}

{{/* What other values decide: names of properties, or how they begin, and the value to set instead. */}}
{{- define "starling.decidedElsewhere" -}}
server.port: service.port, which leads to 8080 of the pods
server.ssl: tls.secretName
management.server.port: management.port
starling.drain.deadline: drain.deadline
starling.broker.type: redis.enabled
starling.security.trusted-proxies: trustedProxies
starling.security.jwt.secret: jwt.secret or jwt.existingSecret
starling.security.jwt.previous-secret: jwt.previousSecret or jwt.existingSecretPreviousKey
spring.ssl.bundle.pem.server: tls.secretName
spring.ssl.bundle.pem.redis: redis.tls
spring.data.redis.url: redis.url
spring.data.redis.host: redis.url
spring.data.redis.port: redis.url
spring.data.redis.database: redis.url
spring.data.redis.username: redis.username
spring.data.redis.password: redis.password or redis.existingSecret
spring.data.redis.ssl: redis.tls
spring.data.redis.cluster.nodes: redis.cluster.nodes
spring.data.redis.sentinel: redis.sentinel
{{- end -}}

{{/* Fails if config says what another value decides, or one thing in two spellings. */}}
{{- define "starling.checkConfig" -}}
{{- $elsewhere := fromYaml (include "starling.decidedElsewhere" .) -}}
{{- $spellings := dict -}}
{{- range $name, $_ := fromYaml (include "starling.givenConfig" .) -}}
{{- $plain := lower $name | replace "-" "" | replace "_" "" -}}
{{- range $decided, $value := $elsewhere -}}
{{- $begin := replace "-" "" $decided -}}
{{- if or (eq $plain $begin) (hasPrefix (print $begin ".") $plain) (hasPrefix (print $begin "[") $plain) -}}
{{- fail (printf "config has %s: set %s" $name $value) -}}
{{- end -}}
{{- end -}}
{{- if hasKey $spellings $plain -}}
{{- fail (printf "config has both %s and %s, which are one property" (get $spellings $plain) $name) -}}
{{- end -}}
{{- $_ := set $spellings $plain $name -}}
{{- end -}}
{{- end -}}

{{/* What the other values make of it. */}}
{{- define "starling.computedConfig" -}}
server.port: 8080
starling.drain.deadline: {{ .Values.drain.deadline }}
starling.broker.type: {{ ternary "redis" "memory" .Values.redis.enabled }}
{{- if .Values.management.port }}
management.server.port: {{ .Values.management.port }}
{{- end }}
{{- range $index, $proxy := .Values.trustedProxies }}
starling.security.trusted-proxies[{{ $index }}]: {{ $proxy | quote }}
{{- end }}
{{- if .Values.tls.secretName }}
server.ssl.bundle: server
spring.ssl.bundle.pem.server.reload-on-update: true
spring.ssl.bundle.pem.server.keystore.certificate: file:/etc/starling-tls/tls.crt
spring.ssl.bundle.pem.server.keystore.private-key: file:/etc/starling-tls/tls.key
{{- end }}
{{- if .Values.redis.enabled }}
{{ include "starling.redisConfig" . }}
{{- end }}
{{- end -}}

{{/* application.yml: flat, so that no property can be in it twice. */}}
{{- define "starling.applicationYml" -}}
{{- include "starling.checkConfig" . -}}
{{- $properties := fromYaml (include "starling.givenConfig" .) -}}
{{- range $name, $value := fromYaml (include "starling.computedConfig" .) -}}
{{- $_ := set $properties $name $value -}}
{{- end -}}
{{- $flat := dict -}}
{{- include "starling.flatten" (dict "name" "" "value" $properties "into" $flat) -}}
{{- toYaml $flat -}}
{{- end -}}

{{/* Where the WebSocket is. */}}
{{- define "starling.socketPath" -}}
{{- get (fromYaml (include "starling.givenConfig" .)) "starling.websocket.path" | default "/ws" -}}
{{- end -}}
