"""The provider's functions, as terraform asks for them."""

from netra_cloud.terraform.stand_in.functions import call_function, functions_of
from netra_cloud.terraform.stand_in.messages import message
from netra_cloud.terraform.stand_in.state_values import decode, encode


def call(name: str, argument: str) -> object:
    arguments = [message("DynamicValue")(msgpack=encode(argument))]
    return call_function(message("CallRequest")(name=name, arguments=arguments))


def test_only_googles_providers_have_them() -> None:
    assert functions_of("random") == {}
    found = functions_of("google-beta")
    assert sorted(found) == [
        "location_from_id", "name_from_id", "project_from_id", "region_from_id",
        "region_from_zone", "zone_from_id",
    ]  # fmt: skip
    assert found["region_from_zone"].parameters[0].type == b'"string"'


def test_a_call_has_its_result() -> None:
    answer = call("region_from_zone", "us-central1-c")
    assert decode(answer.result.msgpack) == "us-central1"  # type: ignore[attr-defined]


def test_a_call_that_fails_has_the_reason() -> None:
    assert "is no zone" in call("region_from_zone", "x").error.text  # type: ignore[attr-defined]
    assert "no function" in call("other", "x").error.text  # type: ignore[attr-defined]
