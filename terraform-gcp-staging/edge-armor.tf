resource "google_compute_security_policy" "api" {
  name        = "netra-api-${var.environment}"
  description = "REST interface of the backend"

  rule {
    action      = "deny(403)"
    priority    = 1000
    description = "Scanners"

    match {
      expr {
        expression = "evaluatePreconfiguredWaf('scannerdetection-v33-stable', {'sensitivity': 1})"
      }
    }
  }

  rule {
    action      = "throttle"
    priority    = 2147483647
    description = "Default: one client address, a bounded number of requests"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.rate_limit.requests_per_minute
        interval_sec = 60
      }
    }
  }

  depends_on = [google_project_service.required]
}

# A handshake is the only request Cloud Armor sees of a socket: frames are not HTTP, and a rule that
# reads bodies would buffer for nothing. So there is a rate and nothing else.
resource "google_compute_security_policy" "sockets" {
  name        = "netra-sockets-${var.environment}"
  description = "WebSocket handshakes"

  rule {
    action      = "throttle"
    priority    = 2147483647
    description = "Default: one client address, a bounded number of handshakes"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.rate_limit.socket_handshakes_per_minute
        interval_sec = 60
      }
    }
  }

  depends_on = [google_project_service.required]
}

resource "google_compute_security_policy" "auth" {
  name        = "netra-auth-${var.environment}"
  description = "Identity service"

  rule {
    action      = "throttle"
    priority    = 1000
    description = "Guessing passwords"

    match {
      expr {
        # Google takes five sub-expressions at most.
        expression = join(" || ", [
          for path in ["login", "register", "browser/login", "browser/register"] : "request.path == '/api/auth/${path}'"
        ])
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.rate_limit.sign_in_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    action      = "throttle"
    priority    = 2147483647
    description = "Default: one client address, a bounded number of requests"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = var.rate_limit.requests_per_minute
        interval_sec = 60
      }
    }
  }

  depends_on = [google_project_service.required]
}

resource "google_compute_security_policy" "pages" {
  name        = "netra-pages-${var.environment}"
  description = "Static pages; one page asks for some twenty files at once"

  rule {
    action      = "throttle"
    priority    = 2147483647
    description = "Default: one client address, a bounded number of requests"

    match {
      versioned_expr = "SRC_IPS_V1"

      config {
        src_ip_ranges = ["*"]
      }
    }

    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"

      rate_limit_threshold {
        count        = 5 * var.rate_limit.requests_per_minute
        interval_sec = 60
      }
    }
  }

  depends_on = [google_project_service.required]
}
