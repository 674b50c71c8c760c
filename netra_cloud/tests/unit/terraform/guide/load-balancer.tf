# The load balancer as the remediation guide asked for it, written again with the same mistakes.
# Google and Terraform refuse it; the linter must find each of them.

resource "google_compute_region_network_endpoint_group" "backend" {
  name                  = "backend-neg"
  network_endpoint_type = "SERVERLESS"
  region                = "us-central1"

  cloud_run {
    service = google_cloud_run_v2_service.backend.name
  }
}

resource "google_cloud_run_v2_service" "backend" {
  name     = "netra-backend-staging"
  location = "us-central1"
  ingress  = "INGRESS_TRAFFIC_ALL"

  template {
    timeout = "600s"

    containers {
      image = "gcr.io/netra-staging/backend:latest"

      ports {
        container_port = 8000
      }
    }
  }
}

resource "google_compute_security_policy" "edge" {
  name = "edge"
}

resource "google_compute_health_check" "websocket" {
  name = "websocket-health"

  http_health_check {
    port         = 8000
    request_path = "/health"
    proxy_header = "PROXY_V1"
  }
}

resource "google_compute_backend_service" "default" {
  name                  = "backend"
  protocol              = "HTTP"
  load_balancing_scheme = "EXTERNAL"
  security_policy       = google_compute_security_policy.edge.id

  backend {
    group = google_compute_region_network_endpoint_group.backend.id
  }
}

resource "google_compute_backend_service" "websocket_backend" {
  name                    = "websocket-backend"
  protocol                = "HTTP"
  port_name               = "http"
  timeout_sec             = 86400
  load_balancing_scheme   = "EXTERNAL"
  session_affinity        = "GENERATED_COOKIE"
  affinity_cookie_ttl_sec = 86400
  health_checks           = [google_compute_health_check.websocket.id]

  custom_request_headers = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "X-WebSocket-Support: true",
  ]

  backend {
    group           = google_compute_region_network_endpoint_group.backend.id
    balancing_mode  = "RATE"
    capacity_scaler = 1.0
  }
}

resource "google_compute_url_map" "default" {
  name            = "netra-url-map"
  default_service = google_compute_backend_service.default.id

  host_rule {
    hosts        = ["*"]
    path_matcher = "all"
  }

  path_matcher {
    name            = "all"
    default_service = google_compute_backend_service.default.id

    path_rule {
      paths   = ["/ws"]
      service = google_compute_backend_service.default.id

      header_action {
        request_headers_to_add {
          header_name  = "X-Original-Authorization"
          header_value = "{http_authorization}"
          replace      = false
        }

        request_headers_to_add {
          header_name  = "X-Original-WebSocket-Protocol"
          header_value = "{http_sec_websocket_protocol}"
          replace      = false
        }
      }
    }
  }
}
