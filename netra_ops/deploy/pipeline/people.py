"""The accounts that checks use: the operator's own, or locally a new one."""

from netra_client.errors import NetraClientError
from netra_client.identity import IdentityClient
from netra_ops.deploy.errors import DeployFailed
from netra_ops.deploy.target import Target
from netra_ops.environments.access import origin_of, sign_in

OPERATOR = "operator"


async def account(target: Target) -> tuple[str, str]:
    """Return an access token, and the same again when its account is an operator's.

    Raises:
        DeployFailed: the identity service that serves now refuses, or does not answer.
        SomethingAbsent: no account is given for an environment that needs one.
    """
    try:
        token = await sign_in(target.public_url, target.environment, purpose="deploy-check")
        async with IdentityClient(target.public_url) as identity:
            person = await identity.me(token)
    except NetraClientError as error:
        raise DeployFailed(
            f"cannot sign in for the checks: {error.message} ({error.code})",
            remedy="check NETRA_EMAIL and NETRA_PASSWORD, or whether the platform answers at all",
        ) from error
    return token, token if OPERATOR in person.roles else ""


def page_origin(target: Target) -> str:
    """Return the Origin of the pages."""
    return origin_of(target.public_url, target.environment)
