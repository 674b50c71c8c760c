"""What the arguments of `netra terraform` mean before terraform sees them. Pure.

Source: https://developer.hashicorp.com/terraform/cli/commands
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netra_ops.errors import OperatorError

_CHDIR = "-chdir="
# Flags of terraform that take a value as the next argument when they have no `=`.
_VALUED = frozenset({"var", "var-file", "target", "replace", "out", "state", "filter"})
_REFRESHING = frozenset({"plan", "apply", "destroy"})
_REFRESH_FLAGS = frozenset({"refresh", "refresh-only"})
# These rewrite the files of the directory, so they run there and not on links to them.
IN_PLACE = frozenset({"fmt"})
_REAL_REGISTRY = "run terraform itself: it needs the real provider of the registry"
_REFUSED: dict[tuple[str, ...], tuple[str, str]] = {
    ("providers", "lock"): ("would lock the checksums of the stand-in", _REAL_REGISTRY),
    ("providers", "mirror"): ("would copy the stand-in in place of the provider", _REAL_REGISTRY),
    ("login",): ("stores credentials for a real backend", "run terraform login itself"),
    ("logout",): ("removes credentials of a real backend", "run terraform logout itself"),
}


class NotForTheStandIn(OperatorError):
    """A sub-command that would write what only the real terraform should write."""

    code = "terraform_refused"
    title = "Not with the stand-in"


@dataclass(frozen=True)
class Invocation:
    """Arguments of terraform, read.

    Attributes:
        arguments: as given, without ``-chdir``.
        command: the sub-command and, for ``providers`` and ``state``, its own sub-command.
    """

    arguments: tuple[str, ...]
    command: tuple[str, ...]

    @property
    def subcommand(self) -> str:
        """The sub-command; without one terraform shows its help."""
        return self.command[0] if self.command else "version"

    def values_of(self, flag: str) -> list[str]:
        """Return the values of a flag, given as ``-flag=value`` or ``-flag value``."""
        return [value for name, value in _flags(self.arguments) if name == flag and value]

    def has(self, *flags: str) -> bool:
        """Return whether one of the flags is given."""
        return any(name in flags for name, _ in _flags(self.arguments))

    def quiet(self, *, is_current: bool) -> tuple[str, ...]:
        """Return the arguments with ``-refresh=false``, unless a refresh is asked for.

        The state and the objects of the stand-in are written together, so a refresh finds nothing
        and prints a line for each resource.

        Args:
            is_current: the objects that the state describes are there.
        """
        wants = self.has(*_REFRESH_FLAGS, "help") or "-h" in self.arguments
        if self.subcommand not in _REFRESHING or wants or not is_current:
            return self.arguments
        position = self.arguments.index(self.subcommand) + 1
        return (*self.arguments[:position], "-refresh=false", *self.arguments[position:])


def read_arguments(given: Sequence[str]) -> Invocation:
    """Return the arguments, read.

    Raises:
        NotForTheStandIn: the sub-command would write into the directory or for real.
    """
    arguments = tuple(argument for argument in given if not argument.startswith(_CHDIR))
    positional: list[str] = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument.startswith("-"):
            name = argument.lstrip("-")
            skip = name in _VALUED
        else:
            positional.append(argument)
    command = tuple(positional[:2])
    invocation = Invocation(arguments, command)
    refusal = _REFUSED.get(command) or _REFUSED.get(command[:1])
    if invocation.subcommand == "init" and invocation.has("from-module"):
        refusal = "would copy a module into the directory", "copy it with terraform itself"
    if refusal is not None and not invocation.has("help", "h"):
        why, remedy = refusal
        name = " ".join(command) if command in _REFUSED else invocation.subcommand
        raise NotForTheStandIn(f"terraform {name} {why}; nothing was written", remedy=remedy)
    return invocation


def _flags(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each flag without dashes, with its value; the value is empty where there is none."""
    following = [*arguments[1:], ""]
    for argument, after in zip(arguments, following, strict=True):
        if argument.startswith("-"):
            name, separator, value = argument.lstrip("-").partition("=")
            yield name, value if separator or name not in _VALUED else after
