from pathlib import Path

import pytest

from netra_ops.environments.loader import DESCRIPTORS, EnvironmentName, load_environment
from netra_ops.errors import SomethingAbsent
from netra_shared.errors import ConfigurationError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", list(EnvironmentName))
def test_each_descriptor_is_valid(name: str) -> None:
    environment = load_environment(name, variables={})
    assert environment.name == name
    assert environment.services["backend"] == f"netra-backend-{name}"


def test_sockets_are_as_secure_as_pages() -> None:
    assert load_environment("local", variables={}).websocket_url == "ws://localhost:8080/ws"
    variables = {"NETRA_STAGING_BASE_URL": "https://netra.acme.dev/"}
    staging = load_environment("staging", variables=variables)
    assert staging.websocket_url == "wss://netra.acme.dev/ws"
    staging.require_address()


def test_a_placeholder_is_refused_with_the_remedy() -> None:
    with pytest.raises(SomethingAbsent) as refusal:
        load_environment("staging", variables={}).require_address()
    assert "NETRA_STAGING_BASE_URL" in refusal.value.remedy
    assert refusal.value.exit_code == 3


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ConfigurationError, match="local, staging, production"):
        load_environment("prod")


def test_every_problem_is_reported_together(tmp_path: Path) -> None:
    text = (DESCRIPTORS / "local.toml").read_text()
    text = text.replace('project = "netra-local"', "project = 7\ntypo = true")
    text = text.replace('base_url = "http://localhost:8080"', 'base_url = "ftp://x/y"')
    (tmp_path / "local.toml").write_text(text.partition("[services]")[0])
    with pytest.raises(ConfigurationError) as refusal:
        load_environment("local", directory=tmp_path, variables={})
    assert len(refusal.value.problems) == 4


@pytest.mark.parametrize("address", ["staging.acme.dev", "http://[::1", "https://a.dev/path"])
def test_a_wrong_variable_is_named_and_not_the_file(address: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_environment("staging", variables={"NETRA_STAGING_BASE_URL": address})
    (problem,) = refusal.value.problems
    assert problem.startswith("NETRA_STAGING_BASE_URL must be http(s)://host[:port]")
