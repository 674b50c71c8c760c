"""Values of the utility providers have the form that their documentation gives."""

import base64
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from netra_cloud.terraform.schema import resource_schema
from netra_cloud.terraform.stand_in.computed import filled
from netra_cloud.terraform.stand_in.planning import is_unknown_inside, planned_state
from netra_cloud.terraform.stand_in.utilities import utility_values


def _applied(resource_type: str, **arguments: Any) -> dict[str, Any]:
    schema = resource_schema(resource_type)
    assert schema is not None
    blank: dict[str, Any] = dict.fromkeys([*schema.attributes, *schema.block_types])
    planned = planned_state(None, {**blank, **arguments}, schema)
    assert planned is not None
    state = filled(resource_type, planned, schema, "p", "projects/p/global/x/n")
    assert not is_unknown_inside(state)
    return state


def test_random_id_has_one_value_in_five_forms() -> None:
    state = _applied("random_id", byte_length=4, prefix="x-")
    content = bytes.fromhex(state["hex"].removeprefix("x-"))
    assert len(content) == 4
    assert state["dec"] == f"x-{int.from_bytes(content)}"
    assert base64.urlsafe_b64decode(state["id"] + "==") == content


def test_random_string_obeys_its_classes() -> None:
    state = _applied("random_string", length=12, special=False, upper=False, min_numeric=3)
    assert re.fullmatch(r"[a-z0-9]{12}", state["result"])
    assert sum(character.isdigit() for character in state["result"]) >= 3
    assert state["id"] == state["result"]
    assert _applied("random_password", length=8)["id"] == "none"


def test_the_other_random_types() -> None:
    assert 3 <= _applied("random_integer", min=3, max=5)["result"] <= 5
    assert len(_applied("random_pet", length=3)["id"].split("-")) == 3
    shuffled = _applied("random_shuffle", input=["a", "b", "c"], result_count=2)["result"]
    assert len(shuffled) == 2
    assert len(_applied("random_uuid")["result"]) == 36
    assert len(_applied("random_bytes", length=5)["hex"]) == 10


@pytest.mark.parametrize("algorithm", ["RSA", "ECDSA", "ED25519"])
def test_a_private_key_is_a_key(algorithm: str) -> None:
    state = _applied("tls_private_key", algorithm=algorithm, rsa_bits=1024)
    key = load_pem_private_key(state["private_key_pem"].encode(), password=None)
    assert key.public_key() is not None
    assert "PUBLIC KEY" in state["public_key_pem"]


def test_time_local_and_null() -> None:
    assert _applied("time_sleep", create_duration="30s")["id"].endswith("Z")
    assert _applied("local_file", filename="f", content="text")["content_md5"]
    assert _applied("null_resource")["id"].isdecimal()
    certificate = _applied(
        "tls_self_signed_cert", validity_period_hours=12, allowed_uses=[], private_key_pem="k"
    )
    assert certificate["validity_end_time"] > certificate["validity_start_time"]


def test_other_types_are_not_its_own() -> None:
    assert utility_values("google_project", {}) == {}
