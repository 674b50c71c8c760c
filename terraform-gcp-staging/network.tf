resource "google_compute_network" "main" {
  name                    = "netra-${var.environment}"
  auto_create_subnetworks = false

  depends_on = [google_project_service.required]
}

# Direct VPC egress takes up to two addresses per instance while revisions overlap; Google asks for
# /26 at least. A /24 leaves room for max_instances of every service twice over.
resource "google_compute_subnetwork" "services" {
  name                     = "netra-services-${var.environment}"
  network                  = google_compute_network.main.id
  region                   = var.region
  ip_cidr_range            = "10.20.0.0/24"
  private_ip_google_access = true
}

# Private Service Connect endpoints of Valkey.
resource "google_compute_subnetwork" "valkey" {
  name          = "netra-valkey-${var.environment}"
  network       = google_compute_network.main.id
  region        = var.region
  ip_cidr_range = "10.20.1.0/28"
}

# Address range that Cloud SQL's private connection takes its address from.
resource "google_compute_global_address" "database_range" {
  name          = "netra-database-range-${var.environment}"
  network       = google_compute_network.main.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
}

resource "google_service_networking_connection" "database" {
  network                 = google_compute_network.main.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database_range.name]
}
