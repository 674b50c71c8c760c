"""Update masks."""

import pytest

from netra_cloud.run.core.errors import InvalidArgument
from netra_cloud.run.core.field_mask import merge, parse_mask

CURRENT = {"template": {"timeout": "300s", "revision": "r"}, "labels": {"a": "b"}}


def test_a_masked_field_is_taken_or_cleared_and_the_rest_stays() -> None:
    paths = parse_mask("template.timeout,labels")
    assert merge(CURRENT, {"template": {"timeout": "60s"}}, paths) == {
        "template": {"timeout": "60s", "revision": "r"}
    }


def test_without_a_mask_everything_is_replaced_but_what_the_server_owns() -> None:
    update = {"labels": {"c": "d"}, "uid": "x", "etag": "y"}
    assert merge(CURRENT, update, parse_mask("")) == {"labels": {"c": "d"}}
    assert parse_mask("*") == []


def test_fields_of_the_server_change_nothing() -> None:
    assert merge(CURRENT, {"uid": "x"}, parse_mask("uid")) == CURRENT


@pytest.mark.parametrize("mask", ["tempalte", "template.tiemout", "labels.a.b", "traffic.percent"])
def test_unknown_paths_are_refused(mask: str) -> None:
    with pytest.raises(InvalidArgument):
        parse_mask(mask)


def test_a_key_of_a_map_and_both_spellings() -> None:
    assert parse_mask("labels.a") == [["labels", "a"]]
    assert parse_mask("template.session_affinity") == [["template", "sessionAffinity"]]
