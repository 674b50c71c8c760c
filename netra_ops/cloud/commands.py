"""``netra cloud``: run services on a local Cloud Run, look at them and disturb them."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from netra_ops.cloud.emulator import DEFAULT_DATA, PARENT, Emulator
from netra_ops.cloud.up import EPILOG, up
from netra_ops.errors import OperatorError
from netra_ops.terminal import keep_lines, print_json

app = typer.Typer(
    name="cloud",
    help="A local Cloud Run: deploy to it with Google's clients, look at it, disturb it.",
    no_args_is_help=True,
)
app.command(name="up", epilog=keep_lines(EPILOG))(up)

Data = Annotated[Path, typer.Option(help="Directory of the state.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
_SEVERITIES = "DEFAULT DEBUG INFO NOTICE WARNING ERROR CRITICAL"


@app.command()
def status(*, data: Data = DEFAULT_DATA, json: AsJson = False) -> None:
    """Show services, traffic and instances."""
    emulator = Emulator(data)
    services = emulator.call("GET", f"{PARENT}/services?pageSize=1000").get("services", [])
    instances = emulator.call("GET", "/local/v1/instances")["instances"]
    if json:
        print_json({"services": services, "instances": instances})
        return
    if not services:
        sys.stdout.write(
            f"No services. Deploy to {emulator.api}, or start one with netra cloud up --service.\n"
        )
    for service in services:
        name = service["name"].rpartition("/")[2]
        state = service["terminalCondition"]["state"].removeprefix("CONDITION_").lower()
        sys.stdout.write(f"{name}  {state}  generation {service['generation']}\n")
        if "message" in service["terminalCondition"]:
            sys.stdout.write(f"  {service['terminalCondition']['message'].splitlines()[0]}\n")
        for target in service.get("trafficStatuses", []):
            sys.stdout.write(f"  {_target(target)}\n")
        for instance in instances:
            if instance["service"] == name:
                sys.stdout.write(
                    f"  instance {instance['id'][:8]}  {instance['revision']}  "
                    f"{instance['state']}  pid {instance['pid']}  "
                    f"{instance['active']} in flight\n"
                )


@app.command()
def revisions(service: str, *, data: Data = DEFAULT_DATA, json: AsJson = False) -> None:
    """List a service's revisions, newest first."""
    emulator = Emulator(data)
    found = emulator.call("GET", f"{PARENT}/services/{service}/revisions?pageSize=1000")
    items = found.get("revisions", [])
    if json:
        print_json(items)
        return
    if not items:
        sys.stdout.write(f"{service} has no revisions.\n")
    for revision in items:
        ready = next(one for one in revision["conditions"] if one["type"] == "Ready")
        state = ready["state"].removeprefix("CONDITION_").lower()
        image = revision["containers"][0]["image"]
        sys.stdout.write(f"{revision['name'].rpartition('/')[2]}  {state}  {image}\n")


@app.command()
def traffic(
    service: str,
    shares: Annotated[
        list[str] | None,
        typer.Argument(help="REVISION=PERCENT or REVISION=PERCENT@TAG; LATEST=100 un-pins."),
    ] = None,
    *,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> None:
    """Show a service's traffic, or change it."""
    emulator = Emulator(data)
    path = f"{PARENT}/services/{service}"
    if shares:
        body = {"traffic": [_share(text) for text in shares]}
        found = emulator.change("PATCH", f"{path}?updateMask=traffic", body)
    else:
        found = emulator.call("GET", path)
    targets = found.get("trafficStatuses", [])
    if json:
        print_json(targets)
        return
    for target in targets:
        sys.stdout.write(f"{_target(target)}\n")


@app.command()
def logs(
    service: str,
    *,
    revision: Annotated[str, typer.Option(help="Of this revision only.")] = "",
    severity: Annotated[str, typer.Option(help=f"At least: {_SEVERITIES}.")] = "DEFAULT",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest ones.")] = 100,
    data: Data = DEFAULT_DATA,
    json: AsJson = False,
) -> None:
    """Show what a service wrote, oldest first."""
    wanted = f'resource.labels.service_name="{service}" severity>={severity}'
    if revision:
        wanted += f' resource.labels.revision_name="{revision}"'
    query = {"filter": wanted, "pageSize": limit, "orderBy": "timestamp desc"}
    found = Emulator(data).call("POST", "/v2/entries:list", query)
    entries = found.get("entries", [])[::-1]
    if json:
        print_json(entries)
        return
    if not entries:
        sys.stdout.write(f"{service} wrote nothing that matches.\n")
    for entry in entries:
        sys.stdout.write(f"{entry['timestamp']} {entry['severity']:<8} {_text(entry)}\n")


@app.command(name="kill-instance")
def kill_instance(
    instance: Annotated[str, typer.Argument(help="Id or its start, from netra cloud status.")],
    *,
    gently: Annotated[bool, typer.Option("--gently", help="SIGTERM instead of SIGKILL.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """End an instance without warning, as a crash would."""
    _signal(Emulator(data), instance, "TERM" if gently else "KILL")


@app.command(name="freeze-instance")
def freeze_instance(
    instance: Annotated[str, typer.Argument(help="Id or its start, from netra cloud status.")],
    *,
    thaw: Annotated[bool, typer.Option("--thaw", help="Let it continue.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Stop an instance's processes where they are, or let them continue."""
    _signal(Emulator(data), instance, "CONT" if thaw else "STOP")


@app.command()
def scale(
    service: str,
    *,
    least: Annotated[int, typer.Option("--min", min=0, help="Instances kept warm.")] = 0,
    most: Annotated[int, typer.Option("--max", min=1, help="Never more.")] = 100,
    data: Data = DEFAULT_DATA,
) -> None:
    """Change a service's minimum and maximum; like every change of a template, a new revision."""
    body = {"template": {"scaling": {"minInstanceCount": least, "maxInstanceCount": most}}}
    mask = "template.scaling"
    found = Emulator(data).change("PATCH", f"{PARENT}/services/{service}?updateMask={mask}", body)
    sys.stdout.write(f"{found['latestCreatedRevision'].rpartition('/')[2]}\n")


def _signal(emulator: Emulator, instance: str, name: str) -> None:
    found = emulator.call("POST", f"/local/v1/instances/{instance}:kill", {"signal": name})
    sys.stdout.write(f"{found['id'][:8]}: {found['signal']} sent\n")


def _share(text: str) -> dict[str, Any]:
    revision, separator, rest = text.partition("=")
    percent, _, tag = rest.partition("@")
    if not separator or not percent.isdigit():
        raise OperatorError(
            f"{text!r} is no share of traffic", remedy="write REVISION=PERCENT, such as web-1=90"
        )
    kind = "LATEST" if revision == "LATEST" else "REVISION"
    share: dict[str, Any] = {
        "type": f"TRAFFIC_TARGET_ALLOCATION_TYPE_{kind}",
        "percent": int(percent),
    }
    if kind == "REVISION":
        share["revision"] = revision
    if tag:
        share["tag"] = tag
    return share


def _target(target: dict[str, Any]) -> str:
    tag = f"  tag {target['tag']}" if target.get("tag") else ""
    return f"{target.get('percent', 0):>3} %  {target.get('revision', 'LATEST')}{tag}"


def _text(entry: dict[str, Any]) -> str:
    if "httpRequest" in entry:
        request = entry["httpRequest"]
        return f"{request['requestMethod']} {request['status']} {request['requestUrl']}"
    if "jsonPayload" in entry:
        return str(entry["jsonPayload"].get("message", entry["jsonPayload"]))
    return str(entry.get("textPayload", ""))
