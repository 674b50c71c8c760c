resource "google_compute_global_address" "edge" {
  name = "netra-edge-${var.environment}"

  depends_on = [google_project_service.required]
}

locals {
  # Whose word about a client the services believe (X-Forwarded-For, X-Netra-Client-*): the
  # instance's sidecar network, Google's front ends, and the load balancer's own address.
  trusted_proxies = join(",", [
    "169.254.0.0/16",
    "35.191.0.0/16",
    "130.211.0.0/22",
    "${google_compute_global_address.edge.address}/32",
  ])
}

# DNS authorization issues the certificate before any traffic moves, unlike load-balancer
# authorization, which needs the address to be live first. Its record is the output
# `certificate_dns_record`.
resource "google_certificate_manager_dns_authorization" "edge" {
  name   = "netra-${var.environment}"
  domain = var.domain

  depends_on = [google_project_service.required]
}

resource "google_certificate_manager_certificate" "edge" {
  name = "netra-${var.environment}"

  managed {
    domains            = [google_certificate_manager_dns_authorization.edge.domain]
    dns_authorizations = [google_certificate_manager_dns_authorization.edge.id]
  }
}

resource "google_certificate_manager_certificate_map" "edge" {
  name = "netra-${var.environment}"

  depends_on = [google_project_service.required]
}

resource "google_certificate_manager_certificate_map_entry" "edge" {
  name         = "netra-${var.environment}"
  map          = google_certificate_manager_certificate_map.edge.name
  certificates = [google_certificate_manager_certificate.edge.id]
  hostname     = var.domain
}

resource "google_compute_ssl_policy" "edge" {
  name            = "netra-${var.environment}"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"

  depends_on = [google_project_service.required]
}

resource "google_compute_target_https_proxy" "edge" {
  name            = "netra-https-${var.environment}"
  url_map         = google_compute_url_map.edge.id
  ssl_policy      = google_compute_ssl_policy.edge.id
  certificate_map = "//certificatemanager.googleapis.com/${google_certificate_manager_certificate_map.edge.id}"
}

resource "google_compute_target_http_proxy" "redirect" {
  name    = "netra-http-${var.environment}"
  url_map = google_compute_url_map.redirect.id
}

# The scheme is written out on both rules: the provider's default changed between 7.x and 8.0.
resource "google_compute_global_forwarding_rule" "https" {
  name                  = "netra-https-${var.environment}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  ip_protocol           = "TCP"
  port_range            = "443"
  target                = google_compute_target_https_proxy.edge.id
}

resource "google_compute_global_forwarding_rule" "http" {
  name                  = "netra-http-${var.environment}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  ip_protocol           = "TCP"
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect.id
}
