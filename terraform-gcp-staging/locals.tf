locals {
  labels = {
    application = "netra"
    environment = var.environment
    managed_by  = "terraform"
  }

  services = toset(["backend", "auth", "frontend"])

  # netra-backend-staging, netra-auth-staging, netra-frontend-staging
  service_names = { for service in local.services : service => "netra-${service}-${var.environment}" }

  public_url      = "https://${var.domain}"
  allowed_origins = concat([local.public_url], var.allowed_origins)

  # Both files are read by the services, by the local edge and by the checks too: what Terraform
  # configures and what the programs promise cannot drift apart.
  header_contract = jsondecode(file("${path.module}/../netra_shared/http/header_contract.json"))
  probes          = jsondecode(file("${path.module}/../netra_shared/health/cloud_run_probes.json"))
}
