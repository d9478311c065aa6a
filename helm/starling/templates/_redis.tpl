{{/* Fails unless exactly one thing says where Redis is, or if several pods have none. */}}
{{- define "starling.checkRedis" -}}
{{- $redis := .Values.redis -}}
{{- $ways := 0 -}}
{{- range list $redis.url $redis.cluster.nodes $redis.sentinel.master $redis.bundled.enabled -}}
{{- $ways = add $ways (ternary 0 1 (empty .)) -}}
{{- end -}}
{{- if and $redis.enabled (ne $ways 1) -}}
{{- fail "redis.enabled needs exactly one of redis.url, redis.cluster.nodes, redis.sentinel.master and redis.bundled.enabled" -}}
{{- end -}}
{{- if and $ways (not $redis.enabled) -}}
{{- fail "redis says where it is and is not used: set redis.enabled" -}}
{{- end -}}
{{- if and $redis.sentinel.master (not $redis.sentinel.nodes) -}}
{{- fail "redis.sentinel.master needs redis.sentinel.nodes" -}}
{{- end -}}
{{- if and $redis.sentinel.passwordKey (not $redis.existingSecret) -}}
{{- fail "redis.sentinel.passwordKey needs redis.existingSecret, whose key it is" -}}
{{- end -}}
{{- if and $redis.bundled.enabled (or $redis.username $redis.tls.enabled) -}}
{{- fail "redis.bundled knows the default user only, and no TLS: redis.username and redis.tls.enabled are for another Redis" -}}
{{- end -}}
{{- if and $redis.password $redis.existingSecret -}}
{{- fail "redis.password and redis.existingSecret are both set: use one" -}}
{{- end -}}
{{- if not $redis.enabled -}}
{{- $most := list (int .Values.replicaCount) -}}
{{- if .Values.autoscaling.enabled -}}{{- $most = list (int .Values.autoscaling.maxReplicas) -}}{{- end -}}
{{- if .Values.keda.enabled -}}{{- $most = list (int .Values.keda.maxReplicas) -}}{{- end -}}
{{- if gt (first $most) 1 -}}
{{- fail (printf "%d pods need a Redis that they share (redis.enabled): two nodes that do not share a broker are two servers, and what is published on one does not reach the other's subscribers" (first $most)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Host and port (6379 if not said), database and TLS of redis.url, as YAML. */}}
{{- define "starling.redisUrl" -}}
{{- $url := urlParse .Values.redis.url -}}
{{- if or (not (has $url.scheme (list "redis" "rediss"))) (not $url.hostname) -}}
{{- fail (printf "redis.url: %q is not redis://host:port/database or rediss://…" .Values.redis.url) -}}
{{- end -}}
{{- if $url.userinfo -}}
{{- fail "redis.url has a login in it: set redis.username, and redis.existingSecret or redis.password" -}}
{{- end -}}
host: {{ $url.hostname }}
port: {{ regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default "6379" }}
database: {{ trimPrefix "/" $url.path | default "0" }}
tls: {{ eq $url.scheme "rediss" }}
{{- end -}}

{{/* Its properties for Spring, flat. */}}
{{- define "starling.redisConfig" -}}
{{- $redis := .Values.redis -}}
{{- $tls := $redis.tls.enabled -}}
{{- if $redis.url }}
{{- $url := fromYaml (include "starling.redisUrl" .) }}
{{- $tls = or $tls $url.tls -}}
spring.data.redis.host: {{ $url.host }}
spring.data.redis.port: {{ $url.port }}
spring.data.redis.database: {{ $url.database }}
{{- else if $redis.bundled.enabled -}}
spring.data.redis.host: {{ include "starling.fullname" . }}-redis
spring.data.redis.port: 6379
{{- else if $redis.sentinel.master -}}
spring.data.redis.sentinel.master: {{ $redis.sentinel.master | quote }}
{{- end }}
{{- range $index, $node := $redis.sentinel.nodes }}
spring.data.redis.sentinel.nodes[{{ $index }}]: {{ $node | quote }}
{{- end }}
{{- range $index, $node := $redis.cluster.nodes }}
spring.data.redis.cluster.nodes[{{ $index }}]: {{ $node | quote }}
{{- end }}
{{- with $redis.username }}
spring.data.redis.username: {{ . | quote }}
{{- end }}
{{- if $tls }}
spring.data.redis.ssl.enabled: true
{{- if or $redis.tls.caSecret $redis.tls.clientSecret }}
spring.data.redis.ssl.bundle: redis
{{- end }}
{{- if $redis.tls.caSecret }}
spring.ssl.bundle.pem.redis.truststore.certificate: file:/etc/starling-redis-ca/ca.crt
{{- end }}
{{- if $redis.tls.clientSecret }}
spring.ssl.bundle.pem.redis.keystore.certificate: file:/etc/starling-redis-client/tls.crt
spring.ssl.bundle.pem.redis.keystore.private-key: file:/etc/starling-redis-client/tls.key
{{- end }}
{{- end }}
{{- end -}}

{{/* Ports of Redis that pods must reach, without doubles, as a list in JSON. */}}
{{- define "starling.redisPorts" -}}
{{- $redis := .Values.redis -}}
{{- $ports := list -}}
{{- if $redis.url -}}{{- $ports = append $ports (get (fromYaml (include "starling.redisUrl" .)) "port" | int) -}}{{- end -}}
{{- if or $redis.bundled.enabled $redis.sentinel.master -}}{{- $ports = append $ports 6379 -}}{{- end -}}
{{- range concat $redis.cluster.nodes $redis.sentinel.nodes -}}
{{- $ports = append $ports (regexFind "[0-9]+$" . | int) -}}
{{- end -}}
{{- range .Values.networkPolicy.redisPorts -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
