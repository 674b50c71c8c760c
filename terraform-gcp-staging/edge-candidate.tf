# The candidate door: one host per tag of the deploy tool, which leads to exactly one revision of
# each service. The services have no run.app address, so a revision without traffic is reached here
# or nowhere. Closed to everyone who does not send the operator's key (docs/deploying.md).
variable "candidate_door" {
  type        = bool
  description = "Whether the hosts candidate.DOMAIN and stable.DOMAIN exist, for `netra deploy`."
  default     = false
}

variable "candidate_key" {
  type        = string
  description = "What the deploy tool sends as X-Netra-Candidate. It opens the door and nothing behind it."
  default     = ""
  sensitive   = true

  validation {
    condition     = can(regex("^([0-9A-Za-z_-]{32,128})?$", var.candidate_key))
    error_message = "A key has 32 to 128 letters, digits, hyphens and underscores, such as the output of: openssl rand -hex 32"
  }
}

locals {
  candidate_tags = toset(var.candidate_door ? ["candidate", "stable"] : [])
  candidate_hosts = {
    for tag in local.candidate_tags : tag => "${tag}.${var.domain}"
  }
  candidate_backends = {
    for pair in setproduct(tolist(local.candidate_tags), keys(local.edge_backends)) :
    "${pair[0]}-${pair[1]}" => { tag = pair[0], backend = pair[1] }
  }
}

# The order of the rules is that of their priority: the key passes, everything else is refused. A
# header that is absent would be an error of the expression, so `has` asks for it first.
resource "google_compute_security_policy" "candidate" {
  count = var.candidate_door ? 1 : 0

  name        = "netra-candidate-${var.environment}"
  description = "Revisions that no one has verified yet"

  rule {
    action      = "allow"
    priority    = 1000
    description = "The deploy tool"

    match {
      expr {
        expression = "has(request.headers['x-netra-candidate']) && request.headers['x-netra-candidate'] == '${var.candidate_key}'"
      }
    }
  }

  rule {
    action      = "deny(403)"
    priority    = 2147483647
    description = "Default: closed"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  lifecycle {
    precondition {
      condition     = length(var.candidate_key) >= 32
      error_message = "candidate_door needs candidate_key: without it anyone who guesses an empty header would pass."
    }
  }

  depends_on = [google_project_service.required]
}

resource "google_compute_region_network_endpoint_group" "candidate" {
  for_each = local.candidate_backends

  name                  = "netra-${each.key}-${var.environment}"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  # A tag that does not exist yet answers 404 until a deploy stages a revision.
  cloud_run {
    service = local.run_service_names[local.edge_backends[each.value.backend].service]
    tag     = each.value.tag
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_backend_service" "candidate" {
  for_each = local.candidate_backends

  name                  = "netra-${each.key}-${var.environment}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.candidate[0].id

  backend {
    group = google_compute_region_network_endpoint_group.candidate[each.key].id
  }

  log_config {
    enable        = true
    sample_rate   = 1.0
    optional_mode = "EXCLUDE_ALL_OPTIONAL"
  }
}

resource "google_certificate_manager_dns_authorization" "candidate" {
  for_each = local.candidate_hosts

  name   = "netra-${each.key}-${var.environment}"
  domain = each.value

  depends_on = [google_project_service.required]
}

resource "google_certificate_manager_certificate" "candidate" {
  for_each = local.candidate_hosts

  name = "netra-${each.key}-${var.environment}"

  managed {
    domains            = [google_certificate_manager_dns_authorization.candidate[each.key].domain]
    dns_authorizations = [google_certificate_manager_dns_authorization.candidate[each.key].id]
  }
}

resource "google_certificate_manager_certificate_map_entry" "candidate" {
  for_each = local.candidate_hosts

  name         = "netra-${each.key}-${var.environment}"
  map          = google_certificate_manager_certificate_map.edge.name
  certificates = [google_certificate_manager_certificate.candidate[each.key].id]
  hostname     = each.value
}

output "candidate_dns_records" {
  description = "Records that issue the certificates of the candidate door; empty while it is closed."
  value       = [for one in google_certificate_manager_dns_authorization.candidate : one.dns_resource_record]
}
