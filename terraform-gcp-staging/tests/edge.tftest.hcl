# Runs with the real provider's schema: `netra terraform test`, or `terraform test` with credentials.

variables {
  project_id = "netra-test"
  domain     = "chat.example.com"
}

run "everything_is_the_modern_load_balancer" {
  command = plan

  assert {
    condition     = alltrue([for service in google_compute_backend_service.edge : service.load_balancing_scheme == "EXTERNAL_MANAGED"])
    error_message = "A backend service is not EXTERNAL_MANAGED."
  }
  assert {
    condition     = google_compute_global_forwarding_rule.https.load_balancing_scheme == "EXTERNAL_MANAGED" && google_compute_global_forwarding_rule.http.load_balancing_scheme == "EXTERNAL_MANAGED"
    error_message = "A forwarding rule is not EXTERNAL_MANAGED."
  }
}

run "sockets_live_an_hour_and_only_behind_the_load_balancer" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.backend.template[0].timeout == "3600s"
    error_message = "Cloud Run would cut sockets before an hour."
  }
  assert {
    condition     = google_cloud_run_v2_service.backend.template[0].containers[0].resources[0].cpu_idle == false
    error_message = "The container that holds sockets is throttled."
  }
  assert {
    condition = alltrue([
      for service in [google_cloud_run_v2_service.backend, google_cloud_run_v2_service.auth, google_cloud_run_v2_service.frontend] :
      service.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" && service.default_uri_disabled
    ])
    error_message = "A service can be reached around the load balancer."
  }
}

run "the_whole_stack_applies" {
  command = apply

  variables {
    deletion_protection = false
  }

  assert {
    condition     = output.public_url == "https://chat.example.com"
    error_message = "The public URL is not the domain's."
  }
  assert {
    condition     = length(google_compute_url_map.edge.test) >= 16
    error_message = "Routes without a test."
  }
  assert {
    condition = alltrue([
      for variable in google_cloud_run_v2_service.auth.template[0].containers[0].env :
      !strcontains(variable.name, "KEY") || try(variable.value_source[0].secret_key_ref[0].secret, "") != ""
    ])
    error_message = "A key is written in plain text."
  }
}

run "a_socket_timeout_beyond_an_hour_is_refused" {
  command = plan

  variables {
    socket_timeout_seconds = 86400
  }

  expect_failures = [var.socket_timeout_seconds]
}

run "a_wildcard_domain_is_refused" {
  command = plan

  variables {
    domain = "*.example.com"
  }

  expect_failures = [var.domain]
}

run "an_origin_with_a_wildcard_is_refused" {
  command = plan

  variables {
    allowed_origins = ["https://*.example.com"]
  }

  expect_failures = [var.allowed_origins]
}

run "the_candidate_door_leads_to_tags_behind_one_closed_policy" {
  command = plan

  variables {
    candidate_door = true
    candidate_key  = "0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = length(google_compute_backend_service.candidate) == 8 && length(google_compute_backend_service.edge) == 4
    error_message = "Two tags of four backends each, beside the public ones."
  }
  assert {
    condition     = alltrue([for group in google_compute_region_network_endpoint_group.candidate : contains(["candidate", "stable"], group.cloud_run[0].tag)])
    error_message = "A group of the door leads to all revisions of a service."
  }
}

run "a_door_without_a_key_is_refused" {
  command = plan

  variables {
    candidate_door = true
  }

  expect_failures = [google_compute_security_policy.candidate]
}
