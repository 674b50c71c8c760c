"""``netra cloud up``: run one's own services on a local Cloud Run."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_ops.cloud.emulator import DEFAULT_DATA, PARENT, Emulator
from netra_ops.cloud.service_option import ServiceOption, parse_service
from netra_ops.errors import OperatorError
from netra_ops.terminal import print_json

EPILOG = """Examples:
  netra cloud up --service 'web=python -m http.server $PORT'
  netra cloud up --service 'web=uvicorn main:app --port $PORT:3000' --directory ~/shop
  netra cloud up --port 18080 --clock-factor 60   an emulator for deploys and tests

A command must listen on the port that $PORT names; $NAME in it is the instance's variable.
State, builds and logs are kept in --data. Ctrl-C ends it with every instance."""


def up(
    *,
    service: Annotated[
        list[str] | None,
        typer.Option(help="NAME=COMMAND[:PORT] to run; may be repeated."),
    ] = None,
    directory: Annotated[Path, typer.Option(help="Where the commands run.")] = Path(),
    data: Annotated[Path, typer.Option(help="Directory of the state.")] = DEFAULT_DATA,
    port: Annotated[int, typer.Option(min=0, max=65533, help="Of the API; 0 is any.")] = 0,
    clock_factor: Annotated[
        float, typer.Option(min=1, max=1000, help="Documented seconds in a real one.")
    ] = 1.0,
    propagation: Annotated[
        float,
        typer.Option(min=0, max=30, help="Seconds in which old and new traffic both serve."),
    ] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Write the addresses as JSON.")] = False,
) -> None:
    """Run services on a local Cloud Run until Ctrl-C."""
    try:
        services = [parse_service(text) for text in service or []]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    options = RunOptions(data.resolve(), port, clock_factor, propagation)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with local_cloud_run(options) as process:
            emulator = Emulator(data)
            found: dict[str, str] = {}
            if not json:
                sys.stdout.write(f"API      {process.api}\nrun.app  {process.data}\n")
            for one in services:
                found[one.name] = _deploy(emulator, one, directory)
                if not json:
                    sys.stdout.write(f"{one.name:<8} {found[one.name]}\n")
            if json:
                print_json({"api": process.api, "data": process.data, "services": found})
            sys.stdout.flush()
            stop.wait()
    except OSError as error:
        raise OperatorError(str(error), remedy=f"read {data}/emulator.log") from error


def _deploy(emulator: Emulator, service: ServiceOption, directory: Path) -> str:
    """Create or update a service from a command; return its address."""
    if service.port is not None:
        emulator.call("PUT", f"/local/v1/negs/{service.name}", {"port": service.port})
    build = {
        "name": f"local/{service.name}",
        "directory": str(directory.resolve()),
        # A shell, so that $PORT in the command is the instance's own.
        "command": ["/bin/sh", "-c", f"exec {_command(service)}"],
        "inPlace": True,
    }
    image = emulator.call("POST", "/local/v1/builds", build)["image"]
    body = {"template": {"containers": [{"image": image}]}}
    name = f"{PARENT}/services/{service.name}"
    emulator.change("PATCH", f"{name}?allowMissing=true&updateMask=template.containers", body)
    group = emulator.call("GET", f"/local/v1/negs/{service.name}")
    return f"http://{group['host']}:{group['port']}"


def _command(service: ServiceOption) -> str:
    """Return the command for a shell; double quotes keep variables working."""
    return " ".join(_quoted(part) for part in service.command)


def _quoted(part: str) -> str:
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f'"{escaped}"'
