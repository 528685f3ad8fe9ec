{{- define "grantor.labels" -}}
app.kubernetes.io/name: grantor
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}
{{- end }}

{{/* The services of each workload: all of them in one, or one in each. */}}
{{- define "grantor.services" -}}
{{- if eq .Values.mode "split" -}}registry directory authorization token console webhooks{{- else -}}whole{{- end -}}
{{- end }}

{{/* The pod of a workload; .root and .service, which is a service or `migrate`. */}}
{{- define "grantor.pod" -}}
{{- $split := eq .root.Values.mode "split" -}}
{{- $job := eq .service "migrate" -}}
metadata:
  labels:
    {{- include "grantor.labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ include (print .root.Template.BasePath "/configmap.yaml") .root | sha256sum }}
spec:
  {{- if $job }}
  restartPolicy: Never
  {{- end }}
  automountServiceAccountToken: false
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  # A mounted Secret is readable for its group; key files have to be their owner's alone.
  initContainers:
    - name: keys
      image: {{ .root.Values.keysImage | quote }}
      command: ["sh", "-c", "umask 077 && cp /secret/* /run/grantor/keys/"]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - { name: secret, mountPath: /secret, readOnly: true }
        - { name: keys, mountPath: /run/grantor/keys }
    {{- if not $split }}
    # Prints the first operator's token, once: look for it in this container's log.
    - name: init
      image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: ["init", "--unless-made", "--config", "/etc/grantor/grantor.toml"]
      {{- with .root.Values.env }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - { name: config, mountPath: /etc/grantor, readOnly: true }
        - { name: keys, mountPath: /run/grantor/keys }
        - { name: data, mountPath: /var/lib/grantor }
    {{- end }}
  containers:
    - name: grantor
      image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args:
        {{- if $job }}
        - migrate
        {{- else }}
        - serve
        {{- if $split }}
        - {{ .service }}
        {{- end }}
        {{- end }}
        - --config
        - /etc/grantor/grantor.toml
      {{- with .root.Values.env }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if not $job }}
      ports:
        - { name: http, containerPort: 8080 }
        - { name: admin, containerPort: 8089 }
        {{- if $split }}
        - { name: internal, containerPort: 9000 }
        {{- end }}
      startupProbe:
        httpGet: { path: /health, port: admin }
        periodSeconds: 1
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /health, port: admin }
        periodSeconds: 10
      readinessProbe:
        httpGet: { path: /ready, port: admin }
        periodSeconds: 2
      {{- end }}
      resources:
        {{- toYaml .root.Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - { name: config, mountPath: /etc/grantor, readOnly: true }
        - { name: keys, mountPath: /run/grantor/keys, readOnly: true }
        - { name: data, mountPath: /var/lib/grantor }
        {{- if and $split .root.Values.internalTls.secretName }}
        - { name: internal-tls, mountPath: /run/grantor/internal-tls, readOnly: true }
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ .root.Release.Name }}-grantor
    - name: secret
      secret:
        secretName: {{ .root.Values.secretName }}
        defaultMode: 0440
    - name: keys
      emptyDir:
        medium: Memory
        sizeLimit: 1Mi
    {{- if $split }}
    - name: data
      emptyDir: {}
    {{- if .root.Values.internalTls.secretName }}
    - name: internal-tls
      secret:
        secretName: {{ .root.Values.internalTls.secretName }}
        defaultMode: 0440
    {{- end }}
    {{- end }}
  {{- with .root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
