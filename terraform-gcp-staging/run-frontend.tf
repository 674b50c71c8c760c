resource "google_cloud_run_v2_service" "frontend" {
  name                 = local.service_names["frontend"]
  location             = var.region
  description          = "Static pages of the chat and the operations page"
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  default_uri_disabled = true
  invoker_iam_disabled = true # public pages
  deletion_protection  = var.deletion_protection

  template {
    service_account                  = google_service_account.run["frontend"].email
    timeout                          = "${var.request_timeout_seconds}s"
    max_instance_request_concurrency = var.frontend_scaling.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    scaling {
      min_instance_count = var.frontend_scaling.min_instances
      max_instance_count = var.frontend_scaling.max_instances
    }

    containers {
      name  = "frontend"
      image = var.bootstrap_image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = var.frontend_scaling.cpu
          memory = var.frontend_scaling.memory
        }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 1
        failure_threshold = 15

        tcp_socket {
          port = 8080
        }
      }
    }
  }

  # See run-backend.tf: releases belong to the deploy tool.
  lifecycle {
    ignore_changes = [
      template[0].containers[0].image,
      template[0].revision,
      traffic,
      client,
      client_version,
    ]
  }

  depends_on = [google_project_service.required]
}
