"""The order of header actions, as compute.proto documents it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netra_cloud.edge.header_chain import Change, chained
from netra_cloud.edge.url_map import Header, HeaderAction

LEVELS = ("weighted", "route", "matcher", "map")


def _sets(value: str, *, replace: bool = True) -> HeaderAction:
    return HeaderAction(add_request=(Header("X-Level", value, replace),))


@pytest.mark.parametrize("present", [LEVELS[:count] for count in range(1, 5)])
def test_the_outermost_level_replaces_the_others(present: tuple[str, ...]) -> None:
    changes = chained(_sets("backend"), [_sets(name) for name in present])
    assert changes.request == (Change("X-Level", drops=True, values=(present[-1],)),)


def test_appended_values_keep_the_order_of_the_levels() -> None:
    (change,) = chained(HeaderAction(), [_sets(name, replace=False) for name in LEVELS]).request
    assert change == Change("X-Level", drops=False, values=LEVELS)


def test_the_backend_service_is_ignored_only_where_the_map_sets_the_same_header() -> None:
    backend = HeaderAction(
        add_request=(Header("x-level", "backend", replace=True), Header("X-Own", "1", replace=True))
    )
    changes = {
        c.name.lower(): c.values for c in chained(backend, [_sets("map", replace=False)]).request
    }
    assert changes == {"x-level": ("map",), "x-own": ("1",)}


def test_removal_runs_before_addition_and_drops_what_inner_levels_added() -> None:
    outer = HeaderAction(
        remove_request=("X-LEVEL",), add_request=(Header("X-Level", "outer", replace=False),)
    )
    (change,) = chained(HeaderAction(), [_sets("inner"), outer]).request
    assert (change.drops, change.values) == (True, ("outer",))


ACTIONS = st.builds(
    HeaderAction,
    add_request=st.lists(
        st.builds(Header, st.sampled_from(["A", "a", "B"]), st.sampled_from("xyz"), st.booleans()),
        max_size=3,
    ).map(tuple),
    remove_request=st.lists(st.sampled_from(["A", "b"]), max_size=2).map(tuple),
)


@given(st.lists(ACTIONS, max_size=4), st.lists(st.tuples(st.sampled_from("ab"), st.just("sent"))))
def test_the_result_is_that_of_the_levels_one_after_the_other(
    levels: list[HeaderAction], sent: list[tuple[str, str]]
) -> None:
    expected = list(sent)
    for level in levels:
        removed = {name.lower() for name in level.remove_request}
        expected = [pair for pair in expected if pair[0] not in removed]
        for header in level.add_request:
            name = header.name.lower()
            if header.replace:
                expected = [pair for pair in expected if pair[0] != name]
            expected.append((name, header.value))
    changes = chained(HeaderAction(), levels).request
    dropped = {change.name.lower() for change in changes if change.drops}
    found = [pair for pair in sent if pair[0] not in dropped]
    found += [(change.name.lower(), value) for change in changes for value in change.values]
    for name in "ab":
        assert [p for p in found if p[0] == name] == [p for p in expected if p[0] == name]
