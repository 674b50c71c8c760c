locals {
  # The paths of each backend, for the public host and for the candidate door. `/ws` matches exactly
  # `/ws`; what is below needs `/ws/*`.
  edge_paths = {
    api     = ["/api", "/api/*", "/health", "/health/*"]
    auth    = ["/api/auth", "/api/auth/*", "/.well-known/jwks.json"]
    sockets = ["/ws", "/ws/*", "/websocket", "/websocket/*"]
  }
}

resource "google_compute_url_map" "edge" {
  name        = "netra-edge-${var.environment}"
  description = "The public surface of Netra"

  # A host that is not ours reaches no service.
  default_url_redirect {
    host_redirect          = var.domain
    https_redirect         = true
    redirect_response_code = "FOUND"
    strip_query            = false
  }

  host_rule {
    hosts        = [var.domain]
    path_matcher = "main"
  }

  path_matcher {
    name            = "main"
    default_service = google_compute_backend_service.edge["frontend"].id

    # Legal here, at the top of the map, in route_rules and beside weighted backends; never inside
    # path_rule. Names come from the header contract: what a client may forge is removed, what the
    # backend may believe is set by the edge, replacing what the client sent.
    # Authorization, Origin and Sec-WebSocket-Protocol need no rule: Google forwards them as they are.
    header_action {
      request_headers_to_remove = [for header in local.header_contract.removed : header.name]

      dynamic "request_headers_to_add" {
        for_each = local.header_contract.added

        content {
          header_name  = request_headers_to_add.value.name
          header_value = request_headers_to_add.value.value
          replace      = true
        }
      }

      response_headers_to_add {
        header_name  = "Strict-Transport-Security"
        header_value = "max-age=63072000; includeSubDomains"
        replace      = true
      }
    }

    dynamic "path_rule" {
      for_each = local.edge_paths

      content {
        paths   = path_rule.value
        service = google_compute_backend_service.edge[path_rule.key].id
      }
    }
  }

  # The candidate door (edge-candidate.tf): the same paths, to one revision of each service.
  dynamic "host_rule" {
    for_each = local.candidate_hosts

    content {
      hosts        = [host_rule.value]
      path_matcher = host_rule.key
    }
  }

  dynamic "path_matcher" {
    for_each = local.candidate_hosts

    content {
      name            = path_matcher.key
      default_service = google_compute_backend_service.candidate["${path_matcher.key}-frontend"].id

      header_action {
        # The key opens the door; no service has a use for it.
        request_headers_to_remove = concat(
          [for header in local.header_contract.removed : header.name], ["X-Netra-Candidate"]
        )

        dynamic "request_headers_to_add" {
          for_each = local.header_contract.added

          content {
            header_name  = request_headers_to_add.value.name
            header_value = request_headers_to_add.value.value
            replace      = true
          }
        }
      }

      dynamic "path_rule" {
        for_each = local.edge_paths

        content {
          paths   = path_rule.value
          service = google_compute_backend_service.candidate["${path_matcher.key}-${path_rule.key}"].id
        }
      }
    }
  }

  # Google runs these before it accepts the map; a failing one refuses the whole apply.
  dynamic "test" {
    for_each = {
      "/"                               = "frontend"
      "/threads/0190"                   = "frontend"
      "/_next/static/chunks/main.js"    = "frontend"
      "/wsx"                            = "frontend"
      "/metrics"                        = "frontend" # counters of the services stay inside
      "/ws"                             = "sockets"
      "/ws/"                            = "sockets"
      "/ws/thread"                      = "sockets"
      "/websocket"                      = "sockets"
      "/websocket/thread"               = "sockets"
      "/.well-known/jwks.json"          = "auth"
      "/api/auth/login"                 = "auth"
      "/api/auth/.well-known/jwks.json" = "auth"
      "/api/threads"                    = "api"
      "/api/authors"                    = "api"
      "/health"                         = "api"
      "/health/ready"                   = "api"
    }

    content {
      description = "${test.key} goes to ${test.value}"
      host        = var.domain
      path        = test.key
      service     = google_compute_backend_service.edge[test.value].id
    }
  }
}

resource "google_compute_url_map" "redirect" {
  name        = "netra-redirect-${var.environment}"
  description = "Sends plain HTTP to HTTPS"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "MOVED_PERMANENTLY_DEFAULT"
    strip_query            = false
  }

  depends_on = [google_project_service.required]
}
