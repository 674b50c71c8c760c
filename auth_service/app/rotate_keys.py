"""``python -m auth_service.app.rotate_keys``: publish the next signing key now.

Every instance rotates by age without this command. Use it for an early rotation, after a key has
leaked, or after a change of the encryption key.
"""

import argparse
import sys
from collections.abc import Sequence

from auth_service.app.clock import utc_now
from auth_service.app.command import opened_database, run
from auth_service.app.config import AuthSettings
from auth_service.app.keys.models import SigningKeyRow
from auth_service.app.keys.ring import RotationPolicy, phases
from auth_service.app.keys.rotation import KeyRotation
from auth_service.app.keys.sealing import Sealer
from netra_shared.errors import ConfigurationError

NAME = "netra-auth-rotate-keys"


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m auth_service.app.rotate_keys")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--emergency",
        action="store_true",
        help="a key has leaked: withdraw all keys and sign with a new one immediately; access "
        "tokens are refused when caches of the key set expire, refresh tokens stay valid",
    )
    how.add_argument(
        "--reseal",
        action="store_true",
        help="encrypt the private keys with AUTH_KEY_ENCRYPTION_KEY after it was changed",
    )
    how.add_argument("--show", action="store_true", help="change nothing")
    return parser.parse_args(arguments)


async def rotate(settings: AuthSettings, options: argparse.Namespace) -> int:
    """Apply the options and print the ring."""
    if not settings.encryption_keys:
        raise ConfigurationError(["AUTH_KEY_ENCRYPTION_KEY is not set; there is no ring to rotate"])
    async with opened_database(settings, name=NAME) as database:
        rotation = KeyRotation(
            database, Sealer(settings.encryption_keys), settings.rotation, utc_now
        )
        if options.reseal:
            sys.stdout.write(f"{await rotation.reseal()} private key(s) encrypted again\n")
        if options.emergency:
            rows = await rotation.in_emergency()
        elif options.show or options.reseal:
            rows = await rotation.stored()
        else:
            rows = await rotation.on_request()
    sys.stdout.write(describe(rows, settings.rotation))
    return 0


def describe(rows: Sequence[SigningKeyRow], policy: RotationPolicy) -> str:
    """Return one line per key: id, phase, and when the phase ends."""
    by_phase = phases([row.times for row in rows], utc_now(), policy)
    lines = [
        f"{kid}  {phase.value:9}  {f'until {ends:%Y-%m-%d %H:%M:%S} UTC' if ends else ''}".rstrip()
        for kid, (phase, ends) in by_phase.items()
    ]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    parsed = parse_arguments()
    sys.exit(run(lambda settings: rotate(settings, parsed), name=NAME))
