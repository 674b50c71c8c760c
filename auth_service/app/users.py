"""``python -m auth_service.app.users [--json]``: list the accounts."""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Sequence

from auth_service.app.accounts.models import UserRow
from auth_service.app.accounts.repository import UserRepository
from auth_service.app.command import opened_database, run
from auth_service.app.config import AuthSettings
from auth_service.app.database import Database

NAME = "netra-auth-users"
PAGE = 500  # accounts in memory


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m auth_service.app.users")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    return parser.parse_args(arguments)


async def list_users(settings: AuthSettings, options: argparse.Namespace) -> int:
    """Print every account in order of its address."""
    async with opened_database(settings, name=NAME) as database:
        async for user in _all(database):
            sys.stdout.write((_as_json(user) if options.json else _as_text(user)) + "\n")
    return 0


async def _all(database: Database) -> AsyncIterator[UserRow]:
    after = ""
    while True:
        async with database.transaction() as transaction:
            page = await UserRepository(transaction).page(after, PAGE)
        for user in page:
            yield user
        if len(page) < PAGE:
            return
        after = page[-1].email_key


def _as_json(user: UserRow) -> str:
    return json.dumps(
        {
            "id": str(user.id),
            "email": user.email,
            "display_name": user.display_name,
            "roles": user.roles,
            "created_at": user.created_at.isoformat(),
        }
    )


def _as_text(user: UserRow) -> str:
    return f"{user.id}  {user.created_at:%Y-%m-%d}  {','.join(user.roles):13}  {user.email}"


if __name__ == "__main__":
    parsed = parse_arguments()
    sys.exit(run(lambda settings: list_users(settings, parsed), name=NAME))
