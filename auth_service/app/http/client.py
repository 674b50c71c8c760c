"""The services and the client of a request, as FastAPI dependencies."""

from typing import Annotated

from fastapi import Depends, Request

from auth_service.app.accounts.service import Client
from auth_service.app.rate_limits.client_address import client_address, limit_key
from auth_service.app.services import Services

MAX_USER_AGENT = 256  # characters kept; enough to recognise one's own devices


def services(request: Request) -> Services:
    """Return the services that ``create_app`` built."""
    found: Services = request.app.state.services
    return found


def client(request: Request, found: Annotated[Services, Depends(services)]) -> Client:
    """Return the client of the request; ``X-Forwarded-For`` counts from trusted proxies only."""
    address = client_address(
        request.client.host if request.client else None,
        request.headers.getlist("x-forwarded-for"),
        found.settings.trusted_proxies,
    )
    agent = "".join(filter(str.isprintable, request.headers.get("user-agent", "")))
    return Client(limit_key=limit_key(address), user_agent=agent[:MAX_USER_AGENT] or None)


CurrentServices = Annotated[Services, Depends(services)]
CurrentClient = Annotated[Client, Depends(client)]
