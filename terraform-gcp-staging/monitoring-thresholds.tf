# Generated from monitoring-thresholds.yaml by `python scripts/generate_monitoring.py`.

locals {
  # Handshakes by how fast their error budget is used up: both windows above the share of errors.
  handshake_burn = {
    "14.4" = {
      windows  = ["1h", "5m"]
      errors   = 0.5
      severity = "CRITICAL"
      runbook  = "docs/runbook/README.md"
    }
    "6" = {
      windows  = ["6h", "30m"]
      errors   = 0.5
      severity = "CRITICAL"
      runbook  = "docs/runbook/README.md"
    }
  }
}

resource "google_monitoring_alert_policy" "handshake_burn" {
  for_each = local.handshake_burn

  display_name          = "netra ${var.environment}: handshakes use their error budget ${each.key} times too fast"
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = google_monitoring_notification_channel.email[*].id

  dynamic "conditions" {
    for_each = each.value.windows

    content {
      display_name = "Share of failed handshakes in ${conditions.value}"

      condition_prometheus_query_language {
        query               = <<-EOT
          1 - sum(rate({"${local.log_metric}/${google_logging_metric.socket_handshakes.name}", status="101"}[${conditions.value}]))
            / sum(rate({"${local.log_metric}/${google_logging_metric.socket_handshakes.name}", status!~"401|403|429"}[${conditions.value}]))
            >= ${each.value.errors}
        EOT
        duration            = "0s"
        evaluation_interval = "60s"
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "What to look at and what to do: ${each.value.runbook}."
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
