{{/* Whether keys come from an identity provider. */}}
{{- define "starling.hasIdentityProvider" -}}
{{- $config := fromYaml (include "starling.givenConfig" .) -}}
{{- range list "issuer-uri" "jwk-set-uri" "public-key-location" -}}
{{- if hasKey $config (print "spring.security.oauth2.resourceserver.jwt." .) -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the key of the tokens; empty if there is none. */}}
{{- define "starling.jwtSecret" -}}
{{- $jwt := .Values.jwt -}}
{{- if and $jwt.secret $jwt.existingSecret -}}
{{- fail "jwt.secret and jwt.existingSecret are both set: use one" -}}
{{- end -}}
{{- if include "starling.hasIdentityProvider" . -}}
{{- if or $jwt.secret $jwt.existingSecret -}}
{{- fail "config has keys of an identity provider, and jwt a secret besides: use one" -}}
{{- end -}}
{{- else if $jwt.existingSecret -}}{{ $jwt.existingSecret }}
{{- else if or $jwt.secret $jwt.generate -}}{{ include "starling.fullname" . }}
{{- end -}}
{{- end -}}

{{- define "starling.jwtSecretKey" -}}
{{- ternary .Values.jwt.existingSecretKey "jwt-secret" (not (empty .Values.jwt.existingSecret)) -}}
{{- end -}}

{{/* The key of the secret before, in the same Secret; empty if there is none. */}}
{{- define "starling.jwtPreviousKey" -}}
{{- with .Values.jwt -}}
{{- if .existingSecret -}}
{{- if .previousSecret -}}
{{- fail "jwt.previousSecret goes with jwt.secret; with jwt.existingSecret set jwt.existingSecretPreviousKey" -}}
{{- end -}}
{{- .existingSecretPreviousKey -}}
{{- else if .previousSecret -}}jwt-previous-secret
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "starling.redisSecret" -}}
{{- if .Values.redis.enabled -}}
{{- if .Values.redis.existingSecret -}}{{ .Values.redis.existingSecret }}
{{- else if .Values.redis.password -}}{{ include "starling.fullname" . }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "starling.redisSecretKey" -}}
{{- ternary .Values.redis.existingSecretKey "redis-password" (not (empty .Values.redis.existingSecret)) -}}
{{- end -}}

{{/*
Another one for other secrets. By scrypt (derivePassword), since who may read Deployments and not Secrets could try passwords of
Redis against a plain sum.
*/}}
{{- define "starling.secretChecksum" -}}
{{- $secrets := printf "%s %s %s" .Values.jwt.secret .Values.jwt.previousSecret .Values.redis.password -}}
{{- derivePassword 1 "maximum" $secrets .Release.Name .Release.Namespace | sha256sum -}}
{{- end -}}

{{/* One environment variable from a Secret; "name", "secret" and "key" in a dict. */}}
{{- define "starling.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end -}}

{{/* What the server gets from Secrets. */}}
{{- define "starling.secretEnvs" -}}
{{- with include "starling.jwtSecret" . }}
{{ include "starling.secretEnv" (dict "name" "STARLING_SECURITY_JWT_SECRET" "secret" . "key" (include "starling.jwtSecretKey" $)) }}
{{- with include "starling.jwtPreviousKey" $ }}
{{ include "starling.secretEnv" (dict "name" "STARLING_SECURITY_JWT_PREVIOUSSECRET" "secret" (include "starling.jwtSecret" $) "key" .) }}
{{- end }}
{{- end }}
{{- with include "starling.redisSecret" . }}
{{ include "starling.secretEnv" (dict "name" "SPRING_DATA_REDIS_PASSWORD" "secret" . "key" (include "starling.redisSecretKey" $)) }}
{{- with $.Values.redis.sentinel.passwordKey }}
{{ include "starling.secretEnv" (dict "name" "SPRING_DATA_REDIS_SENTINEL_PASSWORD" "secret" $.Values.redis.existingSecret "key" .) }}
{{- end }}
{{- end }}
{{- end -}}
