"""The ``netra`` command: one line per sub-command, imported only when it is called.

``netra status`` must not pay for the imports of ``netra deploy``. So each sub-command is a Typer
application in its own sub-package, named here as ``module`` with a one-line summary; the module
has an attribute ``app``.
"""

import importlib
import sys
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from netra_ops.exit_status import exit_status_of
from netra_ops.terminal import keep_lines

# name: (module with ``app: typer.Typer``, summary). Add a command with one line.
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("netra_ops.stack.up", "Start the whole platform on this machine."),
    "down": ("netra_ops.stack.down", "Stop it."),
    "status": ("netra_ops.stack.status", "Show each part: pid, port, uptime, health, memory."),
    "logs": ("netra_ops.stack.logs", "Show or follow what the parts write."),
    "open": ("netra_ops.stack.open", "Open the running platform in the browser."),
    "chat": ("netra_ops.chat.command", "Talk to the agent from the terminal."),
    "users": ("netra_ops.users.commands", "List accounts, grant and revoke roles."),
    "alerts": ("netra_ops.alerts.command", "Watch health; raise and resolve alerts."),
    "load": ("netra_ops.load.command", "Load the platform with real users of the protocol."),
    "validate": ("netra_ops.validate.command", "Execute the checklist; evidence for every row."),
    "monitor": ("netra_ops.monitor.command", "Watch connections from outside, with a verdict."),
    "doctor": ("netra_ops.doctor.command", "Show why a socket does not connect."),
    "deploy": ("netra_ops.deploy.deploy_cli", "Deploy to Cloud Run: verified, step by step."),
    "rollback": ("netra_ops.deploy.rollback_cli", "Go back to the last verified release."),
    "release": ("netra_ops.deploy.release_cli", "What serves, what served, what changed."),
    "check": ("netra_ops.check.command", "Lint, format, types, imports, scripts, workflows."),
    "audit": ("netra_ops.audit.command", "Known vulnerabilities of the locked packages."),
    "test": ("netra_ops.run_tests.command", "Run the tests on real services."),
    "pytest": ("netra_ops.run_tests.pytest_command", "Run single test files with pytest."),
    "imports": ("netra_ops.imports.commands", "Profile the backend's start; find late imports."),
    "edge": ("netra_ops.edge.commands", "Check the edge's Terraform; render it for Envoy."),
    "cloud": ("netra_ops.cloud.commands", "A local Cloud Run for one's own services."),
    "terraform": ("netra_ops.terraform.commands", "The real terraform, offline, on a stand-in."),
}

EPILOG = """Examples:
  netra up                    start everything, Ctrl-C stops it
  netra up --detach           start everything and return when it is ready
  netra status --json         for scripts
  netra test --category unit  arguments go to tests/unified_test_runner.py

Exit statuses:
  0 done          3 something needed is absent  6 disk or directory refuses
  1 failed        4 not running                78 configuration refused
  2 wrong usage   5 a port is taken           130 interrupted"""


class LazyCommand(TyperCommand):
    """Stands for a sub-command in ``netra --help``; becomes the real one when it is called."""

    def __init__(self, name: str, module: str, summary: str) -> None:
        super().__init__(name, help=summary, short_help=summary)
        self._module = module

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Import the real command and let it parse ``args``."""
        application: typer.Typer = importlib.import_module(self._module).app
        command = typer.main.get_command(application)
        command.name = self.name
        return command.make_context(info_name, args, parent, **extra)


_options = typer.Typer(add_completion=False)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  typer's callback
    if wanted:
        sys.stdout.write(f"netra {metadata.version('netra')}\n")
        raise typer.Exit


@_options.callback()
def _root_options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", is_eager=True, callback=_show_version
        ),
    ] = False,
) -> None:
    """Declare the options of ``netra`` itself."""


def root_command() -> TyperGroup:
    """Return the command group with all sub-commands."""
    return TyperGroup(
        name="netra",
        help="Real-time AI-agent chat for Google Cloud Run: run it, prove it, ship it.",
        epilog=keep_lines(EPILOG),
        no_args_is_help=True,
        params=typer.main.get_group(_options).params,
        commands={
            name: LazyCommand(name, module, summary) for name, (module, summary) in COMMANDS.items()
        },
    )


def main() -> None:
    """Run the command line and exit with the documented status."""
    sys.exit(exit_status_of(lambda: root_command().main(prog_name="netra")))


if __name__ == "__main__":
    main()
