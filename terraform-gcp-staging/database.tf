resource "google_sql_database_instance" "main" {
  name                = "netra-${var.environment}"
  region              = var.region
  database_version    = "POSTGRES_18"
  deletion_protection = var.deletion_protection

  settings {
    edition                     = "ENTERPRISE"
    tier                        = var.database.tier
    availability_type           = var.database.availability_type
    disk_type                   = "PD_SSD"
    disk_size                   = var.database.disk_gb
    disk_autoresize             = true
    deletion_protection_enabled = var.deletion_protection
    user_labels                 = local.labels

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.main.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      start_time                     = "03:00" # UTC; night in the region
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = 7

      backup_retention_settings {
        retained_backups = var.database.backups_kept
        retention_unit   = "COUNT"
      }
    }

    maintenance_window {
      day          = 7
      hour         = 4
      update_track = "stable"
    }

    database_flags {
      name  = "cloudsql.iam_authentication"
      value = "on"
    }

    # Ten instances of the backend with two pools of 10 (gateway, agents), five of auth with one, and
    # what migrations need.
    database_flags {
      name  = "max_connections"
      value = "300"
    }
  }

  depends_on = [google_service_networking_connection.database]
}

resource "google_sql_database" "netra" {
  name     = "netra"
  instance = google_sql_database_instance.main.name
}

resource "google_sql_user" "service" {
  for_each = toset(["backend", "auth"])

  # Cloud SQL wants the account's address without the domain that every service account shares.
  name     = trimsuffix(google_service_account.run[each.key].email, ".gserviceaccount.com")
  instance = google_sql_database_instance.main.name
  type     = "CLOUD_IAM_SERVICE_ACCOUNT"
}

locals {
  # cloud-sql-proxy listens beside the service, opens TLS to the private address and signs in with
  # the service's own identity; the URL holds no password.
  database_port = 5432
  database_urls = {
    for service, user in google_sql_user.service :
    service => "postgresql://${urlencode(user.name)}@127.0.0.1:${local.database_port}/${google_sql_database.netra.name}"
  }

  database_proxy_arguments = [
    "--private-ip",
    "--auto-iam-authn",
    "--structured-logs",
    "--address=127.0.0.1",
    "--port=${local.database_port}",
    "--health-check",
    "--http-address=0.0.0.0",
    "--http-port=9801",
    # Cloud Run signals all containers together; the service needs the database for its last writes.
    "--max-sigterm-delay=9s",
    google_sql_database_instance.main.connection_name,
  ]
}
