locals {
  # Four backends of the load balancer over three services: sockets get a security policy of their
  # own, and their handshakes are counted apart.
  edge_backends = {
    api      = { service = "backend", policy = google_compute_security_policy.api.id }
    sockets  = { service = "backend", policy = google_compute_security_policy.sockets.id }
    auth     = { service = "auth", policy = google_compute_security_policy.auth.id }
    frontend = { service = "frontend", policy = google_compute_security_policy.pages.id }
  }

  run_service_names = {
    backend  = google_cloud_run_v2_service.backend.name
    auth     = google_cloud_run_v2_service.auth.name
    frontend = google_cloud_run_v2_service.frontend.name
  }
}

resource "google_compute_region_network_endpoint_group" "edge" {
  for_each = local.edge_backends

  name                  = "netra-${each.key}-${var.environment}"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = local.run_service_names[each.value.service]
  }

  lifecycle {
    create_before_destroy = true
  }
}

# What is absent here is absent on purpose. With a serverless backend Google refuses timeout_sec,
# health_checks, port_name and balancing settings, and ignores session_affinity: the timeout is 60
# minutes at most, health and affinity are Cloud Run's. See docs/deviations.md.
resource "google_compute_backend_service" "edge" {
  for_each = local.edge_backends

  name                  = "netra-${each.key}-${var.environment}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = each.value.policy

  backend {
    group = google_compute_region_network_endpoint_group.edge[each.key].id
  }

  # Request lines only: no optional field, so that no header value can reach the logs.
  log_config {
    enable        = true
    sample_rate   = 1.0
    optional_mode = "EXCLUDE_ALL_OPTIONAL"
  }
}
