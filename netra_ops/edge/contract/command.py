"""``scripts/check_header_contract.py``: the header contract as a table of evidence."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from netra_client.errors import HttpRefused, NetraClientError
from netra_ops.edge.contract.check import Target, check
from netra_ops.edge.contract.rows import Row
from netra_ops.environments.access import (
    EMAIL_VARIABLE,
    PASSWORD_VARIABLE,
    address_of,
    origin_of,
    sign_in,
)
from netra_ops.environments.loader import EnvironmentDescriptor, EnvironmentName, load_environment
from netra_ops.exit_status import exit_status_of
from netra_ops.stack.paths import stack_paths
from netra_ops.stack.state import read_running
from netra_ops.terminal import print_error, print_json

EPILOG = """examples:
  check_header_contract.py --environment local
  check_header_contract.py --environment staging --failures
  check_header_contract.py --environment local --json | jq .passed

Exit status: 0 the contract holds, 1 it does not or the edge is not reached, 2 usage,
3 no account to sign in with or no address."""
MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]·[/]"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and report; 0 the contract holds, 1 it does not, 3 no account or address."""
    options = _parser().parse_args(arguments)
    return exit_status_of(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    descriptor = load_environment(options.environment)
    address = address_of(descriptor, options.url)
    try:
        found = asyncio.run(_collect(address, descriptor, quiet=options.json))
    except NetraClientError as error:
        remedy = "start it with netra up, or give --url"
        if isinstance(error, HttpRefused):
            remedy = f"check {EMAIL_VARIABLE} and {PASSWORD_VARIABLE}"
        print_error(error.message, remedy)
        return 1
    passed = all(row.passed is not False for row in found)
    if options.json:
        print_json({"url": address, "passed": passed, "rows": [asdict(row) for row in found]})
    else:
        _show(address, found, only_failures=options.failures)
    return 0 if passed else 1


async def _collect(address: str, descriptor: EnvironmentDescriptor, *, quiet: bool) -> list[Row]:
    token = await sign_in(address, descriptor, purpose="header-contract")
    target = Target(address, origin_of(address, descriptor), token)
    running = read_running(stack_paths(None).state) if descriptor.is_local else None
    if running is not None and running.url == address:
        target = Target(
            target.base_url,
            target.origin,
            token,
            logs=stack_paths(None).logs,
            backend_port=running.parts["backend"].port,
        )
    found: list[Row] = []
    console = Console(stderr=True)
    with console.status("asking the edge") as status:
        async for row in check(target):
            found.append(row)
            if not quiet:
                status.update(f"{row.group}, {row.door}: {len(found)} judgements")
    return found


def _show(address: str, found: Sequence[Row], *, only_failures: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Header contract at {address}")
    heading = ""
    for row in found:
        if only_failures and row.passed is not False:
            continue
        if heading != (heading := f"{row.group} · {row.door}"):
            console.print(f"\n[bold]{heading}[/]")
        sent = f"{escape(row.sent)} → " if row.sent else ""
        console.print(f"  {MARKS[row.passed]} {row.name:<30} {sent}{escape(row.arrived)}")
    counts = [sum(row.passed is verdict for row in found) for verdict in (True, False, None)]
    words = f"{counts[0]} hold, {counts[1]} broken, {counts[2]} not possible here"
    console.print(f"\n{'FAILED' if counts[1] else 'PASSED'}: {words}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="check_header_contract.py",
        description="Send real requests and handshakes through the edge and compare what arrives "
        "with netra_shared/http/header_contract.json.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--environment", required=True, choices=[str(name) for name in EnvironmentName]
    )
    parser.add_argument("--url", help="another address, http(s)://host[:port]")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--failures", action="store_true", help="show only what is broken")
    return parser
