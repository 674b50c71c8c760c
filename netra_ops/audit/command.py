"""``netra audit``."""

import sys
from typing import Annotated

import typer

from netra_ops.audit.locks import locked_packages
from netra_ops.audit.osv import OSV_URL, known_vulnerabilities
from netra_ops.stack.options import AsJson
from netra_ops.stack.paths import project_root
from netra_ops.terminal import keep_lines, print_json

EXAMPLES = """Examples:
  netra audit                          uv.lock and frontend/package-lock.json
  netra audit --json                   for scripts
  netra audit --url http://mirror:8000 a mirror of the OSV database

Exit status: 0 no known vulnerability, 1 some, 3 the database is not reachable: not audited."""

app = typer.Typer(add_completion=False, epilog=keep_lines(EXAMPLES))


@app.command()
def audit(
    *,
    url: Annotated[str, typer.Option(help="The OSV database.")] = OSV_URL,
    as_json: AsJson = False,
) -> None:
    """Look up every locked package in the OSV database of known vulnerabilities."""
    locks = locked_packages(project_root())
    packages = [package for found in locks.values() for package in found]
    vulnerable = known_vulnerabilities(packages, url=url)
    if as_json:
        print_json(
            {
                "database": url,
                "packages": {lock: len(found) for lock, found in locks.items()},
                "vulnerable": vulnerable,
            }
        )
    else:
        for package, advisories in vulnerable.items():
            sys.stdout.write(f"{package}  {' '.join(advisories)}\n")
        counts = ", ".join(f"{len(found)} of {lock}" for lock, found in locks.items())
        sys.stdout.write(f"{len(vulnerable)} vulnerable of {counts}\n")
    raise typer.Exit(1 if vulnerable else 0)
