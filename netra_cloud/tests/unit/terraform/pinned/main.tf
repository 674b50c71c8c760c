# A stack that pins an older provider and uses data sources and utility providers.

terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.0, < 8"
    }
    random = {
      source  = "hashicorp/random"
      version = ">= 2.1"
    }
  }

  provider_meta "google" {
    module_name = "example/pinned/v1"
  }
}

provider "google" {
  project = "example"
  region  = "us-central1"
}

data "google_project" "this" {}

data "google_iam_policy" "public" {
  binding {
    role    = "roles/run.invoker"
    members = ["allUsers"]
  }
}

resource "random_id" "suffix" {
  byte_length = 4
}

resource "tls_private_key" "key" {
  algorithm = "ED25519"
}

resource "time_sleep" "wait" {
  create_duration = "10m"
}

resource "local_file" "note" {
  filename = "${path.module}/made-by-terraform.txt"
  content  = tls_private_key.key.public_key_pem
}

resource "google_project_service" "run" {
  service    = "run.googleapis.com"
  depends_on = [time_sleep.wait]
}

resource "google_compute_backend_service" "live" {
  name                  = "live-${random_id.suffix.hex}"
  load_balancing_scheme = "EXTERNAL_MANAGED"

  backend {
    group = "projects/${data.google_project.this.project_id}/regions/us-central1/networkEndpointGroups/elsewhere"
  }
}

output "project" {
  value = data.google_project.this.project_id
}

output "suffix" {
  value = random_id.suffix.hex
}

output "policy" {
  value = data.google_iam_policy.public.policy_data
}
