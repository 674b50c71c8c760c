"""The ASGI application of all REST fronts."""

from starlette.applications import Starlette

from netra_cloud.logging.api import logging_routes
from netra_cloud.run.api.admin_v2 import AdminV2
from netra_cloud.run.api.answers import api_error
from netra_cloud.run.api.knative_v1 import KnativeV1
from netra_cloud.run.api.local import LocalApi
from netra_cloud.run.api.secret_manager import SecretManager
from netra_cloud.run.controller import Controller
from netra_cloud.run.core.errors import ApiError
from netra_cloud.run.doors import Doors


def application(controller: Controller, doors: Doors) -> Starlette:
    """Return the application."""
    admin = AdminV2(controller, doors)
    return Starlette(
        routes=[
            *LocalApi(controller, doors).routes(),
            *logging_routes(controller.logs),
            *admin.routes(),
            *SecretManager(controller).routes(),
            *KnativeV1(controller, admin).routes(),
        ],
        exception_handlers={ApiError: api_error},
    )
