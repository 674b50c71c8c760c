"""A supervisor over tiny services: ``python -m ... DATA_DIR PORT [AUTH_MODULE]``; prints JSON."""

import sys
from pathlib import Path

from netra_ops.errors import OperatorError
from netra_ops.stack.display import JsonDisplay
from netra_ops.stack.paths import StackPaths
from netra_ops.stack.run import run_stack
from netra_ops.stack.stack_options import StackOptions


def main(data_dir: str, port: str, auth_module: str = "tiny_service") -> int:
    """Run until asked to stop."""
    options = StackOptions(
        StackPaths(Path(data_dir)),
        int(port),
        services={"auth": auth_module, "backend": "tiny_service"},
        migrations={"migrate-tiny": "tiny_migration"},
        root=Path(__file__).parent,
        frontend=False,
    )
    try:
        run_stack(options, JsonDisplay().show, lambda: None)
    except OperatorError as error:
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
