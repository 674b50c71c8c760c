import pytest

from netra_ops.deploy.cloud.convert import ServiceState
from netra_ops.deploy.cloud.ledger_store import ANNOTATION, parse
from netra_ops.deploy.errors import CloudRefused
from netra_ops.deploy.ledger.ledger import Ledger, record
from netra_ops.tests.unit.deploy.ledger.makers import release


def state(annotation: str) -> ServiceState:
    return ServiceState({"name": "s", "annotations": {ANNOTATION: annotation}}, ())


def test_a_service_without_the_annotation_has_an_empty_ledger() -> None:
    assert parse(ServiceState({"name": "s"}, ())) == Ledger()


def test_the_annotation_is_the_ledger() -> None:
    ledger = record(Ledger(), release("r1"))

    assert parse(state(ledger.model_dump_json(exclude_defaults=True))) == ledger


def test_what_is_no_ledger_is_refused_with_a_remedy() -> None:
    with pytest.raises(CloudRefused, match="is no ledger") as refused:
        parse(state('{"releases": 3}'))

    assert "update the checkout" in refused.value.remedy
