locals {
  log_metric = "logging.googleapis.com/user"

  # The promises of the platform as queries. Each names its page in the runbook.
  alerts = {
    handshake-success = {
      title    = "Less than 95 % of socket handshakes succeed"
      severity = "CRITICAL"
      for      = "300s"
      # A wrong token is the client's affair: 401, 403 and 429 are left out of the denominator.
      query = <<-EOT
        sum(rate({"${local.log_metric}/${google_logging_metric.socket_handshakes.name}", status="101"}[5m]))
          / sum(rate({"${local.log_metric}/${google_logging_metric.socket_handshakes.name}", status!~"401|403|429"}[5m]))
          < 0.95
      EOT
    }
    close-1011 = {
      title    = "A socket was closed with 1011"
      severity = "ERROR"
      for      = "0s"
      query    = "sum(increase({\"${local.log_metric}/${google_logging_metric.socket_closes.name}\", code=\"1011\"}[5m])) > 0"
    }
    unexpected-errors = {
      title    = "More than 10 unexpected errors in five minutes"
      severity = "ERROR"
      for      = "0s"
      query    = "sum(increase({\"${local.log_metric}/${google_logging_metric.unexpected_errors.name}\"}[5m])) > 10"
    }
    server-errors = {
      title    = "More than 1 % of requests end in 5xx at the edge"
      severity = "CRITICAL"
      for      = "300s"
      query    = <<-EOT
        sum(rate({"loadbalancing.googleapis.com/https/request_count", url_map_name="${google_compute_url_map.edge.name}", response_code_class="500"}[5m]))
          / sum(rate({"loadbalancing.googleapis.com/https/request_count", url_map_name="${google_compute_url_map.edge.name}"}[5m]))
          > 0.01
      EOT
    }
    instances-at-limit = {
      title    = "The backend runs at its instance limit"
      severity = "WARNING"
      for      = "600s"
      query    = "sum(max_over_time({\"run.googleapis.com/container/instance_count\", service_name=\"${google_cloud_run_v2_service.backend.name}\", state=\"active\"}[5m])) >= ${var.backend_scaling.max_instances}"
    }
    database-disk = {
      title    = "The database's disk is 85 % full"
      severity = "WARNING"
      for      = "600s"
      query    = "max({\"cloudsql.googleapis.com/database/disk/utilization\", database_id=\"${var.project_id}:${google_sql_database_instance.main.name}\"}) > 0.85"
    }
    valkey-memory = {
      title    = "Valkey uses 80 % of its memory; at 100 % it refuses writes"
      severity = "WARNING"
      for      = "300s"
      query    = "max({\"memorystore.googleapis.com/instance/memory/maximum_utilization\", instance_id=\"${google_memorystore_instance.valkey.instance_id}\"}) > 0.8"
    }
  }
}

resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == null ? 0 : 1

  display_name = "Netra operators (${var.environment})"
  type         = "email"

  labels = {
    email_address = var.alert_email
  }

  depends_on = [google_project_service.required]
}

resource "google_monitoring_alert_policy" "promise" {
  for_each = local.alerts

  display_name          = "netra ${var.environment}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query               = trimspace(each.value.query)
      duration            = each.value.for
      evaluation_interval = "60s"
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to look at and what to do: docs/runbook, entry `${each.key}`."
  }

  alert_strategy {
    auto_close = "86400s" # one day without the condition
  }
}

resource "google_monitoring_alert_policy" "readiness" {
  display_name          = "netra ${var.environment}: readiness fails or needs more than 8 s"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = google_monitoring_notification_channel.email[*].id

  conditions {
    display_name = "Uptime check fails from two regions or more"

    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.readiness.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"

      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to look at and what to do: docs/runbook, entry `readiness`."
  }
}
