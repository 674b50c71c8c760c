"""Servers for tests that run already, as the environment names them, divided among workers."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit, urlunsplit

DATABASE_URL, REDIS_URL = "NETRA_TEST_DATABASE_URL", "NETRA_TEST_REDIS_URL"
LOGICAL_DATABASES = 16  # Redis's default; database 0 is left alone


@dataclass(frozen=True)
class ExternalStores:
    """What one worker uses.

    Args:
        database_url: of a PostgreSQL user who may create databases; empty when there is none.
        redis_url: with the worker's own logical database; empty when there is none.
        prefix: of the worker's database names; different in every run.
    """

    database_url: str = ""
    redis_url: str = ""
    prefix: str = "test"

    @classmethod
    def of(cls, environment: Mapping[str, str], worker: str) -> Self:
        """Read the environment for the xdist worker ``gw3``, or for none (empty).

        Raises:
            ValueError: there are more workers than logical databases.
        """
        number = int(re.sub(r"\D", "", worker) or 0)
        redis_url = environment.get(REDIS_URL, "")
        if redis_url:
            if number + 1 >= LOGICAL_DATABASES:
                raise ValueError(
                    f"worker {worker} has no logical database of its own; "
                    f"run at most {LOGICAL_DATABASES - 1} workers with {REDIS_URL}"
                )
            redis_url = urlunsplit(urlsplit(redis_url)._replace(path=f"/{number + 1}"))
        return cls(
            database_url=environment.get(DATABASE_URL, ""),
            redis_url=redis_url,
            prefix=f"test{secrets.token_hex(3)}{worker}",
        )
