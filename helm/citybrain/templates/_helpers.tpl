{{- define "citybrain.name" -}}
{{- if contains "citybrain" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-citybrain" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{- define "citybrain.selector" -}}
app.kubernetes.io/name: citybrain
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "citybrain.labels" -}}
{{ include "citybrain.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "citybrain.image" -}}
{{- if contains ":" .Values.image.tag }}{{ .Values.image.repository }}@{{ .Values.image.tag }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ end -}}
{{- end -}}

{{/* Numbers as JSON writes them: YAML's own way would make 1e+06 of a million. */}}
{{- define "citybrain.plain" -}}
{{- if kindIs "string" . }}{{ . | quote }}{{ else }}{{ toJson . | quote }}{{ end -}}
{{- end -}}

{{/* The environment of every part. */}}
{{- define "citybrain.env" -}}
{{- $v := .root.Values -}}
- {name: OMP_NUM_THREADS, value: "1"}
- {name: OPENBLAS_NUM_THREADS, value: "1"}
- {name: CITYBRAIN_DATA_DIR, value: /var/lib/citybrain}
- {name: CITYBRAIN_BROKERS, value: {{ $v.kafka.brokers | quote }}}
- {name: CITYBRAIN_KAFKA_PROTOCOL, value: {{ $v.kafka.protocol }}}
{{- if hasPrefix "SASL" $v.kafka.protocol }}
- {name: CITYBRAIN_KAFKA_MECHANISM, value: {{ $v.kafka.mechanism }}}
- {name: CITYBRAIN_KAFKA_USERNAME, value: {{ $v.kafka.username | quote }}}
- name: CITYBRAIN_KAFKA_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $v.kafka.passwordSecret }}, key: password}}
{{- end }}
{{- if $v.kafka.caSecret }}
- {name: CITYBRAIN_KAFKA_CA_FILE, value: /etc/citybrain/kafka/ca.crt}
{{- end }}
{{- include "citybrain.filesThere" .root -}}
{{- if $v.domains }}
- {name: CITYBRAIN_DOMAINS_DIR, value: /etc/citybrain/domains}
{{- end }}
{{- range $name, $value := $v.settings }}
- {name: CITYBRAIN_{{ upper $name }}, value: {{ include "citybrain.plain" $value }}}
{{- end }}
{{- range $name, $from := $v.secretSettings }}
- name: CITYBRAIN_{{ upper $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.secret }}, key: {{ $from.key }}}}
{{- end }}
{{- end -}}

{{- define "citybrain.storeEnv" -}}
- name: CITYBRAIN_STORE_URL
  valueFrom: {secretKeyRef: {name: {{ .Values.store.urlSecret }}, key: url}}
{{- end -}}

{{/* What every pod is: nobody in particular, with nothing it may do. */}}
{{- define "citybrain.pod" -}}
{{- $v := .root.Values -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $v.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $v.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "citybrain.container" -}}
image: {{ include "citybrain.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- define "citybrain.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .Values.kafka.caSecret }}
- {name: kafka-ca, mountPath: /etc/citybrain/kafka, readOnly: true}
{{- end }}
{{- if .Values.domains }}
- {name: domains, mountPath: /etc/citybrain/domains, readOnly: true}
{{- end }}
{{- if .Values.files }}
- {name: files, mountPath: /etc/citybrain/files, readOnly: true}
{{- end }}
{{- end -}}

{{- define "citybrain.volumes" -}}
- {name: tmp, emptyDir: {sizeLimit: 1Gi}}
{{- if .Values.kafka.caSecret }}
- {name: kafka-ca, secret: {secretName: {{ .Values.kafka.caSecret }}}}
{{- end }}
{{- if .Values.domains }}
- {name: domains, configMap: {name: {{ include "citybrain.name" . }}-domains}}
{{- end }}
{{- if .Values.files }}
- {name: files, configMap: {name: {{ include "citybrain.name" . }}-files}}
{{- end }}
{{- end -}}

{{/* A setting that names a file which no pod has would be found out by the pod alone, in the night. */}}
{{- define "citybrain.filesThere" -}}
{{- range $name := list "desks_file" "gate_file" "external_pack" }}
{{- with get $.Values.settings $name }}
{{- if not (and (hasPrefix "/etc/citybrain/files/" .) (hasKey $.Values.files (trimPrefix "/etc/citybrain/files/" .))) }}
{{- fail (printf "settings.%s: expected /etc/citybrain/files/NAME with NAME among files, got %s" $name .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Ports of the brokers: those that are asked first, and that on which they name themselves. */}}
{{- define "citybrain.kafkaPorts" -}}
{{- $ports := list (.Values.networkPolicy.kafkaPort | toString) }}
{{- range splitList "," .Values.kafka.brokers }}
{{- $ports = append $ports (splitList ":" . | last) }}
{{- end }}
{{- $ports | uniq | toJson }}
{{- end -}}

{{/* Changed packs and files start the pods anew that read them from the folder. */}}
{{- define "citybrain.checksum" -}}
checksum/config: {{ toJson (dict "domains" .Values.domains "files" .Values.files "settings" .Values.settings) | sha256sum }}
{{- end -}}

{{- define "citybrain.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "citybrain.selector" . | nindent 8 }}
{{- end -}}
