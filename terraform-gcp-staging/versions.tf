terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.7"
    }
  }

  # Partial on purpose: bucket and prefix differ per project and come from
  # `terraform init -backend-config=staging.gcs.tfbackend`. The bucket must have object versioning
  # switched on: scripts/rollback_infrastructure.py reads earlier states' commits from outputs.
  backend "gcs" {}
}

provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = local.labels
}
