"""A checkout whose pages build in a moment: everything is real but Next itself."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from netra_ops.frontend.node import npm_command
from netra_ops.frontend.sources import LOCK_STAMP, lock_digest
from netra_ops.frontend.steps import node_environment
from netra_ops.stack.paths import project_root

SECONDS = 120.0
# Symlinks would lead git and Node out of the checkout.
_COPIED = ("frontend/scripts", "frontend/server", "dockerfiles", "scripts")
_SINGLE = ("package.json", "package-lock.json", "next.config.ts", "tsconfig.json",
           "src/netra-client/handshake.ts")  # fmt: skip
_LINKED = (".venv", "pyproject.toml", "netra_ops", "netra_backend", "netra_client", "netra_cloud",
           "netra_shared", "auth_service", "terraform-gcp-staging")  # fmt: skip
# `next build`: pages that load one chunk, whose name is a hash of its content.
NEXT = """
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const handshake = readFileSync("src/netra-client/handshake.ts", "utf8");
const mark = /netra-ws-protocol\\/\\d+/.exec(handshake)[0];
const text = JSON.stringify(readFileSync("src/page.txt", "utf8"));
const chunk = `page(${text}, "jwt-auth", "${mark}")`;
const name = createHash("sha256").update(chunk).digest("hex").slice(0, 16);
mkdirSync("out/_next/static/chunks", { recursive: true });
writeFileSync(`out/_next/static/chunks/${name}.js`, chunk);
const page = `<html><script src="/_next/static/chunks/${name}.js"></script></html>`;
for (const file of ["index", "ops", "doctor", "404"]) writeFileSync(`out/${file}.html`, page);
"""


@dataclass(frozen=True)
class SmallPages:
    """The checkout; its pages show one text."""

    root: Path

    @property
    def frontend(self) -> Path:
        return self.root / "frontend"

    def show(self, text: str) -> None:
        """Change the sources."""
        (self.frontend / "src" / "page.txt").write_text(text)

    def npm(
        self, *arguments: str, variables: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run npm in the folder of the pages, as a person types it."""
        return subprocess.run(
            [*npm_command(), *arguments],
            cwd=self.frontend,
            env={**node_environment(), "PYTHONPATH": str(self.root), **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )


def small_pages(root: Path) -> SmallPages:
    """Make the checkout in an empty folder."""
    real = project_root()
    for name in _COPIED:
        shutil.copytree(real / name, root / name)
    for name in _SINGLE:
        target = root / "frontend" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(real / "frontend" / name, target)
    for name in _LINKED:
        (root / name).symlink_to(real / name)
    shutil.copyfile(real / ".gitignore", root / ".gitignore")
    made = SmallPages(root)
    program = made.frontend / "node_modules" / "next" / "dist" / "bin" / "next"
    program.parent.mkdir(parents=True)
    program.write_text(NEXT)
    (made.frontend / LOCK_STAMP).write_text(lock_digest(made.frontend))
    made.show("one")
    subprocess.run(["git", "init", "--quiet", root], check=True, timeout=SECONDS)
    return made
