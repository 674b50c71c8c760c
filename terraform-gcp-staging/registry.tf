resource "google_artifact_registry_repository" "images" {
  repository_id = "netra-${var.environment}"
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the Netra services; the deploy tool refers to them by digest."

  docker_config {
    immutable_tags = true
  }

  # A rollback needs its image. Thirty versions outlive any release that traffic can return to.
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"

    most_recent_versions {
      keep_count = 30
    }
  }

  cleanup_policies {
    id     = "delete-untagged"
    action = "DELETE"

    condition {
      tag_state  = "UNTAGGED"
      older_than = "2592000s" # 30 days
    }
  }

  depends_on = [google_project_service.required]
}
