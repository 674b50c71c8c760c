"""``netra imports profile`` and ``netra imports observe``."""

import asyncio
import subprocess
import sys
from typing import Annotated

import typer

from netra_backend.app.core.module_preloader import LAZY_MODULES_FILE, observed_lazy_modules
from netra_ops.errors import OperatorError
from netra_ops.imports.lazy_list import Comparison, compare, refreshed
from netra_ops.imports.observe import observe
from netra_ops.imports.profile import BACKEND, by_package, import_once, least
from netra_ops.stack.options import AsJson
from netra_ops.terminal import keep_lines, print_json

EXAMPLES = """Examples:
  netra imports profile            what each package costs the backend's start
  netra imports profile --top 40 --rounds 10
  netra imports observe            add what loads lazily to lazy_modules.txt
  netra imports observe --check    exit 1 when the list is behind; for CI"""

app = typer.Typer(
    add_completion=False, no_args_is_help=True, epilog=keep_lines(EXAMPLES),
    help="The backend's imports: what they cost, and which come late.",
)  # fmt: skip


class ImportFailed(OperatorError):
    """The backend's modules cannot be imported."""

    code = "import_failed"
    title = "Import failed"


@app.command()
def profile(
    *,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="Fresh interpreters.")] = 5,
    top: Annotated[int, typer.Option(min=1, help="Packages and modules to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what each package costs the backend's start: least own milliseconds of several runs."""
    runs = []
    for number in range(1, rounds + 1):
        _progress(f"round {number} of {rounds}")
        try:
            runs.append(import_once(BACKEND))
        except subprocess.CalledProcessError as error:
            words = error.stderr.strip().splitlines()[-1:] or ["no words"]
            raise ImportFailed(words[0], remedy="run: python -m netra_backend") from error
    _progress("")
    modules = least(runs)
    packages = by_package(modules)
    slowest = sorted(modules.items(), key=lambda item: item[1], reverse=True)[:top]
    if as_json:
        print_json(
            {
                "modules": len(modules),
                "milliseconds": sum(modules.values()),
                "packages": [
                    {"name": cost.name, "modules": cost.modules, "milliseconds": cost.milliseconds}
                    for cost in packages
                ],
            }
        )
        return
    sys.stdout.write(f"{sum(modules.values()):8.1f} ms  {len(modules):5} modules\n\n")
    for cost in packages[:top]:
        sys.stdout.write(f"{cost.milliseconds:8.1f} ms  {cost.modules:5} {cost.name}\n")
    sys.stdout.write("\nslowest modules, without what they import\n")
    for name, milliseconds in slowest:
        sys.stdout.write(f"{milliseconds:8.1f} ms  {name}\n")


@app.command(name="observe")
def observe_lazy_modules(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; 1 when behind.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Drop what was not observed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a backend through a conversation and its end; list what it imported late.

    Set NETRA_MODEL and NETRA_MODEL_BASE_URL to observe a model's SDK as well.
    """
    found = compare(observed_lazy_modules(), asyncio.run(observe(_progress)))
    _progress("")
    if not check:
        text = LAZY_MODULES_FILE.read_text(encoding="utf-8")
        dropped = found.unseen if prune else ()
        LAZY_MODULES_FILE.write_text(refreshed(text, found.missing, dropped), encoding="utf-8")
    if as_json:
        print_json({"missing": found.missing, "unseen": found.unseen, "ours": found.ours})
    else:
        _show(found, check=check, prune=prune)
    if found.ours or (check and found.missing):
        raise typer.Exit(1)


def _show(found: Comparison, *, check: bool, prune: bool) -> None:
    for name, who in found.ours.items():
        sys.stdout.write(f"late   {name}, imported by {who}: move the import to a module's top\n")
    for name, who in found.missing.items():
        sys.stdout.write(f"{'missing' if check else 'added'}  {name}, imported by {who}\n")
    for name in found.unseen:
        sys.stdout.write(f"{'dropped' if prune and not check else 'unseen'}  {name}\n")
    if not (found.ours or found.missing):
        sys.stdout.write(f"{LAZY_MODULES_FILE.name} has everything that was observed\n")


def _progress(phase: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{phase}")
