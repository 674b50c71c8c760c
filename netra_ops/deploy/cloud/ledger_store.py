"""The ledger in an annotation of one Cloud Run service: shared by the team, no server of its own.

An annotation of the service (not of its template) makes no revision. Writes are conditional on the
service's etag, so two deploys can never both hold the lock.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from netra_ops.deploy.cloud.convert import ServiceState
from netra_ops.deploy.cloud.services import CloudRun
from netra_ops.deploy.errors import CloudRefused
from netra_ops.deploy.ledger.ledger import Ledger

ANNOTATION = "netra.dev/release-ledger"


@dataclass(frozen=True)
class LedgerStore:
    """Reads and writes the ledger of one environment.

    Attributes:
        cloud: where the service is.
        service: whose annotation holds the ledger.
    """

    cloud: CloudRun
    service: str

    def read(self) -> Ledger:
        """Return the ledger; an empty one when there is none yet.

        Raises:
            CloudRefused: the annotation is no ledger of this version.
        """
        state = self.cloud.read(self.service)
        return Ledger() if state is None else parse(state)

    def update(self, change: Callable[[Ledger], Ledger]) -> Ledger:
        """Write ``change`` of the present ledger and return it; called again after a conflict."""
        written = Ledger()

        def annotations(state: ServiceState) -> dict[str, object]:
            nonlocal written
            written = change(parse(state))
            text = written.model_dump_json(exclude_defaults=True)
            return {"annotations": {**state.annotations, ANNOTATION: text}}

        self.cloud.update(self.service, ["annotations"], annotations)
        return written


def parse(state: ServiceState) -> Ledger:
    """Return the ledger that a service carries.

    Raises:
        CloudRefused: the annotation is no ledger of this version.
    """
    text = state.annotations.get(ANNOTATION)
    if text is None:
        return Ledger()
    try:
        return Ledger.model_validate_json(text)
    except ValidationError as error:
        raise CloudRefused(
            f"annotation {ANNOTATION} of {state.name} is no ledger: {error.error_count()} problems",
            remedy="a newer version of the tool wrote it, or a person: update the checkout",
        ) from error
