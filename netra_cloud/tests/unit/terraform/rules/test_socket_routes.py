"""Where handshakes arrive: by a named path, and by any rule when the operator declares the path."""

from pathlib import Path

import pytest

from netra_cloud.terraform.findings import Options
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.rules.socket_routes import is_socket_path, socket_backends

DECLARED = Options(socket_paths=("/live",), socket_paths_declared=True)
SERVICES = """
resource "google_compute_backend_service" "web" {
  name = "web"
}
resource "google_compute_backend_service" "live" {
  name = "live"
}
"""
WEB, LIVE = (f"google_compute_backend_service.{name}" for name in ("web", "live"))


def _backends(
    directory: Path, rules: str, options: Options = DECLARED, default: str = f"{WEB}.id"
) -> list[str]:
    matcher = (
        f'  host_rule {{\n    hosts = ["*"]\n    path_matcher = "all"\n  }}\n'
        f'  path_matcher {{\n    name = "all"\n    default_service = {default}\n{rules}  }}\n'
    )
    (directory / "main.tf").write_text(
        f'{SERVICES}variable "unknown" {{}}\nresource "google_compute_url_map" "m" {{\n'
        f'  name = "m"\n  default_service = {WEB}.id\n{matcher}}}\n'
    )
    configuration = load(directory)
    return [backend.name for backend in socket_backends(configuration, options)]


def _route(match: str, service: str = f"{LIVE}.id", priority: int = 1) -> str:
    return (
        f"    route_rules {{\n      priority = {priority}\n      service = {service}\n"
        f"      match_rules {{\n        {match}\n      }}\n    }}\n"
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("", ["web"]),  # the default service
        (f'    path_rule {{\n      paths = ["/*"]\n      service = {LIVE}.id\n    }}\n', ["live"]),
        (f'    path_rule {{\n      paths = ["/x/*"]\n      service = {LIVE}.id\n    }}\n', ["web"]),
        (_route('prefix_match = "/"'), ["live"]),
        (_route('prefix_match = "/li"'), ["live"]),
        (_route('prefix_match = "/LIVE"\n        ignore_case = true'), ["live"]),
        (_route('full_path_match = "/other"'), ["web"]),
        (_route('prefix_match = "/"', f"{WEB}.id", 2) + _route('prefix_match = "/l"'), ["live"]),
    ],
)
def test_a_declared_path_follows_the_map(rules: str, expected: list[str], tmp_path: Path) -> None:
    assert _backends(tmp_path, rules) == expected


def test_a_match_on_a_header_that_handshakes_lack_does_not_take_them(tmp_path: Path) -> None:
    header = (
        'prefix_match = "/"\n        header_matches {\n          header_name = "x-canary"\n'
        '          exact_match = "1"\n        }'
    )
    assert _backends(tmp_path, _route(header)) == ["web"]


def test_a_map_that_the_edge_cannot_decide_is_compared_rule_by_rule(tmp_path: Path) -> None:
    template = _route('path_template_match = "/rooms/{id=*}"', priority=2)
    assert _backends(tmp_path, template + _route('prefix_match = "/live"')) == ["live"]


@pytest.mark.parametrize("match", ["prefix_match = var.unknown", 'regex_match = "("'])
def test_an_unknown_or_broken_match_takes_nothing(match: str, tmp_path: Path) -> None:
    rules = _route(match) + _route('prefix_match = "/live"', priority=2)
    assert _backends(tmp_path, rules) == ["live"]


def test_usual_names_claim_nothing_about_a_default(tmp_path: Path) -> None:
    assert _backends(tmp_path, "", Options()) == []
    named = f'    path_rule {{\n      paths = ["/ws"]\n      service = {LIVE}.id\n    }}\n'
    assert _backends(tmp_path, named, Options()) == ["live"]


def test_socket_paths_are_whole_segments() -> None:
    options = Options(socket_paths=("/ws",))
    assert is_socket_path("/ws/*", options)
    assert is_socket_path("/ws/room", options)
    assert not is_socket_path("/wsx", options)
