# One identity per service: a leaked token of the frontend opens neither database nor secrets.
resource "google_service_account" "run" {
  for_each = local.services

  account_id   = local.service_names[each.key]
  display_name = "Netra ${each.key} (${var.environment})"

  depends_on = [google_project_service.required]
}

resource "google_project_iam_member" "database_client" {
  for_each = toset(["backend", "auth"])

  project = var.project_id
  role    = "roles/cloudsql.client"
  member  = google_service_account.run[each.key].member
}

resource "google_project_iam_member" "database_login" {
  for_each = toset(["backend", "auth"])

  project = var.project_id
  role    = "roles/cloudsql.instanceUser"
  member  = google_service_account.run[each.key].member
}
