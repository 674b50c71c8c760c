"""The supervisor of ``netra up --detach``: the same stack, reported by its event log alone."""

import argparse
import os
import sys
from pathlib import Path

from netra_ops.errors import OperatorError
from netra_ops.stack.events import Event
from netra_ops.stack.paths import StackPaths
from netra_ops.stack.run import run_stack
from netra_ops.stack.stack_options import StackOptions


def main() -> int:
    """Run until SIGTERM; the log has the reason of a failure, the caller reads it there."""
    parser = argparse.ArgumentParser(prog="netra-supervisor")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--no-frontend", dest="frontend", action="store_false")
    arguments = parser.parse_args()
    options = StackOptions(
        StackPaths(arguments.data_dir),
        arguments.port,
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
        frontend=arguments.frontend,
    )

    def ignore(_: Event) -> None:
        """No display: the event log is enough."""

    try:
        run_stack(options, ignore, lambda: None)
    except OperatorError as error:
        sys.stderr.write(f"{error.detail}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
