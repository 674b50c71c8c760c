# A small stack with sockets that Google accepts. Each rule's failing example is one edit of it.

resource "google_cloud_run_v2_service" "chat" {
  name                 = "chat"
  location             = "us-central1"
  ingress              = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  default_uri_disabled = true

  template {
    timeout                          = "3600s"
    session_affinity                 = true
    max_instance_request_concurrency = 500

    containers {
      image = "us-docker.pkg.dev/example/chat/chat"

      ports {
        container_port = 8000
      }

      resources {
        cpu_idle = false
      }

      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 1
        failure_threshold = 60

        http_get {
          path = "/health"
        }
      }
    }
  }
}

resource "google_compute_region_network_endpoint_group" "chat" {
  name                  = "chat"
  region                = "us-central1"
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.chat.name
  }
}

resource "google_compute_security_policy" "chat" {
  name = "chat"
}

resource "google_compute_health_check" "elsewhere" {
  name = "elsewhere"

  http_health_check {
    port = 80
  }
}

resource "google_compute_backend_service" "chat" {
  name                  = "chat"
  protocol              = "HTTPS"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  security_policy       = google_compute_security_policy.chat.id

  custom_request_headers = ["X-Region: {client_region}"]

  backend {
    group = google_compute_region_network_endpoint_group.chat.id
  }
}

resource "google_compute_url_map" "edge" {
  name            = "edge"
  default_service = google_compute_backend_service.chat.id

  host_rule {
    hosts        = ["chat.example.com"]
    path_matcher = "all"
  }

  path_matcher {
    name            = "all"
    default_service = google_compute_backend_service.chat.id

    header_action {
      request_headers_to_remove = ["x-user-id"]

      request_headers_to_add {
        header_name  = "X-Client"
        header_value = "{client_ip_address}"
        replace      = true
      }
    }

    path_rule {
      paths   = ["/ws", "/ws/*"]
      service = google_compute_backend_service.chat.id
    }
  }

  test {
    host    = "chat.example.com"
    path    = "/ws"
    service = google_compute_backend_service.chat.id
  }
}
