"""``python -m auth_service.app.grant EMAIL ROLE [--revoke]``: grant or revoke a role.

A granted role is in the account's next access token, at most one token lifetime later. Revoking a
role ends the account's sessions, because an access token that contains it stays valid otherwise.
"""

import argparse
import sys
from collections.abc import Sequence

from auth_service.app.accounts.email_address import parse_email
from auth_service.app.accounts.models import Role, UserRow
from auth_service.app.accounts.repository import UserRepository
from auth_service.app.clock import utc_now
from auth_service.app.command import FAILED, opened_database, run
from auth_service.app.config import AuthSettings
from auth_service.app.database import Database
from auth_service.app.revocation_command import announce_pending
from auth_service.app.sessions.family import RevocationReason
from auth_service.app.sessions.repository import SessionRepository

NAME = "netra-auth-grant"


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m auth_service.app.grant")
    parser.add_argument("email", help="the account's address")
    parser.add_argument("role", type=Role, choices=list(Role), help="the role")
    parser.add_argument(
        "--revoke", action="store_true", help="revoke the role and end the account's sessions"
    )
    return parser.parse_args(arguments)


async def grant(settings: AuthSettings, options: argparse.Namespace) -> int:
    """Change the role; a revocation also ends the account's sessions."""
    async with opened_database(settings, name=NAME) as database:
        user = await _change(database, options)
        if user is None:
            sys.stderr.write(f"no account has the address {options.email}\n")
            return FAILED
        if options.revoke:
            await announce_pending(settings, database, name=NAME)
    sys.stdout.write(f"{user.email}: {', '.join(user.roles) or 'no role'}\n")
    return 0


async def _change(database: Database, options: argparse.Namespace) -> UserRow | None:
    async with database.transaction() as transaction:
        user = await UserRepository(transaction).set_role(
            parse_email(options.email, deliverable=False), options.role, held=not options.revoke
        )
        if user is not None and options.revoke:
            await SessionRepository(transaction).revoke_all_of(
                user.id, utc_now(), RevocationReason.ROLE_REVOKED
            )
        return user


if __name__ == "__main__":
    parsed = parse_arguments()
    sys.exit(run(lambda settings: grant(settings, parsed), name=NAME))
