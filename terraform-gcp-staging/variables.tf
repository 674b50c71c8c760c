variable "project_id" {
  type        = string
  description = "Google Cloud project that holds the whole stack."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens and begins with a letter."
  }
}

variable "region" {
  type        = string
  description = "Region of Cloud Run, Cloud SQL and Valkey. The load balancer itself is global."
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "Give a region such as us-central1, not a zone."
  }
}

variable "environment" {
  type        = string
  description = "Suffix of every name, value of the label `environment` and of ENVIRONMENT in the services."
  default     = "staging"

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "The services know two environments on Google Cloud: staging and production."
  }
}

variable "domain" {
  type        = string
  description = "Host name that people open, such as staging.netra.example. Its A record points to the output `edge_address`."

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "Give a lower-case host name without scheme, port or wildcard: managed certificates of this stack cover exactly this name."
  }
}

variable "allowed_origins" {
  type        = list(string)
  description = "Further exact Origins that may open sockets, beside https://DOMAIN."
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "Each origin is https://host or https://host:port, without path or wildcard: the services compare exactly."
  }
}

variable "applied_commit" {
  type        = string
  description = "Commit of the configuration being applied, kept as an output so that a rollback knows what ran before. Set by scripts/rollback_infrastructure.py and CI."
  default     = "unrecorded"

  validation {
    condition     = can(regex("^(unrecorded|[0-9a-f]{40})$", var.applied_commit))
    error_message = "Give a full 40-digit commit id."
  }
}

variable "alert_email" {
  type        = string
  description = "Address that receives alerts. Null creates the policies without a channel."
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "Give one e-mail address or leave it null."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Refuse to destroy the database, the store and the services. Switch off in an apply of its own before a destroy."
  default     = true
}
