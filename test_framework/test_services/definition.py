"""Ports, names and passwords of the test services: what the Compose file says, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from netra_ops.errors import OperatorError
from netra_ops.services.loopback import LOOPBACK
from test_framework.project import PROJECT_ROOT

COMPOSE_FILE = PROJECT_ROOT / "test-services.docker-compose.yml"
POSTGRES, REDIS, AUTH = "postgres-test", "redis-test", "auth-service-test"
NAMES = (POSTGRES, REDIS, AUTH)


class DefinitionRefused(OperatorError):
    """The Compose file lacks something that the test services need."""

    code = "test_services_refused"
    title = "Test services refused"


@dataclass(frozen=True)
class TestServices:
    """What a client needs to use the services. Contains passwords (of tests, and public).

    Args:
        compose_file: where it was read.
        ports: by service, on the loopback interface.
        user, password, database: of PostgreSQL.
        redis_password: of Valkey.
        auth_environment: the identity service's variables, with addresses that work from here.
    """

    __test__ = False

    compose_file: Path
    ports: Mapping[str, int]
    user: str
    password: str
    database: str
    redis_password: str
    auth_environment: Mapping[str, str]

    @property
    def database_url(self) -> str:
        """``postgresql://user:password@127.0.0.1:port/database``."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"postgresql://{login}@{LOOPBACK}:{self.ports[POSTGRES]}/{self.database}"

    @property
    def redis_url(self) -> str:
        """``redis://:password@127.0.0.1:port/0``."""
        password = quote(self.redis_password, safe="")
        return f"redis://:{password}@{LOOPBACK}:{self.ports[REDIS]}/0"

    @property
    def auth_url(self) -> str:
        """``http://127.0.0.1:port``."""
        return f"http://{LOOPBACK}:{self.ports[AUTH]}"


def read_definition(compose_file: Path = COMPOSE_FILE) -> TestServices:
    """Read the services from the Compose file.

    Raises:
        DefinitionRefused: the file, a service or one of its keys is missing or no valid value.
    """
    try:
        document = yaml.safe_load(compose_file.read_text())
    except OSError as error:
        raise DefinitionRefused(f"{compose_file}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise DefinitionRefused(f"{compose_file} is no YAML: {error}") from error
    reader = _Reader(compose_file, document)
    ports = {name: reader.published_port(name) for name in NAMES}
    user = reader.variable(POSTGRES, "POSTGRES_USER")
    password = reader.variable(POSTGRES, "POSTGRES_PASSWORD")
    database = reader.variable(POSTGRES, "POSTGRES_DB")
    partial = TestServices(
        compose_file=compose_file,
        ports=ports,
        user=user,
        password=password,
        database=database,
        redis_password=reader.variable(REDIS, "REDISCLI_AUTH"),
        auth_environment={},
    )
    inside = reader.variables(AUTH)
    outside = {
        **inside,
        "DATABASE_URL": partial.database_url,
        "REDIS_URL": partial.redis_url,
        "HOST": LOOPBACK,
        "PORT": str(ports[AUTH]),
    }
    return TestServices(**{**vars(partial), "auth_environment": outside})


class _Reader:
    """Looks things up and names what is missing."""

    def __init__(self, file: Path, document: Any) -> None:
        self._file = file
        self._document = document

    def variable(self, service: str, name: str) -> str:
        return str(self._get("services", service, "environment", name))

    def variables(self, service: str) -> dict[str, str]:
        found = self._get("services", service, "environment")
        if not isinstance(found, dict):
            raise self._refused(f"services.{service}.environment", "must be a mapping")
        return {str(name): str(value) for name, value in found.items()}

    def published_port(self, service: str) -> int:
        where = f"services.{service}.ports"
        ports = self._get("services", service, "ports")
        if not isinstance(ports, list) or len(ports) != 1 or not isinstance(ports[0], dict):
            raise self._refused(where, "must have exactly one port, in the long syntax")
        published = str(ports[0].get("published", ""))
        if not published.isdecimal() or not 0 < int(published) < 2**16:
            raise self._refused(f"{where}[0].published", f"{published!r} is no port")
        return int(published)

    def _get(self, *keys: str) -> Any:
        value = self._document
        for depth, key in enumerate(keys):
            if not isinstance(value, dict) or key not in value:
                raise self._refused(".".join(keys[: depth + 1]), "is missing")
            value = value[key]
        return value

    def _refused(self, where: str, why: str) -> DefinitionRefused:
        return DefinitionRefused(
            f"{self._file}: {where} {why}", remedy="restore the file from version control"
        )
