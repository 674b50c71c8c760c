"""What a URL map may say depends on its load balancer: classic, global, regional, serverless.

Source of every rule: the field descriptions in google/cloud/compute/v1/compute.proto.
"""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICES,
    URL_MAP,
    URL_MAPS,
    is_classic,
    is_serverless,
    schemes,
)
from netra_cloud.terraform.values import BlockValue

_PROTO = "google/cloud/compute/v1/compute.proto"
_TO_MANAGED = (
    'set load_balancing_scheme = "EXTERNAL_MANAGED" on backend services and forwarding rules'
)
_CLASSIC_ROUTE_ACTIONS = frozenset({"url_rewrite"})
# Of the schemes of a global URL map, these know regular expressions.
_REGEX_SCHEMES = frozenset({"INTERNAL_SELF_MANAGED", "INTERNAL_MANAGED"})


def _header_action(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    if not is_classic(resource, configuration):
        return
    for block in resource.body.walk():
        if block.certain("header_action"):
            yield Violation(block, "header_action", "header_action on a classic load balancer")


def _route_action(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    if not is_classic(resource, configuration):
        return
    for block, name in _route_actions(resource.body):
        for action in block.certain(name):
            beyond = sorted(set(action.blocks) - _CLASSIC_ROUTE_ACTIONS)
            if beyond:
                detail = f"{name} with {', '.join(beyond)} on a classic load balancer"
                yield Violation(block, name, detail)


def _route_actions(url_map: BlockValue) -> Iterator[tuple[BlockValue, str]]:
    yield url_map, "default_route_action"
    for matcher in url_map.all("path_matcher"):
        yield matcher, "default_route_action"
        for rule in matcher.all("path_rule"):
            yield rule, "route_action"


def _route_rules(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    if not is_classic(resource, configuration):
        return
    for matcher in resource.body.all("path_matcher"):
        if matcher.certain("route_rules"):
            yield Violation(matcher, "route_rules", "route_rules on a classic load balancer")


def _regex(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    known = schemes(resource, configuration)
    if not known or known & _REGEX_SCHEMES:
        return
    for block in resource.body.walk():
        if block.known("regex_match"):
            yield Violation(block, "regex_match", "regex_match on a global external load balancer")


def _max_stream_duration(
    resource: Resource, configuration: Configuration, _: Options
) -> Iterator[Violation]:
    if "INTERNAL_SELF_MANAGED" in schemes(resource, configuration):
        return
    for block in resource.body.walk():
        if block.certain("max_stream_duration"):
            yield Violation(block, "max_stream_duration", "max_stream_duration at the edge")


def _mirror(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    for block in resource.body.walk():
        for policy in block.certain("request_mirror_policy"):
            for service in configuration.referenced(policy, "backend_service"):
                if service.type in BACKEND_SERVICES and is_serverless(service, configuration):
                    yield Violation(
                        block,
                        "request_mirror_policy",
                        f"requests are mirrored to {service.address}, which is serverless",
                    )


RULES = (
    Rule(
        id="header-action-on-classic",
        severity=Severity.ERROR,
        title="header_action on a classic load balancer",
        types=URL_MAPS,
        why="headerAction is not supported for load balancers whose scheme is EXTERNAL.",
        remedy=_TO_MANAGED,
        reference=f"{_PROTO}, UrlMap.header_action",
        check=_header_action,
        needs_configuration=True,
    ),
    Rule(
        id="route-action-on-classic",
        severity=Severity.ERROR,
        title="a route action other than a rewrite on a classic load balancer",
        types=URL_MAPS,
        why="Path rules and defaults of the classic load balancer support URL rewrites only.",
        remedy=_TO_MANAGED,
        reference=f"{_PROTO}, PathRule.route_action and UrlMap.default_route_action",
        check=_route_action,
        needs_configuration=True,
    ),
    Rule(
        id="route-rules-on-classic",
        severity=Severity.ERROR,
        title="route_rules on a classic load balancer",
        types=URL_MAPS,
        why="The classic load balancer has path rules only.",
        remedy=f"write path_rule blocks, or {_TO_MANAGED}",
        reference="https://github.com/hashicorp/terraform-provider-google/issues/8307",
        api_error="Advanced routing rules are not supported for scheme EXTERNAL",
        check=_route_rules,
        needs_configuration=True,
    ),
    Rule(
        id="regex-on-global",
        severity=Severity.ERROR,
        title="a regular expression on a global external load balancer",
        types=(URL_MAP,),
        why="Regular expressions are supported by regional external, internal and mesh load "
        "balancers only.",
        remedy="write prefix_match, exact_match, suffix_match or path_template_match",
        reference=f"{_PROTO}, HttpHeaderMatch.regex_match",
        check=_regex,
        needs_configuration=True,
    ),
    Rule(
        id="max-stream-duration",
        severity=Severity.ERROR,
        title="max_stream_duration outside a service mesh",
        types=URL_MAPS,
        why="It is supported only with the scheme INTERNAL_SELF_MANAGED.",
        remedy="bound sockets with template.timeout of the Cloud Run service",
        reference=f"{_PROTO}, HttpRouteAction.max_stream_duration",
        check=_max_stream_duration,
        needs_configuration=True,
    ),
    Rule(
        id="mirror-to-serverless",
        severity=Severity.ERROR,
        title="requests mirrored to a serverless backend",
        types=URL_MAPS,
        why="Traffic mirroring is not supported with serverless network endpoint groups.",
        remedy="remove request_mirror_policy, or mirror inside the application",
        reference="https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts",
        check=_mirror,
        needs_configuration=True,
    ),
)
