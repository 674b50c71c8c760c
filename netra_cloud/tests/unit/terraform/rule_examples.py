"""One edit of ``correct/main.tf`` for each rule: (rule, text that is there, text instead)."""

ARMOR = "  security_policy       = google_compute_security_policy.chat.id\n"
GROUP = "    group = google_compute_region_network_endpoint_group.chat.id\n"
PATHS = '      paths   = ["/ws", "/ws/*"]\n      service = google_compute_backend_service.chat.id\n'
SCHEME = '  load_balancing_scheme = "EXTERNAL_MANAGED"\n'
MATCHER = '    name            = "all"\n'
HEADER_ACTION = (
    "      header_action {\n"
    "        request_headers_to_add {\n"
    '          header_name  = "X-A"\n'
    '          header_value = "a"\n'
    "          replace      = true\n"
    "        }\n"
    "      }\n"
)
TEST_BLOCK = """  test {
    host    = "chat.example.com"
    path    = "/ws"
    service = google_compute_backend_service.chat.id
  }
"""
POLICY = 'resource "google_compute_security_policy" "chat" {\n'
CAPTURE = """  name = "chat"
  rule {
    action   = "deny(403)"
    priority = 1
    match {
      expr {
        expression = "request.path.matches('^/(a|b)$')"
      }
    }
  }
}"""
UNUSED = """
resource "google_compute_backend_service" "unused" {
  name                  = "unused"
  load_balancing_scheme = "EXTERNAL_MANAGED"
}
"""
REGION = (
    '  region                = "us-central1"\n  network_endpoint_type = "SERVERLESS"\n'
    "\n  cloud_run {"
)

DEFAULT = "    default_service = google_compute_backend_service.chat.id\n"
PATH_RULE = "    path_rule {\n" + PATHS + "    }\n"
REDIRECT = "    default_url_redirect {\n      strip_query = false\n    }\n"
SECOND_MATCHER = '  path_matcher {\n    name            = "spare"\n' + DEFAULT + "  }\n"
REGEX = (
    '\n      match_rules {\n        prefix_match = "/"\n        header_matches {\n'
    '          header_name = "user-agent"\n          regex_match = ".*Mobile.*"\n        }\n'
    "      }\n"
)
ROUTE_RULE = (
    "    route_rules {\n      priority = 1\n"
    "      service  = google_compute_backend_service.chat.id\n    }\n"
)
WORD = '  log_config {\n    enable = true\n    optional_mode = "EVERYTHING"\n  }\n'
NUMBER = "  log_config {\n    enable = true\n    sample_rate = 2\n  }\n"
RUN_NAME = '  name                 = "chat"\n  location             = "us-central1"\n'
IMAGE = '      image = "us-docker.pkg.dev/example/chat/chat"\n'
RESERVED = '      env {\n        name  = "PORT"\n        value = "1"\n      }\n'
SIDECAR = (
    '    containers {\n      image = "example.invalid/side:1"\n      ports {\n'
    "        container_port = 9000\n      }\n    }\n"
)
TRAFFIC = (
    '  traffic {\n    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"\n    percent = 90\n  }\n'
)
SCALING = "    scaling {\n      min_instance_count = 3\n      max_instance_count = 2\n    }\n"
INTERNAL_FRONT = """
resource "google_compute_target_http_proxy" "edge" {
  name    = "edge"
  url_map = google_compute_url_map.edge.id
}
resource "google_compute_global_forwarding_rule" "edge" {
  name                  = "edge"
  target                = google_compute_target_http_proxy.edge.id
  port_range            = "80"
  load_balancing_scheme = "INTERNAL_MANAGED"
}
"""
REGIONAL_PROXY = """
resource "google_compute_region_target_http_proxy" "edge" {
  name    = "edge"
  region  = "us-central1"
  url_map = google_compute_url_map.edge.id
}
"""


def _route_rule(match: str, action: str = "") -> str:
    """Return a route rule with these lines of a match, and of a route action."""
    rewrite = f"      route_action {{\n        url_rewrite {{\n{action}        }}\n      }}\n"
    body = f"      match_rules {{\n{match}      }}\n{rewrite if action else ''}"
    return ROUTE_RULE.replace("priority = 1\n", f"priority = 1\n{body}")


MIRROR = (
    "      route_action {\n        request_mirror_policy {\n"
    "          backend_service = google_compute_backend_service.chat.id\n        }\n      }\n"
)
WRONG_URL = '    expected_output_url = "https://chat.example.com/elsewhere"'
UNUSED_AFTER = 'resource "google_compute_security_policy" "chat" {\n  name = "chat"\n}\n'
REGIONAL = """
resource "google_compute_region_backend_service" "regional" {
  name                  = "regional"
  region                = "us-central1"
  load_balancing_scheme = "EXTERNAL"
  backend {
    group = google_compute_region_network_endpoint_group.chat.id
  }
}
resource "google_compute_region_url_map" "regional" {
  name            = "regional"
  region          = "us-central1"
  default_service = google_compute_region_backend_service.regional.id
}
"""


def _beside(resource_type: str, *lines: str) -> str:
    """Return the text of one more resource, before the security policy."""
    body = "\n".join(f"  {line}" for line in lines)
    return f'resource "{resource_type}" "beside" {{\n{body}\n}}\n\n{POLICY}'


EXAMPLES: tuple[tuple[str, str, str], ...] = (
    ("serverless-timeout", ARMOR, ARMOR + "  timeout_sec = 86400\n"),
    (
        "serverless-health-check",
        ARMOR,
        ARMOR + "  health_checks = [google_compute_health_check.elsewhere.id]\n",
    ),
    ("serverless-port-name", ARMOR, ARMOR + '  port_name = "web"\n'),
    ("serverless-capacity", GROUP, GROUP + '    balancing_mode = "RATE"\n'),
    ("serverless-affinity", ARMOR, ARMOR + '  session_affinity = "CLIENT_IP"\n'),
    ("scheme-unsaid", SCHEME, ""),
    ("backend-unreferenced", TEST_BLOCK + "}\n", TEST_BLOCK + "}\n" + UNUSED),
    ("sockets-over-http2", 'protocol              = "HTTPS"', 'protocol = "HTTP2"'),
    ("header-action-in-path-rule", PATHS, PATHS + HEADER_ACTION),
    (
        "header-action-in-route-action",
        PATHS,
        PATHS + "      route_action {\n" + HEADER_ACTION + "      }\n",
    ),
    (
        "path-and-route-rules",
        MATCHER,
        MATCHER
        + "    route_rules {\n      priority = 1\n"
        + "      service  = google_compute_backend_service.chat.id\n    }\n",
    ),
    ("socket-path-without-children", '["/ws", "/ws/*"]', '["/ws"]'),
    ("path-pattern", '["/ws", "/ws/*"]', '["/ws", "/ws/*", "/health*"]'),
    ("unknown-path-matcher", 'path_matcher = "all"', 'path_matcher = "al"'),
    ("url-map-untested", TEST_BLOCK, ""),
    ("exclusive-targets", MATCHER, MATCHER + REDIRECT),
    ("missing-default", MATCHER + DEFAULT, MATCHER),
    ("repeated-priority", PATH_RULE, ROUTE_RULE * 2),
    ("host-pattern", '["chat.example.com"]', '["*chat.example.com"]'),
    ("host-pattern", '["chat.example.com"]', '["chat.example.com", "Chat.example.com"]'),
    ("unused-path-matcher", PATH_RULE + "  }\n", PATH_RULE + "  }\n" + SECOND_MATCHER),
    (
        "repeated-path-matcher",
        PATH_RULE + "  }\n",
        PATH_RULE + "  }\n" + SECOND_MATCHER.replace("spare", "all"),
    ),
    ("repeated-path", PATHS + "    }\n", PATHS + "    }\n    path_rule {\n" + PATHS + "    }\n"),
    ("regex-on-global", PATH_RULE, ROUTE_RULE.replace("{", "{" + REGEX, 1)),
    ("mirror-to-serverless", PATHS, PATHS + MIRROR),
    ("url-map-test-fails", 'path    = "/ws"', 'path    = "/ws"\n' + WRONG_URL),
    ("serverless-regional-scheme", UNUSED_AFTER, UNUSED_AFTER + REGIONAL),
    (
        "max-stream-duration",
        PATHS,
        PATHS + '      route_action {\n        max_stream_duration {\n          seconds = "86400"\n'
        "        }\n      }\n",
    ),
    ("unknown-header-variable", "{client_ip_address}", "{http_authorization}"),
    ("unknown-header-variable", "{client_region}", "{http_origin}"),
    ("forbidden-header-name", '"X-Client"', '"Upgrade"'),
    ("forbidden-header-name", '["x-user-id"]', '["host"]'),
    ("forbidden-header-name", '"X-Region: ', '"X-Goog-Region: '),
    ("repeated-header", '["X-Region: {client_region}"]', '["X-Region: a", "x-region: b"]'),
    ("credential-copied", '"X-Client"', '"X-Original-Authorization"'),
    ("socket-timeout", '    timeout                          = "3600s"\n', ""),
    ("socket-timeout", '"3600s"', '"600s"'),
    ("run-timeout-range", '"3600s"', '"86400s"'),
    ("sockets-throttled", "cpu_idle = false", "startup_cpu_boost = true"),
    ("sockets-to-h2c", "container_port = 8000", 'container_port = 8000\n        name = "h2c"'),
    ("run-concurrency-range", "= 500", "= 5000"),
    ("ingress-beside-armor", '"INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"', '"INGRESS_TRAFFIC_ALL"'),
    ("neg-region", REGION, REGION.replace("us-central1", "europe-west1")),
    ("probe-budget", "failure_threshold = 60", "failure_threshold = 600"),
    ("probe-budget", "timeout_seconds   = 1", "timeout_seconds   = 5"),
    ("probe-with-proxy-header", "port = 80\n", 'port = 80\n    proxy_header = "PROXY_V1"\n'),
    (
        "wildcard-managed-certificate",
        POLICY,
        'resource "google_compute_managed_ssl_certificate" "chat" {\n  managed {\n'
        '    domains = ["*.example.com"]\n  }\n}\n' + POLICY,
    ),
    ("sockets-through-cdn", ARMOR, ARMOR + "  enable_cdn = true\n"),
    (
        "serverless-region-twice",
        GROUP,
        GROUP + "  }\n  backend {\n" + GROUP,
    ),
    ("url-map-too-many-tests", TEST_BLOCK, TEST_BLOCK * 101),
    (
        "armor-capture-group",
        '  name = "chat"\n}',
        CAPTURE,
    ),
    ("unsupported-argument", ARMOR, ARMOR + '  sticky = "yes"\n'),
    ("unsupported-block", GROUP, GROUP + "    probe {}\n"),
    ("computed-argument", ARMOR, ARMOR + '  self_link = "x"\n'),
    ("missing-argument", GROUP, ""),
    (
        "missing-block",
        '  name = "chat"\n}',
        '  name = "chat"\n  rule {\n    action = "allow"\n    priority = 1\n  }\n}',
    ),
    ("value-out-of-range", ARMOR, ARMOR + NUMBER),
    ("run-name", RUN_NAME, RUN_NAME.replace('"chat"', '"Chat"')),
    ("run-environment", IMAGE, IMAGE + RESERVED),
    ("run-ports", "    containers {\n" + IMAGE, SIDECAR + "    containers {\n" + IMAGE),
    ("run-traffic", RUN_NAME, RUN_NAME + TRAFFIC),
    ("run-scaling", "  template {\n", "  template {\n" + SCALING),
    ("scheme-mismatch", TEST_BLOCK + "}\n", TEST_BLOCK + "}\n" + INTERNAL_FRONT),
    ("proxy-of-another-kind", TEST_BLOCK + "}\n", TEST_BLOCK + "}\n" + REGIONAL_PROXY),
    ("value-out-of-range", PATH_RULE, ROUTE_RULE.replace("= 1", "= -1")),
    ("unknown-value", ARMOR, ARMOR + WORD),
    (
        "exclusive-fields",
        PATH_RULE,
        _route_rule('        prefix_match    = "/"\n        full_path_match = "/a"\n'),
    ),
    ("path-pattern", '["/ws", "/ws/*"]', '["/ws", "/ws/*", "/a?b=c"]'),
    ("route-path", PATH_RULE, _route_rule('        prefix_match = "ws"\n')),
    (
        "route-path",
        PATH_RULE,
        _route_rule('        path_template_match = "/{a}/{b}/{c}/{d}/{e}/{f=**}"\n'),
    ),
    (
        "path-template-rewrite",
        PATH_RULE,
        _route_rule(
            '        path_template_match = "/a/{rest=**}"\n',
            '          path_template_rewrite = "/b/{other}"\n',
        ),
    ),
    (
        "path-template-rewrite",
        PATH_RULE,
        _route_rule(
            '        prefix_match = "/a"\n', '          path_template_rewrite = "/b/{rest}"\n'
        ),
    ),
    (
        "provider-value",
        POLICY,
        _beside("google_compute_ssl_policy", 'name = "a"', 'profile = "FAST"'),
    ),
    (
        "provider-conflict",
        POLICY,
        _beside(
            "google_compute_firewall",
            'name = "a"',
            'network = "default"',
            'source_tags = ["a"]',
            'source_service_accounts = ["b"]',
            'allow {\n    protocol = "tcp"\n  }',
        ),
    ),
    (
        "provider-alternatives",
        POLICY,
        _beside("google_secret_manager_secret", 'secret_id = "a"', "replication {\n  }"),
    ),
    (
        "provider-companion",
        POLICY,
        _beside(
            "google_secret_manager_secret",
            'secret_id = "a"',
            "replication {\n    auto {}\n  }",
            'rotation {\n    next_rotation_time = "2027-01-01T00:00:00Z"\n  }',
        ),
    ),
    ("too-many-blocks", "  cloud_run {", '  cloud_run {\n    service = "x"\n  }\n\n  cloud_run {'),
)

# The classic load balancer breaks several rules together.
CLASSIC = ((SCHEME, SCHEME.replace("_MANAGED", "")),)
CLASSIC_WITH_ROUTE_ACTION = (
    *CLASSIC,
    (
        PATHS,
        PATHS
        + "      route_action {\n        timeout {\n          seconds = 60\n        }\n      }\n",
    ),
)

# Rules whose example is more than one edit, or breaks another rule as well.
COMBINED: dict[str, tuple[tuple[str, str], ...]] = {
    "classic-scheme": CLASSIC,
    "header-action-on-classic": CLASSIC,
    "route-action-on-classic": CLASSIC_WITH_ROUTE_ACTION,
    "route-rules-on-classic": (*CLASSIC, (PATH_RULE, ROUTE_RULE)),
    "cdn-with-iap": ((ARMOR, ARMOR + "  enable_cdn = true\n  iap {\n    enabled = true\n  }\n"),),
}


def edits_of(rule: str) -> tuple[tuple[str, str], ...]:
    """Return the edits of ``correct/main.tf`` that break ``rule``."""
    combined = COMBINED.get(rule)
    return combined or next(((old, new),) for name, old, new in EXAMPLES if name == rule)
