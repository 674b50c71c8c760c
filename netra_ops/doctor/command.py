"""``netra doctor URL``: every question from DNS to the close code, and the cause."""

import asyncio
import os
import sys
from typing import Annotated

import typer

from netra_client import check
from netra_client.diagnosis.check import to_json
from netra_client.diagnosis.findings import Answer, Diagnosis
from netra_client.endpoint import socket_url
from netra_client.errors import InvalidUse, NetraClientError
from netra_ops.doctor.text import render
from netra_ops.environments.access import address_of, sign_in
from netra_ops.environments.loader import load_environment
from netra_ops.errors import OperatorError
from netra_ops.stack.options import AsJson
from netra_ops.terminal import has_colour, keep_lines

TOKEN_VARIABLE = "NETRA_TOKEN"  # noqa: S105  the variable's name

EXAMPLES = """Examples:
  netra doctor                                    the local stack, signed in
  netra doctor https://chat.example.com           with the token in $NETRA_TOKEN, if any
  netra doctor wss://echo.example.com/any --anonymous
  netra doctor --environment staging --origin https://chat.example.com
  netra doctor --idle 330 --total 3700            also measure both timeouts

Exit status: 0 no question was answered with no, 1 otherwise, 2 usage."""

app = typer.Typer(add_completion=False)


class WrongAddress(OperatorError):
    """The address is no address of a socket."""

    code = "wrong_address"
    title = "Wrong address"
    exit_code = 2


@app.command(epilog=keep_lines(EXAMPLES))
def doctor(
    url: Annotated[
        str | None, typer.Argument(help="http(s):// or ws(s)://", show_default=False)
    ] = None,
    *,
    environment: Annotated[str, typer.Option(help="local, staging or production.")] = "local",
    origin: Annotated[str | None, typer.Option(help="Connect as a page of this origin.")] = None,
    protocol: Annotated[str, typer.Option(help="Subprotocols to offer, separated by commas.")] = "",
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Offer no token.")] = False,
    idle: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds that an idle socket has to live.")
    ] = None,
    total: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds that a busy socket has to live.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only the verdict.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show why a WebSocket does not connect; each answer is yes, no or unknown."""
    descriptor = load_environment(environment)
    address = url or address_of(descriptor, None)
    protocols = [entry.strip() for entry in protocol.split(",") if entry.strip()]
    longest = max(idle or 0.0, total or 0.0)
    if longest and not quiet and not as_json:
        sys.stderr.write(f"measuring lifetimes takes up to {longest:g} s\n")

    async def diagnose() -> Diagnosis:
        token = None if anonymous or protocols else os.environ.get(TOKEN_VARIABLE)
        if token is None and url is None and not anonymous and not protocols:
            try:
                token = await sign_in(address, descriptor, purpose="doctor")
            except NetraClientError as error:
                # The questions below show why; without a token they still name the cause.
                sys.stderr.write(f"not signed in: {error.message}\n")
        return await check(
            address, token=token, protocols=protocols, origin=origin, idle=idle, total=total
        )

    try:
        socket_url(address)
        diagnosis = asyncio.run(diagnose())
    except InvalidUse as error:
        raise WrongAddress(
            error.message, remedy="give http(s)://host[:port] or ws(s)://host[:port]/path"
        ) from error
    if as_json:
        sys.stdout.write(to_json(diagnosis) + "\n")
    else:
        sys.stdout.write(render(diagnosis, colour=has_colour(sys.stdout), quiet=quiet))
    raise typer.Exit(int(any(one.answer is Answer.NO for one in diagnosis.findings)))
