"""From a revision's template to what its instances run."""

from pathlib import Path

from netra_cloud.run.builds import Builds
from netra_cloud.run.core.names import service_of, short
from netra_cloud.run.core.records import Failure, RevisionRecord
from netra_cloud.run.core.secrets import SecretUnreadable
from netra_cloud.run.core.template import ingress_container
from netra_cloud.run.core.traffic import not_ready
from netra_cloud.run.runtime.environment import instance_environment
from netra_cloud.run.runtime.instance import Program
from netra_cloud.run.secrets_store import Secrets


class Programs:
    """Resolves images and secrets at each start of an instance.

    Args:
        home: HOME of every instance; it exists from now on.
    """

    def __init__(self, builds: Builds, secrets: Secrets, home: Path) -> None:
        self._builds = builds
        self._secrets = secrets
        self._home = home
        home.mkdir(parents=True, exist_ok=True)

    def of(self, revision: RevisionRecord, port: int) -> Program | Failure:
        """Return what a new instance runs, or why it cannot start."""
        name = short(revision.name)
        container = ingress_container(revision.template)
        build = self._builds.find(container["image"])
        if build is None:
            # Text: google-github-actions/deploy-cloudrun#465.
            cause = f"Image '{container['image']}' not found."
            return Failure(5, not_ready(name, cause), "CONTAINER_MISSING")
        service = short(service_of(revision.name))
        system = {
            "PORT": str(port),
            "K_SERVICE": service,
            "K_REVISION": name,
            "K_CONFIGURATION": service,
            "HOME": str(self._home),
        }
        try:
            environment = instance_environment(
                container, image_env=build.env, system=system, secret=self._secrets.read
            )
        except SecretUnreadable as error:
            return Failure(9, not_ready(name, str(error)), "SECRETS_ACCESS_CHECK_FAILED")
        command = container.get("command") or build.command
        directory = build.directory / container.get("workingDir", "").lstrip("/")
        return Program((*command, *container.get("args", [])), directory, environment)
