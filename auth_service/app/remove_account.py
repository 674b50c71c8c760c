"""``python -m auth_service.app.remove_account EMAIL``: delete an account and its sessions.

Open connections of the account close within seconds, and its access tokens are refused. Threads
and messages belong to the backend and are not deleted.
"""

import argparse
import sys
from collections.abc import Sequence

from auth_service.app.accounts.email_address import parse_email
from auth_service.app.accounts.repository import UserRepository
from auth_service.app.command import FAILED, opened_database, run
from auth_service.app.config import AuthSettings
from auth_service.app.revocation_command import announce_pending

NAME = "netra-auth-remove-account"
EXAMPLES = """example:
  python -m auth_service.app.remove_account ada@example.com"""


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        prog="python -m auth_service.app.remove_account",
        description="Delete an account and its sessions; threads and messages stay.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("email", help="the account's address")
    return parser.parse_args(arguments)


async def remove(settings: AuthSettings, options: argparse.Namespace) -> int:
    """Delete the account; a trigger records its live sessions, which are then announced."""
    address = parse_email(options.email, deliverable=False)
    async with opened_database(settings, name=NAME) as database:
        async with database.transaction() as transaction:
            removed = await UserRepository(transaction).delete(address)
        if not removed:
            sys.stderr.write(f"no account has the address {options.email}\n")
            return FAILED
        await announce_pending(settings, database, name=NAME)
    sys.stdout.write(f"{address.text}: removed\n")
    return 0


if __name__ == "__main__":
    parsed = parse_arguments()
    sys.exit(run(lambda settings: remove(settings, parsed), name=NAME))
