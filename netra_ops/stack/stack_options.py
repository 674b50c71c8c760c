"""What the operator chose. Light to import, for the commands that start nothing themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from netra_ops.stack import migrations
from netra_ops.stack.paths import StackPaths, project_root

SERVICES = {"auth": "auth_service", "backend": "netra_backend"}


@dataclass(frozen=True)
class StackOptions:
    """What the operator chose.

    Args:
        port: of the edge.
        database_url: an external PostgreSQL instead of the embedded one; a secret.
        redis_url: an external Valkey instead of the embedded one; a secret.
        services: the module to run for ``auth`` and for ``backend``.
        migrations: the modules that bring the schema up to date, by log name.
        root: the checkout that has these modules.
        frontend: build the pages if their sources changed, and serve them.
    """

    paths: StackPaths
    port: int
    database_url: str = ""
    redis_url: str = ""
    services: Mapping[str, str] = field(default_factory=lambda: SERVICES)
    migrations: Mapping[str, str] = field(default_factory=lambda: migrations.MODULES)
    root: Path = field(default_factory=project_root)
    frontend: bool = True

    @property
    def url(self) -> str:
        """Where the platform is reached."""
        return f"http://localhost:{self.port}"
