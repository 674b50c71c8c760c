"""Where the Admin API is: Google's, or a local one at a given endpoint."""

from dataclasses import dataclass

import google.auth
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud import run_v2

from netra_ops.errors import SomethingAbsent

# gcloud's own variable for another endpoint of the Cloud Run API.
ENDPOINT_VARIABLE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN"


@dataclass(frozen=True)
class Connection:
    """Clients of one Admin API.

    Attributes:
        endpoint: of a local Cloud Run; empty for Google's.
    """

    services: run_v2.ServicesClient
    revisions: run_v2.RevisionsClient
    endpoint: str = ""


def connect(endpoint: str = "") -> Connection:
    """Return clients for Google, or for ``endpoint``, such as ``http://127.0.0.1:8085``.

    Raises:
        SomethingAbsent: Google is meant and there are no credentials.
    """
    if endpoint:
        options = ClientOptions(api_endpoint=endpoint.rstrip("/"))
        credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
        return Connection(
            run_v2.ServicesClient(
                credentials=credentials, transport="rest", client_options=options
            ),
            run_v2.RevisionsClient(
                credentials=credentials, transport="rest", client_options=options
            ),
            endpoint.rstrip("/"),
        )
    try:
        found, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except DefaultCredentialsError:
        raise SomethingAbsent(
            "no credentials for Google Cloud on this machine",
            remedy="run: gcloud auth application-default login; or deploy to the local Cloud Run "
            "with --environment local",
        ) from None
    return Connection(
        run_v2.ServicesClient(credentials=found, transport="rest"),
        run_v2.RevisionsClient(credentials=found, transport="rest"),
    )
