variable "bootstrap_image" {
  type        = string
  description = "Image of the first revision only. The deploy tool replaces it; later applies ignore it."
  default     = "us-docker.pkg.dev/cloudrun/container/hello"

  validation {
    condition     = can(regex("^[a-z0-9.-]+/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})?$", var.bootstrap_image))
    error_message = "Give an image reference with its registry host."
  }
}

variable "database_proxy_image" {
  type        = string
  description = "Cloud SQL Auth Proxy, which signs in to PostgreSQL with the service's identity."
  default     = "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.15.2-alpine"

  validation {
    condition     = can(regex("(:[0-9]+\\.[0-9]+\\.[0-9]+[a-z0-9-]*|@sha256:[0-9a-f]{64})$", var.database_proxy_image))
    error_message = "Pin the proxy to a full version or a digest."
  }
}

variable "model" {
  type        = string
  description = "Language model as provider:name. Empty runs the guide agent, which needs none."
  default     = ""

  validation {
    condition     = var.model == "" || can(regex("^[a-z-]+:[A-Za-z0-9._/-]+$", var.model))
    error_message = "Write provider:name, for example google-vertex:gemini-3-pro, or leave it empty."
  }
}
