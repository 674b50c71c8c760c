resource "google_cloud_run_v2_service" "backend" {
  name                 = local.service_names["backend"]
  location             = var.region
  description          = "WebSocket gateway and agents"
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  default_uri_disabled = true # the load balancer, with Cloud Armor, is the only door
  invoker_iam_disabled = true # callers carry Netra's tokens, not Google identities
  deletion_protection  = var.deletion_protection

  template {
    service_account                  = google_service_account.run["backend"].email
    timeout                          = "${var.socket_timeout_seconds}s"
    max_instance_request_concurrency = var.backend_scaling.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    # No session affinity: a client resumes on any instance, also in the middle of a deploy
    # (python -m benchmarks.deploys, whose clients keep no cookie).

    scaling {
      min_instance_count = var.backend_scaling.min_instances
      max_instance_count = var.backend_scaling.max_instances
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"

      network_interfaces {
        network    = google_compute_network.main.id
        subnetwork = google_compute_subnetwork.services.id
      }
    }

    containers {
      name       = "backend"
      image      = var.bootstrap_image
      depends_on = ["cloud-sql-proxy"]

      ports {
        container_port = 8000
      }

      resources {
        limits = {
          cpu    = var.backend_scaling.cpu
          memory = var.backend_scaling.memory
        }
        cpu_idle          = false # runs, heartbeats and fan-out continue between requests
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = {
          ENVIRONMENT     = var.environment
          HOST            = "0.0.0.0"
          LOG_FORMAT      = "json"
          DATABASE_URL    = local.database_urls["backend"]
          REDIS_URL       = local.valkey_url
          ALLOWED_ORIGINS = join(",", local.allowed_origins)
          TRUSTED_PROXIES = local.trusted_proxies
          # Through the edge: ingress of the identity service is the load balancer alone.
          AUTH_JWKS_URL = "${local.public_url}/api/auth/.well-known/jwks.json"
          NETRA_MODEL   = var.model
        }

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = { for name, secret in local.secrets : secret.variable => name if secret.reader == "backend" }

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.main[env.value].secret_id
              version = "latest"
            }
          }
        }
      }

      volume_mounts {
        name       = "valkey-ca"
        mount_path = dirname(local.valkey_ca_file)
      }

      startup_probe {
        initial_delay_seconds = local.probes.startup_probe.initial_delay_seconds
        period_seconds        = local.probes.startup_probe.period_seconds
        timeout_seconds       = local.probes.startup_probe.timeout_seconds
        failure_threshold     = local.probes.startup_probe.failure_threshold

        http_get {
          path = local.probes.startup_probe.http_get.path
        }
      }

      liveness_probe {
        period_seconds    = local.probes.liveness_probe.period_seconds
        timeout_seconds   = local.probes.liveness_probe.timeout_seconds
        failure_threshold = local.probes.liveness_probe.failure_threshold

        http_get {
          path = local.probes.liveness_probe.http_get.path
        }
      }

      # Takes the instance out of new traffic without touching its open sockets.
      readiness_probe {
        period_seconds    = local.probes.readiness_probe.period_seconds
        timeout_seconds   = local.probes.readiness_probe.timeout_seconds
        failure_threshold = local.probes.readiness_probe.failure_threshold

        http_get {
          path = local.probes.readiness_probe.http_get.path
        }
      }
    }

    containers {
      name  = "cloud-sql-proxy"
      image = var.database_proxy_image
      args  = local.database_proxy_arguments

      resources {
        limits = {
          cpu    = "1"
          memory = "256Mi"
        }
        cpu_idle = false # of the whole instance: every container says the same
      }

      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 30

        http_get {
          path = "/startup"
          port = 9801
        }
      }
    }

    volumes {
      name = "valkey-ca"

      secret {
        secret = google_secret_manager_secret.valkey_ca.secret_id

        items {
          path    = basename(local.valkey_ca_file)
          version = google_secret_manager_secret_version.valkey_ca.version
        }
      }
    }
  }

  # The deploy tool stages revisions by digest and moves traffic while it watches. If Terraform
  # owned image or traffic, every apply would undo the release that serves.
  lifecycle {
    ignore_changes = [
      template[0].containers[0].image,
      template[0].revision,
      traffic,
      client,
      client_version,
    ]
  }

  depends_on = [google_secret_manager_secret_iam_member.reader, google_secret_manager_secret_iam_member.valkey_ca_reader]
}
