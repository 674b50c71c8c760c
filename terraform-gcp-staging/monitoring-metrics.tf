# Handshakes as the load balancer saw them: 101 is an open socket, everything else a refusal or a
# failure. Label `status` keeps wrong tokens (401) apart from broken services (5xx).
resource "google_logging_metric" "socket_handshakes" {
  name        = "netra_socket_handshakes_${var.environment}"
  description = "WebSocket handshakes by HTTP status"
  filter      = <<-EOT
    resource.type="http_load_balancer"
    resource.labels.backend_service_name="${google_compute_backend_service.edge["sockets"].name}"
    httpRequest.status>0
  EOT

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key        = "status"
      value_type = "STRING"
    }
  }

  label_extractors = {
    status = "EXTRACT(httpRequest.status)"
  }
}

# The backend writes one line when a socket closes; `close_code` is a number of docs/protocol.md.
resource "google_logging_metric" "socket_closes" {
  name        = "netra_socket_closes_${var.environment}"
  description = "Closed WebSockets by close code"
  filter      = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name="${google_cloud_run_v2_service.backend.name}"
    jsonPayload.close_code>0
  EOT

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key        = "code"
      value_type = "STRING"
    }
  }

  label_extractors = {
    code = "EXTRACT(jsonPayload.close_code)"
  }
}

resource "google_logging_metric" "unexpected_errors" {
  name        = "netra_unexpected_errors_${var.environment}"
  description = "Errors with an error id, by service: defects, not refusals"
  filter      = <<-EOT
    resource.type="cloud_run_revision"
    resource.labels.service_name=~"^netra-.*-${var.environment}$"
    severity>=ERROR
    jsonPayload.error_id:*
  EOT

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key        = "service"
      value_type = "STRING"
    }
  }

  label_extractors = {
    service = "EXTRACT(resource.labels.service_name)"
  }

  depends_on = [google_project_service.required]
}

# Readiness from outside, through the edge. Its deadline is the 8 s that the guide demands.
resource "google_monitoring_uptime_check_config" "readiness" {
  display_name = "netra readiness ${var.environment}"
  timeout      = "8s"
  period       = "60s"

  http_check {
    path         = "/health/ready"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type = "uptime_url"

    labels = {
      project_id = var.project_id
      host       = var.domain
    }
  }

  depends_on = [google_project_service.required]
}
