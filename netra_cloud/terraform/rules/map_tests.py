"""Runs the tests of a URL map, as Google does before it accepts a change."""

import re
from collections.abc import Iterator

from netra_cloud.edge.map_tests import failed_tests
from netra_cloud.errors import CloudError
from netra_cloud.terraform.compute_mapping import compute_body, link_resolver
from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import URL_MAPS
from netra_cloud.terraform.values import BlockValue, Unknown, Value

_PROJECT = "project"  # names links only; a test compares links of one map with each other
_ARGUMENTS = {
    "service": "path",
    "expectedOutputUrl": "expected_output_url",
    "expectedRedirectResponseCode": "expected_redirect_response_code",
}


def _tests(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    tests = resource.body.all("test")
    if not tests or not is_decidable(resource):
        return
    body = compute_body(resource.type, resource.body, link_resolver(configuration, _PROJECT))
    try:
        failures = list(failed_tests(body))
    except (CloudError, KeyError, TypeError, ValueError, re.error):
        return  # what the edge does not emulate, or another rule reports, is not decided here
    for failure in failures:
        yield Violation(tests[failure.index], _ARGUMENTS[failure.field], failure.detail)


def is_decidable(url_map: Resource) -> bool:
    """Return whether every value is known that a decision of the map could depend on."""
    return all(_is_known(block) for block in url_map.body.walk())


def _is_known(block: BlockValue) -> bool:
    return block.is_certain and all(_decides_nothing(value) for value in block.attributes.values())


def _decides_nothing(value: Value) -> bool:
    """Return whether a value is known, or a plain link that two places can be compared by."""
    if isinstance(value, Unknown):
        return value.is_reference
    if isinstance(value, list):
        return all(not isinstance(item, Unknown) for item in value)
    return True


RULES = (
    Rule(
        id="url-map-test-fails",
        severity=Severity.ERROR,
        title="a test of the URL map that its own rules do not pass",
        types=URL_MAPS,
        why="Google runs the tests before it accepts the map, and refuses it when one fails.",
        remedy="correct the rule or the expectation",
        reference="https://cloud.google.com/load-balancing/docs/https/traffic-management-testing",
        check=_tests,
        needs_configuration=True,
    ),
)
