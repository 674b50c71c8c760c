"""Errors of the backend's core."""

from netra_shared.errors import InternalError


class ModuleNotPreloaded(InternalError):
    """Code asked for a module that was not imported before the first socket."""

    code = "module_not_preloaded"
    title = "Module not preloaded"
