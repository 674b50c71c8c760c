"""The small platform on a local Cloud Run, and a deployer for it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from netra_backend.app.operations.release_report import ReleasesReport
from netra_cloud.run.builds import Builds
from netra_cloud.run.process import LocalCloudRun, RunOptions, local_cloud_run
from netra_ops.deploy.ledger.ledger import Ledger
from netra_ops.deploy.target import Target, find_target

SECRET = "model-key"
TOKEN = "small.access.token"  # the small service takes no other
APP = Path(__file__).with_name("service")
FACTOR = 20.0  # the ten seconds after SIGTERM take half a second
DEADLINE = 120.0  # of a whole deploy on a busy machine; it takes 5 s on a quiet one
# Short enough for a test, and every step is taken.
QUICK = ("--events", "10", "--watch", "60", "--bake", "0", "--steps", "50,100")


@dataclass
class SmallCloud:
    """One service of its own on the local Cloud Run; the address is its public one."""

    process: LocalCloudRun
    data: Path
    board: Path
    environment: str = "local"
    url: str = ""

    @property
    def service(self) -> str:
        """The name of its only service."""
        return f"netra-backend-{self.environment}"

    @property
    def target(self) -> Target:
        return find_target(environment=self.environment, endpoint=self.process.api, url=self.url)

    @property
    def ledger(self) -> Ledger:
        return self.target.ledger.read()

    def image(self, name: str, fault: str = "") -> str:
        """Register a build; another name is another digest of the same service."""
        return Builds(self.data / "builds").add(
            name="local/small",
            directory=APP,
            command=[sys.executable, "app.py"],
            env={"BUILD": name, "FAULT": fault, "BOARD": str(self.board)},
            tag=name,
        )

    def create(self, image: str) -> None:
        """Create the service as Terraform would, and find its address behind a load balancer."""
        self.local("PUT", f"secrets/{SECRET}", {"value": "first"})
        reference = {"secret": SECRET, "version": "latest"}
        variable = {"name": "NETRA_MODEL_API_KEY", "valueSource": {"secretKeyRef": reference}}
        container = {"name": "backend", "image": image, "env": [variable]}
        body = {"template": {"containers": [container], "timeout": "3600s"}}
        self.target.cloud.create(self.service, body)
        self.url = f"http://127.0.0.1:{self.local('GET', f'negs/{self.service}')['port']}"

    def local(
        self, method: str, path: str, body: dict[str, object] | None = None
    ) -> dict[str, Any]:
        """Call the emulator's own API."""
        url = f"{self.process.api}/local/v1/{path}"
        answer = httpx.request(method, url, json=body, timeout=DEADLINE)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    @property
    def traffic(self) -> dict[str | None, int]:
        """The percentages by revision; None is the latest one."""
        state = self.target.cloud.require(self.service)
        return {one.revision: one.percent for one in state.split if one.percent}

    @property
    def next_image(self) -> str:
        """What the next deploy of any other tool would start from: the template's image."""
        template = self.target.cloud.require(self.service).body["template"]
        return str(template["containers"][0]["image"])

    @property
    def reports(self) -> list[ReleasesReport]:
        """What the operations page was given, in order."""
        files = sorted(self.board.glob("*.report"), key=lambda path: int(path.stem))
        return [ReleasesReport.model_validate_json(file.read_bytes()) for file in files]

    @property
    def revisions(self) -> int:
        """How many there are."""
        return len(self.target.cloud.revisions(self.service))

    def build_at(self, address: str = "") -> str:
        """Return the build that answers at the public address."""
        return str(httpx.get(f"{address or self.url}/health", timeout=DEADLINE).json()["build"])

    def command(self, *arguments: str) -> list[str]:
        """Return a ``netra`` command line for this target; the first word is the sub-command."""
        place = ["--environment", self.environment, "--endpoint", self.process.api]
        program = [sys.executable, "-m", "netra_ops.cli", *arguments, *place]
        return program if arguments[0] == "release" else [*program, "--url", self.url]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a ``netra`` command to its end."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, check=False, timeout=DEADLINE
        )

    def deploy(self, image: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Deploy an image, quickly."""
        return self.run(*_deploy(image), *arguments)

    @contextmanager
    def deploying(self, image: str, *arguments: str) -> Iterator["Deployer"]:
        """Deploy in the background."""
        with self.started(*_deploy(image), *arguments) as deployer:
            yield deployer

    @contextmanager
    def started(self, *arguments: str) -> Iterator["Deployer"]:
        """Run a ``netra`` command in the background."""
        process = subprocess.Popen(
            self.command(*arguments, "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield Deployer(process)
            finally:
                if process.poll() is None:
                    process.kill()


def _deploy(image: str) -> tuple[str, ...]:
    return ("deploy", "--image", f"backend={image}", "-s", "backend", *QUICK)


@dataclass
class Deployer:
    """A deploy in a process of its own."""

    process: "subprocess.Popen[str]"

    def wait_for(self, step: str) -> None:
        """Return when a step starts; fail when the deploy ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith('{"step"'):
                event = json.loads(line)
                if event["step"] == step and event["kind"] == "start":
                    return
        raise AssertionError(f"the deploy ended before {step}: {self.process.wait(DEADLINE)}")

    def guardian(self) -> int:
        """Return the process id of its guardian."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def kill(self, *, with_guardian: bool = False) -> None:
        """End it without any chance to clean up; as a dying machine, with its guardian."""
        if with_guardian:
            os.kill(self.guardian(), signal.SIGKILL)
        self.process.kill()
        self.process.wait(DEADLINE)

    def finish(self) -> int:
        """Read the rest and return the exit status."""
        self.process.communicate(timeout=DEADLINE)
        return self.process.returncode

    def end(self, number: signal.Signals) -> int:
        """Send a signal, read the rest, and return the exit status."""
        self.process.send_signal(number)
        return self.finish()


@contextmanager
def small_cloud(home: Path, environment: str = "local") -> Iterator[SmallCloud]:
    """Run a platform that serves build ``v1`` and was never deployed by this tool."""
    board = home / "board"
    board.mkdir()
    with local_cloud_run(RunOptions(home / "cloud", clock_factor=FACTOR)) as process:
        made = SmallCloud(process, home / "cloud", board, environment)
        made.create(made.image("v1"))
        yield made
