"""What a URL map may say, and where."""

from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import URL_MAP, URL_MAPS, routed_paths
from netra_cloud.terraform.rules.socket_routes import is_socket_path
from netra_cloud.terraform.values import Unknown

_URL_MAPS = "https://cloud.google.com/load-balancing/docs/url-map-concepts"
_HEADER_ACTION = (
    "https://registry.terraform.io/providers/hashicorp/google/8.7.0/docs/resources/compute_url_map"
)
# PathRule.paths in google/cloud/compute/v1/compute.proto; the query is never matched.
_NOT_IN_PATHS = frozenset("*?#")


def _header_action_in_path_rule(
    resource: Resource, _: Configuration, __: Options
) -> Iterator[Violation]:
    for rule in resource.body.all("path_matcher", "path_rule"):
        if rule.all("header_action"):
            yield Violation(rule, "header_action", "header_action inside path_rule")


def _header_action_in_route_action(
    resource: Resource, _: Configuration, __: Options
) -> Iterator[Violation]:
    for block in resource.body.walk():
        for action in (
            *block.blocks.get("route_action", []),
            *block.blocks.get("default_route_action", []),
        ):
            if action.all("header_action"):
                yield Violation(action, "header_action", "header_action inside route_action")


def _mixed_rules(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for matcher in resource.body.all("path_matcher"):
        if matcher.certain("path_rule") and matcher.certain("route_rules"):
            yield Violation(matcher, "route_rules", "path_rule and route_rules in one path_matcher")


def _exact_socket_path_only(
    resource: Resource, _: Configuration, options: Options
) -> Iterator[Violation]:
    everything = {path for _, _, paths in routed_paths(resource) for path in paths}
    for rule, argument, paths in routed_paths(resource):
        if argument != "paths":
            continue
        for path in paths:
            if not is_socket_path(path, options) or path.endswith("*"):
                continue
            if f"{path.rstrip('/')}/*" not in everything:
                yield Violation(rule, argument, f'"{path}" without "{path.rstrip("/")}/*"')


def _wildcards(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for rule, argument, paths in routed_paths(resource):
        for path in paths if argument == "paths" else []:
            if _NOT_IN_PATHS & set(path.removesuffix("/*")) or not path.startswith("/"):
                yield Violation(rule, argument, f'"{path}" is no path pattern')


def _unknown_matcher(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    names = [matcher.get("name") for matcher in resource.body.all("path_matcher")]
    if any(isinstance(name, Unknown) for name in names):
        return
    for rule in resource.body.all("host_rule"):
        wanted = rule.text("path_matcher")
        if wanted is not None and wanted not in names:
            yield Violation(rule, "path_matcher", f'no path_matcher is named "{wanted}"')


def _no_tests(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    if resource.body.all("path_matcher") and not resource.body.all("test"):
        yield Violation(resource.body, None, f"{resource.address} routes paths and has no test")


_TYPES = URL_MAPS

RULES = (
    Rule(
        id="header-action-in-path-rule",
        severity=Severity.ERROR,
        title="header_action inside path_rule",
        types=_TYPES,
        why="Neither Terraform's schema nor the API's PathRule has header actions: validate stops "
        "with `Unsupported block type`.",
        remedy="move it to path_matcher, to the url map, or to route_rules; to forward a client's "
        "header nothing is needed at all: Google forwards Authorization and "
        "Sec-WebSocket-Protocol unchanged",
        reference=_HEADER_ACTION,
        api_error='Unsupported block type: Blocks of type "header_action" are not expected here.',
        check=_header_action_in_path_rule,
    ),
    Rule(
        id="header-action-in-route-action",
        severity=Severity.ERROR,
        title="header_action inside route_action",
        types=_TYPES,
        why="route_action holds timeouts, retries, rewrites and weights; only its "
        "weighted_backend_services have one each.",
        remedy="move it to path_matcher, to route_rules or into weighted_backend_services",
        reference=_HEADER_ACTION,
        api_error='Unsupported block type: Blocks of type "header_action" are not expected here.',
        check=_header_action_in_route_action,
    ),
    Rule(
        id="path-and-route-rules",
        severity=Severity.ERROR,
        title="path_rule and route_rules in one matcher",
        types=_TYPES,
        why="A path matcher is either a list of paths or a list of prioritised routes.",
        remedy="write everything as route_rules, or split the hosts over two path matchers",
        reference=_URL_MAPS,
        check=_mixed_rules,
    ),
    Rule(
        id="socket-path-without-children",
        severity=Severity.WARNING,
        title="a WebSocket path without what is below it",
        types=_TYPES,
        why="`/ws` matches `/ws` alone; `/ws/` and `/ws/room` fall to the default service.",
        remedy='list both: paths = ["/ws", "/ws/*"]',
        reference=_URL_MAPS,
        check=_exact_socket_path_only,
    ),
    Rule(
        id="path-pattern",
        severity=Severity.ERROR,
        title="a path pattern Google does not know",
        types=_TYPES,
        why="A path starts with `/`, has no `?` or `#`, and `*` only at the end, after a `/`.",
        remedy='write "/health" and "/health/*" instead of "/health*"',
        reference=_URL_MAPS,
        check=_wildcards,
    ),
    Rule(
        id="unknown-path-matcher",
        severity=Severity.ERROR,
        title="a host rule that names no path matcher",
        types=_TYPES,
        why="Google refuses the URL map.",
        remedy="name an existing path_matcher",
        reference=_URL_MAPS,
        check=_unknown_matcher,
    ),
    Rule(
        id="url-map-untested",
        severity=Severity.WARNING,
        title="a URL map without tests",
        types=(URL_MAP,),
        why="Google runs the map's tests before it accepts a change; without them a wrong path "
        "reaches production first.",
        remedy="add test blocks: host, path and the expected service, up to 100",
        reference="https://cloud.google.com/load-balancing/docs/https/traffic-management-testing",
        check=_no_tests,
    ),
)
