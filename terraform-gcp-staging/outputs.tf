output "public_url" {
  description = "Where people open Netra once DNS points to `edge_address`."
  value       = local.public_url
}

output "edge_address" {
  description = "Address for the A record of the domain."
  value       = google_compute_global_address.edge.address
}

output "certificate_dns_record" {
  description = "CNAME record that proves the domain to Certificate Manager; create it before the first apply finishes."
  value       = google_certificate_manager_dns_authorization.edge.dns_resource_record
}

output "image_repository" {
  description = "Prefix of every image the deploy tool pushes."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}"
}

output "services" {
  description = "Cloud Run service names by role."
  value       = local.run_service_names
}

output "service_accounts" {
  description = "Identity of each service by role."
  value       = { for service, account in google_service_account.run : service => account.email }
}

output "database_connection_name" {
  description = "Argument of cloud-sql-proxy for an operator's session."
  value       = google_sql_database_instance.main.connection_name
}

output "secrets_to_fill" {
  description = "Secrets that need a version before the services start: `gcloud secrets versions add NAME --data-file=-`."
  value       = [for secret in google_secret_manager_secret.main : secret.secret_id]
}

output "applied_commit" {
  description = "Commit whose configuration was applied last; scripts/rollback_infrastructure.py starts from it."
  value       = var.applied_commit
}
