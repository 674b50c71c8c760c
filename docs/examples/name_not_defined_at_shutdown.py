"""Shows how an import at the wrong moment becomes "name is not defined" at shutdown.

Run it: ``python docs/examples/name_not_defined_at_shutdown.py``. It exits with 0 and writes
``NameError: name 'statistics' is not defined`` to standard error.
"""


class Connection:
    """Computes a figure when it is closed, with a module that was not needed before."""

    def close(self) -> float:
        """Return the mean of two durations."""
        global statistics  # noqa: PLW0603  this is the pattern under examination
        try:  # noqa: SIM105  and this
            import statistics  # noqa: PLC0415  so is this
        except ImportError:
            pass  # "optional", said a comment once; at shutdown every import fails
        return statistics.mean([1.0, 2.0])

    def __del__(self) -> None:
        self.close()


leaked = Connection()
leaked.myself = leaked  # type: ignore[attr-defined]  # a cycle: collected when modules are gone
