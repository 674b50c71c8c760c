"""Options that several commands of the stack share."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_PORT = 8080

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Where data, logs and secrets are kept; default: $NETRA_DATA_DIR, else .netra.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
