locals {
  # Secret -> the one environment variable it fills, and the service that may read it. Values are
  # written by an operator (`gcloud secrets versions add`), never by Terraform: they would stand in
  # the state. There is no database password: the services sign in through IAM (cloud-sql-proxy).
  secrets = {
    "auth-key-encryption-key" = { variable = "AUTH_KEY_ENCRYPTION_KEY", reader = "auth" }
    "model-api-key"           = { variable = "NETRA_MODEL_API_KEY", reader = "backend" }
  }
}

resource "google_secret_manager_secret" "main" {
  for_each = local.secrets

  secret_id           = "netra-${each.key}-${var.environment}"
  deletion_protection = var.deletion_protection

  replication {
    auto {}
  }

  depends_on = [google_project_service.required]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secrets

  secret_id = google_secret_manager_secret.main[each.key].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.run[each.value.reader].member
}

# Valkey's certificate authority is public knowledge; it is a secret only because Cloud Run mounts
# files from Secret Manager and from nowhere else that needs no bucket.
resource "google_secret_manager_secret" "valkey_ca" {
  secret_id           = "netra-valkey-ca-${var.environment}"
  deletion_protection = var.deletion_protection

  replication {
    auto {}
  }

  depends_on = [google_project_service.required]
}

resource "google_secret_manager_secret_version" "valkey_ca" {
  secret      = google_secret_manager_secret.valkey_ca.id
  secret_data = local.valkey_ca
}

resource "google_secret_manager_secret_iam_member" "valkey_ca_reader" {
  for_each = toset(["backend", "auth"])

  secret_id = google_secret_manager_secret.valkey_ca.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.run[each.key].member
}
