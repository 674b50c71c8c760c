"""Errors of the application core."""

from netra_shared.errors import InternalError


class ModuleNotPreloaded(InternalError):
    """The requested module was not imported before the first connection."""

    code = "module_not_preloaded"
    title = "Module not preloaded"
