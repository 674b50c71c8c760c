from pathlib import Path

import pytest
import yaml

from test_framework.test_services.definition import COMPOSE_FILE, DefinitionRefused, read_definition

LONG_SYNTAX = '- host_ip: 127.0.0.1\n        target: 5432\n        published: "5433"'


def test_the_projects_file_has_the_promised_ports_and_one_set_of_credentials() -> None:
    services = read_definition()
    assert services.ports == {"postgres-test": 5433, "redis-test": 6380, "auth-service-test": 8001}
    assert services.database_url == "postgresql://test_user:test_password@127.0.0.1:5433/netra_test"
    assert services.redis_url == "redis://:test_password@127.0.0.1:6380/0"
    assert services.auth_url == "http://127.0.0.1:8001"


def test_the_identity_service_gets_the_same_stores_whoever_starts_it() -> None:
    inside = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["auth-service-test"]
    outside = read_definition().auth_environment
    as_container = inside["environment"]
    assert outside["DATABASE_URL"] == as_container["DATABASE_URL"].replace(
        "postgres-test:5432", "127.0.0.1:5433"
    )
    assert outside["REDIS_URL"] == as_container["REDIS_URL"].replace(
        "redis-test:6379", "127.0.0.1:6380"
    )
    assert outside["JWT_SECRET_KEY"] == as_container["JWT_SECRET_KEY"]
    assert set(outside) - set(as_container) == {"HOST"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("POSTGRES_USER:", "POSTGRES_USR:", "services.postgres-test.environment.POSTGRES_USER is"),
        ("redis-test:\n    image", "redis:\n    image", "services.redis-test is missing"),
        ('published: "8001"', "published: 80o1", "auth-service-test.ports[0].published '80o1' is"),
        ('published: "6380"', "published: 65536", "'65536' is no port"),
        (LONG_SYNTAX, '- "5433:5432"', "services.postgres-test.ports must have exactly one port"),
        ("services:\n", "services: [\n", "is no YAML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = COMPOSE_FILE.read_text()
    assert old in text
    file = tmp_path / "compose.yml"
    file.write_text(text.replace(old, new))
    with pytest.raises(DefinitionRefused) as refused:
        read_definition(file)
    assert words in str(refused.value.detail)
    assert str(file) in str(refused.value.detail)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DefinitionRefused, match="No such file"):
        read_definition(tmp_path / "absent.yml")
