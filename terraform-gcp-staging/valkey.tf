resource "google_network_connectivity_service_connection_policy" "valkey" {
  name          = "netra-valkey-${var.environment}"
  location      = var.region
  service_class = "gcp-memorystore"
  network       = google_compute_network.main.id

  psc_config {
    subnetworks = [google_compute_subnetwork.valkey.id]
  }

  depends_on = [google_project_service.required]
}

resource "google_memorystore_instance" "valkey" {
  instance_id                 = "netra-${var.environment}"
  location                    = var.region
  engine_version              = "VALKEY_9_0"
  mode                        = "CLUSTER_DISABLED"
  node_type                   = var.valkey.node_type
  shard_count                 = 1
  replica_count               = var.valkey.replica_count
  authorization_mode          = "AUTH_DISABLED" # reachable only from the network above, over TLS
  transit_encryption_mode     = "SERVER_AUTHENTICATION"
  deletion_protection_enabled = var.deletion_protection

  # A stream that lost its newest second is announced as a new epoch; clients then reload history.
  persistence_config {
    mode = "AOF"

    aof_config {
      append_fsync = "EVERY_SEC"
    }
  }

  # A full store must refuse writes loudly. Evicting a thread's stream would be a silent gap.
  engine_configs = {
    maxmemory-policy = "noeviction"
  }

  desired_auto_created_endpoints {
    network    = google_compute_network.main.id
    project_id = var.project_id
  }

  depends_on = [google_network_connectivity_service_connection_policy.valkey]
}

locals {
  valkey_address = one(flatten([
    for endpoint in google_memorystore_instance.valkey.endpoints : [
      for connection in endpoint.connections : [
        for auto in connection.psc_auto_connection : auto.ip_address
        if auto.connection_type == "CONNECTION_TYPE_PRIMARY"
      ]
    ]
  ]))

  valkey_ca = join("\n", flatten([
    for authority in google_memorystore_instance.valkey.managed_server_ca : [
      for chain in authority.ca_certs : chain.certificates
    ]
  ]))

  # The certificate is checked against the authority above; its name is not, since the private
  # endpoint is reached by address.
  valkey_ca_file = "/etc/valkey/ca.pem"
  valkey_url     = "rediss://${local.valkey_address}:6379/0?ssl_ca_certs=${local.valkey_ca_file}&ssl_check_hostname=false"
}
