"""``scripts/test_websocket_protocol.py``: the handshake, shown step by step."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict

from netra_client.endpoint import socket_url
from netra_client.errors import HttpRefused, InvalidUse, NetraClientError
from netra_client.handshake import Credential, Offer, offer_token
from netra_ops.environments.access import (
    EMAIL_VARIABLE,
    PASSWORD_VARIABLE,
    address_of,
    origin_of,
    sign_in,
)
from netra_ops.environments.loader import EnvironmentDescriptor, EnvironmentName, load_environment
from netra_ops.exit_status import exit_status_of
from netra_ops.terminal import print_error, print_json
from netra_ops.validate.protocol_probe import ProtocolProbe, Report, Verdict

EPILOG = """examples:
  test_websocket_protocol.py --environment local
  test_websocket_protocol.py --environment staging --protocol "jwt-auth,jwt.test-token"

A bad token that is refused exactly as documented is a pass of the protocol.
Exit status: 0 as documented, 1 not, 2 usage, 3 no account to sign in with."""
MARKS = {True: "✓", False: "✗"}
REMEDIES = {
    Verdict.NETWORK_FAILURE: "the platform was not reached: run ./netra up, or check --url",
    Verdict.UNAVAILABLE: "the platform refuses everybody at present: netra status",
    Verdict.NOT_AS_DOCUMENTED: "compare with docs/protocol.md, section 1",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Probe and report; returns 0 when all went as documented, 1 when not, 3 without account."""
    options = _parser().parse_args(arguments)
    return exit_status_of(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    descriptor = load_environment(options.environment)
    address = address_of(descriptor, options.url)
    try:
        reports = asyncio.run(_probe(address, descriptor, options.protocol))
    except InvalidUse as error:
        print_error(error.message, "give http(s)://host[:port] or ws(s)://host[:port]")
        return 2
    except NetraClientError as error:
        print_error(f"sign-in failed: {error.message} ({error.code})", _sign_in_remedy(error))
        return 1
    passed = all(_passes(report, options.protocol) for report in reports.values())
    if options.json:
        parts = {name: asdict(report) for name, report in reports.items()}
        print_json({"url": socket_url(address), "passed": passed, "handshakes": parts})
    else:
        _show(socket_url(address), reports, options.protocol)
        sys.stdout.write("PASSED\n" if passed else "FAILED\n")
    return 0 if passed else 1


async def _probe(
    address: str, descriptor: EnvironmentDescriptor, protocol: str | None
) -> dict[str, Report]:
    """Make the handshake as a program makes it, then as a browser's page does."""
    if protocol is not None:
        entries = tuple(entry.strip() for entry in protocol.split(",") if entry.strip())
        offer = Offer(entries, {})
    else:
        token = await sign_in(
            address, descriptor, purpose="protocol-probe", instead=", or give --protocol"
        )
        offer = offer_token(Credential.SUBPROTOCOL, token)
    url, origin = socket_url(address), origin_of(address, descriptor)
    return {
        "as a program": await ProtocolProbe(url, offer).run(),
        "as a browser": await ProtocolProbe(url, offer, origin=origin).run(),
    }


def _passes(report: Report, protocol: str | None) -> bool:
    if report.verdict is Verdict.ACCEPTED:
        return True
    return protocol is not None and report.verdict is Verdict.REFUSED_AS_DOCUMENTED


def _show(url: str, reports: dict[str, Report], protocol: str | None) -> None:
    sys.stdout.write(f"{url}\n")
    for name, report in reports.items():
        sys.stdout.write(f"\n{name}\n")
        for step in report.steps:
            mark = MARKS[step.passed]
            sys.stdout.write(
                f"  {mark} {step.name:<11}{step.milliseconds:8.1f} ms  {step.detail}\n"
            )
        sys.stdout.write(f"  = {report.verdict.value.replace('_', ' ')}\n")
        if not _passes(report, protocol):
            expected = REMEDIES.get(report.verdict, "a token of a fresh sign-in must be accepted")
            sys.stdout.write(f"    -> {expected}\n")
    sys.stdout.write("\n")


def _sign_in_remedy(error: NetraClientError) -> str:
    if isinstance(error, HttpRefused):
        return f"check {EMAIL_VARIABLE} and {PASSWORD_VARIABLE}"
    return REMEDIES[Verdict.NETWORK_FAILURE]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="test_websocket_protocol.py",
        description="Show each step of the socket's handshake and judge it by docs/protocol.md.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--environment", required=True, choices=[str(name) for name in EnvironmentName]
    )
    parser.add_argument(
        "--protocol",
        metavar="OFFER",
        help='what to offer, for example "jwt-auth,jwt.test-token"; without it, sign in first',
    )
    parser.add_argument("--url", help="another address, http(s)://host[:port]")
    parser.add_argument("--json", action="store_true", help="print the steps as JSON")
    return parser
